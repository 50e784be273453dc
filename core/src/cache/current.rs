//! The credentials of the moment, read without a lock.

use std::cell::RefCell;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use super::entry::Entry;
use crate::Credentials;
use crate::credentials::WeakCredentials;
use crate::sync::{AtomicU64, Counter, Mutex, MutexGuard, thread_local};

/// One entry that many read and few replace.
///
/// Each thread remembers what it saw last, with the stamp it had. A read is an atomic load of the stamp, a look at
/// the thread's own memory, and a reference count; only the first read of a thread after a change takes the lock.
/// The memory holds no credentials alive, so the secret of a replaced entry is wiped although threads that sleep
/// still remember that there was one.
#[derive(Default)]
pub(super) struct Current {
    /// 0 while there is nothing. A stamp is never used twice in a process, so it names cache and entry at once.
    stamp: AtomicU64,
    entry: Mutex<Option<Arc<Entry>>>,
}

impl Current {
    /// The credentials, if nothing is to be done about them yet.
    pub(super) fn quiet(&self, now: SystemTime) -> Option<Credentials> {
        // Pairs with the store in `replace`: whoever sees a stamp also sees its entry.
        let stamp = self.stamp.load(Ordering::Acquire);
        if stamp == NOTHING {
            return None;
        }
        match SEEN.try_with(|seen| seen.borrow().read(stamp, now)) {
            Ok(Read::Quiet(credentials)) => Some(credentials),
            Ok(Read::Due) => None,
            // Not seen yet; or this thread is ending and has no memory any more.
            Ok(Read::Unknown) | Err(_) => self.look(now),
        }
    }

    #[inline]
    pub(super) fn held(&self) -> Option<Arc<Entry>> {
        self.entry().clone()
    }

    pub(super) fn replace(&self, entry: Entry) {
        let mut current = self.entry();
        let old = current.replace(Arc::new(entry));
        self.stamp.store(next_stamp(), Ordering::Release);
        drop(current);
        // Outside the lock: this may wipe the secret.
        drop(old);
    }

    #[inline(never)]
    fn entry(&self) -> MutexGuard<'_, Option<Arc<Entry>>> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn look(&self, now: SystemTime) -> Option<Credentials> {
        let (stamp, entry) = {
            let current = self.entry();
            (self.stamp.load(Ordering::Acquire), current.clone()?)
        };
        let glance = Glance { stamp, quiet_until: entry.quiet_until, credentials: entry.credentials.downgrade() };
        // A thread that is ending reads on without a memory.
        let _: Result<(), _> = SEEN.try_with(|seen| seen.borrow_mut().note(glance));
        entry.is_quiet(now).then(|| entry.credentials.clone())
    }
}

/// What a thread saw of the caches it read last.
struct Seen {
    glances: Vec<Glance>,
    next: usize,
}

struct Glance {
    stamp: u64,
    quiet_until: Option<SystemTime>,
    credentials: WeakCredentials,
}

enum Read {
    Quiet(Credentials),
    Due,
    Unknown,
}

impl Seen {
    const fn new() -> Self {
        Self { glances: Vec::new(), next: 0 }
    }

    fn read(&self, stamp: u64, now: SystemTime) -> Read {
        let Some(glance) = self.glances.iter().find(|glance| glance.stamp == stamp) else {
            return Read::Unknown;
        };
        if glance.quiet_until.is_some_and(|until| now >= until) {
            return Read::Due;
        }
        // Gone only if it was replaced just now.
        glance.credentials.upgrade().map_or(Read::Unknown, Read::Quiet)
    }

    fn note(&mut self, glance: Glance) {
        // The same credentials under another stamp, or a place that nobody needs.
        let (mut same, mut free) = (None, None);
        for (at, seen) in self.glances.iter().enumerate() {
            if seen.credentials.is(&glance.credentials) {
                same = Some(at);
            } else if free.is_none() && seen.credentials.is_gone() {
                free = Some(at);
            }
        }
        if let Some(at) = same.or(free) {
            self.glances[at] = glance;
        } else if self.glances.len() < REMEMBERED {
            self.glances.push(glance);
        } else {
            self.next = (self.next + 1) % REMEMBERED;
            self.glances[self.next] = glance;
        }
    }
}

thread_local! {
    static SEEN: RefCell<Seen> = const { RefCell::new(Seen::new()) };
}

fn next_stamp() -> u64 {
    static LAST: Counter = Counter::new(NOTHING);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

const NOTHING: u64 = 0;
/// Caches whose entries a thread remembers; with more in turn, reads take the lock.
const REMEMBERED: usize = 8;
