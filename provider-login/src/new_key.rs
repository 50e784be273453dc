//! A key for a new sign-in, and the text that it is kept as.

use tucuxi_core::encode::base64;
use tucuxi_core::{Error, Secret};
use zeroize::Zeroizing;

use crate::backend;
use crate::der::{self, BIT_STRING, CURVE, Halves, INTEGER, OCTET_STRING, OID, P256, PUBLIC, SEQUENCE};
use crate::key::{DpopKey, SEC1};

/// A key as the library made it: PKCS#8.
pub(crate) struct NewKey(Zeroizing<Vec<u8>>);

impl NewKey {
    pub(crate) fn generate() -> Result<Self, Error> {
        let key = Self(backend::generate()?);
        key.halves()?;
        Ok(key)
    }

    /// What signs.
    pub(crate) fn key(&self) -> Result<DpopKey, Error> {
        Ok(DpopKey::of(self.halves()?)?)
    }

    /// The key as the AWS CLI keeps it: SEC1 in PEM.
    pub(crate) fn to_pem(&self) -> Result<Secret, Error> {
        let encoded = Zeroizing::new(base64(&to_sec1(self.halves()?)));
        let [begin, end] = SEC1;
        // With room for everything, so that no copy of a part is left behind by growing.
        let mut pem = String::with_capacity(encoded.len() + 80);
        pem.push_str(begin);
        pem.push('\n');
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str(end);
        pem.push('\n');
        Ok(Secret::new(pem))
    }

    fn halves(&self) -> Result<Halves<'_>, Error> {
        Ok(der::pkcs8(&self.0)?)
    }
}

/// Writes an `ECPrivateKey` with its curve and public half, as OpenSSL does.
fn to_sec1((private, public): Halves<'_>) -> Zeroizing<Vec<u8>> {
    let mut der = Zeroizing::new(Vec::with_capacity(121));
    der.extend_from_slice(&[SEQUENCE, 119, INTEGER, 1, 1, OCTET_STRING, 32]);
    der.extend_from_slice(private);
    der.extend_from_slice(&[CURVE, 10, OID, 8]);
    der.extend_from_slice(P256);
    der.extend_from_slice(&[PUBLIC, 68, BIT_STRING, 66, 0]);
    der.extend_from_slice(public);
    der
}

#[cfg(test)]
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use super::*;
    use crate::key::tests::{OF_PKCS8, OF_SEC1};

    #[test]
    fn sec1_is_written_as_openssl_writes_it() {
        let text: String = OF_PKCS8.lines().filter(|line| !line.starts_with('-')).collect();
        let key = NewKey(crate::encode::decode(&text).unwrap());
        assert_eq!(key.to_pem().unwrap().expose(), OF_SEC1);
    }

    #[test]
    fn a_new_key_is_read_back_and_is_another_each_time() {
        let (one, two) = (NewKey::generate().unwrap(), NewKey::generate().unwrap());
        let point = |key: &NewKey| key.key().unwrap().point().0.to_vec();
        let read = DpopKey::from_pem(one.to_pem().unwrap().expose()).unwrap();
        assert_eq!(read.point(), one.key().unwrap().point());
        assert_ne!(point(&one), point(&two));
    }
}
