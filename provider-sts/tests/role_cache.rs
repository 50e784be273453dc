//! Sessions of roles that processes share.
#![cfg(all(unix, feature = "role-cache"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tucuxi_core::{
    Body, BoxFuture, Cache, Clock, Context, Credentials, Env, Error, Fs, ProvideCredentials, SystemClock, from_fn,
    parse_timestamp,
};
use tucuxi_provider_sts::{AssumeRole, AssumeRoleProvider, RoleCache, Sts, StsSettings};
use tucuxi_testkit::{FakeClock, ScriptedHttp, block_on, child, context, end_with_parent, task, times};

const ROLE: &str = "arn:aws:iam::123456789012:role/x";
const FILE: &str = "/h/.aws/cli/cache/f84d75ff2dd3e8682912dae5e7be77540d9d68d0.json";
const WRITERS: usize = 8;

/// A service that gives a new session each time, an hour long from 2026-01-01T00:00:00Z on.
fn service(padding: usize) -> ScriptedHttp {
    let count = AtomicUsize::new(0);
    ScriptedHttp::from_fn(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let token = format!("t{number}{}", "x".repeat(padding));
        let process = std::process::id();
        let answer = format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{process}-{number}</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>{token}</SessionToken>\
             <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials><AssumedRoleUser>\
             <Arn>arn:aws:sts::123456789012:assumed-role/x/me</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
        );
        Ok(http::Response::builder().status(200).body(Body::from(answer)).unwrap())
    })
}

fn world(fs: Fs, home: &Path, http: &ScriptedHttp) -> Context {
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    context().with_env(Env::fake([("HOME", home)])).with_fs(fs).with_clock(clock).with_http(http.clone())
}

fn provider(context: &Context, source: impl ProvideCredentials + 'static) -> AssumeRoleProvider {
    let sts = Sts::new(context, StsSettings::default());
    let role = AssumeRole::new(ROLE);
    AssumeRoleProvider::new(context, sts, role, Arc::new(source)).with_role_cache(RoleCache::new(context))
}

fn keys() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret")
}

fn number(credentials: &Credentials) -> &str {
    credentials.access_key_id().rsplit('-').next().unwrap()
}

#[test]
fn whoever_comes_next_asks_nobody() {
    let (http, fs) = (service(0), Fs::fake::<&str, &str>([]));
    let context = world(fs.clone(), Path::new("/h"), &http);
    let first = block_on(provider(&context, keys()).provide_credentials()).unwrap();
    assert_eq!(first.provenance().to_string(), "explicit keys > assume-role x");

    let silent = from_fn("source", || async { Err(Error::denied("nobody shall ask")) });
    let second = provider(&context, silent);
    let shared = block_on(second.provide_credentials()).unwrap();
    assert!(shared.signs_like(&first));
    assert_eq!((shared.account_id(), shared.expires_at()), (Some("123456789012"), first.expires_at()));
    assert_eq!(shared.provenance().to_string(), format!("role cache {FILE} > assume-role x"));
    assert_eq!(http.seen().len(), 1);
    // Only another session helps whoever asks again, and nobody has one.
    assert!(block_on(second.provide_credentials()).unwrap_err().to_string().contains("nobody shall ask"));
}

#[test]
fn a_session_that_a_service_rejected_is_not_given_again() {
    let http = service(0);
    let context = world(Fs::fake::<&str, &str>([]), Path::new("/h"), &http);
    let cache = Cache::new(&context, provider(&context, keys()));
    let other = Cache::new(&context, provider(&context, keys()));
    let first = block_on(cache.provide_credentials()).unwrap();
    assert!(block_on(other.provide_credentials()).unwrap().signs_like(&first));
    let second = block_on(cache.instead_of(&first)).unwrap();
    assert_eq!((number(&first), number(&second)), ("0", "1"));
    // The other process finds it in the file.
    assert!(block_on(other.instead_of(&first)).unwrap().signs_like(&second));
    assert_eq!(http.seen().len(), 2);
}

#[test]
fn a_file_that_is_of_no_use_is_no_obstacle() {
    for (before, readable, writable) in [
        (Some("{"), true, true),
        (Some("{}"), true, true),
        (
            Some(
                r#"{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"2025-01-01T00:00:00Z"}}"#,
            ),
            true,
            true,
        ),
        (None, false, false),
    ] {
        let (http, fs) = (service(0), Fs::fake::<&str, &str>([]));
        if let Some(before) = before {
            fs.set(FILE, before, SystemTime::UNIX_EPOCH);
        }
        if !readable {
            fs.set_error(FILE, std::io::ErrorKind::PermissionDenied);
        }
        let context = world(fs.clone(), Path::new("/h"), &http);
        assert_eq!(number(&block_on(provider(&context, keys()).provide_credentials()).unwrap()), "0");
        let again = block_on(provider(&context, keys()).provide_credentials()).unwrap();
        assert_eq!(number(&again), if writable { "0" } else { "1" }, "{before:?}");
    }
    // Without a home there is no place, which is a mistake of whoever asked for the cache.
    let context = world(Fs::fake::<&str, &str>([]), Path::new("/h"), &service(0)).with_env(Env::fake([("X", "y")]));
    assert!(block_on(provider(&context, keys()).provide_credentials()).unwrap_err().to_string().contains("HOME"));
}

