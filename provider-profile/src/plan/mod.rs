//! From a profile to the steps that make its credentials. Pure.

mod base;
mod contradiction;
mod role;

use std::path::PathBuf;
use std::time::Duration;

use tucuxi_core::{Credentials, Error, Location, Region};

use crate::{Profile, ProfileSet, Value, Warning};

pub(crate) use base::{login, process, sso, web_identity};
pub(crate) use role::assume_role;

/// The steps to a profile's credentials: a base that has some, then the roles to assume, first to last.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// Where the first credentials come from.
    pub base: Base,
    /// Who asked for the base.
    pub asked_by: Asked,
    /// The roles, each assumed with the credentials before it.
    pub roles: Vec<Role>,
}

impl Plan {
    pub(crate) fn of((base, asked_by): (Base, Asked)) -> Self {
        Self { base, asked_by, roles: Vec::new() }
    }
}

/// Where the first credentials of a [`Plan`] come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Base {
    /// Keys that stand in a file; their provenance names file and line.
    StaticKeys(Credentials),
    /// `credential_source = Environment`.
    Environment,
    /// `credential_source = EcsContainer`.
    Container,
    /// `credential_source = Ec2InstanceMetadata`.
    Imds,
    /// A token file that STS exchanges for a role.
    WebIdentity(WebIdentity),
    /// IAM Identity Center.
    Sso(Sso),
    /// Console sign-in.
    Login(Login),
    /// A helper program.
    Process(Process),
}

/// Settings of [`Base::WebIdentity`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebIdentity {
    /// `role_arn`, or `AWS_ROLE_ARN`.
    pub role_arn: String,
    /// `web_identity_token_file`, or `AWS_WEB_IDENTITY_TOKEN_FILE`; read at each fetch.
    pub token_file: PathBuf,
    /// The line of `web_identity_token_file`; `None` when the variable named the file.
    pub named_at: Option<Location>,
    /// `role_session_name`, or `AWS_ROLE_SESSION_NAME`.
    pub session_name: Option<String>,
}

/// Settings of [`Base::Sso`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sso {
    /// `sso_session`: the name of the session section; `None` in the legacy form.
    pub session: Option<String>,
    /// `sso_start_url`.
    pub start_url: String,
    /// `sso_region`.
    pub region: Region,
    /// `sso_account_id`.
    pub account_id: String,
    /// `sso_role_name`.
    pub role_name: String,
}

/// Settings of [`Base::Login`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Login {
    /// `login_session`: the ARN of the identity that signed in.
    pub session: String,
}

/// Settings of [`Base::Process`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Process {
    /// `credential_process`: the command line, not yet split.
    pub command: String,
    /// `aws_account_id`, for a helper that does not say it.
    pub account_id: Option<String>,
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// `role_arn`.
    pub arn: String,
    /// `role_session_name`.
    pub session_name: Option<String>,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `mfa_serial`.
    pub mfa_serial: Option<String>,
    /// `duration_seconds`.
    pub duration: Option<Duration>,
    /// Who asked for the role.
    pub asked_by: Asked,
}

/// The profile and line, or the variable, that asked for a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    profile: String,
    key: &'static str,
    location: Option<Location>,
}

impl Asked {
    fn by(profile: &Profile, key: &'static str, value: &Value) -> Self {
        Self { profile: profile.name().to_owned(), key, location: Some(value.location().clone()) }
    }

    fn by_variable(profile: &str, variable: &'static str) -> Self {
        Self { profile: profile.to_owned(), key: variable, location: None }
    }

    /// The profile.
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// The key or variable.
    pub fn key(&self) -> &str {
        self.key
    }

    /// The line of the key; `None` for a variable.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.location {
            Some(location) => write!(f, "profile {:?} has {} at {location}", self.profile, self.key),
            None => write!(f, "{} is set", self.key),
        }
    }
}

/// The steps to the credentials of a profile, in botocore's order: assume-role, web identity, SSO, keys of the
/// credentials file, console login, `credential_process`, keys of the config file.
///
/// # Errors
/// - `NotConfigured`: the profile uses none of them.
/// - `InvalidConfig`: there is no such profile, or it contradicts itself, leads in a circle or lacks something;
///   names every line that takes part.
pub fn plan(set: &ProfileSet, name: &str) -> Result<Plan, Error> {
    let profile = set.profile(name).ok_or_else(|| set.no_such_profile(name))?;
    if let Some(plan) = assume_role(set, profile)? {
        return Ok(plan);
    }
    base::own(set, profile)?.map(Plan::of).ok_or_else(|| {
        Error::not_configured(format!("profile {name:?} names no source of credentials in {}", set.files_in_words()))
    })
}

/// Keys of the profile, and of those that its plan goes through, of which one counts and another does not.
///
/// None for a profile without a plan: that is the error of whoever uses it.
pub(crate) fn contradictions(set: &ProfileSet, name: &str) -> Vec<Warning> {
    plan(set, name).map(|plan| contradiction::in_plan(set, &plan)).unwrap_or_default()
}

/// The value of a key, which must not be empty when it is there.
pub(crate) fn filled<'a>(profile: &'a Profile, key: &str) -> Result<Option<&'a Value>, Error> {
    let Some(value) = profile.value(key) else { return Ok(None) };
    not_empty(value, key)?;
    Ok(Some(value))
}

pub(crate) fn not_empty(value: &Value, key: &str) -> Result<(), Error> {
    if value.text().trim().is_empty() {
        return Err(Error::invalid_config(format!("{key} at {} is empty", value.location()))
            .with_hint(format!("give {key} a value, or take the line away")));
    }
    Ok(())
}
