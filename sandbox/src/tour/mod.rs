//! A walk through the sandbox: credentials from every source, then S3 and another service with them.

mod people;
mod print;
mod sources;
mod steps;

use std::path::Path;

use serde_json::{Value, json};
use tucuxi_core::{Credentials, format_rfc3339};

use crate::Sandbox;

/// What a walk found. Holds access key ids, never a secret, a token or a signed URL.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// use tucuxi_sandbox::{Sandbox, Tour};
///
/// let tour = Tour::take(&Sandbox::start().await?, None).await;
/// assert!(tour.is_success(), "{}", tour.text(false));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Tour {
    sources: Vec<Stop>,
    /// The source whose credentials the steps used.
    used: Option<&'static str>,
    steps: Vec<Step>,
    /// Another service than S3, asked with them.
    other: Option<Step>,
}

/// One source of credentials.
#[derive(Debug)]
struct Stop {
    name: &'static str,
    /// The access key id and the provenance, or why there are none.
    answer: Result<(String, String), String>,
    links: Vec<Link>,
}

/// One link of the chain, with what became of it and why.
#[derive(Debug)]
struct Link {
    id: String,
    verdict: &'static str,
    reason: String,
}

/// One thing done with S3 or another service.
#[derive(Debug)]
struct Step {
    action: &'static str,
    outcome: Result<String, String>,
}

impl Tour {
    /// Asks every source for credentials, signing in where a person would and typing codes; then lists, puts, gets,
    /// presigns and deletes with those of the last one, and asks another service. Goes on after a failure where that
    /// makes sense; uses nothing but the sandbox. A code of the MFA device counts once, so three tours can be taken of
    /// a sandbox within 30 seconds.
    ///
    /// `helper` is a program that prints [`helper_document`](Self::helper_document) when called with the argument
    /// `credentials`; without one, helper programs are left out.
    pub async fn take(sandbox: &Sandbox, helper: Option<&Path>) -> Self {
        let mut sources = Vec::new();
        let mut last = None;
        for source in sources::all(sandbox, helper) {
            let name = source.name;
            let (stop, session) = source.visit().await;
            sources.push(stop);
            last = session.map(|session| (name, session)).or(last);
        }
        let (steps, other) = match &last {
            Some((_, session)) => (steps::all(session).await, Some(steps::other(session).await)),
            None => (Vec::new(), None),
        };
        Self { sources, used: last.map(|(name, _)| name), steps, other }
    }

    /// What a `credential_process` prints for these keys.
    pub fn helper_document(credentials: &Credentials) -> String {
        let document = json!({
            "Version": 1,
            "AccessKeyId": credentials.access_key_id(),
            "SecretAccessKey": credentials.secret_access_key(),
            "SessionToken": credentials.session_token(),
            "Expiration": credentials.expires_at().map(format_rfc3339),
            "AccountId": credentials.account_id(),
        });
        format!("{document}\n")
    }

    /// Whether every source answered as it should and every step worked.
    pub fn is_success(&self) -> bool {
        let sources = self.sources.iter().all(|stop| stop.answer.is_ok());
        let steps = !self.steps.is_empty() && self.steps.iter().chain(&self.other).all(|step| step.outcome.is_ok());
        sources && steps
    }

    /// The walk as aligned text, with colours if asked for.
    pub fn text(&self, colours: bool) -> String {
        print::text(self, colours)
    }

    /// The walk for programs.
    pub fn to_json(&self) -> Value {
        let link = |link: &Link| json!({"id": link.id, "verdict": link.verdict, "reason": link.reason});
        let stop = |stop: &Stop| {
            let (key, provenance, error) = match &stop.answer {
                Ok((key, provenance)) => (Some(key), Some(provenance), None),
                Err(error) => (None, None, Some(error)),
            };
            json!({
                "source": stop.name,
                "access_key_id": key,
                "provenance": provenance,
                "error": error,
                "chain": stop.links.iter().map(link).collect::<Vec<_>>(),
            })
        };
        let step = |step: &Step| {
            json!({
                "action": step.action,
                "result": step.outcome.as_ref().ok(),
                "error": step.outcome.as_ref().err(),
            })
        };
        json!({
            "sources": self.sources.iter().map(stop).collect::<Vec<_>>(),
            "s3": {"credentials_of": self.used, "steps": self.steps.iter().map(step).collect::<Vec<_>>()},
            "other": self.other.as_ref().map(step),
            "success": self.is_success(),
        })
    }
}
