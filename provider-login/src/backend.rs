//! P-256, SHA-256 and random numbers, from the library that TLS uses anyway.

use tucuxi_core::Error;

use crate::key::KeyError;

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub(crate) use chosen::*;
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(crate) use none::*;

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod chosen {
    #[cfg(feature = "aws-lc-rs")]
    use aws_lc_rs as library;
    use library::digest::{Digest, SHA256, digest};
    use library::rand::{SecureRandom, SystemRandom};
    use library::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    #[cfg(not(feature = "aws-lc-rs"))]
    use ring as library;

    use super::{Error, KeyError};

    pub(crate) use library::signature::Signature;

    /// A key that can sign.
    pub(crate) type Pair = EcdsaKeyPair;

    /// A new key as PKCS#8.
    #[cfg(feature = "sign-in")]
    pub(crate) fn generate() -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|error| Error::unavailable("no key could be made").with_source(error))?;
        Ok(zeroize::Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The key of two halves, if they belong together.
    pub(crate) fn pair(private: &[u8], public: &[u8]) -> Result<Pair, KeyError> {
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            private,
            public,
            #[cfg(not(feature = "aws-lc-rs"))]
            &SystemRandom::new(),
        );
        pair.ok().ok_or(KeyError::Rejected)
    }

    /// The point that is its public half, without compression.
    pub(crate) fn public(pair: &Pair) -> &[u8] {
        pair.public_key().as_ref()
    }

    /// The signature of `message` by ECDSA with SHA-256, as `r || s`.
    pub(crate) fn sign(pair: &Pair, message: &[u8]) -> Result<Signature, Error> {
        pair.sign(&SystemRandom::new(), message)
            .map_err(|error| Error::unavailable("no signature could be made").with_source(error))
    }

    pub(crate) fn sha256(text: &[u8]) -> Digest {
        digest(&SHA256, text)
    }

    /// Fills `bytes` with what nobody can guess.
    pub(crate) fn draw(bytes: &mut [u8]) -> Result<(), Error> {
        SystemRandom::new()
            .fill(bytes)
            .map_err(|error| Error::unavailable("the system gives no random numbers").with_source(error))
    }
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
mod none {
    use sha2::{Digest, Sha256};

    use super::{Error, KeyError};

    /// There is none.
    pub(crate) enum Pair {}
    pub(crate) type Signature = [u8; 0];

    #[cfg(feature = "sign-in")]
    pub(crate) fn generate() -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        Err(KeyError::NoLibrary.into())
    }

    pub(crate) fn pair(_: &[u8], _: &[u8]) -> Result<Pair, KeyError> {
        Err(KeyError::NoLibrary)
    }

    pub(crate) fn public(pair: &Pair) -> &[u8] {
        match *pair {}
    }

    pub(crate) fn sign(pair: &Pair, _: &[u8]) -> Result<Signature, Error> {
        match *pair {}
    }

    pub(crate) fn sha256(text: &[u8]) -> impl AsRef<[u8]> {
        Sha256::digest(text)
    }

    pub(crate) fn draw(_: &mut [u8]) -> Result<(), Error> {
        Err(KeyError::NoLibrary.into())
    }
}