#[test]
fn a_process_that_hangs_in_its_turn_stops_nobody() {
    let (http, fs) = (service(0), Fs::fake([(FILE.replace("json", "lock"), "")]));
    let clock = FakeClock::auto().at("2026-01-01T00:00:00Z");
    let context = world(fs, Path::new("/h"), &http).with_clock(clock.clone());
    block_on(provider(&context, keys()).provide_credentials()).unwrap();
    assert_eq!(clock.slept().iter().sum::<Duration>(), Duration::from_secs(10));
}

#[test]
fn what_is_asked_for_one_call_is_not_kept() {
    let (http, fs) = (service(0), Fs::fake::<&str, &str>([]));
    let context = world(fs.clone(), Path::new("/h"), &http);
    let role = AssumeRole::new(ROLE).mfa_serial("m").token_code("123456");
    let sts = Sts::new(&context, StsSettings::default());
    let provider =
        AssumeRoleProvider::new(&context, sts, role, Arc::new(keys())).with_role_cache(RoleCache::new(&context));
    block_on(provider.provide_credentials()).unwrap();
    assert_eq!(block_on(fs.list(Path::new("/h/.aws/cli/cache"))).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

/// A folder of its own for real files.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tucuxi-role-cache-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join(&FILE[3..])
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.file().parent().unwrap()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// It stays midnight; whoever waits for a turn waits in earnest.
#[derive(Debug)]
struct StandStill;

impl Clock for StandStill {
    fn now(&self) -> SystemTime {
        parse_timestamp("2026-01-01T00:00:00Z").unwrap()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        SystemClock::default().sleep(Duration::from_millis(20))
    }
}

#[test]
fn of_many_at_once_one_asks_and_all_use_it() {
    let home = Home::new("many");
    let http = service(0);
    let context = world(Fs::real(), &home.0, &http).with_clock(StandStill);
    let all: Vec<Credentials> = std::thread::scope(|scope| {
        let ask = || block_on(provider(&context, keys()).provide_credentials()).unwrap();
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    assert_eq!(http.seen().len(), 1);
    assert!(all.iter().all(|session| session.signs_like(&all[0])));
}

#[test]
fn a_link_is_replaced_and_what_it_leads_to_left_alone() {
    let home = Home::new("link");
    let precious = home.0.join("precious");
    block_on(Fs::real().replace(&precious, b"precious")).unwrap();
    std::fs::create_dir_all(home.file().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&precious, home.file()).unwrap();
    block_on(provider(&world(Fs::real(), &home.0, &service(0)), keys()).provide_credentials()).unwrap();
    assert_eq!(*block_on(Fs::real().read(&precious, 99)).unwrap(), b"precious");
    assert!(std::fs::symlink_metadata(home.file()).unwrap().is_file());
}

/// Asks for a session and keeps it, until it is killed. Whoever finds half a file ends with an error.
fn write_for_ever(home: &Path) {
    end_with_parent();
    let context = world(Fs::real(), home, &service(50_000)).with_clock(StandStill);
    let provider = provider(&context, keys());
    let file = RoleCache::new(&context).path(&AssumeRole::new(ROLE)).unwrap().unwrap();
    loop {
        block_on(provider.provide_credentials()).unwrap();
        let json = block_on(Fs::real().read(&file, 1 << 16)).unwrap();
        serde_json::from_slice::<serde_json::Value>(&json).unwrap();
    }
}

fn start(home: &Home) -> Child {
    child("a_killed_writer_leaves_a_whole_file_and_nothing_else", home.0.to_str().unwrap()).spawn().unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "kills processes at times that no clock here decides")]
fn a_killed_writer_leaves_a_whole_file_and_nothing_else() {
    if let Some(home) = task() {
        return write_for_ever(&PathBuf::from(home));
    }
    let home = Home::new("killed");
    let context = world(Fs::real(), &home.0, &service(0));
    block_on(provider(&context, keys()).provide_credentials()).unwrap();
    let mut writers: Vec<Child> = (0..WRITERS).map(|_| start(&home)).collect();
    let kills = times(100, 1000);
    for _ in 0..kills {
        std::thread::sleep(Duration::from_secs_f64(0.012 * tucuxi_core::uniform()));
        // The oldest: it has surely begun.
        let mut oldest = writers.remove(0);
        assert_eq!(oldest.try_wait().unwrap(), None, "a writer found the file broken");
        oldest.kill().unwrap();
        oldest.wait().unwrap();
        writers.push(start(&home));
        let json = block_on(Fs::real().read(&home.file(), 1 << 16)).unwrap();
        serde_json::from_slice::<serde_json::Value>(&json).unwrap();
        assert_eq!(std::fs::metadata(home.file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for mut writer in writers {
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
    let left = home.names().len() - 2;
    println!("NOTE: {WRITERS} writers of a role's session, {kills} killed; the last ones left {left} unfinished files");
    // At least one, whatever the kills have hit.
    let (name, lock) = (FILE.rsplit('/').next().unwrap(), FILE.rsplit('/').next().unwrap().replace("json", "lock"));
    let unfinished = home.file().with_file_name(format!(".{name}.1-2.tmp"));
    std::fs::OpenOptions::new().write(true).create_new(true).open(unfinished).unwrap();
    // The next start, although it only reads.
    block_on(provider(&context, keys()).provide_credentials()).unwrap();
    assert_eq!(home.names(), [name.to_owned(), lock]);
}
