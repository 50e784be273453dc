//! A role for a person who has signed in to a SAML identity provider.

use std::sync::Arc;

use tucuxi_core::{BoxFuture, Context, Credentials, Error, ProvideCredentials, Secret, SharedProvider};

use crate::{AssumeRoleWithSaml, Sts, TokenSource};

/// Credentials of a role, taken on with the assertion of a SAML identity provider. Needs the feature `operations`.
///
/// - Reads, at each fetch: the assertion, in base64 as the identity provider posts it; an identity provider's
///   assertions usually live for minutes, so a file or standard input serves one fetch, a callback many
/// - Network: one `AssumeRoleWithSAML` for each fetch, as [`Sts`] sends it
/// - Lifetime: one hour, or the role's [`duration`](AssumeRoleWithSaml::duration), never longer than the
///   assertion says. Nothing is kept: put a [`Cache`](tucuxi_core::Cache) in front
///
/// # Errors
/// - `InvalidConfig`: the assertion cannot be read, is empty, or is not base64
/// - `Denied`, `Unavailable`: see [`Sts`]
/// - whatever the callback fails with
///
/// # Example
/// ```
/// use tucuxi_core::{Fs, ProvideCredentials};
/// use tucuxi_provider_sts::{AssumeRoleWithSaml, SamlProvider, Sts, StsSettings};
/// # use tucuxi_testkit::{Exchange, ScriptedHttp};
///
/// # let answer = "<AssumeRoleWithSAMLResponse><AssumeRoleWithSAMLResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
/// #     <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
/// #     <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithSAMLResult>\
/// #     </AssumeRoleWithSAMLResponse>";
/// # let http = ScriptedHttp::new([Exchange::post("https://sts.amazonaws.com/").answers(200, answer)]);
/// # let context = tucuxi_testkit::context().with_http(http);
/// # tucuxi_testkit::block_on(async {
/// let context = context.with_fs(Fs::fake([("/assertion", "PHNhbWxwOlJlc3BvbnNlPg==")]));
/// let sts = Sts::new(&context, StsSettings::default());
/// let account = "arn:aws:iam::123456789012";
/// let role = AssumeRoleWithSaml::new(format!("{account}:role/staff"), format!("{account}:saml-provider/corp"));
/// let credentials = SamlProvider::new(&context, sts, role, "/assertion").provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "assume-role-with-saml staff");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html>
#[derive(Clone, Debug)]
pub struct SamlProvider {
    sts: Sts,
    role: AssumeRoleWithSaml,
    assertion: TokenSource,
    context: Context,
}

impl SamlProvider {
    /// A provider for the role with this assertion; nothing is read yet.
    pub fn new(context: &Context, sts: Sts, role: AssumeRoleWithSaml, assertion: impl Into<TokenSource>) -> Self {
        Self { sts, role, assertion: assertion.into(), context: context.clone() }
    }
}

impl ProvideCredentials for SamlProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let text = self.assertion.text(self.context.fs(), WHAT).await?;
            // Tools break lines in base64; the service takes none.
            let mut assertion = String::with_capacity(text.expose().len());
            assertion.extend(text.expose().chars().filter(|character| !character.is_ascii_whitespace()));
            let assertion = Secret::new(assertion);
            let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
            if !assertion.expose().bytes().all(base64) {
                return Err(self.assertion.refuse(WHAT, "is not base64"));
            }
            self.sts.assume_role_with_saml(&self.role, &assertion).await
        })
    }
}

impl From<SamlProvider> for SharedProvider {
    fn from(provider: SamlProvider) -> Self {
        Arc::new(provider)
    }
}

const WHAT: &str = "the SAML assertion";
