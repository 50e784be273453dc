//! Credentials of the instance's role.

use std::sync::Arc;

use tucuxi_core::{BoxFuture, Context, Credentials, Error, ProvideCredentials, SharedProvider};

use crate::ImdsClient;
use crate::exchange::{Reader, unread};
use crate::wire::{self, Answer};

/// Credentials of the role that is attached to an EC2 instance.
///
/// - Reads: what [`ImdsClient`] reads
/// - Network: the role's name, then its credentials, with the time limits of [`ImdsClient`]
/// - Lifetime: given by the service, about six hours; nothing but the session token is kept here
///
/// # Errors
/// - `NotConfigured`: no role is attached; instance metadata is switched off or is not there
/// - `InvalidConfig`: a variable, profile key or setting cannot be read
/// - `Denied`: instance metadata refuses, or EC2 may not assume the role
/// - `Unavailable`: no answer where one was due, or one that cannot be read
///
/// # Example
/// ```
/// use tucuxi_core::ProvideCredentials;
/// use tucuxi_provider_imds::{ImdsClient, ImdsProvider};
///
/// # tucuxi_testkit::block_on(async {
/// # let context = tucuxi_testkit::context().with_http(tucuxi_testkit::ScriptedHttp::refusing());
/// let client = ImdsClient::new(&context).with_attempts(2);
/// let provider = ImdsProvider::from(client);
/// assert!(provider.provide_credentials().await.unwrap_err().is_not_configured());
/// # });
/// ```
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
#[derive(Clone, Debug)]
pub struct ImdsProvider {
    client: ImdsClient,
}

impl ImdsProvider {
    /// A provider with default settings; the same as `ImdsProvider::from(ImdsClient::new(context))`.
    pub fn new(context: &Context) -> Self {
        Self::from(ImdsClient::new(context))
    }

    /// The client, which shares the session token.
    pub fn client(&self) -> &ImdsClient {
        &self.client
    }
}

impl From<ImdsClient> for ImdsProvider {
    fn from(client: ImdsClient) -> Self {
        Self { client }
    }
}

impl ProvideCredentials for ImdsProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let mut found = Found::default();
            self.client.persist(wire::ROLES, &mut found).await?;
            found.credentials.ok_or_else(unread)
        })
    }
}

/// The name of the role, and then its credentials.
#[derive(Default)]
struct Found {
    role: Option<String>,
    credentials: Option<Credentials>,
}

impl Reader for Found {
    fn read(&mut self, answer: &Answer<'_>) -> Result<Option<String>, Error> {
        if let Some(role) = &self.role {
            self.credentials = Some(wire::credentials(answer, role)?);
            return Ok(None);
        }
        let role = self.role.insert(wire::role_name(answer)?);
        Ok(Some(format!("{}{role}", wire::ROLES)))
    }
}

impl From<ImdsProvider> for SharedProvider {
    fn from(provider: ImdsProvider) -> Self {
        Arc::new(provider)
    }
}
