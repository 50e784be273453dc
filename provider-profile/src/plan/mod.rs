//! From a profile to the steps that make its credentials. Pure.

mod asked;
mod base;
mod contradiction;
mod part;
mod role;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use tucuxi_core::{Credentials, Env, Error, Location, Region};

use crate::wrong::absent;
use crate::{Profile, ProfileSet, Warning};

pub use asked::Asked;
pub(crate) use base::{TOKEN_FILE, web_identity};
pub use part::Part;

/// The steps to a profile's credentials: a base that has some, then the roles to assume, first to last.
///
/// It borrows what the files say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan<'a> {
    /// Where the first credentials come from.
    pub base: Base<'a>,
    /// Who asked for the base.
    pub asked_by: Asked<'a>,
    /// The roles, each assumed with the credentials before it.
    pub roles: Vec<Role<'a>>,
}

impl<'a> Plan<'a> {
    fn of(base: Base<'a>, asked_by: Asked<'a>) -> Self {
        Self { base, asked_by, roles: Vec::new() }
    }
}

/// Where the first credentials of a [`Plan`] come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Base<'a> {
    /// Keys that stand in a file; their provenance names file and line.
    StaticKeys(Credentials),
    /// `credential_source = Environment`.
    Environment,
    /// `credential_source = EcsContainer`.
    Container,
    /// `credential_source = Ec2InstanceMetadata`.
    Imds,
    /// A token file that STS exchanges for a role.
    WebIdentity(WebIdentity<'a>),
    /// IAM Identity Center.
    Sso(Sso<'a>),
    /// Console sign-in.
    Login(Login<'a>),
    /// A helper program.
    Process(Process<'a>),
}

/// Settings of [`Base::WebIdentity`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebIdentity<'a> {
    /// `role_arn`, or `AWS_ROLE_ARN`.
    pub role_arn: Cow<'a, str>,
    /// The path in `web_identity_token_file`, or `AWS_WEB_IDENTITY_TOKEN_FILE`; read at each fetch.
    pub token_file: Cow<'a, str>,
    /// The line of `web_identity_token_file`; `None` when the variable named the file.
    pub named_at: Option<&'a Location>,
    /// `role_session_name`, or `AWS_ROLE_SESSION_NAME`.
    pub session_name: Option<Cow<'a, str>>,
}

/// Settings of [`Base::Sso`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sso<'a> {
    /// `sso_session`: the name of the session section; `None` in the legacy form.
    pub session: Option<&'a str>,
    /// `sso_start_url`.
    pub start_url: &'a str,
    /// `sso_region`.
    pub region: Region,
    /// `sso_account_id`.
    pub account_id: &'a str,
    /// `sso_role_name`.
    pub role_name: &'a str,
}

/// Settings of [`Base::Login`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Login<'a> {
    /// `login_session`: the ARN of the identity that signed in.
    pub session: &'a str,
}

/// Settings of [`Base::Process`]; `Debug` shows no command line, which may hold a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Process<'a> {
    /// `credential_process`: the command line, not yet split.
    pub command: &'a str,
    /// `aws_account_id`, for a helper that does not say it.
    pub account_id: Option<&'a str>,
}

impl fmt::Debug for Process<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// A role to assume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role<'a> {
    /// `role_arn`.
    pub arn: &'a str,
    /// `role_session_name`.
    pub session_name: Option<&'a str>,
    /// `external_id`.
    pub external_id: Option<&'a str>,
    /// `mfa_serial`.
    pub mfa_serial: Option<&'a str>,
    /// `duration_seconds`.
    pub duration: Option<Duration>,
    /// Who asked for the role.
    pub asked_by: Asked<'a>,
}

/// The steps to the credentials of a profile, in botocore's order: assume-role, web identity, SSO, keys of the
/// credentials file, console login, `credential_process`, keys of the config file.
///
/// # Errors
/// - `NotConfigured`: the profile uses none of them.
/// - `InvalidConfig`: there is no such profile, or it contradicts itself, leads in a circle or lacks something;
///   names every line that takes part.
pub fn plan<'a>(set: &'a ProfileSet, name: &str) -> Result<Plan<'a>, Error> {
    let profile = set.profile(name).ok_or_else(|| set.no_such_profile(name))?;
    first(&Part::ALL, set, profile)?.ok_or_else(|| {
        let files = set.files_in_words();
        absent(format_args!("profile {name:?} names no source of credentials in {files}"))
    })
}

/// The plan of the first of some sources that the profile has.
#[inline(never)]
fn first<'a>(parts: &[Part], set: &'a ProfileSet, profile: Profile<'a>) -> Result<Option<Plan<'a>>, Error> {
    for part in parts {
        if let Some(plan) = part.plan(set, profile)? {
            return Ok(Some(plan));
        }
    }
    Ok(None)
}

/// Keys of the profile in use, and of those that it leads to, of which one counts and another does not; and which of
/// `variables` and keys of the same meaning counts.
///
/// What has no plan is the error of whoever uses it, of which a key that does not count may be the reason.
pub(crate) fn contradictions(set: &ProfileSet, variables: Option<&Env>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let plan = plan(set, set.selected().name()).ok();
    if let Some(plan) = &plan {
        contradiction::in_plan(set, plan, &mut warnings);
    }
    contradiction::on_the_way(set, plan.as_ref(), variables, &mut warnings);
    warnings
}
