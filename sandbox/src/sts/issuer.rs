//! The sandbox's own issuer of web identity tokens.

use std::time::{Duration, SystemTime};

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tucuxi_core::Error;

/// An issuer whose key lives as long as the sandbox.
#[derive(Debug)]
pub(crate) struct Issuer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Issuer {
    pub(crate) fn new() -> Result<Self, Error> {
        let random = SystemRandom::new();
        let failed = |why: &dyn std::fmt::Display| {
            Error::unavailable(format!("cannot make a key for web identity tokens: {why}"))
        };
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|error| failed(&error))?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).map_err(|error| failed(&error))?;
        Ok(Self { key, random })
    }

    /// The public key, as a JSON web key set.
    pub(crate) fn jwks(&self) -> String {
        let point = self.key.public_key().as_ref();
        // Uncompressed: a byte that says so, then two numbers of 32 bytes.
        let (x, y) = point[1..].split_at(32);
        let text = Base64UrlUnpadded::encode_string;
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": KEY_ID, "use": "sig", "alg": "ES256",
            "x": text(x), "y": text(y)}]})
        .to_string()
    }

    /// A token that `AssumeRoleWithWebIdentity` takes from now on for a while.
    pub(crate) fn token(&self, now: SystemTime, ttl: Duration) -> Result<String, Error> {
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        self.sign(
            &json!({"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "iat": seconds(now), "exp": seconds(now + ttl)}),
        )
    }

    pub(crate) fn sign(&self, claims: &Value) -> Result<String, Error> {
        let header = json!({"alg": "ES256", "kid": KEY_ID, "typ": "JWT"});
        let text = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let signed = format!("{}.{}", text(&header), text(claims));
        let signature = self
            .key
            .sign(&self.random, signed.as_bytes())
            .map_err(|error| Error::unavailable(format!("cannot sign a web identity token: {error}")))?;
        Ok(format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature.as_ref())))
    }
}

/// Nobody is asked there: the keys are handed over.
pub(crate) const ISSUER: &str = "https://oidc.sandbox.test";
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";
const SUBJECT: &str = "system:serviceaccount:default:sandbox";
const KEY_ID: &str = "sandbox";
