//! `tucuxi explain`: every source in order, what it answered and why.

use std::time::SystemTime;

use serde_json::{Value, json};
use tucuxi::profile::{FileState, Profiles};
use tucuxi::{Attempt, Credentials, Error, ErrorKind, Location, Provenance, Session, Trace, Verdict, format_rfc3339};

use crate::args::ExplainArgs;
use crate::failure::{Failure, told_by};
use crate::output::{Output, Style, printable};

/// Prints the trace. Succeeds when an identity is in use, or may be once the network is asked.
pub(crate) async fn run(session: &Session, args: &ExplainArgs, output: &mut Output) -> Result<(), Failure> {
    let trace = if args.probe { session.trace().await } else { session.trace_offline().await };
    let files = files(session).await;
    let text = if args.json {
        format!("{:#}\n", document(session, &files, &trace))
    } else {
        render(session, &files, &trace, output)
    };
    output.print(&text)?;
    outcome(&trace)
}

/// The shared files, read or absent; none when they cannot be read, which a source of the trace reports.
async fn files(session: &Session) -> Vec<FileState> {
    match Profiles::new(session.context()).load().await {
        Ok(set) => set.files().to_vec(),
        Err(_) => Vec::new(),
    }
}

/// What the trace means for the exit code. What was asked and what helps is said already.
fn outcome(trace: &Trace) -> Result<(), Failure> {
    match trace.outcome() {
        Err(error) if !error.is_offline() => Err(Failure::briefly(&error)),
        _ => Ok(()),
    }
}

fn render(session: &Session, files: &[FileState], trace: &Trace, output: &Output) -> String {
    let mut text = String::new();
    for (label, value) in settings(session, files) {
        text.push_str(&format!("{label:<9} {}\n", printable(&value)));
    }
    for warning in session.warnings() {
        text.push_str(&format!("{:<9} {}\n", output.paint(Style::Bad, "warning"), printable(warning)));
    }
    text.push('\n');
    let mut said: Vec<(String, &str)> = Vec::new();
    for (attempt, verdict) in trace.verdicts() {
        let (word, style) = word(verdict);
        let word = output.paint(style, &format!("{word:<14}"));
        let mut reason = reason(attempt);
        // A profile that is not there is so for every source that reads it.
        match said.iter().find(|(before, _)| *before == reason) {
            Some((_, first)) => reason = format!("as for {first}"),
            None => said.push((reason.clone(), attempt.id())),
        }
        text.push_str(&format!("{:<32}{word} {}\n", attempt.id(), printable(&reason)));
    }
    text.push('\n');
    text.push_str(&match trace.used() {
        Some(credentials) => identity(credentials, session.context().clock().now(), output),
        None => conclusion(trace, output),
    });
    text
}

fn settings(session: &Session, files: &[FileState]) -> Vec<(&'static str, String)> {
    let profile = session.settings().profile_name();
    let region = match session.settings().region() {
        Ok(Some(region)) => format!("{} ({})", region.value(), told_by(region.origin(), "--region")),
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    };
    let mut lines = vec![
        ("profile", format!("{} ({})", profile.value(), told_by(profile.origin(), "--profile"))),
        ("region", region),
    ];
    lines.extend(files.iter().map(|file| ("file", file.to_string())));
    lines
}

fn word(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Used => ("used", Style::Good),
        Verdict::Shadowed => ("shadowed", Style::Dim),
        Verdict::NotConfigured => ("not configured", Style::Dim),
        Verdict::Failed => ("failed", Style::Bad),
        Verdict::ShadowedFailure => ("shadowed", Style::Dim),
        _ => ("not asked", Style::Dim),
    }
}

fn reason(attempt: &Attempt) -> String {
    match (attempt.credentials(), attempt.error()) {
        (Some(credentials), _) => format!("{} from {}", credentials.access_key_id(), path(credentials.provenance())),
        (None, Some(error)) => {
            let text = error.to_string();
            let text = text.strip_prefix(attempt.id()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text);
            let hint = if error.is_offline() { " (use --probe)" } else { "" };
            format!("{text}{hint}")
        }
        (None, None) => String::new(),
    }
}

