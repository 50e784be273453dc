//! Who waits for one fetch.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use shuttle::future::{block_on, spawn, yield_now};
use shuttle::sync::Mutex;
use shuttle::thread;

use super::super::flight::Flight;
use super::{SCHEDULES, check};
use crate::Credentials;

#[test]
fn a_waiter_that_is_never_polled_again_stops_nobody() {
    check(
        || {
            let flight = Flight::new(Box::pin(async {
                yield_now().await;
                yield_now().await;
                Ok(Credentials::new("AKID", "s"))
            }));
            let asleep = Arc::clone(&flight);
            let sleeper = thread::spawn(move || {
                let mut call = Box::pin(asleep.wait());
                block_on(poll_fn(|cx| {
                    drop(call.as_mut().poll(cx));
                    Poll::Ready(())
                }));
                // Alive, with a place among the waiters, and polled no more.
                call
            });
            let other = spawn(flight.wait());
            assert_eq!(block_on(other).unwrap().unwrap().access_key_id(), "AKID");
            drop(sleeper.join().unwrap());
        },
        SCHEDULES,
    );
}

/// Opened from outside, as an answer from the network comes.
#[derive(Default)]
struct Gate(Mutex<(bool, Option<Waker>)>);

impl Gate {
    fn open(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn passed(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

#[test]
fn an_answer_from_outside_finds_a_waiter_that_is_polled() {
    check(
        || {
            let gate = Arc::new(Gate::default());
            let opened = Arc::clone(&gate);
            let flight = Flight::new(Box::pin(async move {
                gate.passed().await;
                Ok(Credentials::new("AKID", "s"))
            }));
            let mut asleep = Box::pin(Arc::clone(&flight).wait());
            block_on(poll_fn(|cx| {
                drop(asleep.as_mut().poll(cx));
                Poll::Ready(())
            }));
            let others: Vec<_> = (0..2).map(|_| spawn(Arc::clone(&flight).wait())).collect();
            let opener = thread::spawn(move || opened.open());
            block_on(async {
                for other in others {
                    assert_eq!(other.await.unwrap().unwrap().access_key_id(), "AKID");
                }
            });
            opener.join().unwrap();
            drop(asleep);
        },
        SCHEDULES / 5,
    );
}
