//! Our answer, as the promises of divergences look at it.

use serde_json::Value;

use crate::conformance::chain::case::Case;

/// Our answer to a case, and the field in which it differs.
pub(super) struct Ours<'a> {
    pub(super) case: &'a Case,
    pub(super) answer: &'a Value,
    pub(super) field: &'a str,
}

impl<'a> Ours<'a> {
    fn error(&self) -> Option<&'a Value> {
        [&self.answer["session"], &self.answer["load"]["error"]].into_iter().find(|error| error.is_object())
    }

    /// The link that answered with credentials.
    pub(super) fn found(&self) -> Option<&'a str> {
        self.answer["load"]["found"]["method"].as_str()
    }

    /// Nobody was configured.
    pub(super) fn is_none(&self) -> bool {
        self.error().is_none() && self.found().is_none()
    }

    /// An error of one of these kinds, by one of these links, which says one of these words. A role's error is that of
    /// its source; an error of the session itself has no link: `""`.
    pub(super) fn fails(&self, kinds: &[&str], links: &[&str], words: &[&str]) -> bool {
        self.error().is_some_and(|error| {
            let text = |field: &str| error[field].as_str().unwrap_or_default();
            kinds.contains(&text("kind"))
                && (links.contains(&text("link")) || text("link") == ROLE)
                && words.iter().any(|word| text("msg").contains(word))
        })
    }

    /// An error in the configuration.
    pub(super) fn is_invalid(&self, links: &[&str], words: &[&str]) -> bool {
        self.fails(&[INVALID], links, words)
    }

    /// The service's, or nobody's, answer: whatever it was, no mistake was found on the way there.
    pub(super) fn went_to_service(&self, links: &[&str]) -> bool {
        let found = self.found().is_some_and(|method| links.contains(&method) || method == ROLE);
        found || self.fails(&[DENIED, UNAVAILABLE], links, &[""]) || self.has_service_code()
    }

    fn has_service_code(&self) -> bool {
        self.error().is_some_and(|error| error["code"].is_string())
    }

    /// The requests that the scripted server got from us.
    pub(super) fn requests(&self) -> impl Iterator<Item = &'a Value> {
        self.answer["requests"].as_array().into_iter().flatten()
    }

    /// Whether we asked the scripted server for this.
    pub(super) fn asked_for(&self, target: &str) -> bool {
        self.requests().any(|request| request["target"].as_str().is_some_and(|asked| asked.starts_with(target)))
    }

    /// Seconds from now until the credentials end, where that is soon.
    pub(super) fn ends_in(&self) -> Option<i64> {
        self.answer["creds"]["expiry"].as_str()?.strip_prefix("NOW")?.parse().ok()
    }

    /// Where a client would send its request.
    pub(super) fn client_url(&self) -> Option<&'a str> {
        self.answer["client"]["endpoint_url"].as_str()
    }

    pub(super) fn client_fails(&self) -> bool {
        !self.answer["client"]["error"].is_null()
    }
}

pub(super) const INVALID: &str = "invalid_config";
pub(super) const DENIED: &str = "denied";
pub(super) const UNAVAILABLE: &str = "unavailable";
const ROLE: &str = "assume-role";
