//! A wait with an end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tucuxi_core::BoxFuture;

use crate::activity::later;

/// Something to be polled that keeps its own result. Not a closure: of those a program has the body twice.
type Poller<'a> = &'a mut (dyn Future<Output = ()> + Send + Unpin);

/// Polls until that is ready, or `limit` is over; tells whether it came to be ready.
///
/// As tokio's `timeout`, of which a program has code for each kind of future; this is there once.
pub(crate) fn within(limit: Duration, poll: Poller<'_>) -> Within<'_> {
    Within { end: later(Instant::now(), limit), timer: None, poll }
}

/// Ready at that time. A trait object, so that the code that drops a timer is there once.
#[inline(never)]
pub(crate) fn alarm(time: Instant) -> BoxFuture<'static, ()> {
    Box::pin(sleep_until(time))
}

/// See [`within`].
pub(crate) struct Within<'a> {
    end: Instant,
    timer: Option<BoxFuture<'static, ()>>,
    poll: Poller<'a>,
}

impl Future for Within<'_> {
    type Output = bool;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let this = self.get_mut();
        // Ahead of the rest, which may leave this turn of the task no time to look at a timer.
        let is_over = this.timer.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready());
        if Pin::new(&mut *this.poll).poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        if is_over {
            return Poll::Ready(false);
        }
        if this.timer.is_none() {
            let timer = this.timer.insert(alarm(this.end));
            return timer.as_mut().poll(cx).map(|()| false);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::pin::pin;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_ready_in_time_counts() {
        let mut sleep = pin!(sleep_until(Instant::now() + Duration::from_millis(99)));
        assert!(within(Duration::from_millis(100), &mut poll_fn(|cx| sleep.as_mut().poll(cx))).await);
        assert!(within(Duration::ZERO, &mut poll_fn(|_| Poll::Ready(()))).await);
        assert!(within(Duration::MAX, &mut poll_fn(|_| Poll::Ready(()))).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_longer_is_given_up() {
        let mut never = pin!(pending());
        let begun = Instant::now();
        assert!(!within(Duration::from_millis(100), &mut poll_fn(|cx| never.as_mut().poll(cx))).await);
        assert!((100..110).contains(&begun.elapsed().as_millis()));
        assert!(!within(Duration::ZERO, &mut poll_fn(|cx| never.as_mut().poll(cx))).await);
    }

    #[tokio::test]
    async fn what_always_has_something_to_do_is_given_up_too() {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let mut busy = pin!(poll_fn(|cx| {
            // Reads until its turn is over.
            loop {
                let _ = sender.send(());
                std::task::ready!(receiver.poll_recv(cx));
            }
        }));
        assert!(!within(Duration::from_millis(20), &mut poll_fn(|cx| busy.as_mut().poll(cx))).await);
    }
}
