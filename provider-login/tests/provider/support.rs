//! A world with one sign-in, at midnight.

use std::path::Path;

use serde_json::{Value, json};
use tucuxi_core::{Context, Credentials, Env, Error, Fs, ProvideCredentials, Region};
use tucuxi_provider_login::{LoginProvider, LoginSettings};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on, context};

pub(crate) const SESSION: &str = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
pub(crate) const FILE: &str =
    "/home/u/.aws/login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";
pub(crate) const TOKEN: &str = "https://us-east-1.signin.aws.amazon.com/v1/token";
pub(crate) const GRANTED: &str = r#"{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"s2","sessionToken":"t2"},
    "tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"RT2"}"#;
/// The private number is 1122..9900 repeated: a test key, nobody's.
pub(crate) const KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABEioAoGCCqGSM49
AwEHoUQDQgAEZBPjcDGKkizs+qlLohiN1Bn1hjVvp3THZs1sRQKV/uldzpzgVXsK
jxzvXGY/Niz//JEOMJSvyCu7x6CpKwtr2w==
-----END EC PRIVATE KEY-----
";

pub(crate) fn settings() -> LoginSettings {
    LoginSettings::new(SESSION).with_region(Region::new("us-east-1").unwrap())
}

/// A sign-in whose keys end at the given time of 2026-01-01.
pub(crate) fn sign_in(ends: &str) -> String {
    json!({
        "accessToken": {"accessKeyId": "ASIAOLD", "secretAccessKey": "s1", "sessionToken": "t1",
            "accountId": "012345678910", "expiresAt": format!("2026-01-01T{ends}Z"), "inner": 1},
        "tokenType": "aws_sigv4", "clientId": "arn:aws:signin:::devtools/same-device", "refreshToken": "RT1",
        "idToken": "ID1", "dpopKey": KEY, "extra": {"by": "another tool"}
    })
    .to_string()
}

pub(crate) struct Setup {
    pub(crate) context: Context,
    pub(crate) http: ScriptedHttp,
    pub(crate) clock: FakeClock,
    pub(crate) provider: LoginProvider,
}

/// It is midnight; the keys end when the file says so.
pub(crate) fn setup_with(settings: LoginSettings, file: Option<&str>, http: ScriptedHttp) -> Setup {
    let files: Vec<(&str, &str)> = file.map(|text| (FILE, text)).into_iter().collect();
    let clock = FakeClock::new().at("2026-01-01T00:00:00Z");
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files))
        .with_clock(clock.clone())
        .with_http(http.clone());
    let provider = LoginProvider::new(&context, settings);
    Setup { context, http, clock, provider }
}

pub(crate) fn setup(file: Option<&str>, script: impl IntoIterator<Item = Exchange>) -> Setup {
    setup_with(settings(), file, ScriptedHttp::new(script))
}

impl Setup {
    pub(crate) fn ask(&self) -> Result<Credentials, Error> {
        block_on(self.provider.provide_credentials())
    }

    pub(crate) fn provide(&self) -> Result<Credentials, Error> {
        let answer = self.ask();
        self.http.assert_done();
        answer
    }

    pub(crate) fn kept(&self) -> Value {
        serde_json::from_slice(&block_on(self.context.fs().read(Path::new(FILE), 1 << 16)).unwrap()).unwrap()
    }
}
