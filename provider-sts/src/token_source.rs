//! Where the token of a workload, or the assertion of a person, comes from.

use std::fmt;
use std::future::Future;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tucuxi_core::{BoxFuture, Error, ErrorKind, Fs, Location, Secret, failure, trimmed};
use zeroize::Zeroizing;

use crate::reading::Reading;

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
    /// A callback or a reader, as errors call it.
    Call(&'static str, Arc<Call>),
}

/// Gives the text; its argument is what errors say of the place.
type Call = dyn Fn(&str) -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync;

impl TokenSource {
    /// Reads this file at each fetch; whoever issued the token renews it.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into(), None))
    }

    /// Reads this file at each fetch; the key `web_identity_token_file` on this line names it, which errors tell.
    #[inline]
    pub fn file_named_at(path: impl Into<PathBuf>, line: Location) -> Self {
        Self(Kind::File(path.into(), Some(line)))
    }

    /// Calls this at each fetch.
    pub fn from_fn<F, Fut>(call: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Secret, Error>> + Send + 'static,
    {
        Self(Kind::Call("callback", Arc::new(move |_place| Box::pin(call()))))
    }

    /// Reads this to its end at the first fetch, in a thread of its own so that a time limit can end the wait;
    /// later fetches use the same text. Made for standard input.
    pub fn reader(reader: impl Read + Send + 'static) -> Self {
        let reading = Arc::new(Reading::new(Box::new(reader), LONGEST));
        let text = move |place: &str| -> BoxFuture<'static, Result<Secret, Error>> {
            let (reading, place) = (Arc::clone(&reading), place.to_owned());
            Box::pin(async move { text_of(&place, reading.contents().await.map_err(io::Error::from)) })
        };
        Self(Kind::Call("reader", Arc::new(text)))
    }

    /// The text, of which `what` says what it is; blanks around it do not count.
    pub(crate) async fn text(&self, fs: &Fs, what: &str) -> Result<Secret, Error> {
        let text = match &self.0 {
            Kind::File(path, _) => self.read(what, fs.read(path, LONGEST).await),
            Kind::Call(_, call) => call(&self.place(what)).await,
        };
        self.trimmed(what, text)
    }

    #[inline(never)]
    fn read(&self, what: &str, contents: io::Result<Zeroizing<Vec<u8>>>) -> Result<Secret, Error> {
        text_of(&self.place(what), contents)
    }

    #[inline(never)]
    fn trimmed(&self, what: &str, text: Result<Secret, Error>) -> Result<Secret, Error> {
        match trimmed(text?.expose()) {
            "" => Err(bad(&self.place(what), "is empty")),
            trimmed => Ok(Secret::new(trimmed)),
        }
    }

    /// The error of text that is there but is not `what`.
    #[cold]
    pub(crate) fn refuse(&self, what: &str, why: &str) -> Error {
        let cure = Some(format_args!("check what is written there"));
        failure(ErrorKind::InvalidConfig, format_args!("{} {why}", self.place(what)), cure)
    }

    /// What errors call the text.
    fn place(&self, what: &str) -> String {
        match &self.0 {
            Kind::File(path, None) => format!("{what} file {}", path.display()),
            Kind::File(path, Some(line)) => {
                format!("{what} file {} (web_identity_token_file at {line})", path.display())
            }
            Kind::Call(called, _) => format!("{what} of the {called}"),
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
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::File(path, _) => write!(f, "TokenSource({})", path.display()),
            Kind::Call(what, _) => write!(f, "TokenSource({what})"),
        }
    }
}

fn text_of(place: &str, contents: io::Result<Zeroizing<Vec<u8>>>) -> Result<Secret, Error> {
    let contents = contents.map_err(|error| bad(place, "cannot be read").with_source(error))?;
    let text = std::str::from_utf8(&contents).map_err(|error| bad(place, "is not UTF-8").with_source(error))?;
    Ok(Secret::new(text))
}

#[cold]
fn bad(place: &str, why: &str) -> Error {
    let cure = Some(format_args!("check that it is written or mounted there and may be read"));
    failure(ErrorKind::InvalidConfig, format_args!("{place} {why}"), cure)
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
