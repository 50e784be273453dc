//! Requests to any service: where they go, what signs them, and when they are sent again.
#![cfg(feature = "send")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tucuxi::{
    Body, Credentials, Error, ErrorKind, HttpErrorKind, PollBody, Response, Session, SessionBuilder, from_fn, http,
};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on};

const FORM: &str = "Action=DescribeInstances&Version=2016-11-15";
const EC2: &str = "https://ec2.eu-west-1.amazonaws.com/";

fn session(
    http: &ScriptedHttp,
    variables: &[(&str, &str)],
    code: impl FnOnce(SessionBuilder) -> SessionBuilder,
) -> Session {
    let context = common::context(variables, "", "").with_http(http.clone());
    let builder = Session::builder().access_key("AKID", "secret").region("eu-west-1");
    block_on(code(builder.context(context)).load()).unwrap()
}

fn post(session: &Session, service: &str) -> Result<Response, Error> {
    let request = http::Request::post("/").body(FORM).unwrap();
    block_on(session.send(service, request).into_future())
}

/// The URL that a request to the service goes to, or the error.
fn found(service: &str, uri: &str, variables: &[(&str, &str)], config: &str, region: Option<&str>) -> String {
    let http = ScriptedHttp::from_fn(|_| Ok(Response::new(Body::empty())));
    let context = common::context(variables, config, "").with_http(http.clone());
    let session = block_on(Session::builder().access_key("AKID", "secret").context(context).load()).unwrap();
    let mut request = session.send(service, http::Request::get(uri).body("").unwrap());
    if let Some(region) = region {
        request = request.region(region);
    }
    match block_on(request.into_future()) {
        Ok(_) => {
            let seen = &http.seen()[0];
            let scope = seen.header("authorization").unwrap().split(['/', ',']).skip(2).take(2).collect::<Vec<_>>();
            format!("{} {}", seen.url, scope.join("/"))
        }
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}

#[test]
fn the_session_and_the_service_decide_where_a_request_goes() {
    let check =
        |service, variables: &[_], expected| assert_eq!(found(service, "/a?b=c", variables, "", None), expected);
    let region = ("AWS_REGION", "eu-west-1");
    check("ec2", &[region], "https://ec2.eu-west-1.amazonaws.com/a?b=c eu-west-1/ec2");
    check("ec2", &[("AWS_REGION", "cn-north-1")], "https://ec2.cn-north-1.amazonaws.com.cn/a?b=c cn-north-1/ec2");
    check("stepfunctions", &[region], "https://states.eu-west-1.amazonaws.com/a?b=c eu-west-1/states");
    check("iam", &[region], "https://iam.amazonaws.com/a?b=c us-east-1/iam");
    check("iam", &[], "https://iam.amazonaws.com/a?b=c us-east-1/iam");
    let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
    check("ec2", &[region, fips], "https://ec2-fips.eu-west-1.amazonaws.com/a?b=c eu-west-1/ec2");
    let dual = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
    check("ec2", &[region, dual], "https://ec2.eu-west-1.api.aws/a?b=c eu-west-1/ec2");
    check("ec2", &[region, ("AWS_ENDPOINT_URL", "http://all/base/")], "http://all/base/a?b=c eu-west-1/ec2");
    check("stepfunctions", &[region, ("AWS_ENDPOINT_URL_SFN", "http://sfn:1")], "http://sfn:1/a?b=c eu-west-1/states");
    check("ec2", &[("AWS_ENDPOINT_URL", "http://all")], "http://all/a?b=c us-east-1/ec2");
    check("ec2", &[], "InvalidConfig: no region is set, and ec2 has an endpoint in each region");
    check("EC2", &[region], "InvalidConfig: \"EC2\" is not the name of a service");
    check(
        "ec2",
        &[region, fips, ("AWS_ENDPOINT_URL_EC2", "http://ec2")],
        "InvalidConfig: FIPS endpoints (AWS_USE_FIPS_ENDPOINT) and an endpoint URL (AWS_ENDPOINT_URL_EC2) exclude each other",
    );
}

#[test]
fn one_request_may_go_elsewhere() {
    let region = [("AWS_REGION", "eu-west-1")];
    let elsewhere = found("ec2", "/", &region, "", Some("us-west-2"));
    assert_eq!(elsewhere, "https://ec2.us-west-2.amazonaws.com/ us-west-2/ec2");
    let whole = found("execute-api", "https://abc.execute-api.eu-west-1.amazonaws.com/prod", &region, "", None);
    assert_eq!(whole, "https://abc.execute-api.eu-west-1.amazonaws.com/prod eu-west-1/execute-api");
    assert_eq!(found("ec2", "/", &region, "", Some("a b")), "InvalidConfig: \"a b\" is not a region name");
    let no_path = found("ec2", "host", &region, "", None);
    assert!(no_path.starts_with("InvalidConfig: the request's URL is neither a path"), "{no_path}");
}

#[test]
#[cfg(feature = "profile")]
fn the_services_section_names_endpoints() {
    let config = "[default]\nregion = eu-west-1\nservices = x\n[services x]\nec2 =\n  endpoint_url = http://ec2:1";
    assert_eq!(found("ec2", "/", &[], config, None), "http://ec2:1/ eu-west-1/ec2");
    assert_eq!(found("sqs", "/", &[], config, None), "https://sqs.eu-west-1.amazonaws.com/ eu-west-1/sqs");
}

#[test]
fn a_form_says_that_it_is_one() {
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let http = ScriptedHttp::new([
        Exchange::post(EC2).with("content-type", form).with_body("Action=").answers(200, "<ok/>"),
        Exchange::post(EC2).with("content-type", "text/plain").answers(200, ""),
        Exchange::post(EC2).without("content-type").answers(200, ""),
    ]);
    let session = session(&http, &[], |builder| builder.session_token("token"));
    let response = post(&session, "ec2").unwrap();
    assert_eq!(block_on(response.into_body().collect(10)).unwrap(), "<ok/>");
    let own = http::Request::post("/").header("content-type", "text/plain").body(FORM).unwrap();
    block_on(session.send("ec2", own).into_future()).unwrap();
    block_on(session.send("ec2", http::Request::post("/").body("{}").unwrap()).into_future()).unwrap();
    http.assert_done();
    let seen = &http.seen()[0];
    assert!(
        seen.header("authorization")
            .unwrap()
            .contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token")
    );
    assert_eq!(seen.header("x-amz-security-token"), Some("token"));
    assert!(seen.header("user-agent").unwrap().starts_with("tucuxi/"));
}

#[test]
fn what_will_pass_is_sent_again_and_what_will_not_is_the_answer() {
    let check = |first: Exchange, sent: usize, status: u16| {
        let mut script = vec![first];
        if sent > 1 {
            script.push(Exchange::post(EC2).answers(200, ""));
        }
        let http = ScriptedHttp::new(script);
        assert_eq!(post(&session(&http, &[], |builder| builder), "ec2").unwrap().status(), status);
        http.assert_done();
    };
    let error = |code: &str| format!("<Response><Errors><Error><Code>{code}</Code></Error></Errors></Response>");
    check(Exchange::post(EC2).answers(503, ""), 2, 200);
    check(Exchange::post(EC2).answers(500, error("InternalError")), 2, 200);
    check(Exchange::post(EC2).answers(400, error("RequestLimitExceeded")), 2, 200);
    check(Exchange::post(EC2).answers(400, r#"{"__type":"x#ThrottlingException"}"#), 2, 200);
    check(Exchange::post(EC2).fails(HttpErrorKind::Closed), 2, 200);
    check(Exchange::post(EC2).answers(400, error("InvalidParameterValue")), 1, 400);
    check(Exchange::post(EC2).answers(404, ""), 1, 404);
    check(Exchange::post(EC2).answers(301, ""), 1, 301);
}

#[test]
fn the_last_answer_is_given_with_its_document() {
    let attempts = |variables: &[(&str, &str)]| {
        let http =
            ScriptedHttp::from_fn(|_| Ok(http::Response::builder().status(503).body(Body::from("busy")).unwrap()));
        let response = post(&session(&http, variables, |builder| builder), "ec2").unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(block_on(response.into_body().collect(10)).unwrap(), "busy");
        http.seen().len()
    };
    assert_eq!([attempts(&[]), attempts(&[("AWS_MAX_ATTEMPTS", "5")])], [3, 5]);
    let http = ScriptedHttp::refusing();
    let error = post(&session(&http, &[], |builder| builder), "ec2").unwrap_err();
    assert_eq!((error.kind(), http.seen().len()), (ErrorKind::Unavailable, 3));
}

#[test]
fn rejected_credentials_are_replaced_once() {
    let expired = "<Response><Errors><Error><Code>RequestExpired</Code></Error></Errors></Response>";
    let http = ScriptedHttp::from_fn(move |seen| {
        let old = seen.header("authorization").unwrap().contains("Credential=OLD/");
        let (status, body) = if old { (400, expired) } else { (200, "") };
        Ok(http::Response::builder().status(status).body(Body::from(body)).unwrap())
    });
    let asked = AtomicUsize::new(0);
    let source = from_fn("vault", move || {
        let id = if asked.fetch_add(1, Ordering::Relaxed) == 0 { "OLD" } else { "NEW" };
        async move { Ok(Credentials::new(id, "secret")) }
    });
    let context = common::context(&[], "", "").with_http(http.clone());
    let session = block_on(Session::builder().credentials(source).region("eu-west-1").context(context).load()).unwrap();
    assert_eq!(post(&session, "ec2").unwrap().status(), 200);
    assert_eq!(http.seen().len(), 2);

    // Keys that stay the same are not tried again.
    let http = ScriptedHttp::new([Exchange::post(EC2).answers(400, expired)]);
    assert_eq!(post(&self::session(&http, &[], |builder| builder), "ec2").unwrap().status(), 400);
    http.assert_done();
}

#[test]
fn a_wrong_clock_costs_one_request_and_none_once_it_is_known() {
    let date = "Mon, 05 Jan 2026 12:00:00 GMT";
    let http = ScriptedHttp::from_fn(move |seen| {
        let right = seen.header("x-amz-date").unwrap().starts_with("20260105T1");
        let (status, body) = if right { (200, "") } else { (403, r#"{"__type":"x#InvalidSignatureException"}"#) };
        Ok(http::Response::builder().status(status).header("date", date).body(Body::from(body)).unwrap())
    });
    let clock = FakeClock::auto().at("2026-01-06T12:00:00Z");
    let context = common::context(&[], "", "").with_http(http.clone()).with_clock(clock.clone());
    let builder = Session::builder().access_key("AKID", "secret").region("eu-west-1");
    let session = block_on(builder.context(context).load()).unwrap();
    for sent in [2, 3] {
        assert_eq!(post(&session, "ec2").unwrap().status(), 200);
        assert_eq!(http.seen().len(), sent);
    }
    assert!(clock.slept().is_empty(), "it is no failure that waiting would cure");
}

#[test]
fn the_service_may_ask_for_a_delay() {
    let clock = FakeClock::auto();
    let busy = Exchange::post(EC2).answers(503, "").answer_header("x-amz-retry-after", "2000");
    let http = ScriptedHttp::new([busy, Exchange::post(EC2).answers(200, "")]);
    let context = common::context(&[], "", "").with_http(http.clone()).with_clock(clock.clone());
    let builder = Session::builder().access_key("AKID", "secret").region("eu-west-1");
    post(&block_on(builder.context(context).load()).unwrap(), "ec2").unwrap();
    assert_eq!(clock.slept(), [Duration::from_secs(2)]);
}

#[test]
fn time_limits_are_the_sessions() {
    let http = ScriptedHttp::new([Exchange::post(EC2).answers(200, "")]);
    let limit = Duration::from_secs(7);
    post(&session(&http, &[], |builder| builder.connect_timeout(limit).read_timeout(limit)), "ec2").unwrap();
    let options = http.seen()[0].options;
    assert_eq!([options.connect, options.first_byte, options.idle], [limit; 3]);
}

#[test]
fn a_session_without_an_identity_signs_nothing() {
    let http = ScriptedHttp::new([Exchange::post(EC2).without("authorization").answers(200, "")]);
    let context = common::context(&[], "", "").with_http(http.clone());
    let session = block_on(Session::builder().anonymous().region("eu-west-1").context(context).load()).unwrap();
    post(&session, "ec2").unwrap();
    http.assert_done();
}

struct Endless;

impl PollBody for Endless {
    fn poll_chunk(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<bytes::Bytes, tucuxi::HttpError>>> {
        unreachable!("a body that cannot be signed is not read")
    }
}

#[test]
fn a_body_that_arrives_piece_by_piece_is_refused() {
    let http = ScriptedHttp::new([]);
    let request = http::Request::put("/").body(Body::stream(Endless)).unwrap();
    let error = block_on(session(&http, &[], |builder| builder).send("ec2", request).into_future()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("piece by piece"), "{error}");
    http.assert_done();
}
