//! The work of the command on a thread of its own, so that a signal ends it even where it waits for a file that hangs.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::signals::Signals;

/// Does the work, until a signal ends it.
pub(crate) fn run<W>(work: impl FnOnce() -> W + Send + 'static) -> Result<(), Failure>
where
    W: Future<Output = Result<(), Failure>>,
{
    runtime()?.block_on(async {
        // Listened to before the work begins.
        let mut signals = Signals::new()?;
        until(async move { signals.next().await }, work, GRACE).await
    })
}

/// Does the work until it is done or told to end. Dropping the work takes its temporary files and its helpers with it;
/// where it is stuck so that nobody can drop it, it is left alone after `grace`.
async fn until<W>(
    told: impl Future<Output = Failure>,
    work: impl FnOnce() -> W + Send + 'static,
    grace: Duration,
) -> Result<(), Failure>
where
    W: Future<Output = Result<(), Failure>>,
{
    let (end, ended) = oneshot::channel::<()>();
    let (finish, mut finished) = oneshot::channel();
    let thread = std::thread::Builder::new().spawn(move || drop(finish.send(alone(work, ended))));
    thread.map_err(|error| Failure::other(format!("no thread: {error}")))?;
    tokio::select! {
        biased;
        // Nothing comes of work that panicked, which has said so itself.
        outcome = &mut finished => outcome.unwrap_or_else(|_| Err(Failure::other("the work broke off"))),
        failure = told => {
            drop(end);
            // Its outcome counts no more.
            drop(timeout(grace, finished).await);
            Err(failure)
        }
    }
}

fn alone<W>(work: impl FnOnce() -> W, ended: oneshot::Receiver<()>) -> Result<(), Failure>
where
    W: Future<Output = Result<(), Failure>>,
{
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = work() => outcome,
            // Whoever waits for this knows why.
            _ = ended => Ok(()),
        }
    });
    // A thread that still waits for standard input must not keep the program alive.
    runtime.shutdown_background();
    outcome
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(|error| Failure::other(format!("no runtime: {error}")))
}

/// How long work may take to clean up behind itself.
const GRACE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::mpsc::channel;

    use super::*;

    fn check(
        told: impl Future<Output = Failure>,
        work: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) -> String {
        let outcome = runtime().unwrap().block_on(until(told, move || work, Duration::ZERO));
        outcome.map_or_else(|failure| failure.to_string(), |()| "done".to_owned())
    }

    #[test]
    fn work_ends_by_itself_or_by_a_signal_even_where_its_thread_is_stuck() {
        assert_eq!(check(pending(), ready(Ok(()))), "done");
        assert_eq!(check(pending(), ready(Err(Failure::other("no")))), "no");
        assert_eq!(check(ready(Failure::other("told")), pending()), "told");
        let (free, stuck) = channel::<()>();
        let work = async move {
            let _ = stuck.recv();
            Ok(())
        };
        assert_eq!(check(ready(Failure::other("told")), work), "told");
        drop(free);
    }
}
