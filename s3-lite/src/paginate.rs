//! Listings: page after page, as streams.

use std::fmt;

use std::task::{Context, Poll, ready};

use tucuxi_core::BoxFuture;

use crate::call::{Answer, Call};
use crate::client::Replay;
use crate::{Client, Error};

/// What a listing has to say about its pages.
pub(crate) trait Listing: Send + 'static {
    /// One page.
    type Page: Send + 'static;

    /// The call for the page after `token`.
    fn call(&self, token: Option<&str>) -> Call;

    /// Reads a page; gives what leads to the next one.
    fn read(answer: &Answer) -> Result<(Self::Page, Option<String>), Error>;
}

/// The pages of a listing.
pub(crate) struct Pager<L: Listing> {
    client: Client,
    listing: L,
    state: State<L::Page>,
}

enum State<P> {
    /// The next page is not asked for yet.
    Idle(Option<String>),
    /// The next page is on its way; with what led to it.
    Asking(Option<String>, BoxFuture<'static, Result<(P, Option<String>), Error>>),
    /// This is said before the end.
    Failing(Error),
    Done,
}

impl<L: Listing> Pager<L> {
    pub(crate) fn new(client: Client, listing: L) -> Self {
        Self { client, listing, state: State::Idle(None) }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<L::Page, Error>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Failing(error) => return Poll::Ready(Some(Err(error))),
                State::Idle(token) => {
                    let call = self.listing.call(token.as_deref());
                    let client = self.client.clone();
                    let page = Box::pin(async move {
                        let answer = client.send(&call, Replay::default()).await?;
                        L::read(&answer).map_err(|error| error.about(&call))
                    });
                    self.state = State::Asking(token, page);
                }
                State::Asking(token, mut page) => {
                    let Poll::Ready(answer) = page.as_mut().poll(cx) else {
                        self.state = State::Asking(token, page);
                        return Poll::Pending;
                    };
                    let (page, next) = match answer {
                        Ok(answer) => answer,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    self.state = match next {
                        None => State::Done,
                        // Going on would list the same page for ever.
                        Some(_) if next == token => State::Failing(
                            Error::bad_answer("the server repeats a continuation token, so the listing has no end")
                                .about(&self.listing.call(None)),
                        ),
                        next => State::Idle(next),
                    };
                    return Poll::Ready(Some(Ok(page)));
                }
            }
        }
    }
}

impl<L: Listing + fmt::Debug> fmt::Debug for Pager<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager").field("listing", &self.listing).finish_non_exhaustive()
    }
}

/// The items of a listing's pages.
pub(crate) struct Items<L: Listing, T> {
    pages: Pager<L>,
    split: fn(L::Page) -> Vec<T>,
    ready: std::vec::IntoIter<T>,
}

impl<L: Listing, T> Items<L, T> {
    pub(crate) fn new(pages: Pager<L>, split: fn(L::Page) -> Vec<T>) -> Self {
        Self { pages, split, ready: Vec::new().into_iter() }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll(cx)) {
                Some(Ok(page)) => self.ready = (self.split)(page).into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<L: Listing + fmt::Debug, T> fmt::Debug for Items<L, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}

/// A stream with `try_next`, over something with `poll`.
macro_rules! stream {
    ($stream:ident => $item:ty, $inner:ident) => {
        impl $stream {
            /// The next one, or `None` at the end.
            ///
            /// # Errors
            /// Why a page could not be had; nothing comes after it.
            pub async fn try_next(&mut self) -> Result<Option<$item>, crate::Error> {
                std::future::poll_fn(|cx| self.$inner.poll(cx)).await.transpose()
            }
        }

        impl futures_core::Stream for $stream {
            type Item = Result<$item, crate::Error>;

            fn poll_next(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                self.$inner.poll(cx)
            }
        }
    };
}

pub(crate) use stream;

/// Pinning changes nothing here: what is polled is boxed.
impl<L: Listing> Unpin for Pager<L> {}
