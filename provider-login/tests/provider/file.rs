//! What a cache file can be.

use tucuxi_core::ErrorKind;
use tucuxi_provider_login::token_file;

use crate::support::{FILE, setup, sign_in};

#[test]
fn what_a_cache_file_can_be() {
    let check = |file: Option<&str>, kind: ErrorKind, words: &[&str]| {
        let error = setup(file, []).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        for word in words {
            assert!(error.report().contains(word), "{word}: {}", error.report());
        }
    };
    let ended = sign_in("00:00:00");
    check(None, ErrorKind::InvalidConfig, &["nobody is signed in as arn:aws:sts", FILE, "sign in: aws login"]);
    check(Some(""), ErrorKind::InvalidConfig, &[FILE, "not JSON", "sign in again: aws login"]);
    check(Some("{}"), ErrorKind::InvalidConfig, &[FILE, "has no accessToken"]);
    check(Some(&ended.replace("dpopKey", "x")), ErrorKind::InvalidConfig, &[FILE, "has no dpopKey"]);
    check(Some(&ended.replace("00:00Z", "")), ErrorKind::InvalidConfig, &[FILE, "expiresAt"]);
    check(Some(&ended.replace("MHcC", "AAAA")), ErrorKind::InvalidConfig, &[FILE, "dpopKey", "aws login"]);
    let lasts = sign_in("00:10:00");
    for (id, fault) in [("", "is empty"), ("AS IA", "holds a blank"), ("A\\n", "ends in a line break")] {
        let words = [FILE, "has no usable keys: the access key id", fault, "sign in again: aws login"];
        check(Some(&lasts.replace("ASIAOLD", id)), ErrorKind::InvalidConfig, &words);
    }
    check(Some(&ended.replace("ASIAOLD", &"x".repeat(1 << 16))), ErrorKind::InvalidConfig, &[FILE, "cannot be read"]);
}

#[test]
fn a_token_shows_no_secret() {
    let file = token_file(&setup(None, []).context, "arn:aws:iam::123456789012:user/me");
    let token = file.parse(sign_in("00:00:00").as_bytes()).unwrap();
    let shown = format!("{token:?} {:?}", token.clone());
    assert!(!shown.contains("MHcC") && !shown.contains("RT1") && !shown.contains("another tool"), "{shown}");
}
