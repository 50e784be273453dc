//! A role for a workload that has a token.

use std::sync::Arc;

use async_trait::async_trait;
use tucuxi_core::{Clock, Context, Credentials, Env, Error, Fs, ProvideCredentials, Secret, SharedProvider};

use crate::session_name::session_name;
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
#[derive(Clone, Debug)]
pub struct WebIdentityProvider {
    sts: Sts,
    given: Option<(AssumeRoleWithWebIdentity, TokenSource)>,
    env: Env,
    fs: Fs,
    clock: Arc<dyn Clock>,
}

impl WebIdentityProvider {
    /// A provider for the role with this token, by the path of its file or from elsewhere; nothing is read yet.
    pub fn new(context: &Context, sts: Sts, role: AssumeRoleWithWebIdentity, token: impl Into<TokenSource>) -> Self {
        Self { given: Some((role, token.into())), ..Self::from_env(context, sts) }
    }

    /// A provider for what `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN` and `AWS_ROLE_SESSION_NAME` say at
    /// each fetch; nothing is read yet.
    pub fn from_env(context: &Context, sts: Sts) -> Self {
        Self {
            sts,
            given: None,
            env: context.env().clone(),
            fs: context.fs().clone(),
            clock: Arc::clone(context.clock()),
        }
    }

    fn variables(&self) -> Result<(AssumeRoleWithWebIdentity, TokenSource), Error> {
        let file = self.env.path(TOKEN_FILE).filter(|path| !path.to_string_lossy().trim().is_empty());
        let file = file.ok_or_else(|| Error::not_configured(format!("{TOKEN_FILE} is not set")))?;
        let arn = self.env.var(ROLE_ARN)?.ok_or_else(|| {
            Error::invalid_config(format!("{TOKEN_FILE} is set without {ROLE_ARN}"))
                .with_hint(format!("set {ROLE_ARN} too, or unset {TOKEN_FILE}"))
        })?;
        let role = AssumeRoleWithWebIdentity::new(arn);
        Ok(match self.env.var(SESSION_NAME)? {
            Some(name) => (role.session_name(name), file.into()),
            None => (role, file.into()),
        })
    }
}

#[async_trait]
impl ProvideCredentials for WebIdentityProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let (mut role, source) = match &self.given {
            Some(given) => given.clone(),
            None => self.variables()?,
        };
        if role.session_name.is_none() {
            role = role.session_name(session_name(&self.env, self.clock.now())?);
        }
        let token = token(&source, &self.fs).await?;
        self.sts.assume_role_with_web_identity(&role, &token).await
    }
}

impl From<WebIdentityProvider> for SharedProvider {
    fn from(provider: WebIdentityProvider) -> Self {
        Arc::new(provider)
    }
}

async fn token(source: &TokenSource, fs: &Fs) -> Result<Secret, Error> {
    let token = source.text(fs, WHAT).await?;
    match token.expose().contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Err(source.refuse(WHAT, "holds more than a token")),
        false => Ok(token),
    }
}

const WHAT: &str = "the web identity token";
const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "AWS_ROLE_ARN";
const SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
