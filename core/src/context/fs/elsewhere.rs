//! Reading what is no regular file, which may take for ever: a pipe that nobody writes to, a terminal.

use std::fs::FileType;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::super::clock::on_a_thread;
use super::Contents;
use super::machine::contents;

/// Waits for at most `patience`, while a thread of its own reads. That of a pipe that nobody ever writes to stays until
/// the process ends: no means that all systems have makes it let go.
pub(super) fn read(path: &Path, limit: u64, kind: FileType, patience: Duration) -> io::Result<Contents> {
    let shared: Arc<Shared> = Arc::default();
    let (reader, path) = (Arc::clone(&shared), path.to_owned());
    let work = move || {
        let outcome = contents(&path, limit);
        *reader.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        reader.there.notify_one();
    };
    on_a_thread("tucuxi-reader", Box::new(work))?;
    let outcome = shared.outcome.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = shared.there.wait_timeout_while(outcome, patience, |outcome| outcome.is_none());
    let outcome = waited.unwrap_or_else(PoisonError::into_inner).0.take();
    outcome.unwrap_or_else(|| {
        let message = format!("it is {}, of which no end came within {} s", name(kind), patience.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

#[derive(Default)]
struct Shared {
    outcome: Mutex<Option<io::Result<Contents>>>,
    there: Condvar,
}

#[cfg(unix)]
fn name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() { "a pipe" } else { "a device" }
}

#[cfg(not(unix))]
fn name(_: FileType) -> &'static str {
    "no regular file"
}

/// How long to wait for the end of what is no regular file.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
#[cfg(all(unix, feature = "lock"))]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::path::PathBuf;

    use nix::sys::stat::Mode;

    use super::*;
    use crate::Fs;

    fn pipe(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("tucuxi-{name}-{}", std::process::id()));
        drop(std::fs::remove_file(&path));
        nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap();
        path
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_given_up() {
        let path = pipe("silent-pipe");
        let kind = std::fs::metadata(&path).unwrap().file_type();
        let error = read(&path, 9, kind, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "it is a pipe, of which no end came within 0 s");
        // Lets the thread go that waits for a writer.
        drop(OpenOptions::new().read(true).write(true).open(&path).unwrap());
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_pipe_is_read_to_the_end_of_its_writer() {
        let path = pipe("pipe");
        let writer = path.clone();
        let writer = std::thread::spawn(move || {
            let mut pipe = OpenOptions::new().write(true).open(writer).unwrap();
            pipe.write_all(b"one ").unwrap();
            pipe.write_all(b"two").unwrap();
        });
        assert_eq!(**Fs::real().read(&path, 9).await.unwrap(), *b"one two");
        writer.join().unwrap();
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn an_empty_device_and_an_endless_one() {
        assert_eq!(**Fs::real().read(Path::new("/dev/null"), 9).await.unwrap(), *b"");
        let error = Fs::real().read(Path::new("/dev/zero"), 9).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
