//! One refresh for all processes, none that waits for ever, and no sign-in that comes back after a sign-out.
#![cfg(any(feature = "ring", feature = "aws-lc-rs"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::json;
use tucuxi_core::{Clock, Context, Credentials, Env, Error, ErrorKind, Fs, ProvideCredentials, Region};
#[cfg(feature = "sign-in")]
use tucuxi_provider_login::{EndpointOptions, SignIn, sign_out, token_file};
use tucuxi_provider_login::{LoginProvider, LoginSettings};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, StandStill, TurnHolder, block_on, capture, context, response};

const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
const FILE: &str = "/home/u/.aws/login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";
const LOCK: &str = "/home/u/.aws/login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.lock";
const TOKEN: &str = "https://us-east-1.signin.aws.amazon.com/v1/token";
const GRANTED: &str = r#"{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"s2","sessionToken":"t2"},
    "tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"RT2"}"#;
/// The private number is 1122..9900 repeated: a test key, nobody's.
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABEioAoGCCqGSM49
AwEHoUQDQgAEZBPjcDGKkizs+qlLohiN1Bn1hjVvp3THZs1sRQKV/uldzpzgVXsK
jxzvXGY/Niz//JEOMJSvyCu7x6CpKwtr2w==
-----END EC PRIVATE KEY-----
";

fn provider(context: &Context) -> LoginProvider {
    LoginProvider::new(context, LoginSettings::new(SESSION).with_region(Region::new("us-east-1").unwrap()))
}

fn provide(context: &Context) -> Result<Credentials, Error> {
    block_on(provider(context).provide_credentials())
}

/// A sign-in whose keys end at the given time of 2026-01-01.
fn sign_in(key: &str, refresh_token: &str, ends: &str) -> String {
    json!({
        "accessToken": {"accessKeyId": key, "secretAccessKey": "s1", "sessionToken": "t1",
            "accountId": "012345678910", "expiresAt": format!("2026-01-01T{ends}Z")},
        "clientId": "arn:aws:signin:::devtools/same-device", "refreshToken": refresh_token, "dpopKey": KEY, "extra": 1
    })
    .to_string()
}

fn world(fs: &Fs, clock: impl Clock + 'static, http: &ScriptedHttp) -> Context {
    context().with_env(Env::fake([("HOME", "/home/u")])).with_fs(fs.clone()).with_clock(clock).with_http(http.clone())
}

fn about_to_end() -> Fs {
    Fs::fake([(FILE, sign_in("ASIAOLD", "RT", "00:04:00"))])
}

fn midnight() -> FakeClock {
    FakeClock::auto().at("2026-01-01T00:00:00Z")
}

