//! One opaque error, sorted by what happens next.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write};
use std::sync::Arc;

use crate::secret::contains;
use crate::{Attempt, Location, cures};

/// What a failure means for the chain, the cache and the person reading it.
///
/// | kind | means | chain | cache | person |
/// |---|---|---|---|---|
/// | [`NotConfigured`](Self::NotConfigured) | nobody asked for this source | next | keeps the old one, backs off | sets something up |
/// | [`InvalidConfig`](Self::InvalidConfig) | asked for, but wrong or incomplete | stops | keeps the old one until it expires | fixes that file, line or variable |
/// | [`Denied`](Self::Denied) | the other side said no | stops | keeps the old one until it expires | signs in, fixes the policy |
/// | [`Unavailable`](Self::Unavailable) | time-out, 5xx, unreadable answer | stops | keeps the old one, backs off | waits |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nobody asked for this source. The only kind that moves a chain on.
    NotConfigured,
    /// The source was asked for, but what it needs is wrong or incomplete.
    InvalidConfig,
    /// The other side answered, and the answer is no.
    Denied,
    /// No usable answer: a time-out, a 5xx, bytes that cannot be read.
    Unavailable,
}

/// Why there are no credentials.
///
/// `Display` is one line, lower case, and names the file and line, variable or host that was tried; it
/// never holds a secret or a body. [`report`](Self::report) adds causes, every attempt and the cure.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    link: Option<Cow<'static, str>>,
    hints: Vec<Cow<'static, str>>,
    code: Option<Cow<'static, str>>,
    location: Option<Location>,
    offline: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// Shared, so that a copy of an error, which may be changed, needs no copies of the errors in it.
    attempts: Option<Arc<Vec<Attempt>>>,
}

