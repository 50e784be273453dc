//! A clock that tests set.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use tucuxi_core::{BoxFuture, Clock, parse_timestamp};

/// A clock that stands still until a test moves it; it starts at 2026-01-01T00:00:00Z.
///
/// A clone is the same clock. In the automatic mode a sleep moves the clock itself and ends at once, as
/// soon as somebody waits for it.
#[derive(Clone, Debug)]
pub struct FakeClock {
    automatic: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    now: SystemTime,
    slept: Vec<Duration>,
    waiting: Vec<Waker>,
}

impl FakeClock {
    /// A clock on which a sleep ends when [`advance`](Self::advance) has moved it far enough.
    pub fn new() -> Self {
        Self::starting(false)
    }

    /// A clock that a sleep moves.
    pub fn auto() -> Self {
        Self::starting(true)
    }

    /// The same, set to an RFC 3339 time.
    ///
    /// # Panics
    /// When the text is no such time.
    #[must_use]
    pub fn at(self, text: &str) -> Self {
        let Some(now) = parse_timestamp(text) else { panic!("{text:?} is not an RFC 3339 time") };
        self.set(now);
        self
    }

    /// Sets the present instant; it may lie in the past.
    pub fn set(&self, now: SystemTime) {
        let waiting = {
            let mut state = self.state();
            state.now = now;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Moves the clock and ends the sleeps that are over.
    pub fn advance(&self, by: Duration) {
        let now = self.state().now + by;
        self.set(now);
    }

    /// Every sleep that somebody began to wait for, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.state().slept.clone()
    }

    fn starting(automatic: bool) -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        Self { automatic, state: Arc::new(Mutex::new(State { now, slept: Vec::new(), waiting: Vec::new() })) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> SystemTime {
        self.state().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let mut until = None;
        Box::pin(poll_fn(move |cx| {
            let until = *until.get_or_insert_with(|| {
                let mut state = clock.state();
                state.slept.push(duration);
                state.now + duration
            });
            if clock.automatic && clock.now() < until {
                clock.set(until);
            }
            let mut state = clock.state();
            if state.now >= until {
                return Poll::Ready(());
            }
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Context;

    #[test]
    fn a_sleep_ends_when_the_clock_is_moved() {
        let clock = FakeClock::new();
        let mut sleep = pin!(clock.sleep(Duration::from_secs(5)));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        clock.advance(Duration::from_secs(4));
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        clock.advance(Duration::from_secs(1));
        assert!(sleep.as_mut().poll(&mut cx).is_ready());
    }

    #[test]
    fn an_automatic_clock_is_moved_by_a_sleep() {
        let clock = FakeClock::auto();
        let before = clock.now();
        crate::block_on(clock.sleep(Duration::from_secs(3600)));
        assert_eq!(clock.now(), before + Duration::from_secs(3600));
        assert_eq!(clock.slept(), [Duration::from_secs(3600)]);
    }
}
