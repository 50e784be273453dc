//! `AssumeRoot`.

use std::time::Duration;

use tucuxi_core::{Credentials, Error, Source};

use crate::Sts;
use crate::endpoint::Endpoint;
use crate::wire::Form;

/// A short privileged session in a member account of the caller's organization. Needs the feature `operations`.
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>
#[derive(Clone, Debug)]
pub struct AssumeRoot {
    target_principal: String,
    task_policy_arn: String,
    duration: Option<Duration>,
    minimum_token_size: Option<u16>,
}

impl AssumeRoot {
    /// The member account, 12 digits, and the managed policy of the task, such as
    /// `arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy`.
    pub fn new(target_principal: impl Into<String>, task_policy_arn: impl Into<String>) -> Self {
        Self {
            target_principal: target_principal.into(),
            task_policy_arn: task_policy_arn.into(),
            duration: None,
            minimum_token_size: None,
        }
    }

    /// How long the session lives: at most 15 minutes.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The least size of the session token in bytes, up to 4,096; a smaller one is filled up. 0 changes nothing.
    #[must_use]
    pub fn minimum_session_token_size(mut self, bytes: u16) -> Self {
        self.minimum_token_size = Some(bytes);
        self
    }
}

impl Sts {
    /// Asks for a privileged session with `credentials` of the management or delegated account.
    /// Needs the feature `operations`.
    ///
    /// # Errors
    /// See [`Sts`]; `InvalidConfig` also for more than 15 minutes and for the global endpoint, which does
    /// not know this operation.
    pub async fn assume_root(&self, task: &AssumeRoot, credentials: &Credentials) -> Result<Credentials, Error> {
        if Endpoint::of(self.settings())?.is_global() {
            return Err(Error::invalid_config(
                "AssumeRoot is answered by regional endpoints only, not by the global one",
            )
            .with_hint("set AWS_REGION, and AWS_STS_REGIONAL_ENDPOINTS=regional if it says legacy"));
        }
        // The answer names no user.
        let session = self.session(task.form(), Some(credentials), "", Source::Sts("assume-root")).await?;
        Ok(session.with_account_id(&task.target_principal))
    }
}

impl AssumeRoot {
    fn form(&self) -> Result<Form, Error> {
        let mut form = Form::new("AssumeRoot");
        if self.duration.is_some_and(|duration| duration > LONGEST) {
            return Err(Error::invalid_config("AssumeRoot gives at most 15 minutes (900 s)"));
        }
        form.push("TargetPrincipal", &self.target_principal);
        form.push("TaskPolicyArn.arn", &self.task_policy_arn);
        form.push_seconds("DurationSeconds", self.duration);
        form.push_minimum(self.minimum_token_size);
        Ok(form)
    }
}

const LONGEST: Duration = Duration::from_secs(900);
