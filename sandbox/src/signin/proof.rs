//! Proofs of possession: who sends a request holds a key. Pure.
//!
//! Specification: RFC 9449 section 4.3 (the checks), RFC 7638 (the thumbprint), RFC 7518 section 3.4 (ES256).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding};
use http::Uri;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

/// A proof whose signature is that of the key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// What the key is known by.
    pub(super) thumbprint: String,
    /// What the proof is known by; it must not come twice.
    pub(super) id: String,
}

/// Checks a proof for a `method` request to one of `urls` at `now`.
pub(super) fn verify(proof: &str, method: &str, urls: &[String], now: SystemTime) -> Result<Proof, String> {
    let parts: Vec<&str> = proof.split('.').collect();
    let [header, payload, signature] = parts[..] else { return Err("has not three parts".into()) };
    let signed = format!("{header}.{payload}");
    let (header, payload) = (object(header, "header")?, object(payload, "payload")?);
    expect(&header, "typ", "dpop+jwt")?;
    expect(&header, "alg", "ES256")?;
    if header.get("crit").is_some() {
        return Err("has a crit that nobody here understands".into());
    }
    let key = Key::read(header.get("jwk").unwrap_or(&Value::Null))?;
    let signature = bytes::<64>(signature).ok_or("has a signature that is not r and s of 32 bytes each")?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.point())
        .verify(signed.as_bytes(), &signature)
        .ok()
        .ok_or("is not signed by the key in it")?;

    expect(&payload, "htm", method)?;
    let url = text(&payload, "htu").ok_or("has no htu")?;
    if !urls.iter().any(|own| same_place(own, url)) {
        return Err(format!("has an htu that is not {}", urls.join(" or ")));
    }
    let issued = payload["iat"].as_u64().ok_or("has no iat in whole seconds")?;
    let issued = UNIX_EPOCH.checked_add(Duration::from_secs(issued)).ok_or("has an iat that is no time")?;
    if issued > now + PROOF_WINDOW || issued + PROOF_WINDOW < now {
        return Err("has an iat more than 5 minutes off".into());
    }
    let id = text(&payload, "jti").filter(|id| (1..=256).contains(&id.len())).ok_or("has no jti of up to 256 bytes")?;
    Ok(Proof { thumbprint: key.thumbprint(), id: id.to_owned() })
}

/// The public half of a P-256 key.
pub(super) struct Key {
    x: [u8; 32],
    y: [u8; 32],
}

impl Key {
    fn read(jwk: &Value) -> Result<Self, String> {
        expect(jwk, "kty", "EC")?;
        expect(jwk, "crv", "P-256")?;
        if jwk.get("d").is_some() {
            return Err("has the private half of its key".into());
        }
        // The AWS CLI leaves out the zeros that a coordinate begins with, one time in 128; RFC 7518 wants all 32 bytes.
        let coordinate = |name| {
            let found = text(jwk, name).and_then(|text| Base64UrlUnpadded::decode_vec(text).ok()).unwrap_or_default();
            let mut padded = [0; 32];
            match 32_usize.checked_sub(found.len()) {
                Some(zeros) if zeros < 32 => padded[zeros..].copy_from_slice(&found),
                _ => return Err(format!("has a jwk without a {name} of 32 bytes")),
            }
            Ok(padded)
        };
        Ok(Self { x: coordinate("x")?, y: coordinate("y")? })
    }

    /// A point as `ring` writes it: without compression.
    pub(super) fn of_point(point: &[u8]) -> Option<Self> {
        let [4, coordinates @ ..] = point else { return None };
        let (x, y) = coordinates.split_at_checked(32)?;
        Some(Self { x: x.try_into().ok()?, y: y.try_into().ok()? })
    }

    fn point(&self) -> Vec<u8> {
        [&[4], &self.x[..], &self.y[..]].concat()
    }

