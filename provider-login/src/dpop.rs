//! Proofs of possession: a small signed statement about one request. Time and identifier are arguments.
//!
//! Specification: RFC 9449 (DPoP), RFC 7515 (the form), RFC 7518 section 3.4 (ES256).

use std::time::{SystemTime, UNIX_EPOCH};

use tucuxi_core::encode::{base64url, hex};
use tucuxi_core::json::Writer;
use tucuxi_core::{Error, Secret};

use crate::backend;
use crate::key::DpopKey;

/// The proof that whoever posts to `url` at `now` holds `key`. Its `id` must not be used twice.
pub(crate) fn proof(key: &DpopKey, url: &str, now: SystemTime, id: &str) -> Result<Secret, Error> {
    let mut text = header(key);
    text.push('.');
    text.push_str(&payload(url, now, id));
    let signature = key.sign(text.as_bytes())?;
    text.push('.');
    text.push_str(&base64url(signature.as_ref()));
    Ok(Secret::new(text))
}

/// Nothing in it needs an escape.
fn header(key: &DpopKey) -> String {
    let (x, y) = key.point();
    let (x, y) = (base64url(x), base64url(y));
    let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    base64url(format!(r#"{{"alg":"ES256","jwk":{jwk},"typ":"dpop+jwt"}}"#).as_bytes())
}

fn payload(url: &str, now: SystemTime, id: &str) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut payload = Writer::default();
    payload.text("htm", "POST").text("htu", url).number("iat", seconds).text("jti", id);
    base64url(&payload.finish())
}

/// A new random identifier (UUID version 4).
pub(crate) fn new_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    backend::draw(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut id = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        id.push_str(&hex(&[*byte]));
    }
    Ok(id)
}

#[cfg(test)]
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use std::time::Duration;

    use base64ct::{Base64UrlUnpadded, Encoding};
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::{Value, json};

    use super::*;
    use crate::key::tests::OF_SEC1;

    const URL: &str = "https://us-east-1.signin.aws.amazon.com/v1/token";

    fn part(text: &str) -> Value {
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(text).unwrap()).unwrap()
    }

    #[test]
    fn a_proof_says_what_it_proves_and_its_own_key_verifies_it() {
        let key = DpopKey::from_pem(OF_SEC1).unwrap();
        let proof = proof(&key, URL, UNIX_EPOCH + Duration::from_millis(1_767_225_600_900), "ID").unwrap();
        let parts: Vec<&str> = proof.expose().split('.').collect();
        let [header, payload, signature] = parts[..] else { panic!("{} parts", parts.len()) };
        let (x, y) = key.point();
        assert_eq!(
            part(header),
            json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)}})
        );
        assert_eq!(part(payload), json!({"htm": "POST", "htu": URL, "iat": 1_767_225_600, "jti": "ID"}));
        let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
        assert_eq!(signature.len(), 64);
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], x, y].concat());
        let signed = format!("{header}.{payload}");
        assert!(public.verify(signed.as_bytes(), &signature).is_ok());
        assert!(public.verify(format!("{signed}x").as_bytes(), &signature).is_err());
    }

    #[test]
    fn identifiers_are_random_uuids() {
        let ids: std::collections::HashSet<String> = (0..100).map(|_| new_id().unwrap()).collect();
        assert_eq!(ids.len(), 100);
        for id in ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(&id[14..15] == "4" && "89ab".contains(&id[19..20]), "{id}");
        }
    }
}
