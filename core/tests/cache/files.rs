//! Keys in a file that changes under a program that runs.

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tucuxi_core::{Cache, Context, Credentials, Error, Fs, Location, ProvideCredentials, Source};

use crate::support::{ManualClock, Runtime, at, run, settle};

const FILE: &str = "/home/u/.aws/credentials";

/// Reads the file at each call; the whole text is the key id.
#[derive(Clone, Debug)]
struct Reader {
    fs: Fs,
    calls: Arc<Mutex<usize>>,
}

#[async_trait]
impl ProvideCredentials for Reader {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        *self.calls.lock().unwrap() += 1;
        let bytes = self
            .fs
            .read(Path::new(FILE), 99)
            .await
            .map_err(|error| Error::not_configured("no file").with_source(error))?;
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        if text.contains('\n') {
            return Err(Error::invalid_config("half written"));
        }
        Ok(Credentials::new(text, "s").with_source(Source::CredentialsFile(Location::new(FILE, 2))))
    }
}

struct Setup {
    fs: Fs,
    clock: ManualClock,
    reader: Reader,
    cache: Cache,
}

fn setup(spawn: bool) -> Setup {
    let fs = Fs::fake([(FILE, "KEY1")]);
    let clock = ManualClock::default();
    let mut context = Context::local().with_clock(clock.clone()).with_fs(fs.clone());
    if spawn {
        context = context.with_spawn(Runtime);
    }
    let reader = Reader { fs: fs.clone(), calls: Arc::default() };
    let cache = Cache::new(&context, reader.clone());
    Setup { fs, clock, reader, cache }
}

impl Setup {
    /// What a caller gets at a second, and what the next gets after the look that the first caused.
    async fn ids(&self, second: u64) -> [String; 2] {
        self.clock.set(second);
        let first = self.cache.provide_credentials().await.unwrap().access_key_id().to_owned();
        settle().await;
        [first, self.cache.provide_credentials().await.unwrap().access_key_id().to_owned()]
    }

    fn calls(&self) -> usize {
        *self.reader.calls.lock().unwrap()
    }

    /// Past the calls that make sure that what was read first is what was looked at first.
    async fn confirmed(self) -> Self {
        for second in 0..5 {
            assert_eq!(self.ids(second).await, ["KEY1", "KEY1"]);
        }
        assert_eq!(self.calls(), 3);
        self
    }
}

#[test]
fn a_file_that_stays_is_not_read_again() {
    run(async {
        let test = setup(true).confirmed().await;
        for second in 5..1000 {
            assert_eq!(test.ids(second).await, ["KEY1", "KEY1"]);
        }
        assert_eq!(test.calls(), 3);
    });
}

#[test]
fn another_time_of_change_or_length_is_noticed_within_a_second_and_nobody_waits() {
    for (contents, modified) in [("KEY2", 7), ("KEY22", 0)] {
        run(async move {
            let test = setup(true).confirmed().await;
            test.fs.set(FILE, contents, at(modified));
            assert_eq!(test.ids(5).await, ["KEY1", contents]);
            assert_eq!(test.ids(6).await, [contents, contents]);
        });
    }
}

#[test]
fn without_a_runtime_the_caller_looks() {
    run(async {
        let test = setup(false).confirmed().await;
        test.fs.set(FILE, "KEY2", at(7));
        assert_eq!(test.ids(5).await, ["KEY2", "KEY2"]);
    });
}

#[test]
fn the_file_is_looked_at_once_a_second_at_most() {
    run(async {
        let test = setup(true).confirmed().await;
        assert_eq!(test.ids(9).await, ["KEY1", "KEY1"]);
        test.fs.set(FILE, "KEY2", at(9));
        for _ in 0..100 {
            assert_eq!(test.ids(9).await, ["KEY1", "KEY1"], "looked at in this second already");
        }
        assert_eq!(test.ids(10).await, ["KEY1", "KEY2"]);
    });
}

#[test]
fn a_file_that_is_half_written_or_gone_leaves_the_old_keys() {
    run(async {
        let test = setup(true).confirmed().await;
        test.fs.set(FILE, "KE\n", at(5));
        assert_eq!(test.ids(5).await, ["KEY1", "KEY1"]);
        test.fs.remove(Path::new(FILE)).await.unwrap();
        assert_eq!(test.ids(15).await, ["KEY1", "KEY1"]);
        test.fs.set(FILE, "KEY2", at(20));
        assert_eq!(test.ids(25).await, ["KEY1", "KEY2"]);
    });
}

#[test]
fn a_change_between_the_first_reading_and_the_first_look_is_noticed() {
    run(async {
        let test = setup(true);
        assert_eq!(test.cache.provide_credentials().await.unwrap().access_key_id(), "KEY1");
        // By `mv`: an old time of change, and the same length.
        test.fs.set(FILE, "KEY2", at(0));
        assert_eq!(test.ids(1).await, ["KEY1", "KEY2"]);
    });
}
