//! Keys of the shared files that change under a program that runs, through the reader of those files.

use std::time::Duration;

use tucuxi_core::{Cache, Clock, Env, Fs};
use tucuxi_provider_profile::ProfileProvider;
use tucuxi_testkit::{FakeClock, FakeSpawn, block_on, capture, context};

const FILE: &str = "/home/u/.aws/credentials";
const SECOND: Duration = Duration::from_secs(1);

fn keys(id: &str) -> String {
    format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = secret\n")
}

#[test]
fn another_program_rotates_the_keys() {
    let clock = FakeClock::new();
    let spawn = FakeSpawn::new();
    let fs = Fs::fake([(FILE, keys("KEY1"))]);
    let context = context()
        .with_env(Env::fake([("HOME", "/home/u")]))
        .with_fs(fs.clone())
        .with_clock(clock.clone())
        .with_spawn(spawn.clone());
    let cache = Cache::new(&context, ProfileProvider::new(&context));
    let ask = || {
        let id = block_on(cache.provide_credentials()).unwrap().access_key_id().to_owned();
        spawn.run();
        id
    };
    for _ in 0..5 {
        assert_eq!(ask(), "KEY1");
        clock.advance(SECOND);
    }
    // The same length: the time of change tells.
    fs.set(FILE, keys("KEY2"), clock.now());
    let (first, log) = capture(ask);
    assert_eq!(first, "KEY1", "nobody waits");
    assert!(log.contains("the file of the credentials has changed") && log.contains(FILE), "{log}");
    clock.advance(SECOND);
    assert_eq!(ask(), "KEY2");
    let ((), log) = capture(|| {
        for _ in 0..1000 {
            clock.advance(SECOND);
            assert_eq!(ask(), "KEY2");
        }
    });
    assert!(log.matches("fetching credentials").count() <= 2, "the source is asked although nothing changes: {log}");
}
