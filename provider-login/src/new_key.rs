//! A key for a new sign-in, and the text that it is kept as.

use tucuxi_core::encode::base64;
use tucuxi_core::{Error, Secret};
use zeroize::Zeroizing;

use crate::backend;
use crate::der::{self, BIT_STRING, CURVE, Halves, INTEGER, OCTET_STRING, OID, P256, PUBLIC, SEQUENCE};
use crate::key::{DpopKey, SEC1};

impl DpopKey {
    pub(crate) fn generate() -> Result<Self, Error> {
        Ok(Self(der::pkcs8(&backend::generate()?)?))
    }

    /// The key as the AWS CLI keeps it: SEC1 in PEM.
    pub(crate) fn to_pem(&self) -> Secret {
        let encoded = Zeroizing::new(base64(&to_sec1(&self.0)));
        // With room for everything, so that no copy of a part is left behind by growing.
        let mut pem = String::with_capacity(encoded.len() + 80);
        pem.push_str(&format!("-----BEGIN {SEC1}-----\n"));
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str(&format!("-----END {SEC1}-----\n"));
        Secret::new(pem)
    }
}

/// Writes an `ECPrivateKey` with its curve and public half, as OpenSSL does.
fn to_sec1(halves: &Halves) -> Zeroizing<Vec<u8>> {
    let mut der = Zeroizing::new(Vec::with_capacity(121));
    der.extend_from_slice(&[SEQUENCE, 119, INTEGER, 1, 1, OCTET_STRING, 32]);
    der.extend_from_slice(halves.private.as_ref());
    der.extend_from_slice(&[CURVE, 10, OID, 8]);
    der.extend_from_slice(P256);
    der.extend_from_slice(&[PUBLIC, 68, BIT_STRING, 66, 0]);
    der.extend_from_slice(&halves.public);
    der
}

#[cfg(test)]
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use super::*;
    use crate::key::tests::OF_SEC1;

    #[test]
    fn sec1_is_written_as_openssl_writes_it() {
        assert_eq!(DpopKey::from_pem(OF_SEC1).unwrap().to_pem().expose(), OF_SEC1);
    }

    #[test]
    fn a_new_key_is_read_back_and_is_another_each_time() {
        let (one, two) = (DpopKey::generate().unwrap(), DpopKey::generate().unwrap());
        assert_eq!(DpopKey::from_pem(one.to_pem().expose()).unwrap().point(), one.point());
        assert_ne!(one.point(), two.point());
    }
}
