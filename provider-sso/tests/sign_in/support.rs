//! A world in which somebody is about to sign in, and what the service answers.

use std::path::Path;

use serde_json::{Value, json};
use tucuxi_core::{Context, Env, Error, Fs, Region};
use tucuxi_provider_sso::{DeviceSignIn, SignInSettings, Token};
use tucuxi_testkit::{Exchange, FakeClock, ScriptedHttp, block_on, context};

pub(crate) const CACHE: &str = "/home/u/.aws/sso/cache";
pub(crate) const TOKEN_FILE: &str = "0ad374308c5a4e22f723adf10145eafad7c4031c.json";
/// Of the scope `sso:account:access`.
pub(crate) const CLIENT_FILE: &str = "e83b78ff73aa2ebd41812af5abcc466dca567738.json";
pub(crate) const OIDC: &str = "https://oidc.us-east-1.amazonaws.com";
pub(crate) const REGISTERED: &str =
    r#"{"clientId":"C","clientSecret":"CS","clientIdIssuedAt":1767225600,"clientSecretExpiresAt":1775001600}"#;
pub(crate) const KEPT_CLIENT: &str =
    r#"{"clientId":"K","clientSecret":"KS","expiresAt":"2026-04-01T00:00:00Z","scopes":["sso:account:access"]}"#;
pub(crate) const GRANTED: &str = r#"{"accessToken":"AT","tokenType":"Bearer","expiresIn":28800,"refreshToken":"RT"}"#;

pub(crate) fn settings() -> SignInSettings {
    SignInSettings::new("https://example.awsapps.com/start", Region::new("us-east-1").unwrap())
        .with_session("my-sso")
        .with_scopes(["sso:account:access"])
}

pub(crate) struct World {
    pub(crate) context: Context,
    pub(crate) clock: FakeClock,
    pub(crate) http: ScriptedHttp,
}

pub(crate) fn world(files: &[(&str, &str)], script: impl IntoIterator<Item = Exchange>) -> World {
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let http = ScriptedHttp::new(script);
    let files = files.iter().map(|(name, text)| (format!("{CACHE}/{name}"), *text));
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(Fs::fake(files))
        .with_clock(clock.clone())
        .with_http(http.clone());
    World { context, clock, http }
}

impl World {
    pub(crate) fn kept(&self, name: &str) -> Value {
        let path = Path::new(CACHE).join(name);
        serde_json::from_slice(&block_on(self.context.fs().read(&path, 1 << 16)).unwrap()).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let paths = block_on(self.context.fs().list(Path::new(CACHE))).unwrap();
        paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn on_another_device(&self) -> Result<Token, Error> {
        let answer = block_on(async { DeviceSignIn::start(&self.context, settings()).await?.wait().await });
        self.http.assert_done();
        answer
    }
}

pub(crate) fn registers() -> Exchange {
    Exchange::post(format!("{OIDC}/client/register")).without("authorization").answers(200, REGISTERED)
}

pub(crate) fn authorizes() -> Exchange {
    let device = json!({"deviceCode": "DC", "userCode": "ABCD-EFGH", "expiresIn": 600, "interval": 1,
        "verificationUri": "https://device.sso.us-east-1.amazonaws.com/",
        "verificationUriComplete": "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH"});
    Exchange::post(format!("{OIDC}/device_authorization"))
        .with_body(r#""startUrl":"https://example.awsapps.com/start""#)
        .answers(200, device.to_string())
}

pub(crate) fn polls() -> Exchange {
    Exchange::post(format!("{OIDC}/token")).with_body(r#""deviceCode":"DC""#)
}

pub(crate) fn refuses(code: &str) -> Exchange {
    polls().answers(400, json!({"error": code, "error_description": "x"}).to_string())
}

pub(crate) fn the_file_that_the_aws_cli_writes(client: &str, secret: &str, registration_ends: &str) -> Value {
    json!({"startUrl": "https://example.awsapps.com/start", "region": "us-east-1", "accessToken": "AT",
        "expiresAt": "2026-01-01T08:00:00Z", "clientId": client, "clientSecret": secret,
        "registrationExpiresAt": registration_ends, "refreshToken": "RT"})
}
