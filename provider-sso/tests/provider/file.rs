//! What a cache file can be.

use tucuxi_core::ErrorKind;

use crate::support::{FILE, setup};

#[test]
fn what_a_cache_file_can_be() {
    let check = |file: Option<&str>, kind: ErrorKind, words: &[&str]| {
        let error = setup(file, []).provide().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        for word in words {
            assert!(error.report().contains(word), "{word}: {}", error.report());
        }
    };
    check(
        None,
        ErrorKind::InvalidConfig,
        &["nobody is signed in to my-sso", FILE, "aws sso login --sso-session my-sso"],
    );
    check(Some(""), ErrorKind::InvalidConfig, &[FILE, "not JSON", "aws sso login"]);
    check(Some("{}"), ErrorKind::InvalidConfig, &[FILE]);
    check(Some(r#"{"accessToken":"AT"}"#), ErrorKind::InvalidConfig, &["expiresAt"]);
    check(Some(r#"{"accessToken":"AT","expiresAt":"soon"}"#), ErrorKind::InvalidConfig, &["expiresAt"]);
    let ended = r#"{"accessToken":"AT","expiresAt":"2025-12-31T23:59:59Z"}"#;
    check(Some(ended), ErrorKind::Denied, &["has ended", "aws sso login"]);
}
