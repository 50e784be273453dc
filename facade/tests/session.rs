//! What holds for every session, with any features.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tucuxi::{Cache, Chain, Context, Credentials, Error, ErrorKind, Session, SessionBuilder, from_fn};
use tucuxi_testkit::{Canary, assert_no_leak, block_on};

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "secret")];

fn load(builder: SessionBuilder) -> Result<Session, Error> {
    block_on(builder.load())
}

fn nothing() -> Context {
    common::context(&[], "", "")
}

fn key_of(session: &Session) -> String {
    block_on(session.credentials().provide_credentials()).unwrap().access_key_id().to_owned()
}

#[test]
fn sessions_can_be_shared_between_threads() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Session>();
    check::<tucuxi::Settings>();
    fn check_send<T: Send>(_: T) {}
    check_send(Session::builder().load());
}

#[test]
fn a_clone_shares_and_another_session_does_not() {
    let count = |counter: &Arc<AtomicUsize>| {
        let counter = Arc::clone(counter);
        from_fn("count", move || {
            let key = format!("AKID{}", counter.fetch_add(1, Ordering::Relaxed));
            async { Ok(Credentials::new(key, "secret")) }
        })
    };
    let counter = Arc::default();
    let first = load(Session::builder().context(nothing()).region("eu-west-1").credentials(count(&counter))).unwrap();
    let second = load(Session::builder().context(nothing()).region("eu-west-2").credentials(count(&counter))).unwrap();
    let clone = first.clone();
    assert_eq!([key_of(&first), key_of(&clone), key_of(&first)], ["AKID0", "AKID0", "AKID0"]);
    assert_eq!([key_of(&second), key_of(&first)], ["AKID1", "AKID0"]);
    assert_eq!(second.region().unwrap().as_str(), "eu-west-2");
    assert_eq!(first.region().unwrap().as_str(), "eu-west-1");
}

#[test]
fn nothing_is_fetched_before_it_is_asked_for() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let provider = from_fn("count", move || {
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok(Credentials::new("AKID", "secret")) }
    });
    let session = load(Session::builder().context(nothing()).credentials(provider)).unwrap();
    drop(session.credentials());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_cache_that_is_given_stays_the_one_cache() {
    let cache = Cache::new(&nothing(), Credentials::new("AKID", "secret"));
    let session = load(Session::builder().context(nothing()).credentials(cache.clone())).unwrap();
    assert_eq!(key_of(&session), "AKID");
    assert!(cache.peek().is_some());
}

#[test]
fn a_chain_that_is_given_keeps_its_links() {
    let chain = || {
        Chain::builder()
            .link("empty", from_fn("empty", || async { Err(Error::not_configured("nothing here")) }))
            .link("fixed", Credentials::new("AKID", "secret"))
            .build()
    };
    let session = load(Session::builder().context(nothing()).credentials(chain())).unwrap();
    let trace = block_on(session.trace());
    assert_eq!(trace.attempts().iter().map(tucuxi::Attempt::id).collect::<Vec<_>>(), ["empty", "fixed"]);
    let other = session.with_credentials(Credentials::new("AKIDOTHER", "secret"));
    assert_eq!([key_of(&session), key_of(&other)], ["AKID", "AKIDOTHER"]);
}

fn check_refused(builder: SessionBuilder, message: &str) {
    let error = load(builder.context(common::context(&KEYS, "", ""))).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidConfig, message));
    assert!(error.hint().is_some(), "{message}");
}

#[test]
fn incomplete_keys_are_refused_whatever_the_environment_says() {
    let builder = Session::builder;
    check_refused(builder().access_key("AKID", ""), "the secret access key given in code is empty");
    check_refused(builder().access_key("AKID", " "), "the secret access key given in code is empty");
    check_refused(builder().access_key("", "secret"), "the access key id given in code is empty");
    check_refused(builder().access_key("", ""), "the access key id given in code is empty");
    check_refused(builder().access_key("AKID", "a\nb"), "the secret access key given in code holds a line break");
    check_refused(builder().access_key("AK ID", "x"), "the access key id given in code holds a blank");
    check_refused(builder().access_key("AKID", "'x'"), "the secret access key given in code is wrapped in quotes");
    let token = builder().access_key("AKID", "x").session_token("t\u{7}");
    check_refused(token, "the session token given in code holds a control character");
    check_refused(builder().session_token("token"), "a session token was given in code without an access key");
    check_refused(builder().account_id("123456789012"), "an account id was given in code without an access key");
    check_refused(
        builder().access_key("AKID", "secret").credentials(Credentials::new("AKID", "secret")),
        "access_key and credentials were both given in code",
    );
}

#[test]
fn secrets_are_not_in_debug_texts() {
    let (secret, token) = (Canary::new("secret"), Canary::new("token"));
    let builder = Session::builder().context(nothing()).access_key("AKID", secret.value()).session_token(token.value());
    let mut shown = format!("{builder:?}");
    let session = load(builder).unwrap();
    key_of(&session);
    shown += &format!("{session:?} {:#?} {:?}", session.settings(), session.credentials());
    assert_no_leak(&[secret, token], "a Debug text", &shown);
}

#[cfg(not(feature = "default-chain"))]
#[test]
fn without_a_default_chain_credentials_must_be_given() {
    let error = load(Session::builder().context(common::context(&KEYS, "", ""))).unwrap_err();
    assert_eq!(error.to_string(), "no credentials were given, and this build has no default chain");
    assert!(error.hint().unwrap().contains("default-chain"));
}

#[cfg(not(feature = "profile"))]
#[test]
fn without_profiles_a_profile_that_is_asked_for_is_not_passed_over() {
    let keys = || Session::builder().access_key("AKID", "secret");
    let error = load(keys().context(nothing()).profile_name("dev")).unwrap_err();
    assert_eq!(error.to_string(), "profile \"dev\" (given in code) is not read by this build");
    let context = common::context(&[("AWS_PROFILE", "dev"), ("AWS_REGION", "eu-west-1")], "", "");
    let session = load(keys().context(context)).unwrap();
    assert_eq!(session.warnings(), ["profile \"dev\" (AWS_PROFILE) is not read by this build"]);
    assert_eq!(session.region().unwrap().as_str(), "eu-west-1");
}

#[cfg(not(feature = "imds"))]
#[test]
fn without_instance_metadata_its_region_is_refused_by_name() {
    let error =
        load(Session::builder().context(nothing()).access_key("AKID", "secret").region_from_imds()).unwrap_err();
    assert!(error.hint().unwrap().contains("`imds`"), "{}", error.report());
}

/// As `aws configure` and the programs that rotate keys do.
#[cfg(feature = "default-chain")]
#[test]
fn keys_that_change_in_their_file_reach_a_session_that_runs() {
    let (clock, spawn) = (tucuxi_testkit::FakeClock::new(), tucuxi_testkit::FakeSpawn::new());
    let file = |id: &str| format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = secret\n");
    let context = common::context(&[], "", &file("KEY1")).with_clock(clock.clone()).with_spawn(spawn.clone());
    let fs = context.fs().clone();
    let session = load(Session::builder().context(context)).unwrap();
    let ask = || {
        let key = key_of(&session);
        spawn.run();
        clock.advance(std::time::Duration::from_secs(1));
        key
    };
    assert_eq!([(); 5].map(|()| ask()), ["KEY1"; 5]);
    let changed = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1);
    fs.set(common::CREDENTIALS, file("KEY2"), changed);
    assert_eq!([(); 3].map(|()| ask()), ["KEY1", "KEY2", "KEY2"], "the first caller does not wait for it");
}
