//! Time and background work on tokio.

use std::time::{Duration, SystemTime};

use tokio::runtime::{Builder, Handle};
use tokio::time::Instant;
use tucuxi_core::{BoxFuture, Clock, HttpError, HttpErrorKind, Spawn, on_a_thread};

/// The system's clock; waits on the timer of the tokio runtime it is polled on.
///
/// # Example
/// ```
/// use std::time::{Duration, SystemTime};
/// use tucuxi_core::Clock;
/// use tucuxi_transport::TokioClock;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// // In a test with tokio's paused clock, a day passes at once.
/// let clock = TokioClock::following_timer(SystemTime::UNIX_EPOCH);
/// clock.sleep(Duration::from_secs(86_400)).await;
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioClock {
    anchor: Option<(SystemTime, Instant)>,
}

impl TokioClock {
    /// The system's clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock that shows `start` and then advances with tokio's timer, which tests can pause and push on.
    /// Not for production: the timer may stand still while the machine sleeps.
    pub fn following_timer(start: SystemTime) -> Self {
        Self { anchor: Some((start, Instant::now())) }
    }
}

impl Clock for TokioClock {
    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    fn now(&self) -> SystemTime {
        match self.anchor {
            Some((start, since)) => start + since.elapsed(),
            None => SystemTime::now(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move { tokio::time::sleep(duration).await })
    }
}

/// Runs background work on the tokio runtime that asks for it; outside of one, on a thread of its own.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "named as a value; it will never hold anything")]
pub struct TokioSpawn;

impl Spawn for TokioSpawn {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(task);
            return;
        }
        // Without a thread or a runtime the task is dropped; those who wait for it drive it themselves.
        let alone = move || {
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(task);
            }
        };
        let _ = on_a_thread("tucuxi-background", Box::new(alone));
    }
}

/// The runtime that HTTP runs on.
pub(crate) fn current() -> Result<Handle, HttpError> {
    let Ok(runtime) = Handle::try_current() else {
        return Err(HttpError::new(HttpErrorKind::Unwired, "HTTP needs a tokio runtime; call this inside one"));
    };
    Ok(runtime)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn background_work_runs_with_and_without_a_runtime() {
        let (done, finished) = mpsc::channel();
        let also_done = done.clone();
        TokioSpawn.spawn(Box::pin(async move { done.send("outside").unwrap() }));
        assert_eq!(finished.recv(), Ok("outside"));
        Builder::new_current_thread().build().unwrap().block_on(async {
            TokioSpawn.spawn(Box::pin(async move { also_done.send("inside").unwrap() }));
            tokio::task::yield_now().await;
        });
        assert_eq!(finished.recv(), Ok("inside"));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_obeys_the_paused_clock() {
        let clock = TokioClock::following_timer(SystemTime::UNIX_EPOCH);
        clock.sleep(Duration::from_secs(86_400)).await;
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
    }
}