    pub(super) fn thumbprint(&self) -> String {
        let [x, y] = [&self.x, &self.y].map(|coordinate| Base64UrlUnpadded::encode_string(coordinate));
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Base64UrlUnpadded::encode_string(digest(&SHA256, members.as_bytes()).as_ref())
    }
}

fn object(part: &str, name: &str) -> Result<Value, String> {
    let json = Base64UrlUnpadded::decode_vec(part).ok().ok_or_else(|| format!("has a {name} that is not base64url"))?;
    match serde_json::from_slice(&json) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(format!("has a {name} that is no JSON object")),
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

fn expect(object: &Value, name: &str, expected: &str) -> Result<(), String> {
    match text(object, name) {
        Some(found) if found == expected => Ok(()),
        _ => Err(format!("has a {name} that is not {expected}")),
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    Base64UrlUnpadded::decode_vec(text).ok()?.try_into().ok()
}

/// Whether two URLs name one place: the case of scheme and host does not count, nor does port 80.
fn same_place(own: &str, other: &str) -> bool {
    let place = |url: &str| {
        let uri: Uri = url.parse().ok()?;
        let (scheme, host) = (uri.scheme_str()?.to_ascii_lowercase(), uri.host()?.to_ascii_lowercase());
        let plain = uri.query().is_none() && !url.contains('#') && !uri.authority()?.as_str().contains('@');
        plain.then(|| (scheme, host, uri.port_u16().unwrap_or(80), uri.path().to_owned()))
    };
    place(own).is_some_and(|own| place(other) == Some(own))
}

/// How far a proof's time may be off, and for how long its name is remembered on either side.
pub(super) const PROOF_WINDOW: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const URL: &str = "http://127.0.0.1:9/v1/token";
    const NOW: u64 = 1_767_225_600;

    struct Signer {
        pair: EcdsaKeyPair,
        random: SystemRandom,
    }

    impl Signer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap();
            Self { pair, random }
        }

        fn header(&self) -> Value {
            let point = self.pair.public_key().as_ref();
            let [x, y] = [&point[1..33], &point[33..]].map(Base64UrlUnpadded::encode_string);
            json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}})
        }

        fn sign(&self, header: &Value, payload: &Value) -> String {
            let [header, payload] =
                [header, payload].map(|part| Base64UrlUnpadded::encode_string(part.to_string().as_bytes()));
            let signed = format!("{header}.{payload}");
            let signature = self.pair.sign(&self.random, signed.as_bytes()).unwrap();
            format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature.as_ref()))
        }
    }

    fn payload() -> Value {
        json!({"htm": "POST", "htu": URL, "iat": NOW, "jti": "ID"})
    }

    fn verified(proof: &str) -> Result<Proof, String> {
        verify(proof, "POST", &[URL.to_owned()], UNIX_EPOCH + Duration::from_secs(NOW))
    }

    #[test]
    fn a_proof_is_right_in_every_part_or_refused() {
        let signer = Signer::new();
        let proof = verified(&signer.sign(&signer.header(), &payload())).unwrap();
        assert_eq!(proof.id, "ID");
        assert_eq!(proof.thumbprint, Key::of_point(signer.pair.public_key().as_ref()).unwrap().thumbprint());

        let check = |pointer: &str, value: Value, expected: Result<(), &str>| {
            let mut parts = json!([signer.header(), payload()]);
            match (parts.pointer_mut(pointer), value) {
                (Some(place), value) => *place = value,
                (None, value) => {
                    let (object, name) = pointer.rsplit_once('/').unwrap();
                    parts.pointer_mut(object).unwrap()[name] = value;
                }
            }
            let verified = verified(&signer.sign(&parts[0], &parts[1])).map(drop);
            match (verified, expected) {
                (Ok(()), Ok(())) => {}
                (Err(error), Err(words)) => assert!(error.contains(words), "{pointer}: {error}"),
                (verified, _) => panic!("{pointer}: {verified:?}"),
            }
        };
        check("/0/typ", json!("JWT"), Err("typ"));
        check("/0/alg", json!("none"), Err("alg"));
        check("/0/crit", json!(["x"]), Err("crit"));
        check("/0/jwk", json!(null), Err("kty"));
        check("/0/jwk/kty", json!("RSA"), Err("kty"));
        check("/0/jwk/crv", json!("P-384"), Err("crv"));
        check("/0/jwk/d", json!("AA"), Err("private half"));
        for wrong in [json!(""), json!(null), json!("A".repeat(44))] {
            check("/0/jwk/x", wrong, Err("x of 32 bytes"));
        }
        check("/0/jwk/x", json!("AQ"), Err("not signed by the key"));
        check("/0/jwk/y", signer.header()["jwk"]["x"].clone(), Err("not signed by the key"));
        check("/0/jwk", Signer::new().header()["jwk"].clone(), Err("not signed by the key"));
        check("/1/htm", json!("GET"), Err("htm"));
        check("/1/htu", json!("HTTP://127.0.0.1:9/v1/token"), Ok(()));
        for url in
            ["http://127.0.0.1:9/v1/token?x=1", "http://127.0.0.1:8/v1/token", "http://127.0.0.1:9/", "/v1/token"]
        {
            check("/1/htu", json!(url), Err("htu"));
        }
        check("/1/htu", json!(null), Err("no htu"));
        for (seconds, expected) in [(299, Ok(())), (301, Err("5 minutes off"))] {
            check("/1/iat", json!(NOW - seconds), expected);
            check("/1/iat", json!(NOW + seconds), expected);
        }
        check("/1/iat", json!(u64::MAX), Err("iat"));
        check("/1/iat", json!("1767225600"), Err("iat"));
        check("/1/jti", json!(""), Err("jti"));
        check("/1/jti", json!("x".repeat(257)), Err("jti"));
        check("/1", json!([]), Err("payload"));
    }

    #[test]
    fn zeros_at_the_beginning_of_a_coordinate_may_be_left_out() {
        let signer =
            std::iter::repeat_with(Signer::new).find(|signer| signer.pair.public_key().as_ref()[1] == 0).unwrap();
        let mut header = signer.header();
        let point = signer.pair.public_key().as_ref();
        header["jwk"]["x"] = json!(Base64UrlUnpadded::encode_string(&point[2..33]));
        let proof = verified(&signer.sign(&header, &payload())).unwrap();
        assert_eq!(proof.thumbprint, Key::of_point(point).unwrap().thumbprint());
    }

    #[test]
    fn a_text_that_is_no_proof_is_refused() {
        let signer = Signer::new();
        let good = signer.sign(&signer.header(), &payload());
        let (signed, signature) = good.rsplit_once('.').unwrap();
        assert!(verified(&format!("{signed}.{signature}")).is_ok());
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        for bad in [
            String::new(),
            signed.to_owned(),
            format!("{good}.x"),
            format!("{signed}."),
            format!("{signed}.{signature}="),
            format!("{signed}.{flipped}{}", &signature[1..]),
            format!("{{}}.{signed}"),
            good.replacen('e', "%", 1),
        ] {
            assert!(verified(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_thumbprint_is_that_of_another_implementation() {
        // The point of the key 1122..9900; the thumbprint was computed with Python's hashlib.
        let decode = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
        let (x, y) = ("ZBPjcDGKkizs-qlLohiN1Bn1hjVvp3THZs1sRQKV_uk", "Xc6c4FV7Co8c71xmPzYs__yRDjCUr8gru8egqSsLa9s");
        let key = Key::of_point(&[vec![4], decode(x), decode(y)].concat()).unwrap();
        assert_eq!(key.thumbprint(), "kGb9DsuCQlgRiE8c0bfzMRRGoh6b3MvAQb3Qq8OqX8c");
        assert!(Key::of_point(&[2; 33]).is_none() && Key::of_point(&[4; 64]).is_none());
    }
}
