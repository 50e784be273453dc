//! Answers that do not help: what is asked again, and what is said.

use super::*;

fn whoami(http: &ScriptedHttp, settings: StsSettings) -> (Result<String, Error>, Vec<Duration>) {
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let sts = Sts::new(&context().with_http(http.clone()).with_clock(clock.clone()), settings);
    let answer = block_on(sts.caller_identity(&keys()));
    (answer.map(|identity| identity.account().to_owned()), clock.slept())
}

fn fine() -> Exchange {
    let inside = "<Arn>a</Arn><UserId>u</UserId><Account>123456789012</Account>";
    Exchange::post(URL).answers(200, result("GetCallerIdentity", inside))
}

#[test]
fn what_passes_is_tried_again_and_signed_again() {
    for failing in [
        Exchange::post(URL).answers(500, ""),
        Exchange::post(URL).answers(503, refusal("ServiceUnavailable", "later")),
        Exchange::post(URL).answers(400, refusal("Throttling", "slower")),
        Exchange::post(URL).answers(400, refusal("IDPCommunicationError", "no answer")),
        Exchange::post(URL).fails(HttpErrorKind::Connect),
        Exchange::post(URL).fails(HttpErrorKind::Timeout),
        Exchange::post(URL).fails(HttpErrorKind::Closed),
    ] {
        let slow = failing.clone().answer_header("x-amz-retry-after", "2000");
        let http = ScriptedHttp::new([failing.clone(), slow, fine()]);
        let (answer, slept) = whoami(&http, settings());
        assert_eq!(answer.unwrap(), "123456789012", "{failing:?}");
        http.assert_done();
        assert_eq!(slept.len(), 2);
        let dates: Vec<_> = http.seen().iter().map(|seen| seen.header("x-amz-date").unwrap().to_owned()).collect();
        assert_eq!(dates[0], "20260101T000000Z");
        if slept[0] + slept[1] >= Duration::from_secs(1) {
            assert_ne!(dates[0], dates[2], "{slept:?}");
        }
    }
}

#[test]
fn the_service_may_ask_for_a_delay() {
    let slow = Exchange::post(URL).answers(503, "").answer_header("x-amz-retry-after", "2000");
    let (answer, slept) = whoami(&ScriptedHttp::new([slow, fine()]), settings());
    assert_eq!((answer.unwrap().as_str(), slept.as_slice()), ("123456789012", &[Duration::from_secs(2)][..]));
}

#[test]
fn retries_end() {
    let down = || Exchange::post(URL).answers(503, "");
    let http = ScriptedHttp::new([down(), down(), down()]);
    let error = whoami(&http, settings()).0.unwrap_err();
    http.assert_done();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.to_string(), "sts.eu-west-1.amazonaws.com answered GetCallerIdentity with status 503");
    let http = ScriptedHttp::new([down()]);
    whoami(&http, settings().with_retry(RetryPolicy::with_max_attempts(1))).0.unwrap_err();
    http.assert_done();
}

#[track_caller]
fn check_failure(exchange: Exchange, kind: ErrorKind, code: Option<&str>, says: &str) {
    let http = ScriptedHttp::new([exchange]);
    let error = whoami(&http, settings()).0.unwrap_err();
    http.assert_done();
    assert_eq!((error.kind(), error.code()), (kind, code), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn what_does_not_pass_is_asked_once() {
    let post = || Exchange::post(URL);
    let host = "sts.eu-west-1.amazonaws.com";
    check_failure(post().answers(403, refusal("AccessDenied", "no")), ErrorKind::Denied, Some("AccessDenied"), host);
    check_failure(
        post().answers(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"),
        ErrorKind::Denied,
        Some("SignatureDoesNotMatch"),
        host,
    );
    check_failure(
        post().answers(400, refusal("ValidationError", "bad")),
        ErrorKind::InvalidConfig,
        Some("ValidationError"),
        "bad",
    );
    check_failure(post().answers(302, ""), ErrorKind::Unavailable, None, "302");
    check_failure(post().answers(200, "<html>"), ErrorKind::Unavailable, None, host);
    check_failure(post().answers(200, result("GetCallerIdentity", "")), ErrorKind::Unavailable, None, "has no Account");
    check_failure(
        post().answers(200, result("Other", "<Account>1</Account>")),
        ErrorKind::Unavailable,
        None,
        "no Account",
    );
    check_failure(post().answers(200, vec![b' '; 70_000]), ErrorKind::Unavailable, None, "larger than 65536");
    check_failure(post().fails(HttpErrorKind::Tls), ErrorKind::Unavailable, None, "");
}

#[test]
fn an_offline_context_is_respected() {
    let sts = Sts::new(&context().offline(), settings());
    let error = block_on(sts.caller_identity(&keys())).unwrap_err();
    assert!(error.is_offline() && error.to_string().contains("sts.eu-west-1.amazonaws.com"), "{error:?}");
}

#[test]
fn what_is_incomplete_is_not_sent() {
    let http = ScriptedHttp::new([]);
    let sts = sts(&http);
    let named = || AssumeRole::new(ROLE).session_name("me");
    for role in [
        AssumeRole::new(" ").session_name("me"),
        AssumeRole::new(ROLE),
        named().mfa_serial("serial"),
        named().token_code("123456"),
    ] {
        let error = block_on(sts.assume_role(&role, &keys())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
        assert!(!error.to_string().contains("123456 "), "{error}");
    }
    http.assert_done();
}

#[test]
fn a_service_that_repeats_secrets_does_not_make_them_visible() {
    let [secret, token, code] = ["secret", "token", "code"].map(Canary::new);
    let canaries = [secret.clone(), token.clone(), code.clone()];
    for leaked in &canaries {
        let said = refusal("AccessDenied", &format!("you sent {}", leaked.value()));
        let http = ScriptedHttp::new([Exchange::post(URL).answers(403, said)]);
        let keys = Credentials::new("AKID", secret.value()).with_session_token(token.value());
        let role = AssumeRole::new(ROLE).session_name("me").mfa_serial("s").token_code(code.value());
        let error = block_on(sts(&http).assume_role(&role, &keys)).unwrap_err();
        assert_eq!(error.code(), Some("AccessDenied"));
        assert_no_leak(&canaries, "the error", &format!("{error:?} {} {role:?}", error.report()));
    }
}
