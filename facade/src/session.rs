//! A session: settings, credentials and clients that belong together.

use std::sync::Arc;

#[cfg(feature = "default-chain")]
use tucuxi_core::BoxFuture;
use tucuxi_core::audit::record_trace;
use tucuxi_core::{Cache, Context, Error, ProvideCredentials, Region, Trace};

use crate::SessionBuilder;
use crate::load::Loaded;
use crate::settings::{Setting, Settings};
use crate::source::Source;

/// Settings and credentials that belong together, and the clients that use them.
///
/// Made by [`Session::load`] or [`Session::builder`]. A clone is a reference count; two sessions that were
/// loaded share nothing.
///
/// - Reads, when loaded: `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`; the config and credentials files;
///   the variables of [`Settings`]. Credentials are read when they are first needed.
/// - Network: none when loaded, unless [`SessionBuilder::region_from_imds`] was asked for and no other
///   region is known. Each source of credentials tells what it asks and its time-outs.
/// - Lifetime: credentials are refreshed as [`Cache`] tells; settings stay as they were loaded.
///
/// # Example
/// ```
/// use tucuxi::{Context, Env, Fs, Session};
///
/// # #[cfg(feature = "default-chain")]
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u"), ("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "s")]))
///     .with_fs(Fs::fake([("/home/u/.aws/config", "[default]\nregion = eu-west-1")]));
/// let session = Session::builder().context(context).load().await?;
/// assert_eq!(session.region().map(|region| region.as_str()), Some("eu-west-1"));
/// assert_eq!(session.credentials().provide_credentials().await?.access_key_id(), "AKID");
/// # Ok(()) }
/// # #[cfg(not(feature = "default-chain"))] fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    loaded: Arc<Loaded>,
    source: Arc<Source>,
    credentials: Cache,
    #[cfg(feature = "s3")]
    s3: std::sync::OnceLock<tucuxi_s3_lite::Client>,
    #[cfg(feature = "send")]
    sender: std::sync::OnceLock<crate::send::Sender>,
}

impl Session {
    /// A session as the environment and the shared files describe it.
    ///
    /// # Errors
    /// As [`SessionBuilder::load`].
    #[cfg(feature = "default-chain")]
    pub fn load() -> BoxFuture<'static, Result<Self, Error>> {
        Self::builder().load()
    }

    /// A session that is told some things in code.
    #[inline(never)]
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    pub(crate) fn of(loaded: Arc<Loaded>, source: Arc<Source>) -> Self {
        let credentials = source.cache(&loaded.context, &loaded.settings);
        Self(Arc::new(Inner {
            loaded,
            source,
            credentials,
            #[cfg(feature = "s3")]
            s3: std::sync::OnceLock::new(),
            #[cfg(feature = "send")]
            sender: std::sync::OnceLock::new(),
        }))
    }

    /// The credentials, cached and refreshed. Nothing is fetched until they are asked for.
    pub fn credentials(&self) -> Cache {
        self.0.credentials.clone()
    }

    /// The region, if one is known; [`Settings::region`] tells where it was found, or why it is unknown.
    #[inline]
    pub fn region(&self) -> Option<&Region> {
        self.0.loaded.settings.region().ok().flatten().map(Setting::value)
    }

    /// The endpoint configured for a service, by its id (`s3`, `sts`, `sso-oidc`); `None` is AWS's own.
    ///
    /// # Errors
    /// As [`Settings::endpoint_url_for`].
    #[inline]
    pub fn endpoint_url_for(&self, service: &str) -> Result<Option<Setting<String>>, Error> {
        self.0.loaded.settings.endpoint_url_for(service)
    }

    /// The selected profile; `default` when nobody chose one.
    pub fn profile_name(&self) -> &str {
        self.0.loaded.settings.profile_name().value()
    }

    /// Every profile of both files, sorted; empty when a file is broken.
    #[inline]
    pub fn available_profiles(&self) -> Vec<String> {
        self.0.loaded.settings.available_profiles()
    }

    /// Every setting, with where it was found.
    pub fn settings(&self) -> &Settings {
        &self.0.loaded.settings
    }

    /// What the session uses of the outside world.
    pub fn context(&self) -> &Context {
        &self.0.loaded.context
    }

    /// What is odd but no error, one line each, for a log.
    pub fn warnings(&self) -> &[String] {
        &self.0.loaded.warnings
    }

    /// Asks every source of credentials on its own, also those behind the one that answers, past the cache.
    ///
    /// Sources that need the network or a program use them; [`trace_offline`](Self::trace_offline) asks
    /// neither.
    pub async fn trace(&self) -> Trace {
        self.recorded(self.0.source.chain(&self.0.loaded.context, &self.0.loaded.settings).trace().await).await
    }

    /// The same without network and programs: a source that needs either is shown as not asked, and so is
    /// every provider that the program gave, since nobody knows what it needs.
    pub async fn trace_offline(&self) -> Trace {
        self.recorded(self.0.source.trace_offline(&self.0.loaded.context, &self.0.loaded.settings).await).await
    }

    async fn recorded(&self, trace: Trace) -> Trace {
        if let Some(audit) = self.0.loaded.settings.audit() {
            record_trace(audit.as_ref(), &self.0.loaded.context, &trace).await;
        }
        trace
    }

    /// Whether requests go out unsigned, since [`SessionBuilder::anonymous`] said so.
    pub fn is_anonymous(&self) -> bool {
        matches!(*self.0.source, Source::Anonymous)
    }

    #[cfg(feature = "s3")]
    pub(crate) fn s3_cell(&self) -> &std::sync::OnceLock<tucuxi_s3_lite::Client> {
        &self.0.s3
    }

    #[cfg(feature = "send")]
    pub(crate) fn sender(&self) -> &crate::send::Sender {
        self.0.sender.get_or_init(|| crate::send::Sender::new(&self.0.loaded.context))
    }

    /// The same settings with credentials of another provider.
    #[must_use]
    #[inline]
    pub fn with_credentials(&self, provider: impl ProvideCredentials + 'static) -> Self {
        self.with_source(Source::own(provider))
    }

    #[inline]
    fn with_source(&self, source: Source) -> Self {
        Self::of(Arc::clone(&self.0.loaded), source.shared())
    }

    /// The same settings with what a step makes of these credentials.
    #[cfg(feature = "sts")]
    #[inline]
    pub(crate) fn then(&self, step: Arc<dyn crate::federation::Step>) -> Self {
        let (base, cache) = (Arc::clone(&self.0.source), self.credentials());
        self.with_source(Source::Over { base, cache, step })
    }
}