/// The sources in the order they acted, each with the line that asked for it.
fn path(provenance: &Provenance) -> String {
    let mut path = Vec::new();
    for (place, source) in provenance.sources().iter().enumerate() {
        let source = source.to_string();
        path.push(match provenance.location(place).map(Location::to_string) {
            // Keys of a file name their line themselves.
            Some(line) if !source.ends_with(&line) => format!("{source} ({line})"),
            _ => source,
        });
    }
    let end = if provenance.is_past_expiry() { " (past expiry)" } else { "" };
    if path.is_empty() { provenance.to_string() } else { path.join(" > ") + end }
}

fn identity(credentials: &Credentials, now: SystemTime, output: &Output) -> String {
    let mut text = format!(
        "{} {}\n{:<9} {}\n",
        output.paint(Style::Strong, "identity "),
        credentials.access_key_id(),
        "from",
        printable(&path(credentials.provenance()))
    );
    if let Some(account_id) = credentials.account_id() {
        text.push_str(&format!("{:<9} {}\n", "account", printable(account_id)));
    }
    text.push_str(&format!("{:<9} {}\n", "expires", expiry(credentials, now)));
    text
}

/// When the credentials end, in words.
pub(crate) fn expiry(credentials: &Credentials, now: SystemTime) -> String {
    let Some(at) = credentials.expires_at() else { return "never".to_owned() };
    let left = at.duration_since(now).map_or_else(
        |_| "has passed".to_owned(),
        |left| format!("in {} h {:02} min", left.as_secs() / 3600, left.as_secs() % 3600 / 60),
    );
    format!("{} ({left})", format_rfc3339(at))
}

fn conclusion(trace: &Trace, output: &Output) -> String {
    let Err(error) = trace.outcome() else { return String::new() };
    if error.is_offline() {
        return "no identity without the network: use --probe to ask the sources above\n".to_owned();
    }
    let mut text = output.paint(Style::Bad, "no identity:");
    match error.link() {
        Some(link) => text.push_str(&format!(" the chain stops at {link}\n")),
        None => text.push_str(" no source above is configured\n"),
    }
    for (index, hint) in error.hints().enumerate() {
        text.push_str(&format!("{:<9} {}\n", if index == 0 { "try" } else { "or" }, printable(hint)));
    }
    text
}

fn document(session: &Session, files: &[FileState], trace: &Trace) -> Value {
    let attempts: Vec<Value> = trace
        .verdicts()
        .map(|(attempt, verdict)| {
            json!({
                "id": attempt.id(),
                "verdict": verdict_id(verdict),
                "reason": reason(attempt),
                "kind": attempt.error().map(|error| kind_id(error.kind())),
                "hint": attempt.error().and_then(Error::hint),
                "location": attempt.error().and_then(Error::location).map(place),
                "credentials": attempt.credentials().map(summary),
            })
        })
        .collect();
    let profile = session.settings().profile_name();
    let region = match session.settings().region() {
        Ok(region) => region.map_or(
            Value::Null,
            |region| json!({ "name": region.value().as_str(), "origin": told_by(region.origin(), "--region") }),
        ),
        Err(error) => json!({ "name": null, "origin": null, "error": error.to_string() }),
    };
    let files = files.iter().map(|file| json!({ "path": file.path().to_string_lossy(), "exists": file.exists() }));
    json!({
        "profile": { "name": profile.value(), "origin": told_by(profile.origin(), "--profile") },
        "region": region,
        "files": files.collect::<Vec<_>>(),
        "warnings": session.warnings(),
        "attempts": attempts,
        "identity": trace.used().map(summary),
    })
}

/// What may be said about credentials: everything but the secrets.
pub(crate) fn summary(credentials: &Credentials) -> Value {
    let provenance = credentials.provenance();
    let sources = provenance.sources().iter().enumerate().map(
        |(index, source)| json!({ "source": source.to_string(), "location": provenance.location(index).map(place) }),
    );
    json!({
        "access_key_id": credentials.access_key_id(),
        "account_id": credentials.account_id(),
        "expires_at": credentials.expires_at().map(format_rfc3339),
        "provenance": sources.collect::<Vec<_>>(),
    })
}

fn place(at: &Location) -> Value {
    json!({ "file": at.path().to_string_lossy(), "line": at.line() })
}

fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Used => "used",
        Verdict::Shadowed => "shadowed",
        Verdict::NotConfigured => "not-configured",
        Verdict::Failed => "failed",
        Verdict::ShadowedFailure => "shadowed-failure",
        _ => "not-asked",
    }
}

fn kind_id(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotConfigured => "not-configured",
        ErrorKind::InvalidConfig => "invalid-config",
        ErrorKind::Denied => "denied",
        _ => "unavailable",
    }
}
