//! The value that everything here is about.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use crate::{Location, Provenance, Secret, Source};

/// AWS credentials: an access key id, a secret, perhaps a session token and an end of life.
///
/// A clone is a reference count. Secret and token are wiped when the last clone goes, and `Debug` shows
/// neither.
///
/// # Example
/// ```
/// use tucuxi_core::Credentials;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret").with_session_token("token");
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// assert!(!format!("{credentials:?}").contains("secret\""));
/// ```
///
/// Specification: <https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds-programmatic-access.html>
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Arc<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    expires_at: Option<SystemTime>,
    account_id: Option<String>,
    provenance: Provenance,
}

impl Credentials {
    /// Long-term keys; without [`with_source`](Self::with_source) they count as given in code.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Self::of(access_key_id.into(), secret_access_key.into())
    }

    /// Adds the token of a temporary session.
    #[must_use]
    pub fn with_session_token(mut self, session_token: impl Into<Secret>) -> Self {
        self.set_session_token(session_token.into());
        self
    }

    /// Sets the instant at which the service stops accepting them.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.set_expires_at(expires_at);
        self
    }

    /// Adds the account that the identity belongs to.
    #[must_use]
    pub fn with_account_id(mut self, account_id: impl Into<String>) -> Self {
        self.set_account_id(account_id.into());
        self
    }

    /// Appends the source that acted last.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.inner().provenance.push(source);
        self
    }

    /// Puts a source in front: the profile that asked for what follows.
    #[must_use]
    pub fn asked_by(mut self, source: Source) -> Self {
        self.inner().provenance.push_front(source);
        self
    }

    /// Says which line asked for the source that acted last: [`Provenance::location`].
    #[must_use]
    pub fn asked_at(mut self, location: Location) -> Self {
        self.inner().provenance.mark_asked_at(location);
        self
    }

    /// The public half of the key, for example `AKIAIOSFODNN7EXAMPLE`.
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The secret half. Never log it.
    pub fn secret_access_key(&self) -> &str {
        self.0.secret_access_key.expose()
    }

    /// The token that a temporary session sends with each request. Never log it.
    pub fn session_token(&self) -> Option<&str> {
        self.0.session_token.as_ref().map(Secret::expose)
    }

    /// What is in them that no key holds, as the name of the part and words: signed with it, every request would be
    /// refused for another reason.
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let parts = [
            ("access key id", Some(self.access_key_id())),
            ("secret access key", Some(self.secret_access_key())),
            ("session token", self.session_token()),
        ];
        parts.into_iter().find_map(|(part, text)| Some((part, key_fault(text?)?)))
    }

    /// When the service stops accepting them; `None` for keys without an end.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// The account, where the source said it.
    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// The sources that made these credentials, in the order they acted.
    pub fn provenance(&self) -> &Provenance {
        &self.0.provenance
    }

    /// Notes that they are handed out although they expired.
    pub(crate) fn mark_past_expiry(&mut self) {
        self.inner().provenance.mark_past_expiry();
    }

    #[inline]
    pub(crate) fn downgrade(&self) -> WeakCredentials {
        WeakCredentials(Arc::downgrade(&self.0))
    }

    // Apart from the builders, whose code every caller repeats for each type that it hands in.
    fn of(access_key_id: String, secret_access_key: Secret) -> Self {
        Self(Arc::new(Inner {
            access_key_id,
            secret_access_key,
            session_token: None,
            expires_at: None,
            account_id: None,
            provenance: Provenance::default(),
        }))
    }

    #[inline]
    pub(crate) fn set_expires_at(&mut self, expires_at: SystemTime) {
        self.inner().expires_at = Some(expires_at);
    }

    pub(crate) fn set_session_token(&mut self, session_token: Secret) {
        self.inner().session_token = Some(session_token);
    }

    pub(crate) fn set_account_id(&mut self, account_id: String) {
        self.inner().account_id = Some(account_id);
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }
}

/// What is wrong with a text as an access key id, a secret or a session token: that it is empty, or what none of them
/// holds. AWS would only say `SignatureDoesNotMatch`, which sends people to look for the wrong mistake.
///
/// # Example
/// ```
/// use tucuxi_core::key_fault;
///
/// assert_eq!(key_fault("wJalrXUtnFEMI/K7MDENG"), None);
/// assert_eq!(key_fault("secret\n"), Some("ends in a line break"));
/// ```
pub fn key_fault(text: &str) -> Option<&'static str> {
    let bare = text.trim();
    if bare.is_empty() {
        return Some("is empty");
    }
    match text.as_bytes() {
        [.., b'\r' | b'\n'] => return Some("ends in a line break"),
        // `docker run --env-file` and systemd keep the quotes that a shell would take off.
        [open @ (b'\'' | b'"'), .., close] if open == close && text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            return Some("is wrapped in quotes");
        }
        _ if bare.len() < text.len() => return Some("begins or ends with white space"),
        _ => {}
    }
    let odd = text.chars().find(|character| !character.is_ascii_graphic())?;
    Some(match odd {
        '\r' | '\n' => "holds a line break",
        _ if odd.is_whitespace() => "holds a blank",
        _ if odd.is_control() => "holds a control character",
        _ => "holds a character that is not ASCII",
    })
}

/// Knows credentials as long as somebody else holds them.
pub(crate) struct WeakCredentials(Weak<Inner>);

impl WeakCredentials {
    #[inline]
    pub(crate) fn upgrade(&self) -> Option<Credentials> {
        self.0.upgrade().map(Credentials)
    }

    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Whether both are of the very same credentials.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

impl fmt::Debug for Credentials {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.0.access_key_id)
            .field("secret_access_key", &self.0.secret_access_key)
            .field("session_token", &self.0.session_token)
            .field("expires_at", &self.0.expires_at)
            .field("account_id", &self.0.account_id)
            .field("provenance", &format_args!("{}", self.0.provenance))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_secret_nor_token() {
        let shown = format!("{:?}", Credentials::new("AKID", "SEKRIT").with_session_token("TOKEN"));
        assert!(shown.contains("AKID") && !shown.contains("SEKRIT") && !shown.contains("TOKEN"), "{shown}");
    }

    #[test]
    fn what_no_key_holds_is_found() {
        let check = |text: &str, expected: Option<&'static str>| {
            let keys =
                |id: &str, secret: &str, token: &str| Credentials::new(id, secret).with_session_token(token).fault();
            assert_eq!(keys(text, "s", "t"), expected.map(|fault| ("access key id", fault)), "{text:?}");
            assert_eq!(keys("A", text, "t"), expected.map(|fault| ("secret access key", fault)), "{text:?}");
            assert_eq!(keys("A", "s", text), expected.map(|fault| ("session token", fault)), "{text:?}");
        };
        check("a/b+c=", None);
        check("'", None);
        check("", Some("is empty"));
        check(" \n", Some("is empty"));
        check("a b", Some("holds a blank"));
        check("ab\n", Some("ends in a line break"));
        check("a\nb", Some("holds a line break"));
        check(" a", Some("begins or ends with white space"));
        check("a\u{7}", Some("holds a control character"));
        check("\u{e9}", Some("holds a character that is not ASCII"));
        check("'a'", Some("is wrapped in quotes"));
        check("\"a\"", Some("is wrapped in quotes"));
        assert_eq!(Credentials::new("A", "s").fault(), None);
    }

    #[test]
    fn a_changed_clone_leaves_the_original() {
        let base = Credentials::new("AKID", "s");
        let session = base.clone().with_session_token("t");
        assert_eq!((base.session_token(), session.session_token()), (None, Some("t")));
    }
}
