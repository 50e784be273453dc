//! From what a builder was told to a session: the order of events.

use std::mem::take;

use tucuxi_core::{BoxFuture, Context, Error};
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

// Boxed, so that its code is not repeated wherever a session is loaded.
pub(crate) fn load(mut told: SessionBuilder) -> BoxFuture<'static, Result<Session, Error>> {
    Box::pin(async move {
        let source = source(&mut told)?;
        let context = told.context.clone().unwrap_or_else(tucuxi_transport::system);
        let settings = Settings::resolve(&context, take(&mut told.code)).await?;
        check_profile(&settings, &source)?;
        let mut loaded = Loaded { context, warnings: settings.warnings(), settings };
        loaded.trust(told.context.is_some())?;
        if let Some(ask) = told.ask_region
            && loaded.settings.region()?.is_none()
        {
            let region = ask(&loaded.context, &loaded.settings).await?;
            loaded.settings.set_region(Setting::new(region, Origin::Imds));
        }
        Ok(session(loaded, source, &told))
    })
}

/// The source that the program named; without one the default chain.
fn source(told: &mut SessionBuilder) -> Result<Source, Error> {
    let keys = take(&mut told.keys).check()?;
    let source = match (keys, told.source.take(), told.clash) {
        (Some(_), Some((other, _)), _) => return Err(exclusive("access_key", other)),
        (_, _, Some((one, other))) => return Err(exclusive(one, other)),
        (Some(keys), None, None) => Source::Keys(keys),
        (None, Some((_, source)), None) => source,
        (None, None, None) => default_source()?,
    };
    if let Source::Own { chain, .. } = &source
        && let Some(error) = chain.error()
    {
        return Err(error.clone());
    }
    #[cfg(feature = "sts")]
    if told.role.is_some() && matches!(source, Source::Anonymous) {
        return Err(exclusive("anonymous", "role_arn"));
    }
    Ok(source)
}

fn exclusive(one: &str, other: &str) -> Error {
    Error::invalid_config(format!("{one} and {other} were both given in code")).with_hint("give one of them")
}

#[cfg(feature = "default-chain")]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as without a default chain")]
fn default_source() -> Result<Source, Error> {
    Ok(Source::Default)
}

#[cfg(not(feature = "default-chain"))]
fn default_source() -> Result<Source, Error> {
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
    fn trust(&mut self, own_context: bool) -> Result<(), Error> {
        let Some(bundle) = self.settings.ca_bundle() else { return Ok(()) };
        match (own_context, bundle.origin()) {
            (true, Origin::Code) => {
                return Err(Error::invalid_config("ca_bundle and context were both given in code")
                    .with_hint("give the CA bundle to the HTTP client of the context"));
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

#[cfg(feature = "sts")]
fn session(loaded: Loaded, source: Source, told: &SessionBuilder) -> Session {
    let session = Session::new(loaded, source);
    match &told.role {
        Some(role) => session.then(std::sync::Arc::clone(role)),
        None => session,
    }
}

#[cfg(not(feature = "sts"))]
fn session(loaded: Loaded, source: Source, _: &SessionBuilder) -> Session {
    Session::new(loaded, source)
}