fn refreshes(with: &str) -> Exchange {
    Exchange::post(TOKEN).with_body(format!(r#""refreshToken":"{with}""#)).answers(200, GRANTED)
}

fn is_free(fs: &Fs) -> bool {
    TurnHolder::is_free(fs, FILE)
}

/// What comes of a refresh that has to wait for another process.
fn after(writes: Option<String>, script: &[Exchange]) -> Result<Credentials, Error> {
    let fs = about_to_end();
    let http = ScriptedHttp::new(script.to_vec());
    let provided = provide(&world(&fs, TurnHolder::new(&fs, FILE, writes), &http));
    http.assert_done();
    assert!(is_free(&fs));
    provided
}

#[test]
fn what_another_process_has_just_written_is_used() {
    let check = |writes: String, script: &[Exchange], expected: &str| {
        assert_eq!(after(Some(writes), script).unwrap().access_key_id(), expected);
    };
    check(sign_in("ASIATHEIRS", "RT9", "00:15:00"), &[], "ASIATHEIRS");
    // What they wrote ends soon as well, so it is refreshed with their token.
    check(sign_in("ASIATHEIRS", "RT9", "00:03:00"), &[refreshes("RT9")], "ASIANEW");
    // They could not refresh it.
    check(sign_in("ASIAOLD", "RT", "00:04:00"), &[refreshes("RT")], "ASIANEW");
}

#[test]
fn whoever_signed_out_meanwhile_stays_signed_out() {
    let error = after(None, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.report().contains("nobody is signed in as"), "{}", error.report());
}

#[test]
fn a_process_that_hangs_in_its_turn_stops_nobody() {
    let fs = about_to_end();
    fs.set(LOCK, "", SystemTime::UNIX_EPOCH);
    let clock = midnight();
    let http = ScriptedHttp::new([refreshes("RT")]);
    let (provided, logs) = capture(|| provide(&world(&fs, clock.clone(), &http)));
    assert_eq!(provided.unwrap().access_key_id(), "ASIANEW");
    http.assert_done();
    assert_eq!(clock.slept().iter().sum::<Duration>(), Duration::from_secs(20));
    assert!(logs.contains("no turn with the sign-in") && logs.contains(LOCK), "{logs}");
}

#[test]
fn a_directory_that_cannot_be_written_stops_nobody() {
    let fs = about_to_end();
    fs.set_error(LOCK, std::io::ErrorKind::PermissionDenied);
    let read_only = fs.clone();
    let http = ScriptedHttp::from_fn(move |_| {
        read_only.set_error(FILE, std::io::ErrorKind::PermissionDenied);
        Ok(response(200, GRANTED))
    });
    assert_eq!(provide(&world(&fs, midnight(), &http)).unwrap().access_key_id(), "ASIANEW");
}

#[test]
fn a_tool_without_turns_that_was_first_is_believed() {
    let fs = about_to_end();
    let theirs = fs.clone();
    let http = ScriptedHttp::from_fn(move |_| {
        theirs.set(FILE, sign_in("ASIATHEIRS", "RT9", "00:15:00"), SystemTime::UNIX_EPOCH);
        Ok(response(401, r#"{"error":"TOKEN_EXPIRED"}"#))
    });
    assert_eq!(provide(&world(&fs, midnight(), &http)).unwrap().access_key_id(), "ASIATHEIRS");
    assert!(is_free(&fs));
}

#[cfg(feature = "sign-in")]
#[test]
fn signing_in_and_out_wait_for_their_turn() {
    let fs = Fs::fake::<&str, &str>([]);
    let payload = "eyJzdWIiOiJhcm46YXdzOnN0czo6MDEyMzQ1Njc4OTEwOmFzc3VtZWQtcm9sZS9BZG1pbi9hZG1pbiJ9";
    let granted = GRANTED.replace("\"tokenType\"", &format!("\"idToken\":\"e30.{payload}.e30\",\"tokenType\""));
    let http = ScriptedHttp::new([Exchange::post(TOKEN).answers(200, granted)]);
    let clock = midnight();
    let context = world(&fs, clock.clone(), &http);
    let new = SignIn::cross_device(&Region::new("us-east-1").unwrap(), &EndpointOptions::default()).unwrap();
    let signed_in = block_on(new.redeem(&context, &"CODE".into())).unwrap();
    assert_eq!(signed_in.session, SESSION);
    let limit = Duration::from_secs(20);
    let waited = || clock.slept().iter().sum::<Duration>();

    block_on(signed_in.keep(&context)).unwrap();
    assert_eq!(waited(), Duration::ZERO);
    assert_eq!(provide(&context).unwrap().access_key_id(), "ASIANEW");
    fs.set(LOCK, "", SystemTime::UNIX_EPOCH);
    block_on(signed_in.keep(&context)).unwrap();
    assert_eq!(waited(), limit);
    assert!(block_on(sign_out(&context, SESSION)).unwrap());
    assert_eq!(waited(), 2 * limit);
    assert!(!block_on(sign_out(&context, SESSION)).unwrap(), "nobody is signed in any more");
    assert!(block_on(token_file(&context, SESSION).read()).unwrap().is_none());
}

#[test]
fn of_many_at_once_one_refreshes_and_all_use_it() {
    let home = std::env::temp_dir().join(format!("tucuxi-login-turns-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&home));
    let file = home.join(Path::new(FILE).strip_prefix("/home/u").unwrap());
    block_on(Fs::real().replace(&file, sign_in("ASIAOLD", "RT", "00:04:00").as_bytes())).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let http = ScriptedHttp::from_fn(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(response(200, GRANTED))
    });
    let context = context()
        .with_env(Env::fake([("HOME", home.clone())]))
        .with_fs(Fs::real())
        .with_clock(StandStill)
        .with_http(http.clone());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(provide(&context).unwrap().access_key_id(), "ASIANEW"));
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one refresh");
    let json = block_on(Fs::real().read(&file, 1 << 16)).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&kept["refreshToken"], &kept["extra"]), (&"RT2".into(), &1.into()));
    #[cfg(unix)]
    for path in [file.clone(), file.with_extension("lock")] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_dir_all(home).unwrap();
}

#[cfg(unix)]
#[test]
fn what_a_killed_writer_left_is_taken_away() {
    let home = std::env::temp_dir().join(format!("tucuxi-login-killed-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&home));
    let file = home.join(Path::new(FILE).strip_prefix("/home/u").unwrap());
    block_on(Fs::real().replace(&file, sign_in("ASIAKEPT", "RT", "00:10:00").as_bytes())).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let left = file.with_file_name(format!(".{name}.1-2.tmp"));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&left).unwrap();
    let http = ScriptedHttp::new([]);
    let context = world(&Fs::real(), midnight(), &http).with_env(Env::fake([("HOME", home.clone())]));
    assert_eq!(provide(&context).unwrap().access_key_id(), "ASIAKEPT");
    assert!(!left.exists() && file.exists());
    std::fs::remove_dir_all(home).unwrap();
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    let home = std::env::temp_dir().join(format!("tucuxi-login-link-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&home));
    let file = home.join(Path::new(FILE).strip_prefix("/home/u").unwrap());
    let (elsewhere, victim) = (home.join("elsewhere.json"), home.join("victim"));
    let old = sign_in("ASIAOLD", "RT", "00:04:00");
    block_on(Fs::real().replace(&elsewhere, old.as_bytes())).unwrap();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    std::os::unix::fs::symlink(&victim, file.with_extension("lock")).unwrap();
    let http = ScriptedHttp::new([refreshes("RT")]);
    let context = world(&Fs::real(), midnight(), &http).with_env(Env::fake([("HOME", home.clone())]));
    let (provided, logs) = capture(|| provide(&context));
    assert_eq!(provided.unwrap().access_key_id(), "ASIANEW");
    assert!(logs.contains("no turn with the sign-in"), "{logs}");
    assert!(!victim.exists(), "a lock was made where the link points");
    assert_eq!(*block_on(Fs::real().read(&elsewhere, 1 << 16)).unwrap(), old.as_bytes(), "the link was followed");
    assert!(std::fs::symlink_metadata(&file).unwrap().is_file());
    std::fs::remove_dir_all(home).unwrap();
}
