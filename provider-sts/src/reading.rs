//! A reader that is read once, in a thread of its own.

use std::future::poll_fn;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use zeroize::Zeroizing;

/// What is read once, and whoever waits for it.
pub(crate) struct Reading {
    state: Mutex<State>,
    longest: u64,
}

enum State {
    Unread(Box<dyn Read + Send>),
    Busy(Vec<Waker>),
    Done(Result<Zeroizing<Vec<u8>>, io::ErrorKind>),
}

impl Reading {
    #[inline]
    pub(crate) fn new(reader: Box<dyn Read + Send>, longest: u64) -> Self {
        Self { state: Mutex::new(State::Unread(reader)), longest }
    }

    /// What it reads to its end, at most the longest.
    #[inline]
    pub(crate) async fn contents(self: &Arc<Self>) -> Result<Zeroizing<Vec<u8>>, io::ErrorKind> {
        poll_fn(|cx| {
            let mut state = self.lock();
            match &mut *state {
                State::Done(result) => Poll::Ready(result.clone()),
                State::Busy(wakers) => {
                    wakers.push(cx.waker().clone());
                    Poll::Pending
                }
                State::Unread(_) => {
                    let busy = State::Busy(vec![cx.waker().clone()]);
                    if let State::Unread(reader) = std::mem::replace(&mut *state, busy) {
                        let reading = Arc::clone(self);
                        let begun =
                            std::thread::Builder::new().spawn(move || reading.finish(read(reader, reading.longest)));
                        if let Err(error) = begun {
                            // The reader is gone with the closure.
                            *state = State::Done(Err(error.kind()));
                            return Poll::Ready(Err(error.kind()));
                        }
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }

    #[inline]
    fn finish(&self, result: Result<Zeroizing<Vec<u8>>, io::ErrorKind>) {
        let before = std::mem::replace(&mut *self.lock(), State::Done(result));
        if let State::Busy(wakers) = before {
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for the longest text is made before, so that growing leaves no copies behind.
#[inline]
fn read(mut reader: Box<dyn Read + Send>, longest: u64) -> Result<Zeroizing<Vec<u8>>, io::ErrorKind> {
    let mut contents = Zeroizing::new(vec![0; longest as usize + 1]);
    let mut length = 0;
    while length < contents.len() {
        match reader.read(&mut contents[length..]) {
            Ok(0) => {
                contents.truncate(length);
                return Ok(contents);
            }
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.kind()),
        }
    }
    Err(io::ErrorKind::FileTooLarge)
}
