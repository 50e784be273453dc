//! What all calls of a client share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::pace::Pace;

/// The retries that all calls of one client share, so that a dead server is not hammered; in the adaptive
/// mode also the rate at which they send.
///
/// A clone is the same budget.
#[derive(Clone)]
pub struct RetryBudget(Arc<Mutex<State>>);

struct State {
    left: u32,
    pace: Pace,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { left: CAPACITY, pace: Pace::default() })))
    }
}

impl RetryBudget {
    /// What is left, from 500 down to 0.
    #[inline]
    pub fn left(&self) -> u32 {
        self.state().left
    }

    /// Requests that the adaptive mode sends each second at most; `None` while nothing holds it back.
    #[inline]
    pub fn rate(&self) -> Option<f64> {
        self.state().pace.limit()
    }

    #[inline]
    pub(super) fn take(&self, cost: u32) -> bool {
        let mut state = self.state();
        let enough = state.left >= cost;
        if enough {
            state.left -= cost;
        }
        enough
    }

    #[inline]
    pub(super) fn give_back(&self, cost: u32) {
        let mut state = self.state();
        state.left = (state.left + cost).min(CAPACITY);
    }

    #[inline]
    pub(super) fn with_pace<T>(&self, act: impl FnOnce(&mut Pace) -> T) -> T {
        act(&mut self.state().pace)
    }

    #[inline(never)]
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RetryBudget {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("left", &self.left()).finish_non_exhaustive()
    }
}

const CAPACITY: u32 = 500;
