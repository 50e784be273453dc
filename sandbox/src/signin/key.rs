//! New keys.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use tucuxi_core::Error;

/// A new P-256 key, and what it is in PKCS#8.
pub(super) fn new_key() -> Result<(EcdsaKeyPair, Vec<u8>), Error> {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
        .map_err(|error| Error::unavailable("no key could be made").with_source(error))?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random)
        .map_err(|error| Error::unavailable("a new key cannot be read").with_source(error))?;
    Ok((pair, der.as_ref().to_vec()))
}
