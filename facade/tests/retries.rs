//! The settings for sending again, as the clients of a session follow them.
#![cfg(feature = "default-chain")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::time::{Duration, SystemTime};

use tucuxi::{Body, Session};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on};

const PROFILE: &str = "[profile dev]\nregion = eu-west-1\nsso_session = my-sso\nsso_account_id = 123456789012\n\
    sso_role_name = r\n[sso-session my-sso]\nsso_start_url = https://e.awsapps.com/start\nsso_region = us-east-1\n";
const TOKEN: &str = "/h/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";

#[derive(Clone, Copy, Debug)]
enum Client {
    #[cfg(feature = "s3")]
    S3,
    Sso,
    Sts,
}

/// Requests and sleep of one call to a service that asks for fewer.
fn throttled(client: Client, variables: &[(&str, &str)], keys: &str) -> (usize, Duration) {
    let http = ScriptedHttp::from_fn(|_| Ok(http::Response::builder().status(429).body(Body::empty()).unwrap()));
    let clock = FakeClock::auto();
    let context = common::context(variables, &PROFILE.replace("region = eu", &format!("{keys}\nregion = eu")), "");
    context.fs().set(TOKEN, r#"{"accessToken": "t", "expiresAt": "2027-01-01T00:00:00Z"}"#, SystemTime::UNIX_EPOCH);
    let context = context.with_http(http.clone()).with_clock(clock.clone());
    let builder = Session::builder().context(context).profile_name("dev");
    let builder = match client {
        Client::Sso => builder,
        _ => builder.access_key("AKID", "secret"),
    };
    let session = block_on(builder.load()).unwrap();
    let failed = match client {
        #[cfg(feature = "s3")]
        Client::S3 => block_on(session.s3().get_object("bucket", "key").into_future()).is_err(),
        Client::Sso => block_on(session.credentials().provide_credentials()).is_err(),
        Client::Sts => block_on(session.caller_identity()).is_err(),
    };
    assert!(failed, "{client:?}");
    (http.seen().len(), clock.slept().iter().sum())
}

const CLIENTS: &[Client] = &[
    #[cfg(feature = "s3")]
    Client::S3,
    Client::Sso,
    Client::Sts,
];

#[test]
fn every_client_makes_as_many_attempts_as_the_settings_say() {
    for client in CLIENTS {
        let sent = |variables: &[(&str, &str)], keys: &str| throttled(*client, variables, keys).0;
        assert_eq!(sent(&[], ""), 3, "{client:?}");
        assert_eq!(sent(&[("AWS_MAX_ATTEMPTS", "1")], ""), 1, "{client:?}");
        assert_eq!(sent(&[], "max_attempts = 5"), 5, "{client:?}");
        assert_eq!(sent(&[("AWS_MAX_ATTEMPTS", "2")], "max_attempts = 5"), 2, "{client:?}");
        assert_eq!(sent(&[], "retry_mode = adaptive\nmax_attempts = 4"), 4, "{client:?}");
        assert_eq!(sent(&[("AWS_RETRY_MODE", "legacy")], ""), 3, "{client:?}");
    }
}

#[test]
fn every_client_follows_the_mode() {
    for client in CLIENTS {
        // The delay is at most a second; the adaptive mode's first token takes two.
        let slept = |mode| throttled(*client, &[("AWS_MAX_ATTEMPTS", "2"), ("AWS_RETRY_MODE", mode)], "").1;
        for mode in ["standard", "legacy"] {
            assert!(slept(mode) <= Duration::from_secs(1), "{client:?} {mode}");
        }
        let adaptive = slept("adaptive");
        assert!(adaptive >= Duration::from_millis(1999), "{client:?}: {adaptive:?}");
        let profile = throttled(*client, &[("AWS_MAX_ATTEMPTS", "2")], "retry_mode = adaptive").1;
        assert!(profile >= Duration::from_millis(1999), "{client:?}: {profile:?}");
    }
}

#[test]
fn a_rejected_key_of_the_session_is_replaced_for_its_roles_and_its_identity() {
    const ROLE: &str = "arn:aws:iam::123456789012:role/r";
    let rejected = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>";
    let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>\
        <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let role = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
        <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2027-01-01T00:00:00Z\
        </Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    for (answer, as_role) in [(identity, false), (role, true)] {
        let url = "https://sts.amazonaws.com/";
        let http =
            ScriptedHttp::new([Exchange::post(url).answers(400, rejected), Exchange::post(url).answers(200, answer)]);
        let number = std::sync::atomic::AtomicU32::new(0);
        let source = tucuxi::from_fn("vault", move || {
            let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move { Ok(tucuxi::Credentials::new(format!("AKID{number}"), "secret")) }
        });
        let context = common::context(&[], "", "").with_http(http.clone()).with_clock(FakeClock::auto());
        let session = block_on(Session::builder().context(context).credentials(source).load()).unwrap();
        match as_role {
            true => {
                let role = session.assume_role(ROLE).session_name("me").session();
                let found = block_on(role.credentials().provide_credentials()).unwrap();
                assert_eq!(found.access_key_id(), "ASIAROLE");
            }
            false => assert_eq!(block_on(session.caller_identity()).unwrap().account(), "123456789012"),
        }
        http.assert_done();
        assert!(http.seen()[1].header("authorization").unwrap().contains("Credential=AKID1/"));
        assert_eq!(block_on(session.credentials().provide_credentials()).unwrap().access_key_id(), "AKID1");
    }
}
