//! The sources of a profile as links of a chain.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use common::{CONFIG, context};
use tucuxi_core::{Context, Credentials, Error, ErrorKind, ProvideCredentials, SharedProvider, Source};
use tucuxi_provider_profile::{Assemble, Base, Part, ProfileProvider, Profiles, Role};
use tucuxi_testkit::{FakeClock, block_on};

/// Providers that answer with what they were made from.
#[derive(Debug, Default)]
struct Fakes {
    /// What the base answers in place of credentials.
    refusal: Option<Error>,
    /// What making a base or a role answers.
    missing: Option<Error>,
    made: AtomicUsize,
    bases: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Answer(Result<Credentials, Error>);

#[async_trait]
impl ProvideCredentials for Answer {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        self.0.clone()
    }

    fn time_limit(&self) -> Duration {
        PATIENCE
    }
}

#[derive(Debug)]
struct Assumed(String, SharedProvider);

#[async_trait]
impl ProvideCredentials for Assumed {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        Ok(self.1.provide_credentials().await?.with_source(Source::AssumeRole(self.0.clone())))
    }
}

impl Assemble for Fakes {
    fn base(&self, base: &Base<'_>) -> Result<SharedProvider, Error> {
        self.made.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = &self.missing {
            return Err(error.clone());
        }
        let (source, shown) = match base {
            Base::Sso(sso) => (Source::Sso(sso.session.unwrap().to_owned()), String::new()),
            Base::WebIdentity(web) => {
                let name = web.session_name.as_deref().unwrap_or("-");
                (Source::WebIdentity(web.role_arn.to_string()), format!("{} {} {name}", web.token_file, web.role_arn))
            }
            Base::Login(login) => (Source::Login(login.session.to_owned()), String::new()),
            Base::Process(process) => (Source::Process, process.command.to_owned()),
            _ => (Source::Custom("other".into()), String::new()),
        };
        self.bases.lock().unwrap().push(shown);
        let credentials = Credentials::new("AKID", "s").with_source(source);
        Ok(Arc::new(Answer(self.refusal.clone().map_or(Ok(credentials), Err))))
    }

    fn assume(&self, role: &Role<'_>, source: SharedProvider) -> Result<SharedProvider, Error> {
        Ok(Arc::new(Assumed(role.arn.to_owned(), source)))
    }
}

const PATIENCE: Duration = Duration::from_secs(62);
const SSO: &str =
    "sso_session = s\nsso_account_id = 1\nsso_role_name = N\n[sso-session s]\nsso_start_url = U\nsso_region = r";

fn step(part: Part, profiles: &Profiles, with: Arc<Fakes>) -> ProfileProvider {
    ProfileProvider::of(profiles).with_assemble(with).only(part)
}

/// The answers of all steps but those of keys, in the order of the default chain, and of the whole profile.
fn ask(context: &Context, profiles: &Profiles, with: &Arc<Fakes>) -> Vec<Result<Credentials, Error>> {
    let parts = [Part::AssumeRole, Part::WebIdentity, Part::Sso, Part::Login, Part::Process];
    let steps = parts.map(|part| step(part, profiles, Arc::clone(with)));
    let whole = ProfileProvider::new(context).with_assemble(Arc::clone(with) as _);
    steps.iter().chain([&whole]).map(|step| block_on(step.provide_credentials())).collect()
}

/// The provenance that each step answers with, `-` for one that the profile does not use.
#[track_caller]
fn check(config: &str, variables: &[(&str, &str)], expected: [&str; 6]) {
    let context = context(config, "", variables);
    let answers = ask(&context, &Profiles::new(&context), &Arc::default());
    let shown: Vec<_> = answers
        .into_iter()
        .map(|answer| match answer {
            Ok(credentials) => credentials.provenance().to_string(),
            Err(error) if error.is_not_configured() => "-".to_owned(),
            Err(error) => panic!("{config}: {}", error.report()),
        })
        .collect();
    assert_eq!(shown, expected, "{config}");
}

#[test]
fn each_step_answers_for_its_own_source() {
    check("", &[], ["-"; 6]);
    check("[default]\nregion = r", &[], ["-"; 6]);
    let sso = "sso-session s";
    check(&format!("[default]\n{SSO}"), &[], ["-", "-", sso, "-", "-", sso]);
    let all = format!("[default]\ncredential_process = P\nlogin_session = L\n{SSO}");
    check(&all, &[], ["-", "-", sso, "login L", "custom-process", sso]);
    let web = "[default]\nrole_arn = W\nweb_identity_token_file = T";
    check(web, &[], ["-", "assume-role-with-web-identity W", "-", "-", "-", "assume-role-with-web-identity W"]);
    let role = "[default]\nrole_arn = R\ncredential_source = Ec2InstanceMetadata";
    check(role, &[], ["other > assume-role R", "-", "-", "-", "-", "other > assume-role R"]);
}

