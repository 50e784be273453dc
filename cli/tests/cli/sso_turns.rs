//! Many processes, one sign-in to IAM Identity Center whose refresh token counts once.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tucuxi_sandbox::{IdentityCenter, Sandbox};
use tucuxi_testkit::times;

use crate::support::{Home, Run};

struct World {
    // Dropped before the runtime that it runs on.
    sandbox: Sandbox,
    home: Home,
    _runtime: Runtime,
}

impl World {
    /// A home with a sign-in, whose access tokens last that long.
    fn new(access_token_ttl: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut center = IdentityCenter::default();
        center.access_token_ttl = access_token_ttl;
        let sandbox = runtime.block_on(Sandbox::builder().identity_center(center).start()).unwrap();
        let (name, text) = sandbox.sso_sign_in();
        assert_eq!(name, format!("{NAME}.json"));
        let home = Home::new()
            .file(".aws/config", sandbox.profiles())
            .file(CACHE, text.expose())
            .var("AWS_ENDPOINT_URL_SSO", sandbox.sso_endpoint())
            .var("AWS_ENDPOINT_URL_SSO_OIDC", sandbox.sso_oidc_endpoint());
        Self { sandbox, home, _runtime: runtime }
    }

    fn sign_in(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.home.join(CACHE)).unwrap()).unwrap()
    }

    /// Makes the access token in the cache end, as time would.
    fn age(&self) {
        let mut kept = self.sign_in();
        kept["expiresAt"] = json!("2026-01-01T00:00:00Z");
        std::fs::write(self.home.join(CACHE), kept.to_string()).unwrap();
    }

    /// Starts all processes before it waits for the first; every one must find keys.
    fn all_find_keys(&self) {
        let start = |_| -> Child {
            let mut command = self.home.command(&["--profile", "sso", "export", "--format", "process"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<Child> = (0..PROCESSES).map(start).collect();
        for child in started {
            let run = Run::of(child.wait_with_output().unwrap());
            run.expect(0, &[]);
            let document: Value = serde_json::from_str(&run.stdout).unwrap();
            assert!(document["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
        }
    }

    /// How often the sign-in was refreshed: every time with success.
    fn refreshes(&self) -> usize {
        let requests = self.sandbox.requests();
        assert!(requests.iter().all(|seen| seen.status == Some(200)), "{requests:#?}");
        requests.iter().filter(|seen| seen.path == "/token").count()
    }

    /// Nothing but the sign-in and its lock is left, for nobody but their owner.
    fn assert_tidy(&self) {
        let entries = std::fs::read_dir(self.home.join(CACHE).parent().unwrap()).unwrap().map(Result::unwrap);
        let names: BTreeSet<String> = entries
            .map(|entry| {
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt;
                    assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{entry:?}");
                }
                entry.file_name().into_string().unwrap()
            })
            .filter(|name| *name != format!("{NAME}.lock"))
            .collect();
        assert_eq!(names, BTreeSet::from([format!("{NAME}.json")]));
    }
}

#[test]
fn of_many_processes_one_refreshes_and_all_use_it() {
    let world = World::new(Duration::from_secs(3600));
    let mut tokens = BTreeSet::new();
    for round in 1..=times(5, 100) as usize {
        world.age();
        world.all_find_keys();
        assert_eq!(world.refreshes(), round);
        tokens.insert(world.sign_in()["refreshToken"].to_string());
    }
    assert_eq!(tokens.len(), world.refreshes(), "a new refresh token in every round");
    world.assert_tidy();
}

#[test]
fn processes_that_all_refresh_lose_no_sign_in() {
    // Tokens of a minute are always about to end, so that every process uses the refresh token of the one before.
    let world = World::new(Duration::from_secs(60));
    let rounds = times(3, 100) as usize;
    for _ in 0..rounds {
        world.all_find_keys();
    }
    assert_eq!(world.refreshes(), PROCESSES * rounds);
    world.assert_tidy();
}

const PROCESSES: usize = 8;
/// The SHA-1 of the session's name, `sandbox`.
const NAME: &str = "9ed037b84943c4caa3a520e48a5540181c46c98c";
const CACHE: &str = ".aws/sso/cache/9ed037b84943c4caa3a520e48a5540181c46c98c.json";
