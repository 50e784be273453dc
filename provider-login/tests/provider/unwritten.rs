//! A sign-in that cannot be kept.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tucuxi_core::{Fs, ProvideCredentials};
use tucuxi_provider_login::LoginProvider;
use tucuxi_testkit::{ScriptedHttp, block_on, capture};

use crate::support::{FILE, GRANTED, settings, setup, sign_in};

#[test]
fn keys_that_cannot_be_kept_are_used() {
    // Reading works the first time; the write finds a directory that may not be written to.
    let test = setup(Some(&sign_in("00:00:00")), []);
    let fs = test.context.fs().clone();
    let http = ScriptedHttp::from_fn(move |_| {
        fs.set_error(FILE, io::ErrorKind::PermissionDenied);
        Ok(http::Response::new(GRANTED.into()))
    });
    let provider = LoginProvider::new(&test.context.clone().with_http(http), settings());
    let (answer, logs) = capture(|| block_on(provider.provide_credentials()));
    assert_eq!(answer.unwrap().access_key_id(), "ASIANEW");
    assert!(logs.contains(FILE) && logs.contains("was not kept"), "{logs}");
}

#[test]
fn a_refresh_token_that_cannot_be_kept_is_remembered() {
    let test = setup(Some(&sign_in("00:00:00")), []);
    let fs = test.context.fs().clone();
    let (read_only, answers) = (fs.clone(), std::sync::atomic::AtomicUsize::new(2));
    let http = ScriptedHttp::from_fn(move |_| {
        read_only.set_error(FILE, io::ErrorKind::PermissionDenied);
        let number = answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(http::Response::new(
            GRANTED.replace("NEW", &number.to_string()).replace("RT2", &format!("RT{number}")).into(),
        ))
    });
    let provider = LoginProvider::new(&test.context.clone().with_http(http.clone()), settings());
    let ask = |file: &str| {
        // It can be read, but not written.
        fs.set(FILE, file, std::time::SystemTime::UNIX_EPOCH);
        block_on(provider.provide_credentials()).unwrap().access_key_id().to_owned()
    };
    let token_of = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["refreshToken"].to_string();
    let used = || http.seen().iter().map(|seen| token_of(&seen.body).replace(['"', 'R', 'T'], "")).collect::<String>();
    let old = sign_in("00:00:00");
    assert_eq!((ask(&old), ask(&old), used()), ("ASIA2".into(), "ASIA2".into(), "1".into()));
    test.clock.advance(Duration::from_secs(600));
    assert_eq!((ask(&old), used()), ("ASIA3".into(), "12".into()));
    test.clock.advance(Duration::from_secs(600));
    assert_eq!((ask(&old), used()), ("ASIA4".into(), "123".into()));
    // Whoever signs in again is believed.
    let again = sign_in("00:40:00").replace("RT1", "RT9");
    assert_eq!((ask(&again), used()), ("ASIAOLD".into(), "123".into()));
    test.clock.advance(Duration::from_secs(1200));
    assert_eq!((ask(&again), used()), ("ASIA5".into(), "1239".into()));
}

#[test]
fn a_refresh_token_is_not_spent_where_nothing_can_be_kept() {
    let folder = std::env::temp_dir().join(format!("tucuxi-login-unwritable-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // So long that no temporary file beside it can be named after it: root may write to any folder.
    let kept = folder.join(format!("{}.json", "x".repeat(250)));
    let lock = Path::new(FILE).with_extension("lock");
    let test = setup(None, []);
    let fs = Fs::moved([(Path::new(FILE), &*kept), (&*lock, &*folder.join("lock"))]);
    let provider = LoginProvider::new(&test.context.clone().with_fs(fs), settings());
    std::fs::File::create(&kept).unwrap().write_all(sign_in("00:04:00").as_bytes()).unwrap();
    assert_eq!(block_on(provider.provide_credentials()).unwrap().access_key_id(), "ASIAOLD");
    test.clock.advance(Duration::from_secs(240));
    let report = block_on(provider.provide_credentials()).unwrap_err().report();
    assert!(report.contains("/home/u/.aws/login/cache cannot be written:"), "{report}");
    assert!(test.http.seen().is_empty(), "nothing is asked");
    std::fs::remove_dir_all(folder).unwrap();
}
