//! One fetch that many wait for and nobody owns.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Mutex, MutexGuard};
use crate::{BoxFuture, Credentials, Error};

type Answer = Result<Credentials, Error>;

/// A fetch in progress. Whoever waits also drives it; a waiter that is dropped leaves it to the others.
///
/// There is no leader among the waiters: news wakes all of them, because one that is alive but is not polled (the
/// other branch of a `select`, a task on a runtime that stands still) must not keep the rest waiting.
pub(super) struct Flight {
    work: Mutex<Option<BoxFuture<'static, Answer>>>,
    board: Arc<Board>,
}

/// The answer, and who is to be told.
#[derive(Default)]
struct Board {
    state: Mutex<BoardState>,
}

#[derive(Default)]
struct BoardState {
    answer: Option<Answer>,
    /// How often the fetch asked to be polled.
    news: u64,
    next_seat: u64,
    /// By seat; seats are numbered upwards, so a new one comes last.
    waiting: Vec<(u64, Waker)>,
}

impl BoardState {
    fn wakers(&self) -> Vec<Waker> {
        let mut wakers = Vec::with_capacity(self.waiting.len());
        for (_, waker) in &self.waiting {
            wakers.push(waker.clone());
        }
        wakers
    }

    fn find(&self, seat: u64) -> Result<usize, usize> {
        self.waiting.binary_search_by_key(&seat, |(seat, _)| *seat)
    }

    /// Keeps the waker of a seat, and gives one that it replaces.
    fn seat(&mut self, seat: u64, waker: &Waker) -> Option<Waker> {
        match self.find(seat) {
            Ok(index) => {
                let known = &mut self.waiting[index].1;
                (!known.will_wake(waker)).then(|| std::mem::replace(known, waker.clone()))
            }
            Err(index) => {
                self.waiting.insert(index, (seat, waker.clone()));
                None
            }
        }
    }
}

impl Flight {
    pub(super) fn new(work: BoxFuture<'static, Answer>) -> Arc<Self> {
        Arc::new(Self { work: Mutex::new(Some(work)), board: Arc::new(Board::default()) })
    }

    #[inline]
    pub(super) fn has_answered(&self) -> bool {
        self.board.state().answer.is_some()
    }

    /// Whether nobody waits, so that nobody drives the fetch.
    #[inline]
    pub(super) fn is_deserted(&self) -> bool {
        self.board.state().waiting.is_empty()
    }

    /// Waits for the answer, driving the fetch meanwhile.
    pub(super) fn wait(self: Arc<Self>) -> Waiting {
        let seat = Seat { board: Arc::clone(&self.board), number: None };
        Waiting { flight: self, seat }
    }

    fn poll(&self, seat: &mut Seat, cx: &mut Context<'_>) -> Poll<Answer> {
        if let Some(answer) = seat.take(cx.waker()) {
            return Poll::Ready(answer);
        }
        let mut work = match self.work.try_lock() {
            Ok(work) => work,
            // Another waiter is polling right now; it wakes every seat when there is news.
            Err(TryLockError::WouldBlock) => return Poll::Pending,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        let mut known = u64::MAX;
        if let Some(future) = work.as_mut() {
            known = self.board.news();
            // The waker calls all seats, so the fetch survives the waiter that happened to poll it.
            let waker = Waker::from(Arc::clone(&self.board));
            let guard = PanicGuard(&self.board);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            std::mem::forget(guard);
            match polled {
                Poll::Pending => {}
                Poll::Ready(answer) => {
                    *work = None;
                    self.board.settle(answer);
                }
            }
        }
        drop(work);
        self.board.repeat_news_since(known);
        seat.take(cx.waker()).map_or(Poll::Pending, Poll::Ready)
    }
}

/// A waiter.
pub(super) struct Waiting {
    flight: Arc<Flight>,
    seat: Seat,
}

impl Future for Waiting {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let Self { flight, seat } = self.get_mut();
        flight.poll(seat, cx)
    }
}

impl Board {
    // Locks are taken in one place each: with what is done about a poisoned one, taking it is many times a call.
    #[inline(never)]
    fn state(&self) -> MutexGuard<'_, BoardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, answer: Answer) {
        let waiting = {
            let mut state = self.state();
            state.answer.get_or_insert(answer);
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    fn news(&self) -> u64 {
        self.state().news
    }

    /// News that came while the fetch was being polled found it busy: whoever was woken went away empty-handed,
    /// and whoever was polling may never be polled again. Each who polled counts for himself; if one could take the
    /// news off another, it would be lost.
    fn repeat_news_since(&self, known: u64) {
        let waiting = {
            let state = self.state();
            if state.news <= known {
                return;
            }
            state.wakers()
        };
        wake_all(waiting);
    }
}

impl Wake for Board {
    fn wake(self: Arc<Self>) {
        let waiting = {
            let mut state = self.state();
            state.news += 1;
            state.wakers()
        };
        wake_all(waiting);
    }
}

#[inline(never)]
fn wake_all(waiting: Vec<Waker>) {
    waiting.into_iter().for_each(Waker::wake);
}

/// One waiter's place; leaving early gives it up. Nothing is passed on: the others heard the same news.
struct Seat {
    board: Arc<Board>,
    number: Option<u64>,
}

impl Seat {
    fn take(&mut self, waker: &Waker) -> Option<Answer> {
        let mut state = self.board.state();
        if let Some(answer) = &state.answer {
            return Some(answer.clone());
        }
        let number = *self.number.get_or_insert_with(|| {
            state.next_seat += 1;
            state.next_seat
        });
        let old = state.seat(number, waker);
        drop(state);
        // Without the lock: it may be the last that holds a task.
        drop(old);
        None
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut state = self.board.state();
        let waker = state.find(number).ok().map(|index| state.waiting.remove(index));
        drop(state);
        drop(waker);
    }
}

/// Answers everybody when the source panics, so that nobody waits for ever.
struct PanicGuard<'a>(&'a Board);

impl Drop for PanicGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.settle(Err(Error::unavailable("the source of credentials panicked")));
    }
}
