//! Many processes, one console sign-in whose refresh token counts once: the sandbox ends a sign-in whose old token
//! comes again.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tucuxi_sandbox::{Sandbox, Service};
use tucuxi_testkit::times;

use crate::support::{Home, Run};

const PROCESSES: usize = 8;

struct World {
    // Dropped before the runtime that it runs on.
    sandbox: Sandbox,
    home: Home,
    _runtime: Runtime,
}

impl World {
    /// A home with a console sign-in whose keys have ended; new ones last for `seconds`.
    fn new(seconds: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let ttl = std::time::Duration::from_secs(seconds);
        let sandbox = runtime.block_on(Sandbox::builder().session_ttl(ttl).start()).unwrap();
        let session = sandbox.login_session();
        let home = Home::new()
            .file(".aws/config", format!("[default]\nregion = us-east-1\nlogin_session = {session}\n"))
            .file(CACHE, sandbox.console_sign_in().unwrap().1.expose())
            .var("AWS_ENDPOINT_URL_SIGNIN", sandbox.signin_endpoint());
        Self { sandbox, home, _runtime: runtime }
    }

    /// Starts all processes before it waits for the first; gives the access key ids that they found.
    fn keys(&self) -> Vec<String> {
        let start = |_| -> Child {
            let mut command = self.home.command(&["export", "--format", "process"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<Child> = (0..PROCESSES).map(start).collect();
        let ended = started.into_iter().map(|child| Run::of(child.wait_with_output().unwrap()));
        ended.map(|run| key(&run)).collect()
    }

    /// Makes the keys in the cache end, as time would.
    fn age(&self) {
        let path = self.home.join(CACHE);
        let mut kept: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        kept["accessToken"]["expiresAt"] = json!("2026-01-01T00:00:00Z");
        std::fs::write(&path, kept.to_string()).unwrap();
    }

    /// How often the sign-in was refreshed, every time with success.
    fn refreshes(&self) -> usize {
        let requests = self.sandbox.requests();
        assert!(requests.iter().all(|seen| seen.status == Some(200)), "{requests:#?}");
        self.sandbox.count(Service::SignIn)
    }

    /// Nothing but the sign-in and the lock is left, for nobody but their owner.
    fn assert_tidy(&self) {
        let folder = self.home.join(CACHE);
        let entries = std::fs::read_dir(folder.parent().unwrap()).unwrap().map(Result::unwrap);
        let names: BTreeSet<String> = entries
            .map(|entry| {
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt;
                    assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
                }
                entry.file_name().into_string().unwrap()
            })
            .collect();
        assert_eq!(names, BTreeSet::from([format!("{NAME}.json"), format!("{NAME}.lock")]));
    }
}

fn key(run: &Run) -> String {
    run.expect(0, &[]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    document["AccessKeyId"].as_str().unwrap().to_owned()
}

#[test]
fn of_many_processes_one_refreshes_and_all_use_it() {
    let world = World::new(900);
    let rotations = times(5, 100) as usize;
    let mut keys = BTreeSet::new();
    for round in 1..=rotations {
        world.age();
        let found: BTreeSet<String> = world.keys().into_iter().collect();
        assert_eq!(found.len(), 1, "round {round}: {found:?}");
        assert_eq!(world.refreshes(), round);
        keys.extend(found);
    }
    assert_eq!(keys.len(), rotations, "new keys in every round");
    world.assert_tidy();
    println!(
        "NOTE: {PROCESSES} processes, {rotations} rotations of a console sign-in: {rotations} refreshes, none lost"
    );
}

#[test]
fn processes_that_all_refresh_lose_no_sign_in() {
    // Keys of a minute are always about to end, so that every process uses the refresh token of the one before.
    let world = World::new(60);
    let rounds = times(3, 100) as usize;
    let keys: BTreeSet<String> = (0..rounds).flat_map(|_| world.keys()).collect();
    assert_eq!((keys.len(), world.refreshes()), (PROCESSES * rounds, PROCESSES * rounds));
    world.assert_tidy();
}

/// The SHA-256 of `arn:aws:sts::123456789012:assumed-role/sandbox/console`.
const NAME: &str = "202a5205af4bc12e7b052437771705b4bd8997c32dd57cfa6c36a0a08d7da600";
const CACHE: &str = ".aws/login/cache/202a5205af4bc12e7b052437771705b4bd8997c32dd57cfa6c36a0a08d7da600.json";
