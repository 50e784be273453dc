//! A clock that is wrong, a key that is rejected, a service in trouble.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, SystemTime};

use tucuxi_core::retry::{RetryMode, RetryPolicy};
use tucuxi_core::{
    Body, Cache, Clock, Context, Credentials, Env, Error, HttpError, HttpErrorKind, ProvideCredentials, Response,
    from_fn, parse_timestamp,
};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleProvider, AssumeRoleWithWebIdentity, Sts, StsSettings};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, Seen, block_on, context};

const URL: &str = "https://sts.amazonaws.com/";
const ROLE: &str = "arn:aws:iam::123456789012:role/pod";
const NOW: &str = "Mon, 05 Jan 2026 12:00:00 GMT";
const DAY: Duration = Duration::from_secs(24 * 3600);
const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>\
    <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn session() -> String {
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
     <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
     <Expiration>2027-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        .to_owned()
}

fn refusal(code: &str) -> String {
    format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")
}

fn server() -> SystemTime {
    parse_timestamp(NOW).unwrap()
}

fn keys() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret")
}

/// A request must be signed within 5 minutes of the server's time; STS calls the opposite a wrong signature.
fn judge(seen: &Seen) -> Result<Response, HttpError> {
    let signed = seen.signed_at().unwrap();
    let apart = signed.duration_since(server()).unwrap_or_else(|earlier| earlier.duration());
    let (status, body) = match apart > Duration::from_secs(300) {
        true => (403, refusal("SignatureDoesNotMatch")),
        false => (200, IDENTITY.to_owned()),
    };
    Ok(http::Response::builder().status(status).header("date", NOW).body(Body::from(body)).unwrap())
}

fn sts(http: &ScriptedHttp, clock: &FakeClock) -> Sts {
    Sts::new(&context().with_clock(clock.clone()).with_http(http.clone()), StsSettings::default())
}

#[test]
fn a_day_off_either_way_costs_one_request_until_the_clock_is_right_again() {
    for here in [server() + DAY, server() - DAY] {
        let (http, clock) = (ScriptedHttp::from_fn(judge), FakeClock::auto());
        clock.set(here);
        let sts = sts(&http, &clock);
        for sent in [2, 3] {
            block_on(sts.caller_identity(&keys())).unwrap();
            assert_eq!(http.seen().len(), sent);
        }
        clock.set(server());
        for sent in [5, 6] {
            block_on(sts.caller_identity(&keys())).unwrap();
            assert_eq!(http.seen().len(), sent);
            assert_eq!(http.seen()[sent - 1].signed_at(), Some(server()));
        }
        assert!(clock.slept().is_empty());
    }
}

#[test]
fn a_hundred_calls_at_once_all_find_the_time() {
    for here in [server() + DAY, server() - DAY] {
        let clock = FakeClock::auto();
        clock.set(here);
        // No answer before all have been sent with the wrong time.
        let all = Arc::new(Barrier::new(100));
        let http = ScriptedHttp::from_fn(move |seen| {
            let answer = judge(seen)?;
            if answer.status() != 200 {
                all.wait();
            }
            Ok(answer)
        });
        let sts = sts(&http, &clock);
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..100).map(|_| scope.spawn(|| block_on(sts.caller_identity(&keys())))).collect();
            for call in calls {
                call.join().unwrap().unwrap();
            }
        });
        assert_eq!(http.seen().len(), 200, "each call by its second attempt");
    }
}

#[test]
fn the_clock_is_blamed_once_and_only_for_signed_requests_that_it_explains() {
    let dated = |code: &str| Exchange::post(URL).answers(403, refusal(code)).answer_header("date", NOW);
    let at = |http: &ScriptedHttp, now: SystemTime| {
        let clock = FakeClock::auto();
        clock.set(now);
        sts(http, &clock)
    };
    let identity = |http: &ScriptedHttp, now| block_on(at(http, now).caller_identity(&keys())).unwrap_err();
    for (exchanges, now) in [
        // A server that refuses its own time.
        (vec![dated("RequestExpired"), dated("RequestExpired")], server() + DAY),
        // The secret is wrong, the clock is right.
        (vec![dated("SignatureDoesNotMatch")], server()),
        // A policy, whatever the clock says.
        (vec![dated("AccessDenied")], server() + DAY),
    ] {
        let http = ScriptedHttp::new(exchanges);
        identity(&http, now);
        http.assert_done();
    }
    let http = ScriptedHttp::new([dated("SignatureDoesNotMatch")]);
    let role = AssumeRoleWithWebIdentity::new(ROLE).session_name("me");
    let error = block_on(at(&http, server() + DAY).assume_role_with_web_identity(&role, &"token".into())).unwrap_err();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    http.assert_done();

    let http = ScriptedHttp::new([dated("RequestExpired")]);
    let clock = FakeClock::auto();
    clock.set(server() + DAY);
    let env = Env::fake([("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true")]);
    let context = context().with_clock(clock).with_http(http.clone()).with_env(env);
    assert!(block_on(Sts::new(&context, StsSettings::default()).caller_identity(&keys())).is_err());
    http.assert_done();
}

