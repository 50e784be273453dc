//! Open connections between two requests.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::runtime::{Handle, Id};
use tokio::time::Instant;

use crate::activity::Activity;
use crate::target::Target;
use crate::upload::Upload;
use crate::waiting::within;

/// Connections that wait for their next request.
#[derive(Default)]
pub(crate) struct Pool {
    /// The longest waiting first; few enough to look through.
    idle: Mutex<Vec<(Instant, Lease)>>,
}

/// What two requests must share to share a connection.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) target: Target,
    connect_to: Option<SocketAddr>,
    // A connection is driven by the runtime that opened it, which may be standing still while another runs.
    runtime: Id,
}

impl Key {
    pub(crate) fn new(target: Target, connect_to: Option<SocketAddr>, runtime: &Handle) -> Self {
        Self { target, connect_to, runtime: runtime.id() }
    }
}

/// One open connection.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Upload>,
    pub(crate) activity: Arc<Activity>,
    key: Key,
    pool: Weak<Pool>,
}

impl Pool {
    /// The connection that was used last and is still open.
    pub(crate) async fn take(&self, key: &Key) -> Option<Lease> {
        loop {
            let mut lease = self.pop(key)?;
            let sender = &mut lease.0.sender;
            // Its task may not yet have noticed that the last answer was read to the end.
            let mut is_ready = sender.is_ready();
            if !is_ready {
                within(SETTLE, &mut poll_fn(|cx| sender.poll_ready(cx).map(|settled| is_ready = settled.is_ok())))
                    .await;
            }
            if is_ready {
                return Some(lease);
            }
        }
    }

    pub(crate) fn lease(self: &Arc<Self>, key: Key, sender: SendRequest<Upload>, activity: Arc<Activity>) -> Lease {
        Lease(Box::new(Connection { sender, activity, key, pool: Arc::downgrade(self) }))
    }

    fn pop(&self, key: &Key) -> Option<Lease> {
        let mut idle = self.lock();
        let now = Instant::now();
        idle.retain(|(since, _)| now - *since < KEEP);
        let newest = idle.iter().rposition(|(_, lease)| lease.0.key == *key)?;
        Some(idle.remove(newest).1)
    }

    fn put(&self, lease: Lease) {
        if lease.0.sender.is_closed() {
            return;
        }
        let mut idle = self.lock();
        if idle.len() >= MOST {
            idle.remove(0);
        }
        idle.push((Instant::now(), lease));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, Lease)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in use; dropping it closes it.
pub(crate) struct Lease(pub(crate) Box<Connection>);

impl Lease {
    /// Lets the next request have the connection, unless its request is still on the way.
    pub(crate) fn give_back(self) {
        if let Some(pool) = self.0.pool.upgrade()
            && self.0.activity.is_sent()
        {
            pool.put(self);
        }
    }
}

// S3 closes after some five seconds, most load balancers after sixty; a NAT forgets silently.
const KEEP: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_millis(100);
const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;

    use super::*;

    #[tokio::test]
    async fn the_oldest_makes_room_for_the_newest() {
        let pool = Arc::new(Pool::default());
        let key = |number: usize| {
            let target = Target::of(&format!("http://{number}.test/").parse().unwrap()).unwrap();
            Key::new(target, None, &Handle::current())
        };
        let mut open = Vec::new();
        for number in 0..=MOST {
            let (sender, connection) = http1::handshake(TokioIo::new(tokio::io::duplex(64).0)).await.unwrap();
            open.push(connection);
            pool.put(pool.lease(key(number), sender, Arc::new(Activity::new())));
        }
        assert_eq!(pool.lock().len(), MOST);
        assert!(pool.pop(&key(0)).is_none());
        assert!(pool.pop(&key(1)).is_some());
        assert!(pool.pop(&key(MOST)).is_some());
        assert!(pool.pop(&key(MOST)).is_none());
    }
}
