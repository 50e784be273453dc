//! The files of a case.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;
use tucuxi_core::{Command, CommandError, CommandErrorKind, CommandOutput, HttpErrorKind};

use crate::{Exchange, FakeCommands};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    pub(super) proves: String,
    /// What of which source: `container-role:denial`.
    #[serde(default)]
    pub(super) covers: Vec<String>,
    #[serde(default)]
    pub(super) given: Given,
    pub(super) expect: Expect,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Given {
    pub(super) profile: Option<String>,
    pub(super) region: Option<String>,
    pub(super) now: Option<String>,
    pub(super) offline: bool,
    /// The codes of MFA devices, by serial number.
    pub(super) mfa: BTreeMap<String, String>,
    pub(super) unreadable: Vec<String>,
    pub(super) settings: toml::Table,
    pub(super) addresses: BTreeMap<String, Vec<IpAddr>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) access_key_id: Option<String>,
    pub(super) secret_access_key: Option<String>,
    pub(super) session_token: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) expires_at: Option<String>,
    pub(super) provenance: Option<Vec<String>>,
    pub(super) facts: BTreeMap<String, String>,
    pub(super) error: Option<String>,
    pub(super) message: Vec<String>,
    pub(super) attempts: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExchangeFile {
    request: RequestFile,
    response: Option<ResponseFile>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFile {
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// Pieces of headers, whose whole value is not the case's affair.
    #[serde(default)]
    pieces: BTreeMap<String, String>,
    #[serde(default)]
    body: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseFile {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
}

/// A program that the case expects to be run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    pub(super) program: String,
    #[serde(default)]
    arguments: Vec<String>,
    code: Option<i32>,
    /// How it fails to come to its end, instead of a code.
    error: Option<String>,
    #[serde(default)]
    stdout: Value,
    #[serde(default)]
    stderr: String,
}

pub(super) fn parse_case(text: &str) -> Result<CaseFile, String> {
    let case: CaseFile = toml::from_str(text).map_err(|error| error.to_string())?;
    if case.expect.access_key_id.is_some() == case.expect.error.is_some() {
        return Err("expect access_key_id or error, and not both".to_owned());
    }
    Ok(case)
}

pub(super) fn parse_exchanges(text: &str) -> Result<Vec<Exchange>, String> {
    let exchanges: Vec<ExchangeFile> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    exchanges.into_iter().map(exchange).collect()
}

fn exchange(file: ExchangeFile) -> Result<Exchange, String> {
    let mut exchange = Exchange::new(&file.request.method, file.request.url);
    for (name, value) in &file.request.headers {
        exchange = match value {
            Some(value) => exchange.with(name, value),
            None => exchange.without(name),
        };
    }
    for (name, piece) in &file.request.pieces {
        exchange = exchange.with_piece(name, piece);
    }
    for piece in file.request.body {
        exchange = exchange.with_body(piece);
    }
    match (file.response, file.error) {
        (Some(response), None) => {
            for (name, value) in &response.headers {
                exchange = exchange.answer_header(name, value);
            }
            Ok(exchange.answers(response.status, written(&response.body)))
        }
        (None, Some(error)) => Ok(exchange.fails(error_kind(&error)?)),
        _ => Err(format!("{exchange}: give a response or an error, and not both")),
    }
}

fn error_kind(name: &str) -> Result<HttpErrorKind, String> {
    Ok(match name {
        "connect" => HttpErrorKind::Connect,
        "tls" => HttpErrorKind::Tls,
        "timeout" => HttpErrorKind::Timeout,
        "closed" => HttpErrorKind::Closed,
        "too-large" => HttpErrorKind::TooLarge,
        "protocol" => HttpErrorKind::Protocol,
        _ => return Err(format!("{name:?} is no way to fail")),
    })
}

pub(super) fn parse_programs(text: &str) -> Result<Vec<Program>, String> {
    let programs: Vec<Program> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for program in &programs {
        if program.code.is_some() == program.error.is_some() {
            return Err(format!("{}: give a code or an error, and not both", program.program));
        }
        program.error.as_deref().map(command_error_kind).transpose()?;
    }
    Ok(programs)
}

fn command_error_kind(name: &str) -> Result<CommandErrorKind, String> {
    Ok(match name {
        "start" => CommandErrorKind::Start,
        "timeout" => CommandErrorKind::Timeout,
        "too-much-output" => CommandErrorKind::TooMuchOutput,
        _ => return Err(format!("{name:?} is no way for a program to fail")),
    })
}

/// Runs the programs of the list, each once, in order.
pub(super) fn commands(programs: Arc<Mutex<Vec<Program>>>) -> FakeCommands {
    FakeCommands::new(move |command: &Command| {
        let mut programs = programs.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = programs.first().is_some_and(|next| {
            *command.program == *next.program && command.arguments.iter().eq(next.arguments.iter().map(String::as_str))
        });
        if !expected {
            let message = format!("the case does not expect the program {}", command.name());
            return Err(CommandError::new(CommandErrorKind::Start, message));
        }
        let next = programs.remove(0);
        match next.error.as_deref().map(command_error_kind) {
            Some(Ok(kind)) => Err(CommandError::new(kind, format!("{} did not end: {kind:?}", command.name()))),
            _ => Ok(CommandOutput::new(next.code, written(&next.stdout), next.stderr.into_bytes())),
        }
    })
}

fn written(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    }
}
