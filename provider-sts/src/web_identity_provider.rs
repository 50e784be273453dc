//! A role for a workload that has a token.

use std::fmt;
use std::sync::Arc;

use tucuxi_core::{
    BoxFuture, Context, Credentials, Error, ErrorKind, ProvideCredentials, Secret, SharedProvider, failure, trimmed,
};

use crate::operations::ASSUMED_USER;
use crate::session_name::session_name;
use crate::wire::{Answered, Form};
use crate::{AssumeRoleWithWebIdentity, Sts, TokenSource};

/// Credentials of a role, taken on with a token, usually in a file: EKS service accounts, CI runners.
///
/// - Reads, at each fetch: the token, which whoever issued it renews; `USER`, `LOGNAME` or `USERNAME`
///   for a session without a name
/// - Network: one `AssumeRoleWithWebIdentity` for each fetch, as [`Sts`] sends it
/// - Lifetime: one hour, or the role's duration. Nothing is kept: put a [`Cache`](tucuxi_core::Cache) in
///   front
///
/// # Errors
/// - `NotConfigured`: from variables, `AWS_WEB_IDENTITY_TOKEN_FILE` is not set
/// - `InvalidConfig`: `AWS_ROLE_ARN` is not set although the token file is; the file cannot be read or holds
///   no token
/// - `Denied`, `Unavailable`: see [`Sts`]
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_sts::{Sts, StsSettings, WebIdentityProvider};
/// # use tucuxi_testkit::{Exchange, ScriptedHttp};
///
/// # let answer = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
/// #     <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
/// #     <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
/// #     </AssumeRoleWithWebIdentityResponse>";
/// # let http = ScriptedHttp::new([Exchange::post("https://sts.amazonaws.com/").answers(200, answer)]);
/// # let context = tucuxi_testkit::context().with_http(http);
/// # tucuxi_testkit::block_on(async {
/// let context = context.with_fs(Fs::fake([("/token", "eyJ...")])).with_env(Env::fake([
///     ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
///     ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod"),
/// ]));
/// let sts = Sts::new(&context, StsSettings::default());
/// let credentials = WebIdentityProvider::from_env(&context, sts).provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "assume-role-with-web-identity pod");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html>
#[derive(Clone)]
pub struct WebIdentityProvider {
    sts: Sts,
    given: Option<Arc<Asked>>,
    context: Context,
}

/// A role, and the token to take it on with.
struct Asked {
    role: AssumeRoleWithWebIdentity,
    token: TokenSource,
}

impl WebIdentityProvider {
    /// A provider for the role with this token, by the path of its file or from elsewhere; nothing is read yet.
    pub fn new(context: &Context, sts: Sts, role: AssumeRoleWithWebIdentity, token: impl Into<TokenSource>) -> Self {
        Self::with(context, sts, role, token.into())
    }

    // Apart from `new`, whose code every crate repeats for each type that it hands in.
    fn with(context: &Context, sts: Sts, role: AssumeRoleWithWebIdentity, token: TokenSource) -> Self {
        let given = Some(Arc::new(Asked { role, token }));
        Self { sts, given, context: context.clone() }
    }

    /// A provider for what `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN` and `AWS_ROLE_SESSION_NAME` say at
    /// each fetch; nothing is read yet.
    pub fn from_env(context: &Context, sts: Sts) -> Self {
        Self { sts, given: None, context: context.clone() }
    }

    /// The role and the token that are asked for.
    #[inline(never)]
    fn asked(&self) -> Result<Arc<Asked>, Error> {
        if let Some(given) = &self.given {
            return Ok(Arc::clone(given));
        }
        let env = self.context.env();
        let file = env.path(TOKEN_FILE).filter(|path| !trimmed(&path.to_string_lossy()).is_empty());
        let file = file.ok_or_else(|| {
            let absence = env.absence(TOKEN_FILE);
            failure(ErrorKind::NotConfigured, format_args!("{TOKEN_FILE} {absence}"), None)
        })?;
        let arn = env.var(ROLE_ARN)?.ok_or_else(|| {
            let cure = format_args!("set AWS_ROLE_ARN too, or unset AWS_WEB_IDENTITY_TOKEN_FILE");
            let blank = if env.is_blank(ROLE_ARN) { ", which is blank" } else { "" };
            let what = format_args!("{TOKEN_FILE} is set without {ROLE_ARN}{blank}");
            failure(ErrorKind::InvalidConfig, what, Some(cure))
        })?;
        let mut role = AssumeRoleWithWebIdentity::new(arn);
        role.session_name = env.var(SESSION_NAME)?;
        Ok(Arc::new(Asked { role, token: file.into() }))
    }

    /// Before anything else: a token may serve once only.
    #[inline(never)]
    fn can_be_named(&self, asked: &Asked) -> Result<(), Error> {
        match &asked.role.session_name {
            Some(_) => Ok(()),
            None => session_name(self.context.env(), self.sts.now()).map(drop),
        }
    }

    /// What is asked of the service.
    // Apart from the future, which would be code for each way to give up while it holds the token.
    #[inline(never)]
    fn form(&self, asked: &Asked, token: Result<Secret, Error>) -> Result<Form, Error> {
        let token = token?;
        if token.expose().contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(asked.token.refuse(WHAT, "holds more than a token"));
        }
        let role = &asked.role;
        let name = match &role.session_name {
            Some(name) => name,
            None => &session_name(self.context.env(), self.sts.now())?,
        };
        role.form(Some(name), &token)
    }
}

impl ProvideCredentials for WebIdentityProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let asked = self.asked()?;
            self.can_be_named(&asked)?;
            let form = self.form(&asked, asked.token.text(self.context.fs(), WHAT).await);
            settled(self.sts.send(form, None).await, &asked)
        })
    }
}

impl fmt::Debug for WebIdentityProvider {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("WebIdentityProvider");
        if let Some(asked) = &self.given {
            shown.field("role", &asked.role.role_arn()).field("token", &asked.token);
        }
        shown.finish_non_exhaustive()
    }
}

impl From<WebIdentityProvider> for SharedProvider {
    fn from(provider: WebIdentityProvider) -> Self {
        Arc::new(provider)
    }
}

#[inline(never)]
fn settled(answered: Result<Answered, Error>, asked: &Asked) -> Result<Credentials, Error> {
    answered?.session(ASSUMED_USER, None, asked.role.source())
}

const WHAT: &str = "the web identity token";
const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "AWS_ROLE_ARN";
const SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
