//! What the tests of the client share.

use tucuxi_core::{Context, Credentials, Source};
use tucuxi_s3_lite::{Client, ClientBuilder};
use tucuxi_testkit::{FakeClock, ScriptedHttp, context};

/// A world with this HTTP and a clock that sleeps move.
pub(crate) fn world(http: &ScriptedHttp) -> (Context, FakeClock) {
    let clock = FakeClock::auto();
    (context().with_clock(clock.clone()).with_http(http.clone()), clock)
}

pub(crate) fn keys() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "SEKRITsecret")
        .with_session_token("SEKRITtoken")
        .with_source(Source::Profile("dev".to_owned()))
}

/// Settings of a client in eu-west-1.
pub(crate) fn builder(http: &ScriptedHttp) -> ClientBuilder {
    Client::builder(&world(http).0).credentials(keys()).region("eu-west-1")
}

pub(crate) fn client(http: &ScriptedHttp) -> Client {
    builder(http).deferred()
}

/// An error document.
pub(crate) fn error(code: &str, more: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>Words of {code}.</Message>{more}</Error>")
}

/// The URL of the object `key` of the bucket `bucket` in eu-west-1.
pub(crate) const KEY: &str = "https://bucket.s3.eu-west-1.amazonaws.com/key";

/// A header of the request of this number.
pub(crate) fn header(http: &ScriptedHttp, index: usize, name: &str) -> String {
    http.seen()[index].header(name).unwrap_or_default().to_owned()
}
