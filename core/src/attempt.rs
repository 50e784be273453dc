//! What each source of a chain answered.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::{Credentials, Error, ErrorKind};

/// One source that was asked, and its answer.
#[derive(Clone, Debug)]
pub struct Attempt {
    id: Cow<'static, str>,
    answer: Result<Credentials, Error>,
}

impl Attempt {
    /// Records what the link `id` answered.
    pub fn new(id: impl Into<Cow<'static, str>>, answer: Result<Credentials, Error>) -> Self {
        Self { id: id.into(), answer }
    }

    /// The link's stable identifier: `env`, `assume-role`, `shared-credentials-file`, `iam-role`, ...
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The credentials it gave.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.answer.as_ref().ok()
    }

    /// Why it gave none.
    pub fn error(&self) -> Option<&Error> {
        self.answer.as_ref().err()
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Ok(credentials) => write!(f, "{}: {} ({})", self.id, credentials.access_key_id(), credentials.provenance()),
            Err(error) if error.link() == Some(&self.id) => write!(f, "{error}"),
            Err(error) => write!(f, "{}: {error}", self.id),
        }
    }
}

/// What became of one source in a [`Trace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Its credentials are the ones in use.
    Used,
    /// It would answer, but a source before it did (or stopped the chain).
    Shadowed,
    /// Nobody asked for it.
    NotConfigured,
    /// It was asked for and failed; the chain stops here.
    Failed,
    /// It would fail, but a source before it answered.
    ShadowedFailure,
    /// It needs the network or a program, and the trace was made offline.
    NotAsked,
}

/// Every source of a chain in order, each asked on its own, with its answer and why.
#[derive(Clone, Debug)]
pub struct Trace {
    attempts: Arc<Vec<Attempt>>,
}

impl Trace {
    /// The answers in the order of the chain.
    #[inline]
    pub fn new(attempts: Vec<Attempt>) -> Self {
        Self { attempts: Arc::new(attempts) }
    }

    /// The answers in the order of the chain.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The answers with what became of each.
    pub fn verdicts(&self) -> impl Iterator<Item = (&Attempt, Verdict)> {
        let mut settled = false;
        self.attempts.iter().map(move |attempt| {
            let verdict = match attempt.error() {
                None if settled => Verdict::Shadowed,
                None => Verdict::Used,
                Some(error) if error.kind() == ErrorKind::NotConfigured => Verdict::NotConfigured,
                Some(error) if error.is_offline() => Verdict::NotAsked,
                Some(_) if settled => Verdict::ShadowedFailure,
                Some(_) => Verdict::Failed,
            };
            settled |= matches!(verdict, Verdict::Used | Verdict::Failed);
            (attempt, verdict)
        })
    }

    /// What the chain answers: the credentials in use, or why there are none. Where the first source that might
    /// answer was not asked, that is an error that [is offline](Error::is_offline).
    ///
    /// # Errors
    /// Those of [`Chain`](crate::Chain).
    #[inline]
    pub fn outcome(&self) -> Result<&Credentials, Error> {
        let mut nobody_before = true;
        for (index, (attempt, verdict)) in self.verdicts().enumerate() {
            match (verdict, &attempt.answer) {
                (Verdict::Used, Ok(credentials)) => return Ok(credentials),
                (Verdict::Failed, Err(error)) if index > 0 && index + 1 == self.attempts.len() && nobody_before => {
                    return Err(error.clone().at_the_end_of(Arc::clone(&self.attempts)));
                }
                (Verdict::Failed, Err(error)) => return Err(error.clone()),
                _ => nobody_before &= verdict == Verdict::NotConfigured,
            }
        }
        let open = self.attempts.iter().find_map(|attempt| attempt.error().filter(|error| error.is_offline()));
        Err(open.cloned().unwrap_or_else(|| Error::nothing_configured(Arc::clone(&self.attempts))))
    }

    /// The credentials in use, if any source gave them before another one failed.
    #[inline]
    pub fn used(&self) -> Option<&Credentials> {
        self.verdicts().find_map(|(attempt, verdict)| match verdict {
            Verdict::Used => attempt.credentials(),
            _ => None,
        })
    }
}

impl fmt::Display for Trace {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (attempt, verdict) in self.verdicts() {
            let word = match verdict {
                Verdict::Used => "used",
                Verdict::Shadowed => "shadowed",
                Verdict::NotConfigured => "not configured",
                Verdict::Failed => "failed",
                Verdict::ShadowedFailure => "shadowed, would fail",
                Verdict::NotAsked => "not asked",
            };
            writeln!(f, "{word:>20}  {attempt}")?;
        }
        Ok(())
    }
}
