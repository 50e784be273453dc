//! The cryptography under TLS, by features.

#[cfg(feature = "aws-lc-rs")]
#[expect(clippy::unnecessary_wraps, reason = "a build without a provider has none")]
pub(crate) fn provider() -> Option<rustls::crypto::CryptoProvider> {
    Some(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
pub(crate) use with_ring::provider;

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(crate) fn provider() -> Option<rustls::crypto::CryptoProvider> {
    None
}

/// What rustls's own provider on ring has, without its private keys: this client shows no certificate of its own, and
/// a program need not carry what signs with them.
#[cfg(feature = "ring")]
#[cfg_attr(all(feature = "aws-lc-rs", not(test)), expect(dead_code, reason = "with both, aws-lc-rs is used"))]
mod with_ring {
    use std::sync::Arc;

    use ring::rand::{SecureRandom as _, SystemRandom};
    use rustls::crypto::ring::{ALL_CIPHER_SUITES, DEFAULT_KX_GROUPS};
    use rustls::crypto::{CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms};
    use rustls::sign::SigningKey;
    use rustls::{Error, SignatureScheme};
    use rustls_pki_types::PrivateKeyDer;
    use webpki::ring as algorithms;

    #[expect(clippy::unnecessary_wraps, reason = "a build without a provider has none")]
    pub(crate) fn provider() -> Option<CryptoProvider> {
        Some(CryptoProvider {
            cipher_suites: ALL_CIPHER_SUITES.to_vec(),
            kx_groups: DEFAULT_KX_GROUPS.to_vec(),
            signature_verification_algorithms: VERIFIED,
            secure_random: &Ring,
            key_provider: &Ring,
        })
    }

    #[derive(Debug)]
    struct Ring;

    impl SecureRandom for Ring {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
            SystemRandom::new().fill(buffer).map_err(|_unspecified| GetRandomFailed)
        }
    }

    impl KeyProvider for Ring {
        fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
            Err(Error::General("this client shows no certificate of its own".to_owned()))
        }
    }

    const VERIFIED: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
        all: &[
            algorithms::ECDSA_P256_SHA256,
            algorithms::ECDSA_P256_SHA384,
            algorithms::ECDSA_P384_SHA256,
            algorithms::ECDSA_P384_SHA384,
            algorithms::ED25519,
            algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
            algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
            algorithms::RSA_PKCS1_2048_8192_SHA256,
            algorithms::RSA_PKCS1_2048_8192_SHA384,
            algorithms::RSA_PKCS1_2048_8192_SHA512,
            algorithms::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
            algorithms::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
            algorithms::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
        ],
        mapping: &[
            // The curve goes with the hash in TLS 1.3 alone.
            (SignatureScheme::ECDSA_NISTP384_SHA384, &[algorithms::ECDSA_P384_SHA384, algorithms::ECDSA_P256_SHA384]),
            (SignatureScheme::ECDSA_NISTP256_SHA256, &[algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256]),
            (SignatureScheme::ED25519, &[algorithms::ED25519]),
            (SignatureScheme::RSA_PSS_SHA512, &[algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
            (SignatureScheme::RSA_PSS_SHA384, &[algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
            (SignatureScheme::RSA_PSS_SHA256, &[algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
            (SignatureScheme::RSA_PKCS1_SHA512, &[algorithms::RSA_PKCS1_2048_8192_SHA512]),
            (SignatureScheme::RSA_PKCS1_SHA384, &[algorithms::RSA_PKCS1_2048_8192_SHA384]),
            (SignatureScheme::RSA_PKCS1_SHA256, &[algorithms::RSA_PKCS1_2048_8192_SHA256]),
        ],
    };

    #[cfg(test)]
    mod tests {
        use rustls::crypto::ring::default_provider;
        use rustls_pki_types::SignatureVerificationAlgorithm;

        use super::*;

        fn identified(algorithms: &[&dyn SignatureVerificationAlgorithm]) -> Vec<[Vec<u8>; 2]> {
            let ids = algorithms.iter().map(|one| [one.public_key_alg_id(), one.signature_alg_id()]);
            ids.map(|both| both.map(|id| id.as_ref().to_vec())).collect()
        }

        #[test]
        fn all_but_the_keys_is_what_rustls_has_on_ring() {
            let (ours, theirs) = (provider().unwrap(), default_provider());
            assert_eq!(ours.cipher_suites, theirs.cipher_suites);
            let groups =
                |provider: &CryptoProvider| provider.kx_groups.iter().map(|group| group.name()).collect::<Vec<_>>();
            assert_eq!(groups(&ours), groups(&theirs));
            let (ours, theirs) = (ours.signature_verification_algorithms, theirs.signature_verification_algorithms);
            assert_eq!(identified(ours.all), identified(theirs.all));
            let mapped = |algorithms: WebPkiSupportedAlgorithms| {
                algorithms.mapping.iter().map(|(scheme, all)| (*scheme, identified(all))).collect::<Vec<_>>()
            };
            assert_eq!(mapped(ours), mapped(theirs));
        }
    }
}
