//! Web identity tokens: JSON web tokens, checked by the keys that their issuer publishes.
//!
//! Specifications: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 sections 3.3 and 3.4, RFC 7519 (JWT).

use std::time::SystemTime;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;
use tucuxi_core::Error;

/// An issuer that the account trusts, and its keys.
#[derive(Clone, Debug)]
pub(crate) struct IdentityProvider {
    issuer: String,
    audience: String,
    keys: Vec<Jwk>,
}

/// A published key.
#[derive(Clone, Debug, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: u64,
    nbf: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Whom a token speaks of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) subject: String,
    pub(crate) audience: String,
    pub(crate) issuer: String,
}

/// Why a token is turned away.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Untrusted {
    /// Its time is over.
    Expired,
    /// Anything else.
    Invalid(String),
}

impl IdentityProvider {
    /// The keys are a JSON web key set.
    pub(crate) fn new(issuer: String, audience: String, jwks: &str) -> Result<Self, Error> {
        let Jwks { keys } = serde_json::from_str(jwks)
            .map_err(|error| Error::invalid_config(format!("the keys of {issuer} are no JSON web key set: {error}")))?;
        Ok(Self { issuer, audience, keys })
    }
}

/// Whom a token speaks of, if one of the providers signed it for us and its time is not over.
pub(crate) fn verify(providers: &[IdentityProvider], token: &str, now: SystemTime) -> Result<Identity, Untrusted> {
    let invalid = |message: &str| Untrusted::Invalid(message.to_owned());
    let broken =
        || invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
    let (signed, signature) = token.rsplit_once('.').ok_or_else(broken)?;
    let (header, claims) = signed.split_once('.').ok_or_else(broken)?;
    let header: Header = part(header).ok_or_else(broken)?;
    let claims: Claims = part(claims).ok_or_else(broken)?;
    let signature = Base64UrlUnpadded::decode_vec(signature).map_err(|_error| broken())?;

    let provider = providers.iter().find(|provider| provider.issuer == claims.iss).ok_or_else(|| {
        Untrusted::Invalid(format!("No OpenIDConnect provider found in your account for {}", claims.iss))
    })?;
    let mut keys = provider.keys.iter().filter(|key| key.serves(&header));
    let right = header.crit.is_none() && keys.any(|key| key.signed(&header.alg, signed.as_bytes(), &signature));
    if !right {
        return Err(invalid("Couldn't verify the signature of the token with the keys of its issuer"));
    }

    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    if claims.exp <= seconds {
        return Err(Untrusted::Expired);
    }
    if claims.nbf.is_some_and(|start| start > seconds) {
        return Err(invalid("The token is not valid yet"));
    }
    let meant = match &claims.aud {
        Audience::One(audience) => *audience == provider.audience,
        Audience::Several(audiences) => audiences.contains(&provider.audience),
    };
    match meant {
        true => Ok(Identity { subject: claims.sub, audience: provider.audience.clone(), issuer: claims.iss }),
        false => Err(invalid("Incorrect token audience")),
    }
}

impl Jwk {
    /// Whether the header may mean this key.
    fn serves(&self, header: &Header) -> bool {
        let named = header.kid.is_none() || header.kid == self.kid;
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        named && signs && self.alg.as_ref().is_none_or(|alg| *alg == header.alg)
    }

    /// The algorithm is the header's word, the kind of key is not: both must fit.
    fn signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        let number = |text: &Option<String>| Base64UrlUnpadded::decode_vec(text.as_deref()?).ok();
        let verified = match (alg, self.kty.as_str(), self.crv.as_deref()) {
            ("ES256", "EC", Some("P-256")) => number(&self.x).zip(number(&self.y)).map(|(x, y)| {
                let point = [&[4], &x[..], &y[..]].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }),
            ("RS256", "RSA", None) => number(&self.n)
                .zip(number(&self.e))
                .map(|(n, e)| RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)),
            _ => None,
        };
        verified.is_some_and(|verified| verified.is_ok())
    }
}