/// A source with another key each time, and how often it was asked.
fn renewing() -> (impl ProvideCredentials + 'static, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let source = from_fn("vault", move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Credentials::new(format!("AKID{number}"), "secret")) }
    });
    (source, asked)
}

fn role(context: &Context, cached: bool, source: impl ProvideCredentials + 'static) -> AssumeRoleProvider {
    let role = AssumeRole::new(ROLE).session_name("me");
    let sts = Sts::new(context, StsSettings::default());
    match cached {
        true => AssumeRoleProvider::from_cache(context, sts, role, Cache::new(context, source)),
        false => AssumeRoleProvider::new(context, sts, role, Arc::new(source)),
    }
}

fn take_on(http: &ScriptedHttp, cached: bool, source: impl ProvideCredentials + 'static) -> Result<Credentials, Error> {
    let context = context().with_clock(FakeClock::auto()).with_http(http.clone());
    block_on(role(&context, cached, source).provide_credentials())
}

#[test]
fn a_rejected_key_is_replaced_once() {
    for code in ["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidAccessKeyId"] {
        for cached in [true, false] {
            let rejects = || Exchange::post(URL).answers(403, refusal(code));
            let http = ScriptedHttp::new([rejects(), Exchange::post(URL).answers(200, session())]);
            let (source, asked) = renewing();
            assert_eq!(take_on(&http, cached, source).unwrap().access_key_id(), "ASIA");
            http.assert_done();
            for (index, key) in ["Credential=AKID0/", "Credential=AKID1/"].into_iter().enumerate() {
                assert!(http.seen()[index].header("authorization").unwrap().contains(key), "{code} {cached}");
            }
            assert_eq!(asked.load(Ordering::Relaxed), 2);

            let http = ScriptedHttp::new([rejects(), rejects()]);
            assert_eq!(take_on(&http, cached, renewing().0).unwrap_err().code(), Some(code));
            http.assert_done();

            // A source without another key is not made to sign the same thing again.
            let http = ScriptedHttp::new([rejects()]);
            assert_eq!(take_on(&http, cached, keys()).unwrap_err().code(), Some(code));
            http.assert_done();
        }
    }
    let (source, asked) = renewing();
    let http = ScriptedHttp::new([Exchange::post(URL).answers(403, refusal("AccessDenied"))]);
    assert!(take_on(&http, true, source).is_err());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn what_expired_on_the_way_is_replaced_whatever_the_answer_says() {
    for (took, replaced) in [(10, true), (1, false)] {
        let clock = FakeClock::auto();
        let (moved, ends) = (clock.clone(), clock.now() + Duration::from_secs(5));
        let http = ScriptedHttp::from_fn(move |seen| {
            moved.advance(Duration::from_secs(took));
            match seen.header("authorization").unwrap().contains("=AKID0/") {
                true => answer("AccessDenied"),
                false => Ok(http::Response::builder().status(200).body(Body::from(session())).unwrap()),
            }
        });
        let asked = AtomicUsize::new(0);
        let source = from_fn("vault", move || {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            let keys = Credentials::new(format!("AKID{number}"), "secret");
            async move { Ok(if number == 0 { keys.with_expires_at(ends) } else { keys }) }
        });
        let context = context().with_clock(clock).with_http(http.clone());
        let outcome = block_on(role(&context, true, source).provide_credentials());
        assert_eq!((outcome.is_ok(), http.seen().len()), (replaced, 1 + usize::from(replaced)), "{took}");
    }
}

fn answer(code: &str) -> Result<Response, HttpError> {
    Ok(http::Response::builder().status(400).body(Body::from(refusal(code))).unwrap())
}

/// A thousand calls one after another, and the requests that they made.
fn sends(retry: RetryPolicy, answers: fn() -> Result<Response, HttpError>) -> usize {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let http = ScriptedHttp::from_fn(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        answers()
    });
    let context = context().with_clock(FakeClock::auto()).with_http(http);
    let sts = Sts::new(&context, StsSettings::default().with_retry(retry));
    let mut before = 0;
    for _ in 0..1000 {
        assert!(block_on(sts.caller_identity(&keys())).is_err());
        let now = sent.load(Ordering::Relaxed);
        assert!(now - before <= retry.max_attempts as usize);
        before = now;
    }
    before
}

#[test]
fn a_service_in_trouble_sees_few_more_requests_than_calls() {
    for mode in [RetryMode::Standard, RetryMode::Adaptive] {
        let retry = RetryPolicy::default().with_mode(mode);
        assert_eq!(sends(retry, || Err(HttpError::new(HttpErrorKind::Connect, "refused"))), 1000 + 500 / 14);
        assert_eq!(sends(retry, || answer("IDPCommunicationError")), 1000 + 500 / 14);
        assert_eq!(sends(retry, || answer("Throttling")), 1000 + 500 / 5);
        assert_eq!(sends(RetryPolicy::with_max_attempts(1).with_mode(mode), || answer("Throttling")), 1000);
    }
}