#[test]
fn a_step_is_as_patient_as_what_the_profile_asked_for() {
    let context = context("[default]\ncredential_process = P", "", &[]);
    let step = step(Part::Process, &Profiles::new(&context), Arc::default());
    assert_eq!(step.time_limit(), Duration::from_secs(30), "nobody knows yet what the profile asks for");
    block_on(step.provide_credentials()).unwrap();
    assert_eq!(step.time_limit(), PATIENCE);
}

#[test]
fn a_chosen_profile_heads_the_provenance() {
    let config =
        format!("[profile dev]\nrole_arn = arn:aws:iam::1:role/deploy\nsource_profile = base\n[profile base]\n{SSO}");
    let whole = "profile dev > sso-session s > assume-role deploy";
    check(&config, &[("AWS_PROFILE", "dev")], [whole, "-", "-", "-", "-", whole]);
    let base = "profile base > sso-session s";
    check(&config, &[("AWS_PROFILE", "base")], ["-", "-", base, "-", "-", base]);
}

#[test]
fn web_identity_takes_each_setting_from_the_variables_first() {
    let check = |config: &str, code: bool, variables: &[(&str, &str)], expected: &str| {
        let context = context(config, "", variables);
        let mut profiles = Profiles::new(&context);
        if code {
            profiles = profiles.with_profile_name("default");
        }
        let fakes: Arc<Fakes> = Arc::default();
        let answer = block_on(step(Part::WebIdentity, &profiles, Arc::clone(&fakes)).provide_credentials());
        let shown = match answer {
            Ok(_) => fakes.bases.lock().unwrap().concat(),
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{config} {variables:?}");
    };
    let token = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t");
    let (arn, name) = (("AWS_ROLE_ARN", "R"), ("AWS_ROLE_SESSION_NAME", "N"));
    let file = "[default]\nweb_identity_token_file = T\nrole_arn = P\nrole_session_name = S";
    check("", false, &[token, arn, name], "/t R N");
    check("", false, &[token, arn], "/t R -");
    check(file, false, &[], "T P S");
    check(file, false, &[token], "/t P S");
    check(file, false, &[arn], "T R S");
    check(file, false, &[("AWS_ROLE_ARN", ""), name], "T P N");
    check(file, true, &[token, arn, name], "T P S");
    check("", false, &[token], "AWS_WEB_IDENTITY_TOKEN_FILE is set, but there is no role to assume with the token");
    check(
        "",
        false,
        &[arn],
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set, and profile \"default\" has no \
        web_identity_token_file in /h/.aws/config, /h/.aws/credentials",
    );
    check(
        "",
        false,
        &[(token.0, " ")],
        "AWS_WEB_IDENTITY_TOKEN_FILE is blank, which counts as not set, and profile \"default\" has no \
        web_identity_token_file in /h/.aws/config, /h/.aws/credentials",
    );
    check(
        "[default]",
        true,
        &[token, arn],
        "profile \"default\" has no web_identity_token_file in /h/.aws/config, \
        /h/.aws/credentials",
    );
}

#[track_caller]
fn check_failure(fakes: Fakes, kind: ErrorKind, message: &str, hint: Option<&str>) {
    let context = context("[default]\nrole_arn = R\ncredential_source = Environment", "", &[]);
    let provider = step(Part::AssumeRole, &Profiles::new(&context), Arc::new(fakes));
    let error = block_on(provider.provide_credentials()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str(), error.hint()), (kind, message, hint));
}

