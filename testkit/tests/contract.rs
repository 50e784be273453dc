//! The contract fails for providers that break it.

use std::sync::Arc;

use async_trait::async_trait;
use tucuxi_core::{
    Body, Command, Context, Credentials, Env, Error, ErrorKind, HttpOptions, ProvideCredentials, Source,
};
use tucuxi_testkit::{block_on, context, contract};

/// What a provider does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Sin {
    None,
    AsksInTheConstructor,
    RunsInTheConstructor,
    AsksUnasked,
    Invents,
    CallsAbsenceAnOutage,
    ShowsItself,
    ShowsInTheError,
    ShowsInTheHint,
    Logs,
    HidesItsSource,
    IgnoresOffline,
}

struct Sinner(Sin, Context, Option<String>);

impl std::fmt::Debug for Sinner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = self.2.as_deref().filter(|_| self.0 == Sin::ShowsItself).unwrap_or_default();
        write!(f, "Sinner({shown})")
    }
}

async fn ask(context: &Context) -> Result<(), Error> {
    let request = http::Request::get("http://localhost/").body(Body::empty());
    let request = request.map_err(|error| Error::invalid_config(error.to_string()))?;
    context.http().send(request, HttpOptions::default()).await?;
    Ok(())
}

fn make(sin: Sin, context: &Context) -> Arc<Sinner> {
    if sin == Sin::AsksInTheConstructor {
        assert!(block_on(ask(context)).is_err());
    }
    if sin == Sin::RunsInTheConstructor {
        assert!(block_on(context.commands().run(Command::new("x", [] as [&str; 0]))).is_err());
    }
    Arc::new(Sinner(sin, context.clone(), context.env().var("SECRET").ok().flatten()))
}

#[async_trait]
impl ProvideCredentials for Sinner {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let Self(sin, context, secret) = self;
        if *sin == Sin::AsksUnasked {
            ask(context).await.map_err(|error| error.with_kind(ErrorKind::NotConfigured))?;
        }
        if *sin == Sin::IgnoresOffline {
            // Hides the mark that the offline context left.
            return ask(context)
                .await
                .map(|()| Credentials::new("A", "B"))
                .map_err(|_error| Error::not_configured("gone"));
        }
        let Some(secret) = secret else {
            return match sin {
                Sin::Invents => Ok(Credentials::new("AKID", "made up")),
                Sin::CallsAbsenceAnOutage => Err(Error::unavailable("nothing here")),
                _ => Err(Error::not_configured("nothing here")),
            };
        };
        match sin {
            Sin::ShowsInTheError => Err(Error::denied(format!("{secret} is wrong"))),
            Sin::ShowsInTheHint => Err(Error::denied("wrong").with_hint(format!("do not use {secret}"))),
            Sin::HidesItsSource => Ok(Credentials::new("AKID", secret.as_str())),
            _ => {
                if *sin == Sin::Logs {
                    tracing::trace!("{secret:?}");
                }
                Ok(Credentials::new("AKID", secret.as_str()).with_source(Source::Explicit))
            }
        }
    }
}

fn passes(sin: Sin) -> Result<(), String> {
    let outcome = std::panic::catch_unwind(|| {
        let world =
            |secrets: &[tucuxi_testkit::Canary]| context().with_env(Env::fake([("SECRET", secrets[0].value())]));
        let checks = contract("sinner", |context| make(sin, context));
        let checks = if sin == Sin::IgnoresOffline { checks.probes(1) } else { checks };
        match sin {
            Sin::ShowsInTheError | Sin::ShowsInTheHint => {
                checks.broken("denied", ErrorKind::Denied, &["secret"], world)
            }
            _ => checks.configured("a secret", &["secret"], world),
        }
        .run();
    });
    outcome.map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[track_caller]
fn check(sin: Sin, expected: Result<(), &str>) {
    match (passes(sin), expected) {
        (Ok(()), Ok(())) => {}
        (Err(message), Err(piece)) => assert!(message.contains(piece), "{message:?} does not hold {piece:?}"),
        (got, expected) => panic!("{got:?}, expected {expected:?}"),
    }
}

#[test]
fn each_sin_is_found() {
    check(Sin::None, Ok(()));
    check(Sin::AsksInTheConstructor, Err("the constructor does I/O"));
    check(Sin::RunsInTheConstructor, Err("the constructor does I/O"));
    check(Sin::AsksUnasked, Err("requests although nothing is configured"));
    check(Sin::Invents, Err("credentials although nothing is configured"));
    check(Sin::CallsAbsenceAnOutage, Err("nothing is configured, but"));
    check(Sin::ShowsItself, Err("Debug of the provider shows the secret"));
    check(Sin::ShowsInTheError, Err("the error shows the secret"));
    check(Sin::ShowsInTheHint, Err("shows the secret"));
    check(Sin::Logs, Err("the log shows the secret"));
    check(Sin::HidesItsSource, Err("no provenance"));
    check(Sin::IgnoresOffline, Err("the mark of an offline context is lost"));
}
