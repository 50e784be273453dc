//! Where the token of a workload, or the assertion of a person, comes from.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use tucuxi_core::{BoxFuture, Error, Fs, Location, Secret};
use zeroize::Zeroizing;

/// A web identity token or a SAML assertion: in a file, from a callback, or from standard input.
///
/// A path converts into one.
///
/// # Example
/// ```
/// use tucuxi_core::Secret;
/// use tucuxi_provider_sts::TokenSource;
///
/// let file = TokenSource::from("/var/run/secrets/token");
/// let callback = TokenSource::from_fn(|| async { Ok(Secret::new("eyJ...")) });
/// let input = TokenSource::reader(std::io::stdin());
/// assert_eq!(format!("{file:?}"), "TokenSource(/var/run/secrets/token)");
/// ```
#[derive(Clone)]
pub struct TokenSource(Kind);

#[derive(Clone)]
enum Kind {
    File(PathBuf, Option<Location>),
    Call(Arc<Call>),
    Reader(Arc<Reading>),
}

type Call = dyn Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync;

impl TokenSource {
    /// Reads this file at each fetch; whoever issued the token renews it.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into(), None))
    }

    /// Reads this file at each fetch; the key `web_identity_token_file` on this line names it, which errors tell.
    pub fn file_named_at(path: impl Into<PathBuf>, line: Location) -> Self {
        Self(Kind::File(path.into(), Some(line)))
    }

    /// Calls this at each fetch.
    pub fn from_fn<F, Fut>(call: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Secret, Error>> + Send + 'static,
    {
        Self(Kind::Call(Arc::new(move || Box::pin(call()))))
    }

    /// Reads this to its end at the first fetch, in a thread of its own so that a time limit can end the wait;
    /// later fetches use the same text. Made for standard input.
    pub fn reader(reader: impl Read + Send + 'static) -> Self {
        Self(Kind::Reader(Arc::new(Reading(Mutex::new(State::Unread(Box::new(reader)))))))
    }

    /// The text, of which `what` says what it is; blanks around it do not count.
    pub(crate) async fn text(&self, fs: &Fs, what: &str) -> Result<Secret, Error> {
        let place = format!("{what} {}", self.place());
        let bad = |why: &str| {
            Error::invalid_config(format!("{place} {why}"))
                .with_hint("check that it is written or mounted there and may be read")
        };
        let contents = match &self.0 {
            Kind::File(path, _) => {
                fs.read(path, LONGEST).await.map_err(|error| bad("cannot be read").with_source(error))?
            }
            Kind::Call(call) => Zeroizing::new(call().await?.expose().as_bytes().to_vec()),
            Kind::Reader(reading) => match reading.text().await {
                Ok(contents) => contents,
                Err(kind) => return Err(bad("cannot be read").with_source(io::Error::from(kind))),
            },
        };
        let text = std::str::from_utf8(&contents).map_err(|error| bad("is not UTF-8").with_source(error))?.trim();
        match text.is_empty() {
            true => Err(bad("is empty")),
            false => Ok(Secret::new(text)),
        }
    }

    /// The error of text that is there but is not `what`.
    pub(crate) fn refuse(&self, what: &str, why: &str) -> Error {
        Error::invalid_config(format!("{what} {} {why}", self.place())).with_hint("check what is written there")
    }

    fn place(&self) -> String {
        match &self.0 {
            Kind::File(path, None) => format!("file {}", path.display()),
            Kind::File(path, Some(line)) => format!("file {} (web_identity_token_file at {line})", path.display()),
            Kind::Call(_) => "of the callback".to_owned(),
            Kind::Reader(_) => "of the reader".to_owned(),
        }
    }
}

impl From<PathBuf> for TokenSource {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<&Path> for TokenSource {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

impl From<String> for TokenSource {
    fn from(path: String) -> Self {
        Self::file(path)
    }
}

impl From<&str> for TokenSource {
    fn from(path: &str) -> Self {
        Self::file(path)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::File(path, _) => write!(f, "TokenSource({})", path.display()),
            Kind::Call(_) => f.write_str("TokenSource(callback)"),
            Kind::Reader(_) => f.write_str("TokenSource(reader)"),
        }
    }
}

/// What is read once, and whoever waits for it.
struct Reading(Mutex<State>);

enum State {
    Unread(Box<dyn Read + Send>),
    Busy(Vec<Waker>),
    Done(Result<Zeroizing<Vec<u8>>, io::ErrorKind>),
}

impl Reading {
    async fn text(self: &Arc<Self>) -> Result<Zeroizing<Vec<u8>>, io::ErrorKind> {
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
                        std::thread::spawn(move || reading.finish(read(reader)));
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn finish(&self, result: Result<Zeroizing<Vec<u8>>, io::ErrorKind>) {
        let before = std::mem::replace(&mut *self.lock(), State::Done(result));
        if let State::Busy(wakers) = before {
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(reader: impl Read) -> Result<Zeroizing<Vec<u8>>, io::ErrorKind> {
    // Room for the longest text, so that growing leaves no copies behind.
    let mut contents = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
    let length = reader.take(LONGEST + 1).read_to_end(&mut contents).map_err(|error| error.kind())?;
    match length as u64 > LONGEST {
        true => Err(io::ErrorKind::FileTooLarge),
        false => Ok(contents),
    }
}

/// What the service takes, a SAML assertion of 100,000 characters included, and then some.
const LONGEST: u64 = 128 * 1024;

#[cfg(test)]
mod tests {
    use tucuxi_testkit::block_on;

    use super::*;

    #[track_caller]
    fn check(source: &TokenSource, expected: Result<&str, &str>) {
        let fs = Fs::fake([("/token", " text\n"), ("/blank", " \n")]);
        match (block_on(source.text(&fs, "the token")), expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text.expose(), expected),
            (Err(error), Err(expected)) => assert_eq!(error.to_string(), expected),
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn every_place_gives_its_text_without_blanks_around_it() {
        check(&"/token".into(), Ok("text"));
        check(&TokenSource::from_fn(|| async { Ok(Secret::new("called ")) }), Ok("called"));
        let reader = TokenSource::reader(&b"\nread\n"[..]);
        check(&reader, Ok("read"));
        // What is read once is kept.
        check(&reader, Ok("read"));
    }

    #[test]
    fn what_is_wrong_names_the_place() {
        check(&"/absent".into(), Err("the token file /absent cannot be read"));
        check(&"/blank".into(), Err("the token file /blank is empty"));
        let named = TokenSource::file_named_at("/absent", Location::new("/config", 3));
        check(&named, Err("the token file /absent (web_identity_token_file at /config:3) cannot be read"));
        check(&TokenSource::reader(&b"\xff"[..]), Err("the token of the reader is not UTF-8"));
        check(&TokenSource::reader(io::repeat(b'x')), Err("the token of the reader cannot be read"));
        let denied = TokenSource::from_fn(|| async { Err(Error::denied("nobody signed in")) });
        check(&denied, Err("nobody signed in"));
    }
}
