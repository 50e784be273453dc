//! What was asked of the sandbox.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One of the sandbox's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// The container endpoint.
    Container,
    /// EC2 instance metadata.
    Imds,
    /// S3.
    S3,
    /// The sign-in service of the console.
    SignIn,
    /// The portal of IAM Identity Center.
    Sso,
    /// The token service of IAM Identity Center.
    SsoOidc,
    /// The Security Token Service.
    Sts,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container => "container",
            Self::Imds => "imds",
            Self::S3 => "s3",
            Self::SignIn => "signin",
            Self::Sso => "sso",
            Self::SsoOidc => "sso-oidc",
            Self::Sts => "sts",
        })
    }
}

/// A request that reached the sandbox. Holds no query, header or body: those carry signatures and tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// The endpoint it came to.
    pub service: Service,
    /// The method.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The status of the answer; `None` while there is none.
    pub status: Option<u16>,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.service, self.method, self.path)?;
        match self.status {
            Some(status) => write!(f, " {status}"),
            None => Ok(()),
        }
    }
}

/// The requests so far: all counted, the last ones kept.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    /// Entries that have been dropped from the front.
    dropped: usize,
    kept: VecDeque<Seen>,
    counts: HashMap<Service, usize>,
}

impl Journal {
    /// Notes a request and gives the number that its answer is noted under.
    pub(crate) fn arrived(&self, service: Service, method: &str, path: &str) -> usize {
        let mut pages = self.lock();
        *pages.counts.entry(service).or_default() += 1;
        if pages.kept.len() == KEPT {
            pages.kept.pop_front();
            pages.dropped += 1;
        }
        pages.kept.push_back(Seen { service, method: method.to_owned(), path: path.to_owned(), status: None });
        pages.dropped + pages.kept.len() - 1
    }

    pub(crate) fn answered(&self, number: usize, status: u16) {
        let mut pages = self.lock();
        let at = number.checked_sub(pages.dropped);
        if let Some(seen) = at.and_then(|at| pages.kept.get_mut(at)) {
            seen.status = Some(status);
        }
    }

    pub(crate) fn entries(&self) -> Vec<Seen> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(crate) fn count(&self, service: Service) -> usize {
        self.lock().counts.get(&service).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const KEPT: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_entries_go_and_the_numbers_stay_right() {
        let journal = Journal::default();
        let first = journal.arrived(Service::S3, "GET", "/first");
        for _ in 0..KEPT {
            journal.arrived(Service::Sts, "POST", "/");
        }
        let last = journal.arrived(Service::Imds, "PUT", "/last");
        journal.answered(first, 200);
        journal.answered(last, 401);
        let entries = journal.entries();
        assert_eq!(entries.len(), KEPT);
        assert_eq!(entries.last().unwrap().to_string(), "imds PUT /last 401");
        assert!(entries[..KEPT - 1].iter().all(|seen| seen.status.is_none()));
        assert_eq!(journal.count(Service::Sts), KEPT);
    }
}
