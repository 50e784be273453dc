//! What holds for every provider.

use std::fmt::Debug;
use std::sync::Arc;

use tucuxi_core::{Context, ErrorKind, ProvideCredentials};

use crate::{Canary, FakeCommands, ScriptedHttp, assert_no_leak, block_on, capture, context};

/// Checks that every provider passes; put together by [`contract`], carried out by [`run`](Self::run).
#[must_use = "nothing is checked before `run`"]
pub struct Contract<'a> {
    name: &'static str,
    make: Box<Make<'a>>,
    probes: usize,
    asked_for: bool,
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    what: &'static str,
    kind: Option<ErrorKind>,
    secrets: Vec<Canary>,
    context: Box<World<'a>>,
}

/// A provider that a program may print.
trait Shown: ProvideCredentials + Debug {}

impl<P: ProvideCredentials + Debug> Shown for P {}

/// Constructs the provider.
type Make<'a> = dyn Fn(&Context) -> Arc<dyn Shown> + 'a;

/// The context of a case, with these secrets in it.
type World<'a> = dyn Fn(&[Canary]) -> Context + 'a;

/// The checks of the provider that `make` constructs.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use tucuxi_core::{Env, ErrorKind};
/// use tucuxi_provider_env::EnvProvider;
/// use tucuxi_testkit::{context, contract};
///
/// let env = |secret: &str| {
///     context().with_env(Env::fake([("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", secret)]))
/// };
/// contract("env", |context| Arc::new(EnvProvider::new(context)))
///     .configured("keys", &["secret"], |secrets| env(secrets[0].value()))
///     .broken("a line break", ErrorKind::InvalidConfig, &["secret"], |secrets| env(&format!("{}\n", secrets[0].value())))
///     .run();
/// ```
pub fn contract<'a, P: ProvideCredentials + Debug + 'static>(
    name: &'static str,
    make: impl Fn(&Context) -> Arc<P> + 'a,
) -> Contract<'a> {
    Contract { name, make: Box::new(move |context| make(context)), probes: 0, asked_for: false, cases: Vec::new() }
}

impl<'a> Contract<'a> {
    /// How many requests the provider may send, each refused, to find out that nobody configured it.
    pub fn probes(mut self, requests: usize) -> Self {
        self.probes = requests;
        self
    }

    /// The provider is made only where something asks for it, so that "not configured" is no state of its.
    /// Its constructor is checked nevertheless, and it must say so when it would need the network or a
    /// program and the context is offline.
    pub fn asked_for(mut self) -> Self {
        self.asked_for = true;
        self
    }

    /// A context in which the provider yields credentials. `context` is called with a canary for each of
    /// the named secrets, and uses their values where a secret stands.
    pub fn configured(
        mut self,
        what: &'static str,
        secrets: &[&str],
        context: impl Fn(&[Canary]) -> Context + 'a,
    ) -> Self {
        self.cases.push(Case { what, kind: None, secrets: canaries(secrets), context: Box::new(context) });
        self
    }

    /// A context in which the provider fails with an error of this kind.
    pub fn broken(
        mut self,
        what: &'static str,
        kind: ErrorKind,
        secrets: &[&str],
        context: impl Fn(&[Canary]) -> Context + 'a,
    ) -> Self {
        self.cases.push(Case { what, kind: Some(kind), secrets: canaries(secrets), context: Box::new(context) });
        self
    }

    /// Checks that the constructor does no I/O, that nothing configured is `NotConfigured` without traffic
    /// (but for the probes), that an offline context is respected, and in each case that credentials carry
    /// provenance and that no secret is in a log, a `Debug` text or an error.
    ///
    /// # Panics
    /// At the first check that fails.
    #[track_caller]
    pub fn run(self) {
        self.nothing_configured();
        self.offline();
        for case in &self.cases {
            self.case(case);
        }
    }

    #[track_caller]
    fn nothing_configured(&self) {
        let name = self.name;
        let http = ScriptedHttp::refusing();
        let commands = FakeCommands::none();
        let provider = (self.make)(&context().with_http(http.clone()).with_commands(commands.clone()));
        assert!(http.seen().is_empty() && commands.runs().is_empty(), "{name}: the constructor does I/O");
        if self.asked_for {
            return;
        }
        let Err(error) = block_on(provider.provide_credentials()) else {
            panic!("{name}: credentials although nothing is configured")
        };
        assert!(error.is_not_configured(), "{name}: nothing is configured, but {error:?}");
        assert_eq!(http.seen().len(), self.probes, "{name}: requests although nothing is configured");
        assert!(commands.runs().is_empty(), "{name}: a program is run although nothing is configured");
    }

    #[track_caller]
    fn offline(&self) {
        let name = self.name;
        let provider = (self.make)(&context().offline());
        let Err(error) = block_on(provider.provide_credentials()) else {
            panic!("{name}: credentials although nothing is configured")
        };
        if self.probes == 0 && !self.asked_for {
            assert!(error.is_not_configured(), "{name}: nothing is configured, but {error:?}");
        } else {
            assert!(error.is_offline(), "{name}: the mark of an offline context is lost: {error:?}");
            assert!(!error.is_not_configured(), "{name}: offline is not the same as not configured: {error:?}");
        }
    }

    #[track_caller]
    fn case(&self, case: &Case<'_>) {
        let (name, what) = (self.name, case.what);
        let provider = (self.make)(&(case.context)(&case.secrets));
        let check = |shown: &str, text: &str| assert_no_leak(&case.secrets, &format!("{name}, {what}: {shown}"), text);
        check("Debug of the provider", &format!("{provider:?} {provider:#?}"));
        let (answer, logs) = capture(|| block_on(provider.provide_credentials()));
        check("the log", &logs);
        check("Debug of the provider afterwards", &format!("{provider:?} {provider:#?}"));
        match (answer, case.kind) {
            (Ok(credentials), None) => {
                check("Debug of the credentials", &format!("{credentials:?} {credentials:#?}"));
                assert!(!credentials.provenance().sources().is_empty(), "{name}, {what}: no provenance");
                assert_eq!(
                    case.secrets.first().map(Canary::value),
                    Some(credentials.secret_access_key()),
                    "{name}, {what}: the first secret must be the secret access key"
                );
            }
            (Err(error), kind) => {
                check("the error", &format!("{error} {error:?} {error:#?} {}", error.report()));
                check("the hint", error.hint().unwrap_or_default());
                assert_eq!(Some(error.kind()), kind, "{name}, {what}: {}", error.report());
            }
            (Ok(_), Some(kind)) => panic!("{name}, {what}: credentials, expected {kind:?}"),
        }
    }
}

fn canaries(names: &[&str]) -> Vec<Canary> {
    names.iter().map(|name| Canary::new(name)).collect()
}