fn part<T: for<'a> Deserialize<'a>>(text: &str) -> Option<T> {
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::issuer::{AUDIENCE, ISSUER, Issuer};
    use super::*;

    /// Made by OpenSSL: `{"alg":"RS256","kid":"r1"}` and, in the claims, an `exp` of 2026-01-01T01:00:00Z.
    const RS256: &str = "\
        eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL3JzYS5leGFtcGxlLmNvbSIsInN1YiI6InMiLCJh\
        dWQiOlsib3RoZXIiLCJzdHMuYW1hem9uYXdzLmNvbSJdLCJleHAiOjE3NjcyMjkyMDB9.eNgiq959P3Sq-18Vu46GHalFxzb\
        B9dhpyctA6u3Tvvrk_TpdsdTkqxQdQe_DOXurZB1PfWhPQaScLKZCisTub26LbbecjzMfQVO0CFzn5rJ3847dSlEUDzt7Quu\
        3_OMvWmOfC4dhURsQ-xWqfm2vo5EeXyyJdbz017s5z5JRnexCuL6_aZV-OfhpCUhVX-91_fzpI1s6gpNXiE3e3-_S88QpEMb\
        Qtplf6VlAKPYrOjWwpNMmB15hu1cxajernuQYGMe_K6p9FJaIURxuV5zBO8wYKza_1ZJoRMLFY8-euBo8FTY10F6bS3wjSGO\
        ROvc_xZ1mvIX6pVcZ3bz0uP8ybQ";
    const MODULUS: &str = "\
        sqMr12h_N05MBp2bzBAcE2LkC7kgOnDRLpZJ7or4LozKZhU-83IlQIDKcXo873r5WEjo0Yl1LTvXdQqn8QmV0IME2V_2By_q\
        op_jKYpWF0Fb8aWibDcjsLrLxwGh90KHDpJZcKZk1RrK6_qWao1WZwtLwZpqd62-4kGlkp-HAee4Tnv72puSLTdpABdFemP_\
        7qALWFePlEVjXjM3gbtQRFLnywVTzRL_E-5bigMlszT-4_XhcCrh91ajp7TCoxIunQMnbMnVn5bXwOSABC4jF7yKZsjSM2BZ\
        D49IFmtsX2stEnz5wy_TPy5NuI8HMumre1gztb23wM8IKwTtxVn7zw";

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn rsa(issuer: &str, changes: &Value) -> IdentityProvider {
        let mut key = json!({"kty": "RSA", "kid": "r1", "alg": "RS256", "use": "sig", "n": MODULUS, "e": "AQAB"});
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        IdentityProvider::new(issuer.into(), AUDIENCE.into(), &json!({"keys": [key]}).to_string()).unwrap()
    }

    #[track_caller]
    fn check(provider: &IdentityProvider, token: &str, now: u64, expected: Result<&str, Option<&str>>) {
        let found = verify(std::slice::from_ref(provider), token, at(now));
        match (&found, expected) {
            (Ok(identity), Ok(subject)) => assert_eq!(identity.subject, subject),
            (Err(Untrusted::Expired), Err(None)) => {}
            (Err(Untrusted::Invalid(message)), Err(Some(words))) => assert!(message.contains(words), "{message}"),
            _ => panic!("{token}: {found:?}, not {expected:?}"),
        }
    }

    const NOW: u64 = 1_767_225_600;
    const UNSIGNED: Result<&str, Option<&str>> = Err(Some("verify the signature"));
    const BROKEN: Result<&str, Option<&str>> = Err(Some("not a valid JWT"));

    #[test]
    fn rs256_counts_with_the_key_of_the_issuer_alone() {
        let issuer = "https://rsa.example.com";
        let good = rsa(issuer, &json!({}));
        check(&good, RS256, NOW, Ok("s"));
        check(&rsa(issuer, &json!({"kid": null, "alg": null, "use": null})), RS256, NOW, UNSIGNED);
        check(&good, RS256, NOW + 3600, Err(None));
        check(&rsa("https://other.example.com", &json!({})), RS256, NOW, Err(Some("No OpenIDConnect provider")));
        for change in [
            json!({"kid": "r2"}),
            json!({"alg": "ES256"}),
            json!({"use": "enc"}),
            json!({"e": "Aw"}),
            json!({"kty": "EC", "crv": "P-256"}),
        ] {
            check(&rsa(issuer, &change), RS256, NOW, UNSIGNED);
        }
        let (signed, signature) = RS256.rsplit_once('.').unwrap();
        check(&good, signed, NOW, BROKEN);
        check(&good, &format!("{signed}."), NOW, UNSIGNED);
        check(&good, &RS256[..RS256.len() - 2], NOW, UNSIGNED);
        let (header, claims) = signed.split_once('.').unwrap();
        let text = |value: Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let other = text(json!({"iss": issuer, "sub": "admin", "aud": AUDIENCE, "exp": NOW + 60}));
        check(&good, &format!("{header}.{other}.{signature}"), NOW, UNSIGNED);
        for header in
            [json!({"alg": "none"}), json!({"alg": "HS256", "kid": "r1"}), json!({"alg": "ES256", "kid": "r1"})]
        {
            check(&good, &format!("{}.{claims}.{signature}", text(header.clone())), NOW, UNSIGNED);
            check(&good, &format!("{}.{claims}.", text(header)), NOW, UNSIGNED);
        }
    }

    #[test]
    fn claims_must_be_there_and_meant_for_us() {
        let issuer = Issuer::new().unwrap();
        let provider = IdentityProvider::new(ISSUER.into(), AUDIENCE.into(), &issuer.jwks()).unwrap();
        let claim = |change: Value, expected| {
            let mut claims = json!({"iss": ISSUER, "sub": "s", "aud": AUDIENCE, "exp": NOW + 60});
            for (name, value) in change.as_object().unwrap() {
                claims[name] = value.clone();
            }
            check(&provider, &issuer.sign(&claims).unwrap(), NOW, expected);
        };
        claim(json!({}), Ok("s"));
        claim(json!({"aud": ["x", AUDIENCE], "nbf": NOW}), Ok("s"));
        claim(json!({"aud": "x"}), Err(Some("Incorrect token audience")));
        claim(json!({"aud": []}), Err(Some("Incorrect token audience")));
        claim(json!({"exp": NOW}), Err(None));
        claim(json!({"nbf": NOW + 1}), Err(Some("not valid yet")));
        claim(json!({"iss": "https://other"}), Err(Some("No OpenIDConnect provider")));
        for name in ["sub", "aud", "exp", "iss"] {
            claim(json!({name: null}), BROKEN);
        }
        let stranger = Issuer::new().unwrap().token(at(NOW), Duration::from_secs(60)).unwrap();
        check(&provider, &stranger, NOW, UNSIGNED);
        for token in ["", ".", "..", "a.b.c", "e30.e30.e30"] {
            check(&provider, token, NOW, BROKEN);
        }
    }

    #[test]
    fn keys_that_are_none_are_refused_at_once() {
        let error = IdentityProvider::new("https://i".into(), AUDIENCE.into(), "{}").unwrap_err();
        assert!(error.to_string().contains("https://i are no JSON web key set"), "{error}");
    }
}
