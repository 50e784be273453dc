//! Time, real or given.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use crate::BoxFuture;

/// What time it is, and how to wait.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> SystemTime;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

impl fmt::Debug for dyn Clock + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn Clock")
    }
}

/// The system's clock, waiting on a thread of its own: for a program without a runtime.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the real adapter")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let timer: Arc<Mutex<Timer>> = Arc::default();
        let mut started = false;
        Box::pin(poll_fn(move |cx| {
            let mut state = timer.lock().unwrap_or_else(PoisonError::into_inner);
            if state.fired {
                return Poll::Ready(());
            }
            state.waker = Some(cx.waker().clone());
            drop(state);
            if !started {
                started = true;
                let ours = Arc::clone(&timer);
                if on_a_thread("tucuxi-timer", Box::new(move || ring(&ours, duration))).is_err() {
                    // No thread is to be had: better late than never.
                    ring(&timer, duration);
                }
            }
            Poll::Pending
        }))
    }
}

/// Does the work on a thread of its own, which has this name. Boxed, so that programs have this once.
///
/// # Errors
/// What the system says when there can be no thread; the work is then dropped.
pub fn on_a_thread(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

#[derive(Default)]
struct Timer {
    fired: bool,
    waker: Option<Waker>,
}

#[expect(clippy::disallowed_methods, reason = "the real adapter")]
fn ring(timer: &Mutex<Timer>, duration: Duration) {
    std::thread::sleep(duration);
    let waker = {
        let mut state = timer.lock().unwrap_or_else(PoisonError::into_inner);
        state.fired = true;
        state.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}
