//! The session token, and whether anybody has answered yet.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderValue;

use crate::endpoint::Endpoint;

#[derive(Default)]
pub(crate) struct Session {
    answered: AtomicBool,
    pass: Mutex<Option<Arc<Pass>>>,
}

struct Pass {
    /// A token is never sent to another address than the one that gave it.
    endpoint: Arc<Endpoint>,
    /// `None` where version 1 is in use.
    token: Option<HeaderValue>,
    renew_at: SystemTime,
}

impl Session {
    /// What to send to `endpoint`, if that is known.
    pub(crate) fn token(&self, endpoint: &Endpoint, now: SystemTime) -> Option<Option<HeaderValue>> {
        let pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        (pass.endpoint.is(endpoint) && now < pass.renew_at).then(|| pass.token.clone())
    }

    /// Notes what to send to `endpoint`, and that instance metadata exists here.
    pub(crate) fn keep(&self, endpoint: Arc<Endpoint>, token: Option<HeaderValue>, ttl: u64, now: SystemTime) {
        let renew_at = now + lifetime(ttl);
        self.set(Some(Arc::new(Pass { endpoint, token, renew_at })));
        self.answered.store(true, Ordering::Release);
    }

    pub(crate) fn forget(&self) {
        self.set(None);
    }

    /// Whether instance metadata exists here.
    pub(crate) fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    fn set(&self, pass: Option<Arc<Pass>>) {
        *self.pass.lock().unwrap_or_else(PoisonError::into_inner) = pass;
    }
}

/// Renewed a little early, so that it does not end on the way.
fn lifetime(seconds: u64) -> Duration {
    Duration::from_millis(seconds * 1000 - (seconds * 100).min(120_000))
}

impl fmt::Debug for Session {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("answered", &self.has_answered()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EndpointMode;

    #[test]
    fn a_token_is_kept_for_its_endpoint_until_shortly_before_its_end() {
        let [v4, v6] = [EndpointMode::IPv4, EndpointMode::IPv6].map(|mode| Arc::new(mode.endpoint()));
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let session = Session::default();
        session.keep(Arc::clone(&v4), Some(HeaderValue::from_static("token")), 21_600, at(0));
        assert!(session.token(&v4, at(21_479)).is_some());
        assert!(session.token(&v4, at(21_480)).is_none());
        assert!(session.token(&v6, at(0)).is_none());
        session.keep(Arc::clone(&v4), None, 60, at(0));
        assert_eq!((session.token(&v4, at(53)), session.token(&v4, at(54))), (Some(None), None));
        session.forget();
        assert!(session.token(&v4, at(0)).is_none());
    }
}
