//! What is known of a sign-in and stands in no file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::Token;

/// Shared by all that use the same sign-in by the same provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// No renewal before this instant while the old sign-in lasts.
    not_before: Option<SystemTime>,
    unwritten: Option<Unwritten>,
}

/// A renewal that could not be written: a refresh token counts once, so that the file's own is of no use any more.
#[derive(Debug)]
struct Unwritten {
    in_file: Token,
    newest: Token,
}

impl Memory {
    /// The sign-in in the file, or what became of it where that could not be written.
    pub(super) fn newest(&self, in_file: Option<Token>) -> Option<Token> {
        let mut state = self.state();
        match (&in_file, &state.unwritten) {
            (Some(token), Some(unwritten)) if token.is_same_grant(&unwritten.in_file) => Some(unwritten.newest.clone()),
            // Somebody has signed in or out meanwhile, or could write what this process could not.
            _ => {
                state.unwritten = None;
                in_file
            }
        }
    }

    /// Whether the file has no refresh token any more that could be lost.
    #[inline]
    pub(super) fn holds_the_only_one(&self) -> bool {
        self.state().unwritten.is_some()
    }

    /// Notes that the file holds what a renewal gave.
    pub(super) fn written(&self) {
        *self.state() = State::default();
    }

    /// Notes that `old` became `newest`, but not in the file.
    pub(super) fn unwritten(&self, old: Token, newest: Token) {
        let mut state = self.state();
        // The file still holds the sign-in of the first renewal that could not be written.
        let in_file = state.unwritten.take().map_or(old, |unwritten| unwritten.in_file);
        *state = State { not_before: None, unwritten: Some(Unwritten { in_file, newest }) };
    }

    /// Notes that a renewal failed.
    pub(super) fn failed(&self, now: SystemTime) {
        self.state().not_before = Some(now + PAUSE);
    }

    /// Whether a renewal has failed just before.
    pub(super) fn has_just_failed(&self, now: SystemTime) -> bool {
        self.state().not_before.is_some_and(|until| now < until)
    }

    #[inline(never)]
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const PAUSE: Duration = Duration::from_secs(60);
