//! The session that a machine is given.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tucuxi_core::Credentials;

use crate::keyring::Keyring;

/// The session of one machine's role; another one when half of its life is over.
#[derive(Debug)]
pub(crate) struct Rotation {
    keyring: Arc<Keyring>,
    role: String,
    session_name: &'static str,
    ttl: Duration,
    session: Mutex<Option<(Credentials, SystemTime)>>,
}

impl Rotation {
    pub(crate) fn new(keyring: Arc<Keyring>, role: String, session_name: &'static str, ttl: Duration) -> Self {
        Self { keyring, role, session_name, ttl, session: Mutex::default() }
    }

    pub(crate) fn role(&self) -> &str {
        &self.role
    }

    /// The session, and when it was issued.
    pub(crate) fn session(&self) -> (Credentials, SystemTime) {
        let now = self.keyring.clock().now();
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match &*session {
            Some((credentials, issued)) if *issued + self.ttl / 2 > now => (credentials.clone(), *issued),
            _ => {
                let issued = (self.keyring.issue(&self.role, self.session_name, self.ttl), now);
                *session = Some(issued.clone());
                issued
            }
        }
    }
}
