//! Sessions of roles that a session shares, where it is told to.
#![cfg(all(feature = "default-chain", feature = "role-cache"))]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use tucuxi::{Context, Session, SessionBuilder};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on};

const ROLE: &str = "arn:aws:iam::123456789012:role/x";
const PROFILE: &str = "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n\
    [profile base]\naws_access_key_id = AKID\naws_secret_access_key = secret\n";
const FILE: &str = "/h/.aws/cli/cache/f84d75ff2dd3e8682912dae5e7be77540d9d68d0.json";
const KEPT: &str = r#"{"Credentials": {"AccessKeyId": "ASIAKEPT", "SecretAccessKey": "s", "SessionToken": "t",
    "Expiration": "2026-01-01T01:00:00UTC"}}"#;

fn session(context: &Context, told: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Session {
    block_on(told(Session::builder().context(context.clone())).load()).unwrap()
}

fn key_of(session: &Session) -> String {
    block_on(session.credentials().provide_credentials()).unwrap().access_key_id().to_owned()
}

#[test]
fn every_way_to_a_role_shares_where_it_is_asked_to_and_nowhere_else() {
    let profile = |builder: SessionBuilder| builder.profile_name("dev");
    let in_code = |builder: SessionBuilder| builder.access_key("AKID", "secret").role_arn(ROLE);
    let later = |builder: SessionBuilder| builder.access_key("AKID", "secret");
    let answer = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIANEW</AccessKeyId>\
        <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-01-01T01:00:00Z\
        </Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    for (variables, code, shared) in [
        (&[("TUCUXI_ROLE_CACHE", "true")][..], None, true),
        (&[][..], Some(true), true),
        (&[("TUCUXI_ROLE_CACHE", "true")][..], Some(false), false),
        (&[("TUCUXI_ROLE_CACHE", "false")][..], None, false),
        (&[][..], None, false),
    ] {
        for way in 0..3 {
            let asked = Exchange::post("https://sts.amazonaws.com/").answers(200, answer);
            let http = ScriptedHttp::new((!shared).then_some(asked));
            let context = common::context(variables, PROFILE, "").with_http(http.clone()).with_clock(FakeClock::auto());
            context.fs().set(FILE, KEPT, std::time::SystemTime::UNIX_EPOCH);
            let told = |builder: SessionBuilder| match code {
                Some(share) => builder.role_cache(share),
                None => builder,
            };
            let session = match way {
                0 => session(&context, |builder| told(profile(builder))),
                1 => session(&context, |builder| told(in_code(builder))),
                _ => session(&context, |builder| told(later(builder))).assume_role(ROLE).session(),
            };
            assert_eq!(key_of(&session), if shared { "ASIAKEPT" } else { "ASIANEW" }, "{way} {variables:?} {code:?}");
            http.assert_done();
            let kept =
                String::from_utf8(block_on(context.fs().read(FILE.as_ref(), 1 << 16)).unwrap().to_vec()).unwrap();
            assert_eq!(kept, KEPT, "a session that is not to be shared is not written either");
        }
    }
}

#[test]
fn a_switch_that_is_neither_is_an_error() {
    let context = common::context(&[("TUCUXI_ROLE_CACHE", "maybe")], "", "");
    let error = block_on(Session::builder().context(context).load()).unwrap_err();
    assert_eq!(error.to_string(), "TUCUXI_ROLE_CACHE: \"maybe\" is neither true nor false");
}
