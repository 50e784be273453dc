//! Reading what is no regular file, which may take for ever: a pipe that nobody writes to, a terminal.

use std::fs::FileType;
use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::machine::contents;
use super::{Contents, Reading};

/// Reads on a thread of its own, for at most `patience`. The thread of a pipe that nobody ever writes to stays until the
/// process ends: no system lets go of it by means that hold everywhere.
pub(super) fn read(path: PathBuf, limit: u64, kind: FileType, patience: Duration) -> Reading {
    let mut unread = Some(path);
    let shared: Arc<Shared> = Arc::default();
    Box::pin(poll_fn(move |cx| {
        if let Some(path) = unread.take() {
            start(&shared, path, limit, kind, patience)?;
        }
        let mut state = shared.lock();
        match state.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }))
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    outcome: Option<io::Result<Contents>>,
    waker: Option<Waker>,
    ended: bool,
}

impl Shared {
    /// Takes the first outcome that there is.
    fn end(&self, outcome: io::Result<Contents>) {
        let waker = {
            let mut state = self.lock();
            if std::mem::replace(&mut state.ended, true) {
                return;
            }
            state.outcome = Some(outcome);
            state.waker.take()
        };
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(shared: &Arc<Shared>, path: PathBuf, limit: u64, kind: FileType, patience: Duration) -> io::Result<()> {
    let (reader, timer) = (Arc::clone(shared), Arc::clone(shared));
    spawn(Box::new(move || reader.end(contents(&path, limit))))?;
    spawn(Box::new(move || {
        let waited = timer.changed.wait_timeout_while(timer.lock(), patience, |state| !state.ended);
        drop(waited);
        let message = format!("it is {}, of which no end came within {} s", name(kind), patience.as_secs());
        timer.end(Err(io::Error::new(io::ErrorKind::TimedOut, message)));
    }))
}

fn spawn(work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    std::thread::Builder::new().spawn(work).map(drop)
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
    use std::path::Path;

    use nix::sys::stat::Mode;

    use super::*;
    use crate::Fs;

    fn pipe(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("tucuxi-{name}-{}", std::process::id()));
        drop(std::fs::remove_file(&path));
        nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap();
        path
    }

    #[tokio::test]
    async fn a_pipe_that_nobody_writes_to_is_given_up() {
        let path = pipe("silent-pipe");
        let kind = std::fs::metadata(&path).unwrap().file_type();
        let error = read(path.clone(), 9, kind, Duration::ZERO).await.unwrap_err();
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
