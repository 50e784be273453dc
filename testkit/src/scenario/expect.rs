//! What a case expects, held against what came out.

use std::collections::BTreeMap;

use tucuxi_core::{Attempt, Credentials, Error, format_rfc3339};

use super::format::Expect;

impl Expect {
    /// Everything that is not as expected.
    pub(super) fn problems(
        &self,
        answer: &Result<Credentials, Error>,
        notes: &BTreeMap<String, String>,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        match (answer, &self.error) {
            (Ok(credentials), None) => self.compare(credentials, &mut problems),
            (Err(error), Some(kind)) => self.compare_error(error, kind, &mut problems),
            (Ok(credentials), Some(kind)) => problems.push(format!("expected {kind}, got {credentials:?}")),
            (Err(error), None) => {
                problems.push(format!("expected credentials, got {:?}: {}", error.kind(), error.report()))
            }
        }
        for (name, expected) in &self.facts {
            let noted = notes.get(name);
            if noted != Some(expected) {
                problems.push(format!("{name} is {noted:?}, expected {expected:?}"));
            }
        }
        problems
    }

    fn compare(&self, credentials: &Credentials, problems: &mut Vec<String>) {
        let provenance = credentials.provenance().sources().iter().map(ToString::to_string).collect::<Vec<_>>();
        if let Some(expected) = &self.provenance
            && *expected != provenance
        {
            problems.push(format!("provenance is {provenance:?}, expected {expected:?}"));
        }
        let expiry = credentials.expires_at().map(format_rfc3339);
        let fields = [
            ("access_key_id", &self.access_key_id, Some(credentials.access_key_id())),
            ("secret_access_key", &self.secret_access_key, Some(credentials.secret_access_key())),
            ("session_token", &self.session_token, credentials.session_token()),
            ("account_id", &self.account_id, credentials.account_id()),
            ("expires_at", &self.expires_at, expiry.as_deref()),
        ];
        for (name, expected, actual) in fields {
            if let Some(expected) = expected
                && expected != actual.unwrap_or_default()
            {
                problems.push(format!("{name} is {actual:?}, expected {expected:?}"));
            }
        }
    }

    fn compare_error(&self, error: &Error, kind: &str, problems: &mut Vec<String>) {
        let report = error.report();
        let actual = format!("{:?}", error.kind());
        if actual != kind {
            problems.push(format!("the error is {actual}, expected {kind}: {report}"));
        }
        for piece in self.message.iter().filter(|piece| !report.contains(piece.as_str())) {
            problems.push(format!("the error does not say {piece:?}: {report}"));
        }
        let attempts: Vec<&str> = error.attempts().iter().map(Attempt::id).collect();
        if let Some(expected) = &self.attempts
            && *expected != attempts
        {
            problems.push(format!("attempts are {attempts:?}, expected {expected:?}"));
        }
    }
}
