//! From addresses to a TCP connection: one after the other, both families beside each other where the first is slow.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tucuxi_core::BoxFuture;

use crate::waiting::{alarm, within};

/// Connects to one of these addresses, those of the first one's family before the others.
///
/// In the same order and times as hyper-util's connector, which is several times as large. Specification: RFC 6555.
pub(crate) fn connect(addresses: Vec<SocketAddr>, limit: Duration) -> Connecting {
    let preferred = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut other) = (Lane::new(preferred, limit), Lane::new(!preferred, limit));
    first.share_out(&addresses);
    other.share_out(&addresses);
    let head_start = alarm(Instant::now() + HEAD_START);
    Connecting { addresses, first, other, head_start }
}

/// See [`connect`].
pub(crate) struct Connecting {
    addresses: Vec<SocketAddr>,
    first: Lane,
    other: Lane,
    head_start: BoxFuture<'static, ()>,
}

/// The addresses of one family, tried one after the other.
struct Lane {
    ipv6: bool,
    /// How many of all addresses were looked at.
    seen: usize,
    /// The time for each attempt.
    each: Duration,
    attempt: Option<BoxFuture<'static, io::Result<TcpStream>>>,
    /// Why the first of them failed.
    failure: Option<io::Error>,
}

impl Lane {
    fn new(ipv6: bool, limit: Duration) -> Self {
        Self { ipv6, seen: 0, each: limit, attempt: None, failure: None }
    }

    fn share_out(&mut self, addresses: &[SocketAddr]) {
        let mut many = 0;
        for address in addresses {
            many += u32::from(address.is_ipv6() == self.ipv6);
        }
        self.each = self.each.checked_div(many).unwrap_or(self.each);
    }

    /// A connection, or nothing once all have failed.
    fn poll(&mut self, addresses: &[SocketAddr], cx: &mut Context<'_>) -> Poll<Option<TcpStream>> {
        loop {
            if let Some(attempt) = &mut self.attempt {
                let outcome = ready!(attempt.as_mut().poll(cx));
                self.attempt = None;
                match outcome {
                    Ok(stream) => return Poll::Ready(Some(stream)),
                    Err(error) if self.failure.is_none() => self.failure = Some(error),
                    Err(_) => {}
                }
            }
            let Some(address) = addresses.get(self.seen) else { return Poll::Ready(None) };
            self.seen += 1;
            if address.is_ipv6() == self.ipv6 {
                self.attempt = Some(Box::pin(attempt(*address, self.each)));
            }
        }
    }
}

impl Future for Connecting {
    type Output = io::Result<TcpStream>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let first = this.first.poll(&this.addresses, cx);
        if let Poll::Ready(Some(stream)) = first {
            return Poll::Ready(Ok(stream));
        }
        if first.is_pending() {
            ready!(this.head_start.as_mut().poll(cx));
        }
        let other = ready!(this.other.poll(&this.addresses, cx));
        if let Some(stream) = other {
            return Poll::Ready(Ok(stream));
        }
        if first.is_pending() {
            return Poll::Pending;
        }
        let failure = this.first.failure.take().or_else(|| this.other.failure.take());
        Poll::Ready(Err(failure.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotConnected, "it has no address"))))
    }
}

async fn attempt(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // A system that refuses one of these can connect nevertheless.
    let _ = socket.set_nodelay(true);
    let _ = SockRef::from(&socket).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE));
    let mut outcome = None;
    let mut connecting = pin!(socket.connect(address));
    within(limit, &mut poll_fn(|cx| connecting.as_mut().poll(cx).map(|connected| outcome = Some(connected)))).await;
    outcome.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
}

const HEAD_START: Duration = Duration::from_millis(300);
const KEEP_ALIVE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use tokio::net::TcpListener;

    use super::*;

    // The clock is paused: it jumps to the next timer when no socket is ready, so no test waits or measures real time.
    const LIMIT: Duration = Duration::from_secs(3);

    async fn open(host: impl Into<std::net::IpAddr>) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind((host.into(), 0)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    /// Nothing, said aloud, on a machine without IPv6.
    async fn open_ipv6() -> Option<(TcpListener, SocketAddr)> {
        let opened = open(Ipv6Addr::LOCALHOST).await;
        opened.inspect_err(|error| eprintln!("not tested, for this machine has no IPv6: {error}")).ok()
    }

    async fn closed(host: impl Into<std::net::IpAddr>) -> SocketAddr {
        open(host).await.unwrap().1
    }

    /// A port of a family that takes connections but answers none.
    async fn silent(host: impl Into<std::net::IpAddr>) -> (TcpListener, SocketAddr, Vec<TcpStream>) {
        let host = host.into();
        let socket = if host.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }.unwrap();
        socket.bind((host, 0).into()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let (mut waiting, mut unanswered) = (Vec::new(), 0);
        // A busy system may answer late, after the clock has jumped.
        while unanswered < 3 {
            match attempt(address, Duration::from_millis(50)).await {
                Ok(stream) => waiting.push(stream),
                Err(_) => unanswered += 1,
            }
        }
        (listener, address, waiting)
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_are_tried_in_turn() {
        let (_listener, address) = open(Ipv4Addr::LOCALHOST).await.unwrap();
        let refused = closed(Ipv4Addr::LOCALHOST).await;
        let stream = connect(vec![refused, address], LIMIT).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!(stream.nodelay().unwrap());
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEP_ALIVE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_failure_is_told() {
        let refused = closed(Ipv4Addr::LOCALHOST).await;
        let error = connect(vec![refused, refused], LIMIT).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(connect(Vec::new(), LIMIT).await.unwrap_err().kind(), io::ErrorKind::NotConnected);
    }

    #[tokio::test(start_paused = true)]
    async fn the_other_family_follows_at_once_when_the_first_fails() {
        let Some((_listener, address)) = open_ipv6().await else { return };
        let begun = Instant::now();
        let stream = connect(vec![closed(Ipv4Addr::LOCALHOST).await, address], LIMIT).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!(begun.elapsed() < HEAD_START);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test(start_paused = true)]
    async fn the_other_family_follows_when_the_first_is_slow() {
        let Some((_listener, address)) = open_ipv6().await else { return };
        let (_silent, unanswered, _waiting) = silent(Ipv4Addr::LOCALHOST).await;
        let begun = Instant::now();
        let stream = connect(vec![unanswered, address], LIMIT).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!((HEAD_START..LIMIT).contains(&begun.elapsed()));
        // The first goes on beside it.
        assert!(connect(vec![unanswered, closed(Ipv6Addr::LOCALHOST).await], HEAD_START * 2).await.is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test(start_paused = true)]
    async fn each_address_of_a_family_has_its_share_of_the_time() {
        let (_silent, unanswered, _waiting) = silent(Ipv4Addr::LOCALHOST).await;
        let (_listener, address) = open(Ipv4Addr::LOCALHOST).await.unwrap();
        let begun = Instant::now();
        let stream = connect(vec![unanswered, address], Duration::from_millis(400)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!(begun.elapsed() >= Duration::from_millis(200));
        let error = connect(vec![unanswered], Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
