//! One refresh for all processes, and none that waits for ever.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tucuxi_core::{Clock, Context, Env, ErrorKind, Fs, ProvideCredentials, Region};
use tucuxi_provider_sso::{SsoProvider, SsoSettings};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, StandStill, TurnHolder, block_on, context, response};

const FILE: &str = "/home/u/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const LOCK: &str = "/home/u/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.lock";
const ROLE: &str =
    "https://portal.sso.us-east-1.amazonaws.com/federation/credentials?role_name=ReadOnly&account_id=123456789012";
const TOKEN: &str = "https://oidc.us-east-1.amazonaws.com/token";
const GRANTED: &str =
    r#"{"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t","expiration":1767229200000}}"#;
const REFRESHED: &str = r#"{"accessToken":"NEW","tokenType":"Bearer","expiresIn":3600,"refreshToken":"RT2"}"#;

fn provider(context: &Context) -> SsoProvider {
    let settings =
        SsoSettings::new("https://e.awsapps.com/start", Region::new("us-east-1").unwrap(), "123456789012", "ReadOnly");
    SsoProvider::new(context, settings.with_session("my-sso"))
}

fn sign_in(token: &str, refresh_token: &str, ends: &str) -> String {
    format!(
        r#"{{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"{token}","expiresAt":"2026-01-01T{ends}Z",
        "clientId":"C","clientSecret":"CS","registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"{refresh_token}","extra":1}}"#
    )
}

fn world(fs: &Fs, clock: impl Clock + 'static, http: &ScriptedHttp) -> Context {
    context().with_env(Env::fake([("HOME", "/home/u")])).with_fs(fs.clone()).with_clock(clock).with_http(http.clone())
}

fn about_to_end() -> Fs {
    Fs::fake([(FILE, sign_in("OLD", "RT", "00:04:00"))])
}

fn midnight() -> FakeClock {
    FakeClock::auto().at("2026-01-01T00:00:00Z")
}

fn asks(token: &str) -> Exchange {
    Exchange::get(ROLE).with("x-amz-sso_bearer_token", token).answers(200, GRANTED)
}

