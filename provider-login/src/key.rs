//! The key that a sign-in is bound to. Its random numbers come from the system, nothing else does.

use std::fmt;

use tucuxi_core::{Error, ErrorKind, failure};
use zeroize::Zeroizing;

use crate::backend::{self, Pair, Signature};
use crate::der::{self, Halves};
use crate::encode;

/// A P-256 key whose two halves belong together.
pub(crate) struct DpopKey(Pair);

impl DpopKey {
    /// Reads PEM: `EC PRIVATE KEY` (SEC1) or `PRIVATE KEY` (PKCS#8).
    pub(crate) fn from_pem(pem: &str) -> Result<Self, KeyError> {
        match section(pem, SEC1) {
            Some(text) => Self::of(der::sec1(&decode(text)?)?),
            None => Self::of(der::pkcs8(&decode(section(pem, PKCS8).ok_or(KeyError::NotPem)?)?)?),
        }
    }

    pub(crate) fn of((private, public): Halves<'_>) -> Result<Self, KeyError> {
        backend::pair(private, public).map(Self)
    }

    /// The coordinates of the public half.
    #[inline]
    pub(crate) fn point(&self) -> (&[u8], &[u8]) {
        backend::public(&self.0)[1..].split_at(32)
    }

    /// The signature by ES256, as `r || s`.
    #[inline]
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Signature, Error> {
        backend::sign(&self.0, message)
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DpopKey")
    }
}

/// Why a text is no key that can sign; says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyError {
    NotPem,
    Malformed,
    OtherCurve,
    NoPublicHalf,
    #[cfg_attr(
        not(any(feature = "ring", feature = "aws-lc-rs")),
        expect(dead_code, reason = "only a library that knows P-256 can tell")
    )]
    Rejected,
    #[cfg_attr(
        any(feature = "ring", feature = "aws-lc-rs"),
        expect(dead_code, reason = "this build has a library that knows P-256")
    )]
    NoLibrary,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPem => "has a dpopKey that is no private key in PEM",
            Self::Malformed => "has a dpopKey that is neither SEC1 nor PKCS#8",
            Self::OtherCurve => "has a dpopKey of another kind than P-256",
            Self::NoPublicHalf => "has a dpopKey without its public half",
            Self::Rejected => "has a dpopKey whose halves do not belong together",
            Self::NoLibrary => "cannot be used: this build of tucuxi-provider-login has no P-256",
        })
    }
}

impl From<KeyError> for Error {
    #[cold]
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NoLibrary => {
                let what = format_args!("console sign-in needs P-256, which this build of tucuxi-provider-login lacks");
                failure(ErrorKind::InvalidConfig, what, Some(format_args!("turn on its feature `ring` or `aws-lc-rs`")))
            }
            other => Self::invalid_config(format!("the sign-in {other}")),
        }
    }
}

/// What stands between the lines that begin and end a section.
fn section<'a>(pem: &'a str, [begin, end]: [&str; 2]) -> Option<&'a str> {
    let after = pem.get(find(pem, begin)? + begin.len()..)?;
    after.get(..find(after, end)?)
}

/// The same as `str::find`, whose code every crate repeats that uses it.
fn find(text: &str, part: &str) -> Option<usize> {
    text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    encode::decode(text).ok_or(KeyError::NotPem)
}

pub(crate) const SEC1: [&str; 2] = ["-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----"];
const PKCS8: [&str; 2] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];

#[cfg(test)]
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub(crate) mod tests {
    use tucuxi_core::encode::{base64, base64url};

    use super::*;

    /// One key in both encodings, and its point, as the Python package cryptography 48 writes them.
    pub(crate) const OF_SEC1: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABEioAoGCCqGSM49
AwEHoUQDQgAEZBPjcDGKkizs+qlLohiN1Bn1hjVvp3THZs1sRQKV/uldzpzgVXsK
jxzvXGY/Niz//JEOMJSvyCu7x6CpKwtr2w==
-----END EC PRIVATE KEY-----
";
    pub(crate) const OF_PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgESIzRFVmd4iZABEi
M0RVZneImQARIjNEVWZ3iJkAESKhRANCAARkE+NwMYqSLOz6qUuiGI3UGfWGNW+n
dMdmzWxFApX+6V3OnOBVewqPHO9cZj82LP/8kQ4wlK/IK7vHoKkrC2vb
-----END PRIVATE KEY-----
";
    const X: &str = "ZBPjcDGKkizs-qlLohiN1Bn1hjVvp3THZs1sRQKV_uk";
    const Y: &str = "Xc6c4FV7Co8c71xmPzYs__yRDjCUr8gru8egqSsLa9s";

    #[test]
    fn both_encodings_are_read() {
        for pem in [OF_SEC1, OF_PKCS8, &OF_SEC1.replace('\n', "\r\n"), &OF_PKCS8.replace('\n', "")] {
            let key = DpopKey::from_pem(pem).unwrap();
            let (x, y) = key.point();
            assert_eq!((&*base64url(x), &*base64url(y)), (X, Y));
        }
        let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        assert!(DpopKey::from_pem(&format!("{parameters}{OF_SEC1}")).is_ok());
    }

    #[track_caller]
    fn check(pem: &str, expected: KeyError) {
        assert_eq!(DpopKey::from_pem(pem).unwrap_err(), expected, "{pem}");
    }

    #[test]
    fn what_is_no_key_says_what_is_wrong() {
        check("", KeyError::NotPem);
        check("SEKRIT", KeyError::NotPem);
        check(&OF_SEC1.replace("MHc", "!!!"), KeyError::NotPem);
        check(&OF_PKCS8.replace("PRIVATE", "ENCRYPTED PRIVATE"), KeyError::NotPem);
        check(OF_SEC1.split_once("-----END").unwrap().0, KeyError::NotPem);
        check(&of_der(|der| der[1] = 118), KeyError::Malformed);
        check(&of_der(|der| der.truncate(100)), KeyError::Malformed);
        check(&of_der(|der| der.push(0)), KeyError::Malformed);
        check(&of_der(|der| der[4] = 2), KeyError::Malformed);
        check(&of_der(|der| der[50] = 8), KeyError::OtherCurve);
        check(&of_der(|der| der[10] ^= 1), KeyError::Rejected);
        check(&of_der(|der| der[120] ^= 1), KeyError::Rejected);
        check(
            &of_der(|der| {
                der.truncate(51);
                der[1] = 49;
            }),
            KeyError::NoPublicHalf,
        );
        check(&OF_SEC1.replace("EC ", ""), KeyError::Malformed);
    }

    #[test]
    fn no_beginning_of_a_key_is_a_key() {
        let der = decode(section(OF_PKCS8, PKCS8).unwrap()).unwrap();
        for end in 0..der.len() {
            assert!(der::pkcs8(&der[..end]).is_err() && der::sec1(&der[..end]).is_err(), "{end}");
        }
    }

    fn of_der(change: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut der = decode(section(OF_SEC1, SEC1).unwrap()).unwrap().to_vec();
        change(&mut der);
        let [begin, end] = SEC1;
        format!("{begin}\n{}\n{end}\n", base64(&der))
    }
}
