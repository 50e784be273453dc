//! The sources that a profile can name.

use tucuxi_core::Error;

use super::{Plan, base, role};
use crate::{FileKind, Profile, ProfileSet};

/// A source of credentials that a profile can name, in botocore's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The role of the profile: `role_arn` with `source_profile` or `credential_source`.
    ///
    /// Not of a profile that has `web_identity_token_file` beside it. The network is asked for the roles and their
    /// base; the credentials live as long as the last role's session.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>,
    /// checked 2026-11-23.
    AssumeRole,
    /// A role assumed with the token of a file: `web_identity_token_file`, `role_arn`, `role_session_name`.
    ///
    /// As a link of a chain it reads `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME`, each before
    /// the key of the profile; a profile chosen in code switches the variables off.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>,
    /// checked 2026-11-23.
    WebIdentity,
    /// IAM Identity Center: `sso_account_id` and `sso_role_name` with `sso_session`, or with `sso_start_url` and
    /// `sso_region`.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>, checked
    /// 2026-11-23.
    Sso,
    /// Keys in the credentials file: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token` (or
    /// `aws_security_token`), `aws_account_id`. Only that file is looked at.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>, checked
    /// 2026-11-23.
    CredentialsFile,
    /// Console sign-in: `login_session`.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>, checked
    /// 2026-11-23.
    Login,
    /// A helper program: `credential_process`.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>,
    /// checked 2026-11-23.
    Process,
    /// The same keys in the config file. Only that file is looked at.
    ///
    /// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>, checked
    /// 2026-11-23.
    ConfigFile,
}

impl Part {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 7] = [
        Self::AssumeRole,
        Self::WebIdentity,
        Self::Sso,
        Self::CredentialsFile,
        Self::Login,
        Self::Process,
        Self::ConfigFile,
    ];

    /// Its identifier in a chain.
    pub fn id(self) -> &'static str {
        match self {
            Self::AssumeRole => "assume-role",
            Self::WebIdentity => "assume-role-with-web-identity",
            Self::Sso => "sso",
            Self::CredentialsFile => "shared-credentials-file",
            Self::Login => "login",
            Self::Process => "custom-process",
            Self::ConfigFile => "config-file",
        }
    }

    /// The key that asks for it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::AssumeRole => "role_arn",
            Self::WebIdentity => "web_identity_token_file",
            Self::Sso => "sso_account_id",
            Self::CredentialsFile | Self::ConfigFile => "aws_access_key_id",
            Self::Login => "login_session",
            Self::Process => "credential_process",
        }
    }

    /// The steps to its credentials; `None` for a profile that does not name it.
    pub(crate) fn plan<'a>(self, set: &'a ProfileSet, profile: Profile<'a>) -> Result<Option<Plan<'a>>, Error> {
        match self {
            Self::AssumeRole => role::assume_role(set, profile),
            Self::WebIdentity => base::web_identity(Some(profile), None),
            Self::Sso => base::sso(set, profile),
            Self::CredentialsFile => base::keys(profile, FileKind::Credentials),
            Self::Login => base::login(profile),
            Self::Process => base::process(profile),
            Self::ConfigFile => base::keys(profile, FileKind::Config),
        }
    }
}
