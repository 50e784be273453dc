//! What a sign-in opens: accounts and the roles in them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use futures_core::Stream;
use tucuxi_core::{BoxFuture, Context, Error, Secret};

use crate::bearer::Bearer;
use crate::wire::{self, Page};
use crate::{EndpointOptions, SignInSettings};

/// An account that the sign-in opens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Its number, 12 digits.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// The address of whoever owns it.
    pub email: Option<String>,
}

/// A role (permission set) that the sign-in opens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The account that it is in.
    pub account_id: String,
}

/// The portal, for whoever is signed in.
///
/// - Reads: the sign-in in `~/.aws/sso/cache`, refreshed and written back like
///   [`SsoProvider`](crate::SsoProvider) does.
/// - Network: one request for each page of 100, asked again up to twice when the portal throttles or fails. Connect
///   3.1 s, read 30 s by default.
///
/// # Errors
/// Of the streams; nothing comes after one:
/// - `InvalidConfig`: nobody signed in, or the cache file makes no sense.
/// - `Denied`: the sign-in has ended or was revoked.
/// - `Unavailable`: no usable answer, or a list without an end.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Error, Region};
/// use tucuxi_provider_sso::{Portal, SignInSettings};
///
/// async fn list(context: &Context) -> Result<(), Error> {
///     let settings = SignInSettings::new("https://e.awsapps.com/start", Region::new("us-east-1")?).with_session("corp");
///     let portal = Portal::new(context, settings);
///     let mut accounts = portal.accounts();
///     while let Some(account) = accounts.try_next().await? {
///         let mut roles = portal.roles(&account.id);
///         while let Some(role) = roles.try_next().await? {
///             println!("{} {}", account.id, role.name);
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/welcome.html>
#[derive(Clone, Debug)]
pub struct Portal(Bearer);

impl Portal {
    /// The portal of a sign-in. No I/O.
    pub fn new(context: &Context, settings: SignInSettings) -> Self {
        Self(Bearer::new(context, settings))
    }

    /// Reaches IAM Identity Center elsewhere.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: EndpointOptions) -> Self {
        self.0.settings_mut().endpoints = endpoints;
        self
    }

    /// The accounts that the sign-in opens, in the portal's order.
    pub fn accounts(&self) -> Accounts {
        let bearer = self.0.clone();
        Pages::new(move |next| {
            let bearer = bearer.clone();
            Box::pin(async move {
                let request = |portal: &str, token: &Secret| wire::accounts(portal, next.as_deref(), token);
                bearer.read(&bearer.ask(&request).await?, wire::accounts_page)
            })
        })
    }

    /// The roles in an account that the sign-in opens, in the portal's order.
    pub fn roles(&self, account_id: impl Into<String>) -> Roles {
        let (bearer, account_id) = (self.0.clone(), account_id.into());
        Pages::new(move |next| {
            let (bearer, account_id) = (bearer.clone(), account_id.clone());
            Box::pin(async move {
                let request = |portal: &str, token: &Secret| wire::roles(portal, &account_id, next.as_deref(), token);
                bearer.read(&bearer.ask(&request).await?, |answer| wire::roles_page(answer, &account_id))
            })
        })
    }
}

/// Accounts, page after page.
pub type Accounts = Pages<Account>;

/// Roles, page after page.
pub type Roles = Pages<Role>;

type Fetch<T> = dyn Fn(Option<String>) -> BoxFuture<'static, Result<Page<T>, Error>> + Send + Sync;

/// What is on a list of the portal, page after page; each page is asked for when the one before it is used up.
pub struct Pages<T> {
    fetch: Arc<Fetch<T>>,
    ready: std::vec::IntoIter<T>,
    state: State<T>,
}

enum State<T> {
    /// The next page is not asked for yet.
    Idle(Option<String>),
    /// The next page is on its way; with what led to it.
    Asking(Option<String>, BoxFuture<'static, Result<Page<T>, Error>>),
    /// The list led to the page that it came from.
    Circling,
    Done,
}

impl<T> Pages<T> {
    fn new(
        fetch: impl Fn(Option<String>) -> BoxFuture<'static, Result<Page<T>, Error>> + Send + Sync + 'static,
    ) -> Self {
        Self { fetch: Arc::new(fetch), ready: Vec::new().into_iter(), state: State::Idle(None) }
    }

    /// The next one, or `None` at the end.
    ///
    /// # Errors
    /// Why a page could not be had; nothing comes after it.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        std::future::poll_fn(|cx| self.poll(cx)).await.transpose()
    }

    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Circling => {
                    let message = "the portal leads to the same page again, so the list has no end";
                    return Poll::Ready(Some(Err(Error::unavailable(message))));
                }
                State::Idle(token) => {
                    let page = (self.fetch)(token.clone());
                    self.state = State::Asking(token, page);
                }
                State::Asking(token, mut page) => {
                    let Poll::Ready(answer) = page.as_mut().poll(cx) else {
                        self.state = State::Asking(token, page);
                        return Poll::Pending;
                    };
                    let page = match answer {
                        Ok(page) => page,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    self.ready = page.items.into_iter();
                    self.state = match page.next {
                        None => State::Done,
                        next if next == token => State::Circling,
                        next => State::Idle(next),
                    };
                }
            }
        }
    }
}

impl<T: Unpin> Stream for Pages<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}
