//! Who signed in, as a signed statement: an ID token of OpenID Connect.

use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::rand::SystemRandom;
use ring::signature::EcdsaKeyPair;
use serde_json::json;
use tucuxi_core::Error;

use super::LONGEST_TTL;
use super::key::new_key;

/// Signs statements with a key of this sandbox's own.
#[derive(Debug)]
pub(super) struct Issuer(EcdsaKeyPair);

impl Issuer {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self(new_key()?.0))
    }

    pub(super) fn statement(
        &self,
        issuer: &str,
        client: &str,
        subject: &str,
        now: SystemTime,
    ) -> Result<String, Error> {
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let header = json!({"typ": "JWT", "alg": "ES256"});
        let payload = json!({
            "iss": issuer, "aud": client, "sub": subject, "iat": seconds, "exp": seconds + LONGEST_TTL.as_secs(),
        });
        let [header, payload] =
            [header, payload].map(|part| Base64UrlUnpadded::encode_string(part.to_string().as_bytes()));
        let signed = format!("{header}.{payload}");
        let signature = self
            .0
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|error| Error::unavailable("no signature could be made").with_source(error))?;
        Ok(format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature.as_ref())))
    }
}