#[test]
fn inside_a_plan_nothing_is_not_configured() {
    let refusing = |error| Fakes { refusal: Some(error), ..Fakes::default() };
    let missing = |error| Fakes { missing: Some(error), ..Fakes::default() };
    let asked = "profile \"default\" has credential_source at /h/.aws/config:3, but";
    let absent = || Error::not_configured("AWS_ACCESS_KEY_ID is not set");
    let wrong = ErrorKind::InvalidConfig;
    check_failure(
        refusing(absent()),
        wrong,
        &format!("{asked} AWS_ACCESS_KEY_ID is not set"),
        Some("set it up, or take credential_source away"),
    );
    check_failure(
        refusing(absent().with_hint("set it")),
        wrong,
        &format!("{asked} AWS_ACCESS_KEY_ID is not set"),
        Some("set it"),
    );
    check_failure(
        missing(Error::not_configured("no feature").with_hint("h")),
        wrong,
        &format!("{asked} no feature"),
        Some("h"),
    );
    check_failure(
        missing(Error::invalid_config("no")),
        wrong,
        &format!("{asked} no"),
        Some("set it up, or take credential_source away"),
    );
    let who = "profile \"default\" has credential_source at /h/.aws/config:3";
    check_failure(refusing(Error::denied("no")), ErrorKind::Denied, &format!("no ({who})"), None);
    check_failure(refusing(Error::unavailable("later")), ErrorKind::Unavailable, &format!("later ({who})"), None);
    check_failure(refusing(Error::denied(format!("{who}, no"))), ErrorKind::Denied, &format!("{who}, no"), None);
}

#[test]
fn each_step_says_which_line_asked_for_it() {
    let config = format!(
        "[profile dev]\nrole_arn = R\nsource_profile = base\n[profile base]\n{SSO}\n\
        [profile keys]\nrole_arn = R\nsource_profile = static"
    );
    let keys = "[static]\naws_access_key_id = K\naws_secret_access_key = s";
    let ask = |name: &str, fakes: Fakes| {
        let profiles = Profiles::new(&context(&config, keys, &[])).with_profile_name(name);
        block_on(ProfileProvider::of(&profiles).with_assemble(Arc::new(fakes)).provide_credentials())
    };
    let lines = |name: &str| {
        let credentials = ask(name, Fakes::default()).unwrap();
        let provenance = credentials.provenance();
        let places = 0..provenance.sources().len();
        places.map(|place| provenance.location(place).map(|at| short(at.to_string()))).collect::<Vec<_>>()
    };
    assert_eq!(lines("dev"), [None, Some("config:7".to_owned()), Some("config:2".to_owned())]);
    assert_eq!(lines("keys"), [None, Some("credentials:2".to_owned()), Some("config:12".to_owned())]);
    let refused = Fakes { refusal: Some(Error::denied("no")), ..Fakes::default() };
    let error = ask("dev", refused).unwrap_err();
    assert_eq!(short(error.to_string()), "no (profile \"base\" has sso_role_name at config:7)");
    assert_eq!(short(error.location().unwrap().to_string()), "config:7");
}

fn short(text: String) -> String {
    text.replace("/h/.aws/", "")
}

#[test]
fn without_providers_only_keys_of_a_file_work() {
    let context = context(
        "[profile a]\nrole_arn = R\nsource_profile = b",
        "[b]\naws_access_key_id = K\naws_secret_access_key = s\n[c]\ncredential_process = P",
        &[],
    );
    let ask = |name: &str| block_on(ProfileProvider::new(&context).with_profile_name(name).provide_credentials());
    let keys = ask("b").unwrap();
    assert_eq!(keys.provenance().to_string(), "profile b > shared-credentials-file /h/.aws/credentials:2");
    for (name, key) in [("a", "role_arn at /h/.aws/config:2"), ("c", "credential_process at /h/.aws/credentials:5")] {
        let error = ask(name).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("profile {name:?} has {key}, but this program brought no provider for that")
        );
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    }
    let shared = Profiles::new(&context).with_profile_name("b");
    assert_eq!(block_on(ProfileProvider::of(&shared).provide_credentials()).unwrap(), keys);
}

#[test]
fn providers_live_until_the_files_change() {
    let clock = FakeClock::new();
    let context = context("[default]\ncredential_process = P", "", &[]).with_clock(clock.clone());
    let fakes: Arc<Fakes> = Arc::default();
    let step = step(Part::Process, &Profiles::new(&context), Arc::clone(&fakes));
    for made in [1, 1] {
        block_on(step.provide_credentials()).unwrap();
        assert_eq!(fakes.made.load(Ordering::Relaxed), made);
        clock.advance(Duration::from_secs(2));
    }
    context.fs().set(CONFIG, "[default]\ncredential_process = Q", SystemTime::UNIX_EPOCH + Duration::from_secs(9));
    block_on(step.provide_credentials()).unwrap();
    assert_eq!(*fakes.bases.lock().unwrap(), ["P", "Q"]);
}

#[test]
fn constructors_read_nothing() {
    let context = context("broken", "", &[]);
    let profiles = Profiles::new(&context);
    let answers = ask(&context, &profiles, &Arc::default());
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidConfig)));
}