impl Error {
    /// Nobody asked for this source; says what is absent.
    pub fn not_configured(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::NotConfigured, message)
    }

    /// The source was asked for, but is wrong or incomplete; names the file and line or the variable.
    pub fn invalid_config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidConfig, message)
    }

    /// The other side refused; names the host and its error code.
    pub fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Denied, message)
    }

    /// There was no usable answer; names the host, file or program.
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// A failure of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self::saying(kind, message.into())
    }

    /// No source of a chain was configured; carries every attempt with its reason, and the likeliest cures.
    #[cold]
    pub(crate) fn nothing_configured(attempts: Arc<Vec<Attempt>>) -> Self {
        let mut error = Self::not_configured("no source of credentials is configured");
        let inner = error.inner();
        inner.hints = cures::likeliest(&attempts);
        inner.attempts = Some(attempts);
        error
    }

    /// The last source that a chain could ask failed, and nobody had set up any before it: `attempts`, this one
    /// included. Whoever is refused there may have meant another source.
    #[cold]
    pub(crate) fn at_the_end_of(mut self, attempts: Arc<Vec<Attempt>>) -> Self {
        let inner = self.inner();
        if inner.kind == ErrorKind::Denied {
            for cure in cures::likeliest(&attempts) {
                if inner.hints.len() < cures::MOST && inner.hints.first() != Some(&cure) {
                    inner.hints.push(cure);
                }
            }
        }
        inner.attempts = Some(attempts);
        self
    }

    /// Adds the failure underneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.set_source(source.into());
        self
    }

    /// Says what to do about it, as an imperative sentence without a full stop.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.set_hint(hint.into());
        self
    }

    /// Adds the error code the service gave, for example `ExpiredToken`.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.set_code(code.into());
        self
    }

    /// Names the chain link that failed; the innermost name stays.
    #[must_use]
    pub fn at(mut self, link: impl Into<Cow<'static, str>>) -> Self {
        if self.0.link.is_none() {
            self.set_link(link.into());
        }
        self
    }

    /// Says who asked for the step that failed, and where; the innermost stays.
    #[must_use]
    pub fn asked_by(mut self, who: &str, location: Option<&Location>) -> Self {
        if self.0.location.is_some() {
            return self;
        }
        let inner = self.inner();
        inner.location = location.cloned();
        if !contains(inner.message.as_bytes(), who.as_bytes()) {
            inner.message = format!("{} ({who})", inner.message).into();
        }
        self
    }

    /// Marks that the source was not asked because the context has no network or may start no program.
    #[must_use]
    #[inline]
    pub fn offline(mut self) -> Self {
        self.inner().offline = true;
        self
    }

    /// The same failure with another consequence, for example "absent" inside a profile that asked for it.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.inner().kind = kind;
        self
    }

    /// What this failure means for chain, cache and person.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// True when nobody asked for the source: a chain goes on.
    pub fn is_not_configured(&self) -> bool {
        self.0.kind == ErrorKind::NotConfigured
    }

    /// True when the source was not asked because the context is offline.
    pub fn is_offline(&self) -> bool {
        self.0.offline
    }

    /// The chain link that failed, by the identifier that `explain` shows.
    pub fn link(&self) -> Option<&str> {
        self.0.link.as_deref()
    }

    /// What to do about it; the likeliest of [`hints`](Self::hints).
    pub fn hint(&self) -> Option<&str> {
        self.hints().next()
    }

    /// Everything that may be done about it, the likeliest first: one at most, but three when a chain found no
    /// source that is configured.
    pub fn hints(&self) -> impl Iterator<Item = &str> {
        self.0.hints.iter().map(|hint| &**hint)
    }

    /// The error code the service gave.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The line of the profile that asked for the step which failed.
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// Every source that a chain asked before it gave up, in order.
    pub fn attempts(&self) -> &[Attempt] {
        self.0.attempts.as_ref().map_or(&[], |attempts| attempts)
    }

    /// The whole story in several lines: the failure, its causes, each attempt, and the cures.
    pub fn report(&self) -> String {
        let mut text = format!("{self}");
        // Writing to memory does not fail.
        let mut cause = self.source();
        while let Some(error) = cause {
            let _ = write!(text, "\n  because: {error}");
            cause = error.source();
        }
        for attempt in self.attempts() {
            let _ = write!(text, "\n  {attempt}");
        }
        for (index, hint) in self.hints().enumerate() {
            text.push_str(if index == 0 { "\n  try: " } else { "\n   or: " });
            text.push_str(hint);
        }
        text
    }

    #[cold]
    pub(crate) fn because(
        kind: ErrorKind,
        message: Cow<'static, str>,
        source: Option<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let mut error = Self::saying(kind, message);
        if let Some(source) = source {
            error.set_source(source);
        }
        error
    }

    #[cold]
    fn saying(kind: ErrorKind, message: Cow<'static, str>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message,
            link: None,
            hints: Vec::new(),
            code: None,
            location: None,
            offline: false,
            source: None,
            attempts: None,
        }))
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    // Apart from the builders, whose code every caller repeats for each type that it hands in.
    #[cold]
    fn set_source(&mut self, source: Box<dyn StdError + Send + Sync>) {
        self.inner().source = Some(Arc::from(source));
    }

    #[cold]
    fn set_hint(&mut self, hint: Cow<'static, str>) {
        self.inner().hints = vec![hint];
    }

    #[cold]
    fn set_code(&mut self, code: Cow<'static, str>) {
        self.inner().code = Some(code);
    }

    #[inline]
    fn set_link(&mut self, link: Cow<'static, str>) {
        self.inner().link = Some(link);
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.link {
            Some(link) => write!(f, "{link}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl fmt::Debug for Error {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &self.0.message);
        if let Some(link) = &self.0.link {
            debug.field("link", link);
        }
        if let Some(code) = &self.0.code {
            debug.field("code", code);
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        if let Some(attempts) = &self.0.attempts {
            debug.field("attempts", attempts);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| -> &(dyn StdError + 'static) { source.as_ref() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_level_and_the_report_walks_down() {
        let error = Error::unavailable("no answer from 169.254.169.254")
            .with_source(std::io::Error::other("connection refused"))
            .with_hint("check the hop limit")
            .at("iam-role")
            .at("outer");
        assert_eq!(error.to_string(), "iam-role: no answer from 169.254.169.254");
        assert_eq!(
            error.report(),
            "iam-role: no answer from 169.254.169.254\n  because: connection refused\n  try: check the hop limit"
        );
    }

    #[test]
    fn a_clone_keeps_its_own_kind() {
        let absent = Error::not_configured("profile dev is not there");
        let promoted = absent.clone().with_kind(ErrorKind::InvalidConfig);
        assert!(absent.is_not_configured());
        assert_eq!(promoted.kind(), ErrorKind::InvalidConfig);
    }
}
