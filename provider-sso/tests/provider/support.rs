//! A world with one sign-in, at midnight.

use std::path::Path;

use tucuxi_core::{Context, Credentials, Env, Error, Fs, ProvideCredentials, Region};
use tucuxi_provider_sso::{SsoProvider, SsoSettings};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on, context};

pub(crate) const FILE: &str = "/home/u/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
pub(crate) const ROLE: &str =
    "https://portal.sso.us-east-1.amazonaws.com/federation/credentials?role_name=ReadOnly&account_id=123456789012";
pub(crate) const TOKEN: &str = "https://oidc.us-east-1.amazonaws.com/token";
pub(crate) const GRANTED: &str =
    r#"{"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t","expiration":1767229200000}}"#;
pub(crate) const REFRESHED: &str =
    r#"{"accessToken":"NEW","tokenType":"Bearer","expiresIn":3600,"refreshToken":"RT2"}"#;
pub(crate) const UNKNOWN: &str = r#"{"message":"Session token not found or invalid"}"#;

pub(crate) fn settings() -> SsoSettings {
    let region = Region::new("us-east-1").unwrap();
    SsoSettings::new("https://e.awsapps.com/start", region, "123456789012", "ReadOnly").with_session("my-sso")
}

/// A sign-in that ends at the given time of 2026-01-01.
pub(crate) fn sign_in(ends: &str) -> String {
    format!(
        r#"{{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"OLD","expiresAt":"2026-01-01T{ends}Z",
        "clientId":"C","clientSecret":"CS","registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"RT","extra":1}}"#
    )
}

pub(crate) struct Setup {
    pub(crate) context: Context,
    pub(crate) http: ScriptedHttp,
}

/// It is midnight; the sign-in ends when the file says so.
pub(crate) fn setup(file: Option<&str>, script: impl IntoIterator<Item = Exchange>) -> Setup {
    let http = ScriptedHttp::new(script);
    let files: Vec<(&str, &str)> = file.map(|text| (FILE, text)).into_iter().collect();
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files))
        .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
        .with_http(http.clone());
    Setup { context, http }
}

impl Setup {
    pub(crate) fn provide(&self) -> Result<Credentials, Error> {
        let answer = block_on(SsoProvider::new(&self.context, settings()).provide_credentials());
        self.http.assert_done();
        answer
    }

    pub(crate) fn kept(&self) -> serde_json::Value {
        serde_json::from_slice(&block_on(self.context.fs().read(Path::new(FILE), 1 << 16)).unwrap()).unwrap()
    }
}

pub(crate) fn asks(token: &str) -> Exchange {
    Exchange::get(ROLE).with("x-amz-sso_bearer_token", token)
}
