//! What proves who asks.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use tucuxi_testkit::ScriptedHttp;

use crate::support::{GRANTED, TOKEN, settings, setup_with, sign_in};

#[test]
fn each_request_has_a_proof_of_its_own_by_the_same_key() {
    let http = ScriptedHttp::from_fn(|_| Ok(http::Response::new(GRANTED.into())));
    let test = setup_with(settings(), Some(&sign_in("00:00:00")), http);
    test.ask().unwrap();
    test.clock.advance(Duration::from_secs(600));
    test.ask().unwrap();
    let proofs: Vec<(Value, Value)> =
        test.http.seen().iter().map(|seen| verified(seen.header("dpop").unwrap())).collect();
    let [first, second] = &proofs[..] else { panic!("{} requests", proofs.len()) };
    assert_eq!((&first.0["typ"], &first.0["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    assert_eq!(first.0["jwk"], second.0["jwk"]);
    assert_ne!(first.1["jti"], second.1["jti"]);
    assert_eq!((&first.1["htm"], &first.1["htu"]), (&json!("POST"), &json!(TOKEN)));
    assert_eq!((&first.1["iat"], &second.1["iat"]), (&json!(1_767_225_600), &json!(1_767_226_200)));
}

/// The header and the payload of a proof whose signature is that of the key in its header.
fn verified(proof: &str) -> (Value, Value) {
    let decode = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
    let (signed, signature) = proof.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let [header, payload] = [header, payload].map(|part| serde_json::from_slice::<Value>(&decode(part)).unwrap());
    let [x, y] = ["x", "y"].map(|name| decode(header["jwk"][name].as_str().unwrap()));
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], x, y].concat());
    public.verify(signed.as_bytes(), &decode(signature)).unwrap();
    (header, payload)
}
