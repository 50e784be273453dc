//! P-256 and random numbers, from the library that TLS uses anyway.

use tucuxi_core::Error;

use crate::key::KeyError;

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub(crate) use chosen::{check, random, sign};
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(crate) use none::{check, random, sign};

#[cfg(all(feature = "sign-in", any(feature = "ring", feature = "aws-lc-rs")))]
pub(crate) use chosen::generate;
#[cfg(all(feature = "sign-in", not(any(feature = "ring", feature = "aws-lc-rs"))))]
pub(crate) use none::generate;

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod chosen {
    #[cfg(feature = "aws-lc-rs")]
    use aws_lc_rs as library;
    use library::rand::{SecureRandom, SystemRandom};
    use library::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    #[cfg(not(feature = "aws-lc-rs"))]
    use ring as library;
    use zeroize::Zeroizing;

    use super::{Error, KeyError};

    /// A new key as PKCS#8.
    #[cfg(feature = "sign-in")]
    pub(crate) fn generate() -> Result<Zeroizing<Vec<u8>>, Error> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|error| Error::unavailable("no key could be made").with_source(error))?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Whether the two halves belong together.
    pub(crate) fn check(private: &[u8], public: &[u8]) -> Result<(), KeyError> {
        pair(private, public).map(drop)
    }

    /// The signature of `message` by ECDSA with SHA-256, as `r || s`.
    pub(crate) fn sign(private: &[u8], public: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = pair(private, public)?
            .sign(&SystemRandom::new(), message)
            .map_err(|error| Error::unavailable("no signature could be made").with_source(error))?;
        Ok(signature.as_ref().to_vec())
    }

    pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
        let mut bytes = Zeroizing::new([0; N]);
        SystemRandom::new()
            .fill(bytes.as_mut())
            .map_err(|error| Error::unavailable("the system gives no random numbers").with_source(error))?;
        Ok(bytes)
    }

    #[cfg(feature = "aws-lc-rs")]
    fn pair(private: &[u8], public: &[u8]) -> Result<EcdsaKeyPair, KeyError> {
        EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, private, public)
            .ok()
            .ok_or(KeyError::Rejected)
    }

    #[cfg(not(feature = "aws-lc-rs"))]
    fn pair(private: &[u8], public: &[u8]) -> Result<EcdsaKeyPair, KeyError> {
        let random = SystemRandom::new();
        EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, private, public, &random)
            .ok()
            .ok_or(KeyError::Rejected)
    }
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
mod none {
    use zeroize::Zeroizing;

    use super::{Error, KeyError};

    #[cfg(feature = "sign-in")]
    pub(crate) fn generate() -> Result<Zeroizing<Vec<u8>>, Error> {
        Err(KeyError::NoLibrary.into())
    }

    pub(crate) fn check(_: &[u8], _: &[u8]) -> Result<(), KeyError> {
        Err(KeyError::NoLibrary)
    }

    pub(crate) fn sign(_: &[u8], _: &[u8], _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(KeyError::NoLibrary.into())
    }

    pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
        Err(KeyError::NoLibrary.into())
    }
}
