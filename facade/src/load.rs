//! From what a builder was told to a session: the order of events.

use std::mem::take;
use std::sync::Arc;

use tucuxi_core::{BoxFuture, Context, Error, ErrorKind, failure};
use tucuxi_transport::TransportOptions;

use crate::settings::{Origin, Setting, Settings};
use crate::source::Source;
use crate::{Session, SessionBuilder};

/// What sessions that are made of a session share.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) context: Context,
    pub(crate) settings: Settings,
    pub(crate) warnings: Vec<String>,
}

// Boxed, so that its code is not repeated in each crate that loads a session.
#[inline(never)]
pub(crate) fn load(told: SessionBuilder) -> BoxFuture<'static, Result<Session, Error>> {
    Box::pin(async move {
        let mut begun = Begun::with(told)?;
        let settings = Settings::resolve(&begun.context, take(&mut begun.told.code)).await?;
        let loaded = begun.loaded(settings)?;
        if let Some(ask) = begun.told.ask_region
            && loaded.settings.region()?.is_none()
        {
            let region = ask(&loaded.context, &loaded.settings).await?;
            loaded.settings.set_region(Setting::new(region, Origin::Imds));
        }
        Ok(begun.session(loaded))
    })
}

/// A session before its settings are known.
struct Begun {
    source: Arc<Source>,
    context: Context,
    told: SessionBuilder,
}

impl Begun {
    #[inline(never)]
    fn with(mut told: SessionBuilder) -> Result<Box<Self>, Error> {
        let source = source(&mut told)?;
        let context = told.context.clone().unwrap_or_else(tucuxi_transport::system);
        Ok(Box::new(Self { source, context, told }))
    }

    #[inline(never)]
    fn loaded(&self, settings: Settings) -> Result<Arc<Loaded>, Error> {
        check_profile(&settings, &self.source)?;
        let mut loaded = Loaded { context: self.context.clone(), warnings: settings.warnings(), settings };
        loaded.trust(self.told.context.is_some())?;
        Ok(Arc::new(loaded))
    }

    #[inline(never)]
    fn session(&self, loaded: Arc<Loaded>) -> Session {
        let session = Session::of(loaded, Arc::clone(&self.source));
        #[cfg(feature = "sts")]
        if let Some(role) = &self.told.role {
            return session.then(Arc::clone(role));
        }
        session
    }
}

/// The source that the program named; without one the default chain.
#[inline(never)]
fn source(told: &mut SessionBuilder) -> Result<Arc<Source>, Error> {
    let keys = take(&mut told.keys).check()?;
    let source = match (keys, told.source.take(), told.clash) {
        (Some(_), Some((other, _)), _) => return Err(exclusive("access_key", other)),
        (_, _, Some((one, other))) => return Err(exclusive(one, other)),
        (Some(keys), None, None) => Source::Keys(keys).shared(),
        (None, Some((_, source)), None) => source,
        (None, None, None) => default_source()?,
    };
    if let Source::Own { chain, .. } = &*source
        && let Some(error) = chain.error()
    {
        return Err(error.clone());
    }
    #[cfg(feature = "sts")]
    if told.role.is_some() && matches!(*source, Source::Anonymous) {
        return Err(exclusive("anonymous", "role_arn"));
    }
    Ok(source)
}

#[cold]
fn exclusive(one: &str, other: &str) -> Error {
    failure(
        ErrorKind::InvalidConfig,
        format_args!("{one} and {other} were both given in code"),
        Some(format_args!("give one of them")),
    )
}

#[cfg(feature = "default-chain")]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as without a default chain")]
fn default_source() -> Result<Arc<Source>, Error> {
    Ok(Source::Default.shared())
}

#[cfg(not(feature = "default-chain"))]
fn default_source() -> Result<Arc<Source>, Error> {
    Err(Error::invalid_config("no credentials were given, and this build has no default chain").with_hint(
        "give access_key or credentials to the builder, or turn on the feature `default-chain` of the crate tucuxi",
    ))
}

/// Whoever brings credentials needs no file that cannot be read, but a wrong name in code is a mistake.
fn check_profile(settings: &Settings, source: &Source) -> Result<(), Error> {
    match settings.profile_error() {
        Some(error)
            if *settings.profile_name().origin() == Origin::Code
                && (source.needs_files() || !settings.files().are_broken()) =>
        {
            Err(error.clone())
        }
        _ => Ok(()),
    }
}

impl Loaded {
    /// Gives the context an HTTP client that trusts the configured CA bundle.
    #[inline(never)]
    fn trust(&mut self, own_context: bool) -> Result<(), Error> {
        let Some(bundle) = self.settings.ca_bundle() else { return Ok(()) };
        match (own_context, bundle.origin()) {
            (true, Origin::Code) => {
                let what = format_args!("ca_bundle and context were both given in code");
                let cure = format_args!("give the CA bundle to the HTTP client of the context");
                return Err(failure(ErrorKind::InvalidConfig, what, Some(cure)));
            }
            (true, Origin::File(location)) => self
                .warnings
                .push(format!("{location}: the CA bundle is not used, this session has a context of its own")),
            // `system()` reads the variable.
            (true, _) | (false, Origin::Variable(_)) => {}
            (false, _) => {
                let options = TransportOptions::default().with_ca_bundle(bundle.value());
                self.context = tucuxi_transport::system_with(options);
            }
        }
        Ok(())
    }
}
