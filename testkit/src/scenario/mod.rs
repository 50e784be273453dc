//! A folder is a case.

mod cover;
mod expect;
mod files;
mod format;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tucuxi_core::{BoxFuture, Context, Credentials, Env, Error};

use crate::{Canary, FakeClock, ScriptedHttp, block_on, capture, find_leak};
pub use cover::{Cover, covers};
use files::Folder;
use format::{Given, Program};

/// What a case gives to the closure that resolves credentials.
pub struct Case {
    name: String,
    given: Given,
    notes: Mutex<BTreeMap<String, String>>,
}

impl Case {
    /// The folder's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The profile given in code.
    pub fn profile(&self) -> Option<&str> {
        self.given.profile.as_deref()
    }

    /// The region given in code.
    pub fn region(&self) -> Option<&str> {
        self.given.region.as_deref()
    }

    /// What a person answers who is asked for the code of an MFA device, by its serial number. None: nobody can be asked.
    pub fn mfa(&self) -> Option<&BTreeMap<String, String>> {
        Some(&self.given.mfa).filter(|codes| !codes.is_empty())
    }

    /// Any other setting, as the case writes it.
    pub fn setting(&self, name: &str) -> Option<&toml::Value> {
        self.given.settings.get(name)
    }

    /// Notes a fact, which the case may expect: `case.note("region", "eu-west-1")`.
    pub fn note(&self, name: &str, value: impl ToString) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_string());
    }
}

/// Runs every case of a folder: each sub-folder with a `case.toml`. Yields how many there were.
///
/// # Panics
/// When a case fails, is malformed, or when there is none; the message lists all that failed.
#[track_caller]
pub fn scenarios<R>(folder: impl AsRef<Path>, resolve: R) -> usize
where
    R: for<'a> Fn(Context, &'a Case) -> BoxFuture<'a, Result<Credentials, Error>>,
{
    let folder = folder.as_ref();
    let cases = files::cases(folder);
    assert!(!cases.is_empty(), "no case in {}", folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|case| scenario(case, &resolve).err()).collect();
    assert!(failed.is_empty(), "{} of {} cases failed\n{}", failed.len(), cases.len(), failed.join("\n"));
    cases.len()
}

/// Runs the case of one folder.
///
/// # Errors
/// Everything that is not as the case expects, with what the case proves.
pub fn scenario<R>(folder: &Path, resolve: R) -> Result<(), String>
where
    R: for<'a> Fn(Context, &'a Case) -> BoxFuture<'a, Result<Credentials, Error>>,
{
    let folder = Folder::open(folder)?;
    let file = format::parse_case(&folder.text("case.toml")?).map_err(|error| folder.fault("case.toml", &error))?;
    let (context, http, programs) = world(&folder, &file.given)?;
    let case = Case { name: folder.name(), given: file.given, notes: Mutex::default() };
    let shown_context = format!("{context:?}");
    let (answer, logs) = capture(|| block_on(resolve(context, &case)));

    let notes = case.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut problems = file.expect.problems(&answer, &notes);
    problems.extend(http.problems());
    let left = programs.lock().unwrap_or_else(PoisonError::into_inner);
    problems.extend(left.iter().map(|program| format!("was not run: {}", program.program)));
    let secrets = secrets(&folder, &answer);
    if let Some(short) = secrets.iter().find(|canary| canary.value().len() < MIN_SECRET) {
        problems.push(format!("the {short:?} is too short to be recognised, write at least {MIN_SECRET} characters"));
    }
    let facts = format!("{notes:?}");
    let texts = [("the context", shown_context), ("the log", logs), ("the answer", shown(&answer)), ("a fact", facts)];
    for (what, text) in texts {
        if let Some(leak) = find_leak(&secrets, &text) {
            problems.push(format!("{what} shows the {leak}: {text}"));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("{}: {}\n    {}", folder.name(), file.proves, problems.join("\n    ")))
}

type Programs = Arc<Mutex<Vec<Program>>>;

/// The fakes that the case describes.
fn world(folder: &Folder, given: &Given) -> Result<(Context, ScriptedHttp, Programs), String> {
    let mut variables = BTreeMap::from([("HOME".to_owned(), files::HOME.to_owned())]);
    if let Some(text) = folder.optional("env.toml")? {
        let set: BTreeMap<String, String> =
            toml::from_str(&text).map_err(|error| folder.fault("env.toml", &error.to_string()))?;
        variables.extend(set);
    }
    let script = match folder.optional("http.json")? {
        Some(text) => format::parse_exchanges(&text).map_err(|error| folder.fault("http.json", &error))?,
        None => Vec::new(),
    };
    let mut http = ScriptedHttp::new(script);
    for (host, addresses) in &given.addresses {
        http = http.with_addresses(host, addresses.iter().copied());
    }
    let programs = match folder.optional("commands.json")? {
        Some(text) => format::parse_programs(&text).map_err(|error| folder.fault("commands.json", &error))?,
        None => Vec::new(),
    };
    let programs = Arc::new(Mutex::new(programs));
    let clock = FakeClock::auto();
    let clock = given.now.as_deref().map_or_else(|| clock.clone(), |now| clock.clone().at(now));
    let context = crate::context()
        .with_env(Env::fake(variables))
        .with_fs(folder.files(&given.unreadable)?)
        .with_clock(clock)
        .with_http(http.clone())
        .with_commands(format::commands(Arc::clone(&programs)));
    Ok((if given.offline { context.offline() } else { context }, http, programs))
}

fn secrets(folder: &Folder, answer: &Result<Credentials, Error>) -> Vec<Canary> {
    let mut secrets: Vec<Canary> = folder.marked().into_iter().map(|word| Canary::of("marked secret", word)).collect();
    if let Ok(credentials) = answer {
        secrets.push(Canary::of("secret access key", credentials.secret_access_key()));
        secrets.extend(credentials.session_token().map(|token| Canary::of("session token", token)));
    }
    secrets
}

fn shown(answer: &Result<Credentials, Error>) -> String {
    match answer {
        Ok(credentials) => format!("{credentials:?} {credentials:#?}"),
        Err(error) => format!("{error} {error:?} {error:#?} {}", error.report()),
    }
}

const MIN_SECRET: usize = 8;
