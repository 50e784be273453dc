//! Open connections between two requests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, timeout};

use crate::activity::Activity;
use crate::target::Target;
use crate::upload::Upload;

/// Connections that wait for their next request, by where they lead.
#[derive(Default)]
pub(crate) struct Pool {
    /// By what they lead to; few enough to look through.
    idle: Mutex<Vec<(Key, Vec<Idle>)>>,
}

/// What two requests must share to share a connection.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    target: Target,
    connect_to: Option<SocketAddr>,
    // A connection is driven by the runtime that opened it, which may be standing still while another runs.
    runtime: Id,
}

impl Key {
    pub(crate) fn new(target: Target, connect_to: Option<SocketAddr>, runtime: &Handle) -> Self {
        Self { target, connect_to, runtime: runtime.id() }
    }
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// One open connection.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Upload>,
    pub(crate) activity: Arc<Activity>,
}

impl Pool {
    /// The connection that was used last and is still open.
    pub(crate) async fn take(self: &Arc<Self>, key: &Key) -> Option<Lease> {
        loop {
            let mut connection = self.pop(key)?;
            // Its task may not yet have noticed that the last answer was read to the end.
            let ready =
                connection.sender.is_ready() || matches!(timeout(SETTLE, connection.sender.ready()).await, Ok(Ok(())));
            if ready {
                return Some(self.lease(key.clone(), connection));
            }
        }
    }

    pub(crate) fn lease(self: &Arc<Self>, key: Key, connection: Connection) -> Lease {
        Lease { connection, key, pool: Arc::downgrade(self) }
    }

    fn pop(&self, key: &Key) -> Option<Connection> {
        let mut idle = self.lock();
        let waiting = waiting_for(&mut idle, key)?;
        let newest = waiting.pop()?;
        if newest.since.elapsed() < KEEP {
            return Some(newest.connection);
        }
        // The others wait even longer.
        waiting.clear();
        None
    }

    fn put(&self, key: Key, connection: Connection) {
        if connection.sender.is_closed() {
            return;
        }
        let now = Instant::now();
        let mut idle = self.lock();
        if idle.len() >= CROWDED {
            idle.retain(|(_, waiting)| waiting.last().is_some_and(|newest| now - newest.since < KEEP));
        }
        let Some(waiting) = waiting_for(&mut idle, &key) else {
            idle.push((key, vec![Idle { connection, since: now }]));
            return;
        };
        if waiting.first().is_some_and(|oldest| now - oldest.since >= KEEP) {
            waiting.retain(|idle| now - idle.since < KEEP);
        }
        if waiting.len() < PER_TARGET {
            waiting.push(Idle { connection, since: now });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Key, Vec<Idle>)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn waiting_for<'a>(idle: &'a mut [(Key, Vec<Idle>)], key: &Key) -> Option<&'a mut Vec<Idle>> {
    idle.iter_mut().find(|(known, _)| known == key).map(|(_, waiting)| waiting)
}

/// A connection in use; dropping it closes it.
pub(crate) struct Lease {
    pub(crate) connection: Connection,
    key: Key,
    pool: Weak<Pool>,
}

impl Lease {
    /// Lets the next request have the connection, unless its request is still on the way.
    pub(crate) fn give_back(self) {
        if let Some(pool) = self.pool.upgrade()
            && self.connection.activity.is_sent()
        {
            pool.put(self.key, self.connection);
        }
    }
}

// S3 closes after some five seconds, most load balancers after sixty; a NAT forgets silently.
const KEEP: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_millis(100);
const PER_TARGET: usize = 256;
const CROWDED: usize = 64;