fn refreshes(with: &str) -> Exchange {
    Exchange::post(TOKEN).with_body(format!(r#""refreshToken":"{with}""#)).answers(200, REFRESHED)
}

fn is_free(fs: &Fs) -> bool {
    TurnHolder::is_free(fs, FILE)
}

#[test]
fn what_another_process_has_just_written_is_used() {
    let check = |writes: String, script: &[Exchange]| {
        let writes = Some(writes);
        let fs = about_to_end();
        let http = ScriptedHttp::new(script.to_vec());
        block_on(provider(&world(&fs, TurnHolder::new(&fs, FILE, writes), &http)).provide_credentials()).unwrap();
        http.assert_done();
        assert!(is_free(&fs));
    };
    check(sign_in("THEIRS", "RT9", "01:00:00"), &[asks("THEIRS")]);
    // What they wrote ends soon as well, so it is refreshed with their token.
    check(sign_in("THEIRS", "RT9", "00:03:00"), &[refreshes("RT9"), asks("NEW")]);
    // They could not refresh it.
    check(sign_in("OLD", "RT", "00:04:00"), &[refreshes("RT"), asks("NEW")]);
}

#[test]
fn whoever_signed_out_meanwhile_stays_signed_out() {
    let fs = about_to_end();
    let gone = fs.clone();
    let http = ScriptedHttp::from_fn(move |seen| {
        // The portal's refusal comes while another process signs out.
        gone.set_error(FILE, std::io::ErrorKind::NotFound);
        Ok(response(if seen.url == TOKEN { 200 } else { 401 }, REFRESHED))
    });
    fs.set(FILE, sign_in("OLD", "RT", "08:00:00"), SystemTime::UNIX_EPOCH);
    let error = block_on(provider(&world(&fs, midnight(), &http)).provide_credentials()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(http.seen().len(), 1, "nothing is refreshed");
}

#[test]
fn whoever_signs_out_while_others_wait_signs_them_out_too() {
    let fs = about_to_end();
    let http = ScriptedHttp::new([]);
    let provider = provider(&world(&fs, TurnHolder::new(&fs, FILE, None), &http));
    let error = block_on(provider.provide_credentials()).unwrap_err();
    assert!(error.report().contains("nobody is signed in to my-sso"), "{}", error.report());
    assert!(is_free(&fs));
}

#[test]
fn a_process_that_hangs_in_its_turn_stops_nobody() {
    let fs = about_to_end();
    fs.set(LOCK, "", SystemTime::UNIX_EPOCH);
    let clock = midnight();
    let http = ScriptedHttp::new([refreshes("RT"), asks("NEW")]);
    block_on(provider(&world(&fs, clock.clone(), &http)).provide_credentials()).unwrap();
    http.assert_done();
    assert_eq!(clock.slept().iter().sum::<Duration>(), Duration::from_secs(20));
}

#[test]
fn a_directory_that_cannot_be_written_stops_nobody() {
    let fs = about_to_end();
    fs.set_error(LOCK, std::io::ErrorKind::PermissionDenied);
    let (read_only, clock, number) = (fs.clone(), midnight(), AtomicUsize::new(2));
    let http = ScriptedHttp::from_fn(move |seen| {
        read_only.set_error(FILE, std::io::ErrorKind::PermissionDenied);
        if seen.url != TOKEN {
            return Ok(response(200, GRANTED));
        }
        let number = number.fetch_add(1, Ordering::SeqCst).to_string();
        let refreshed = REFRESHED.replace("NEW", &format!("NEW{number}")).replace("RT2", &format!("RT{number}"));
        Ok(response(200, &refreshed))
    });
    let provider = provider(&world(&fs, clock.clone(), &http));
    let ask = |file: &str| {
        // It can be read, but not written.
        fs.set(FILE, file, SystemTime::UNIX_EPOCH);
        block_on(provider.provide_credentials()).unwrap();
        http.seen().last().and_then(|seen| seen.header("x-amz-sso_bearer_token").map(str::to_owned)).unwrap()
    };
    let used = || {
        let bodies = http.seen().into_iter().filter(|seen| seen.url == TOKEN).map(|seen| seen.body);
        let token =
            |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap()["refreshToken"].to_string();
        bodies.map(|body| token(&body).replace('"', "")).collect::<Vec<_>>().join(" ")
    };
    let old = sign_in("OLD", "RT", "00:04:00");
    assert_eq!((ask(&old), ask(&old), used()), ("NEW2".into(), "NEW2".into(), "RT".into()));
    clock.advance(Duration::from_secs(3500));
    assert_eq!((ask(&old), used()), ("NEW3".into(), "RT RT2".into()));
    clock.advance(Duration::from_secs(3500));
    assert_eq!((ask(&old), used()), ("NEW4".into(), "RT RT2 RT3".into()));
    // Whoever signs in again is believed, also where the refresh token is the old one.
    assert_eq!((ask(&sign_in("AGAIN", "RT", "02:30:00")), used()), ("AGAIN".into(), "RT RT2 RT3".into()));
    assert_eq!((ask(&sign_in("AGAIN", "RT9", "02:00:00")), used()), ("NEW5".into(), "RT RT2 RT3 RT9".into()));
}

/// A name so long that the file can be read, but that no temporary file beside it can be named after it: of a folder that
/// cannot be written to the tests would see nothing where root runs them.
fn unwritable(folder: &Path) -> (Fs, std::path::PathBuf) {
    std::fs::create_dir_all(folder).unwrap();
    let kept = folder.join(format!("{}.json", "x".repeat(250)));
    (Fs::moved([(Path::new(FILE), &*kept), (Path::new(LOCK), &*folder.join("lock"))]), kept)
}

#[test]
fn a_refresh_token_is_not_spent_where_nothing_can_be_kept() {
    let folder = std::env::temp_dir().join(format!("tucuxi-sso-unwritable-{}", std::process::id()));
    let (fs, kept) = unwritable(&folder);
    let provide = |ends: &str, script: &[Exchange]| {
        std::fs::File::create(&kept).unwrap().write_all(sign_in("OLD", "RT", ends).as_bytes()).unwrap();
        let http = ScriptedHttp::new(script.to_vec());
        let provided = block_on(provider(&world(&fs, midnight(), &http)).provide_credentials());
        http.assert_done();
        provided
    };
    // Still good.
    provide("00:04:00", &[asks("OLD")]).unwrap();
    let error = provide("00:00:00", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let report = error.report();
    for word in ["/home/u/.aws/sso/cache cannot be written:", "make this folder writable"] {
        assert!(report.contains(word), "{word}: {report}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_could_not_be_written_is_forgotten_with_a_sign_out() {
    let fs = about_to_end();
    let read_only = fs.clone();
    let http = ScriptedHttp::from_fn(move |seen| {
        read_only.set_error(FILE, std::io::ErrorKind::PermissionDenied);
        Ok(response(200, if seen.url == TOKEN { REFRESHED } else { GRANTED }))
    });
    let provider = provider(&world(&fs, midnight(), &http));
    block_on(provider.provide_credentials()).unwrap();
    fs.set_error(FILE, std::io::ErrorKind::NotFound);
    let error = block_on(provider.provide_credentials()).unwrap_err();
    assert!(error.report().contains("nobody is signed in to my-sso"), "{}", error.report());
    assert_eq!(http.seen().len(), 2, "nothing is asked");
}

#[test]
fn the_spent_sign_in_in_the_file_is_no_news() {
    // The portal takes neither the sign-in in the file nor the one that could not be written.
    let file = sign_in("OLD", "RT", "08:00:00");
    let fs = Fs::fake([(FILE, file.as_str())]);
    let (read_only, refreshes) = (fs.clone(), AtomicUsize::new(0));
    let http = ScriptedHttp::from_fn(move |seen| {
        if seen.url != TOKEN {
            return Ok(response(401, ""));
        }
        if refreshes.fetch_add(1, Ordering::SeqCst) > 0 {
            return Ok(response(400, r#"{"error":"invalid_grant"}"#));
        }
        read_only.set_error(FILE, std::io::ErrorKind::PermissionDenied);
        Ok(response(200, REFRESHED))
    });
    let provider = provider(&world(&fs, midnight(), &http));
    for _ in 0..2 {
        assert_eq!(block_on(provider.provide_credentials()).unwrap_err().kind(), ErrorKind::Denied);
        fs.set(FILE, file.clone(), SystemTime::UNIX_EPOCH);
    }
    let seen = http.seen();
    let shown: Vec<_> = seen.iter().filter_map(|seen| seen.header("x-amz-sso_bearer_token")).collect();
    assert_eq!(shown, ["OLD", "NEW", "NEW"]);
}

#[test]
fn a_tool_without_turns_that_was_first_is_believed() {
    let fs = about_to_end();
    let theirs = fs.clone();
    let http = ScriptedHttp::from_fn(move |seen| {
        if seen.url != TOKEN {
            return Ok(response(200, GRANTED));
        }
        theirs.set(FILE, sign_in("THEIRS", "RT9", "01:00:00"), SystemTime::UNIX_EPOCH);
        Ok(response(400, r#"{"error":"invalid_grant"}"#))
    });
    block_on(provider(&world(&fs, midnight(), &http)).provide_credentials()).unwrap();
    assert_eq!(http.seen()[1].header("x-amz-sso_bearer_token"), Some("THEIRS"));
    assert!(is_free(&fs));
}

#[test]
fn of_many_at_once_one_refreshes_and_all_use_it() {
    let home = std::env::temp_dir().join(format!("tucuxi-sso-turns-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&home));
    let file = home.join(".aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json");
    block_on(Fs::real().replace(&file, sign_in("OLD", "RT", "00:04:00").as_bytes())).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let http = ScriptedHttp::from_fn(move |seen| {
        if seen.url != TOKEN {
            return Ok(response(200, GRANTED));
        }
        count.fetch_add(1, Ordering::SeqCst);
        Ok(response(200, REFRESHED))
    });
    let context = context()
        .with_env(Env::fake([("HOME", home.clone())]))
        .with_fs(Fs::real())
        .with_clock(StandStill)
        .with_http(http.clone());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| block_on(provider(&context).provide_credentials()).unwrap());
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one refresh");
    let mut seen = http.seen();
    seen.retain(|seen| seen.url == ROLE);
    assert_eq!(seen.len(), 8);
    assert!(seen.iter().all(|seen| seen.header("x-amz-sso_bearer_token") == Some("NEW")));
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
