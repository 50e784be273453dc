//! Setting up a client.

use tucuxi_core::retry::{RetryBudget, RetryMode, RetryPolicy};
use tucuxi_core::{Cache, ClockSkew, Context, Error as CoreError, HttpOptions, ProvideCredentials, Region};

use super::place::Places;
use super::{Client, Inner, Setup};
use crate::endpoint::{Addressing, Custom, GLOBAL, Options};
use crate::{Client as S3, Error};

/// Settings of a [`Client`].
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Credentials};
/// use tucuxi_s3_lite::{Addressing, Client};
///
/// let s3 = Client::builder(&Context::local())
///     .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
///     .region("eu-west-1")
///     .endpoint("http://127.0.0.1:9000")
///     .addressing(Addressing::Path)
///     .build()?;
/// # Ok::<(), tucuxi_s3_lite::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    context: Context,
    signing: Signing,
    region: Option<String>,
    endpoint: Option<String>,
    addressing: Addressing,
    dual_stack: bool,
    fips: bool,
    accelerate: bool,
    retry: RetryPolicy,
    limits: HttpOptions,
    invalid: Option<CoreError>,
}

#[derive(Clone, Debug)]
enum Signing {
    Unsettled,
    Anonymous,
    By(Cache),
}

impl ClientBuilder {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
            signing: Signing::Unsettled,
            region: None,
            endpoint: None,
            addressing: Addressing::default(),
            dual_stack: false,
            fips: false,
            accelerate: false,
            retry: RetryPolicy::default(),
            limits: HttpOptions::default(),
            invalid: None,
        }
    }

    /// Signs with the credentials of this provider, behind a cache of the client's own.
    pub fn credentials(self, provider: impl ProvideCredentials + 'static) -> Self {
        let cache = Cache::new(&self.context, provider);
        self.credentials_cache(cache)
    }

    /// Signs with the credentials of this cache, which others may share.
    pub fn credentials_cache(mut self, cache: Cache) -> Self {
        self.signing = Signing::By(cache);
        self
    }

    /// Signs nothing: for public buckets.
    pub fn anonymous(mut self) -> Self {
        self.signing = Signing::Anonymous;
        self
    }

    /// The region of endpoint and signature. Without one, requests go to `s3.amazonaws.com`, signed for
    /// us-east-1, and the region of each bucket is learned from the answers.
    pub fn region(mut self, region: impl AsRef<str>) -> Self {
        self.region = Some(region.as_ref().to_owned());
        self
    }

    /// An endpoint other than AWS's own, by its URL. The bucket then stands in the path, unless
    /// [`Addressing::Virtual`] is chosen.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Where the bucket stands in the URL.
    pub fn addressing(mut self, addressing: Addressing) -> Self {
        self.addressing = addressing;
        self
    }

    /// Uses the endpoints that also answer over IPv6.
    pub fn dual_stack(mut self, on: bool) -> Self {
        self.dual_stack = on;
        self
    }

    /// Uses the endpoints with FIPS 140 cryptography.
    pub fn fips(mut self, on: bool) -> Self {
        self.fips = on;
        self
    }

    /// Uses S3 Transfer Acceleration for everything but making, removing and listing buckets.
    pub fn accelerate(mut self, on: bool) -> Self {
        self.accelerate = on;
        self
    }

    /// How often a request is sent at most, the first time included. Default 3; 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.retry.max_attempts = attempts.max(1);
        self
    }

    /// By which rules requests are sent again. Default standard.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.retry.mode = mode;
        self
    }

    /// The limits of each request. `body_limit` is set by each operation: 64 KiB, 4 MiB for a page of a
    /// listing, none for an object.
    pub fn limits(mut self, limits: HttpOptions) -> Self {
        self.limits = limits;
        self
    }

    /// Makes every call fail with this: for whoever reads settings and must hand out a client all the same.
    pub fn invalid(mut self, error: CoreError) -> Self {
        self.invalid.get_or_insert(error);
        self
    }

    /// The client. Nothing is read or sent yet.
    ///
    /// # Errors
    /// `Config`: no credentials and not anonymous, a region or URL that is none, choices that contradict each
    /// other.
    pub fn build(self) -> Result<Client, Error> {
        let client = self.deferred();
        client.setup()?;
        Ok(client)
    }

    /// The client, even if the settings are wrong: each call then fails with the error that
    /// [`build`](Self::build) would have given.
    pub fn deferred(self) -> Client {
        let setup = self.setup();
        let credentials = match &self.signing {
            Signing::By(cache) => Some(cache.clone()),
            Signing::Unsettled | Signing::Anonymous => None,
        };
        S3(std::sync::Arc::new(Inner {
            clock: self.context.clock().clone(),
            http: self.context.http().clone(),
            credentials,
            setup,
            budget: RetryBudget::default(),
            skew: ClockSkew::new(&self.context),
            builder: self,
        }))
    }

    fn setup(&self) -> Result<Setup, CoreError> {
        if let Some(error) = &self.invalid {
            return Err(error.clone());
        }
        if matches!(self.signing, Signing::Unsettled) {
            return Err(CoreError::invalid_config("the S3 client has no credentials")
                .with_hint("give it credentials, or make it anonymous"));
        }
        let region = Region::new(self.region.as_deref().unwrap_or(GLOBAL))?;
        let options = Options {
            custom: self.endpoint.as_deref().map(Custom::parse).transpose()?,
            addressing: self.addressing,
            dual_stack: self.dual_stack,
            fips: self.fips,
            accelerate: self.accelerate,
        };
        options.check(&region)?;
        Ok(Setup { options, places: Places::new(region), retry: self.retry, limits: self.limits })
    }
}
