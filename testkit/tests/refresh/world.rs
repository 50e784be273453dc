//! One source behind a cache, with time and network in the test's hand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde_json::json;
use tucuxi_core::{
    BoxFuture, Cache, Clock, Context, Credentials, Env, Error, Fs, ProvideCredentials, Region, SharedProvider,
    format_rfc3339,
};
use tucuxi_provider_container::ContainerProvider;
use tucuxi_provider_imds::ImdsProvider;
use tucuxi_provider_login::{LoginProvider, LoginSettings};
use tucuxi_provider_sso::{SsoProvider, SsoSettings};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleProvider, Sts, StsSettings, WebIdentityProvider};
use tucuxi_testkit::{FakeSpawn, block_on, context};

use crate::network::Network;

pub(crate) const SOURCES: [&str; 6] = ["imds", "container", "assume-role", "web-identity", "sso", "login"];
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A clock that a sleep moves, and that remembers nothing.
#[derive(Clone, Debug)]
pub(crate) struct Jumping(Arc<Mutex<SystemTime>>);

impl Jumping {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))))
    }

    /// Moves on to an instant, unless it lies in the past.
    pub(crate) fn reach(&self, instant: SystemTime) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = instant.max(*now);
    }
}

impl Clock for Jumping {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move { clock.reach(clock.now() + duration) })
    }
}

/// Counts how often the source is asked.
#[derive(Debug)]
struct Counted {
    provider: SharedProvider,
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl ProvideCredentials for Counted {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.provider.provide_credentials().await
    }

    fn time_limit(&self) -> Duration {
        self.provider.time_limit()
    }
}

pub(crate) struct World {
    pub(crate) clock: Jumping,
    pub(crate) network: Network,
    pub(crate) cache: Cache,
    spawn: FakeSpawn,
    calls: Arc<AtomicUsize>,
}

impl World {
    /// A source whose credentials last an hour.
    pub(crate) fn new(source: &str) -> Self {
        let clock = Jumping::new();
        let spawn = FakeSpawn::new();
        let network = Network::new(&clock, HOUR);
        if source == "login" {
            network.know("ASIA0", clock.now() + HOUR);
        }
        let context = context()
            .with_env(Env::fake(VARIABLES))
            .with_fs(files(clock.now()))
            .with_clock(clock.clone())
            .with_spawn(spawn.clone())
            .with_http(network.clone());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Counted { provider: provider(source, &context), calls: Arc::clone(&calls) };
        Self { cache: Cache::new(&context, counted), clock, network, spawn, calls }
    }

    /// What a caller gets; what runs behind its back has run then.
    pub(crate) fn ask(&self) -> Result<Credentials, Error> {
        let answer = block_on(self.cache.provide_credentials());
        self.spawn.run();
        answer
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

fn provider(source: &str, context: &Context) -> SharedProvider {
    let sts = || Sts::new(context, StsSettings::default());
    let region = || Region::new("us-east-1").unwrap();
    match source {
        "imds" => Arc::new(ImdsProvider::new(context)),
        "container" => Arc::new(ContainerProvider::new(context)),
        "assume-role" => {
            let role = AssumeRole::new("arn:aws:iam::123456789012:role/deploy");
            Arc::new(AssumeRoleProvider::new(context, sts(), role, Arc::new(Credentials::new("AKID", "s"))))
        }
        "web-identity" => Arc::new(WebIdentityProvider::from_env(context, sts())),
        "sso" => {
            let settings = SsoSettings::new("https://e.awsapps.com/start", region(), "123456789012", "ReadOnly");
            Arc::new(SsoProvider::new(context, settings.with_session("my-sso")))
        }
        "login" => {
            let settings = LoginSettings::new("arn:aws:sts::012345678910:assumed-role/Admin/admin");
            Arc::new(LoginProvider::new(context, settings.with_region(region())))
        }
        other => panic!("no source is called {other}"),
    }
}

fn files(now: SystemTime) -> Fs {
    let sso = json!({
        "startUrl": "https://e.awsapps.com/start", "region": "us-east-1", "accessToken": "OLD",
        "expiresAt": "2027-01-01T00:00:00Z", "clientId": "C", "clientSecret": "CS",
        "registrationExpiresAt": "2027-01-01T00:00:00Z", "refreshToken": "RT"
    });
    let login = json!({
        "accessToken": {"accessKeyId": "ASIA0", "secretAccessKey": "s", "sessionToken": "t",
            "accountId": "012345678910", "expiresAt": format_rfc3339(now + HOUR)},
        "tokenType": "aws_sigv4", "clientId": "arn:aws:signin:::devtools/same-device", "refreshToken": "RT",
        "idToken": "ID", "dpopKey": KEY
    });
    Fs::fake([
        ("/home/u/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json", sso.to_string()),
        (
            "/home/u/.aws/login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json",
            login.to_string(),
        ),
        ("/token", "eyJ".to_owned()),
    ])
}

const VARIABLES: [(&str, &str); 5] = [
    ("HOME", "/home/u"),
    ("USER", "u"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/role"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
    ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod"),
];
/// The private number is 1122..9900 repeated: a test key, nobody's.
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBEiM0RVZneImQARIjNEVWZ3iJkAESIzRFVmd4iZABEioAoGCCqGSM49
AwEHoUQDQgAEZBPjcDGKkizs+qlLohiN1Bn1hjVvp3THZs1sRQKV/uldzpzgVXsK
jxzvXGY/Niz//JEOMJSvyCu7x6CpKwtr2w==
-----END EC PRIVATE KEY-----
";
