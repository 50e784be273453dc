//! What a helper printed.

use std::fmt;

use tucuxi_core::document::{Document, Judge};
use tucuxi_core::{CommandOutput, Credentials, Error, ErrorKind, Secret, Source, failure};

use crate::redact::tail;

/// The credentials that the helper `name` printed; `words` are the command line that it was started by.
pub(crate) fn credentials(
    name: &str,
    words: &[Secret],
    output: &CommandOutput,
    account_id: Option<&str>,
) -> Result<Credentials, Error> {
    if output.code != Some(0) {
        return Err(failed(name, words, output));
    }
    // Helpers written in PowerShell begin with a byte order mark.
    let text = output.stdout.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&output.stdout);
    if text.trim_ascii().is_empty() {
        return Err(misprint(format_args!("{name} printed nothing")));
    }
    match Document::read(text, name, &Printed { name }, false, Source::Process) {
        Ok(credentials) => Ok(match account_id {
            Some(account_id) if credentials.account_id().is_none() => credentials.with_account_id(account_id),
            _ => credentials,
        }),
        Err(error) => Err(error.with_hint(HINT)),
    }
}

struct Printed<'a> {
    name: &'a str,
}

impl Judge for Printed<'_> {
    fn judge(&self, document: &Document) -> Result<(), Error> {
        let what = match document.version.as_deref() {
            Some("1" | "1.0") => return Ok(()),
            Some(_) => "another Version than",
            None => "no Version, expected",
        };
        Err(misprint(format_args!("{} printed {what} 1", self.name)))
    }
}

#[cold]
fn misprint(what: fmt::Arguments<'_>) -> Error {
    failure(ErrorKind::Unavailable, what, Some(format_args!("{HINT}")))
}

#[cold]
fn failed(name: &str, words: &[Secret], output: &CommandOutput) -> Error {
    if output.stderr_tail.windows(CIRCLE.len()).any(|said| said == CIRCLE.as_bytes()) {
        return failure(
            ErrorKind::InvalidConfig,
            format_args!("{name} ended: {CIRCLE}"),
            Some(format_args!("{CIRCLE_CURE}")),
        );
    }
    let said = tail(&output.stderr_tail, words.get(1..).unwrap_or_default());
    let colon = if said.is_empty() { "" } else { ": " };
    match output.code {
        Some(code) => failure(
            ErrorKind::Denied,
            format_args!("{name} ended with status {code}{colon}{said}"),
            Some(format_args!("run the helper by hand; it may want you to sign in")),
        ),
        None => failure(ErrorKind::Unavailable, format_args!("{name} was ended by a signal{colon}{said}"), None),
    }
}

/// What the innermost of helpers that call each other says, and each of them repeats.
pub(crate) const CIRCLE: &str = "credential_process calls itself";
pub(crate) const CIRCLE_CURE: &str = "let the helper use another profile than the one that names it";
const HINT: &str =
    r#"let the helper print {"Version": 1, "AccessKeyId": "..", "SecretAccessKey": ".."} and nothing else"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stdout: &str, expected: Result<(&str, Option<&str>, Option<&str>), &str>) {
        let output = CommandOutput::new(Some(0), stdout.into(), b"chatter".to_vec());
        match (credentials("helper", &[], &output, Some("111111111111")), expected) {
            (Ok(credentials), Ok(row)) => {
                let got = (credentials.access_key_id(), credentials.session_token(), credentials.account_id());
                assert_eq!(got, row);
                assert_eq!(credentials.provenance().to_string(), "custom-process");
            }
            (Err(error), Err(message)) => {
                assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unavailable, message));
                assert!(!error.report().contains("SEKRIT"), "{}", error.report());
            }
            (answer, expected) => panic!("{stdout}: {answer:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn documents() {
        const KEYS: &str = r#""AccessKeyId":"A","SecretAccessKey":"SEKRIT""#;
        let ours = Some("111111111111");
        check(&format!(r#"{{"Version":1,{KEYS}}}"#), Ok(("A", None, ours)));
        check(&format!("\u{feff}\n{{\"Version\":1.0,{KEYS},\"SessionToken\":\"T\"}}\r\n"), Ok(("A", Some("T"), ours)));
        let theirs = r#""AccountId":"222222222222","Expiration":"2026-01-01T00:00:00+00:00""#;
        check(&format!(r#"{{"Version":1,{KEYS},{theirs}}}"#), Ok(("A", None, Some("222222222222"))));
        check("", Err("helper printed nothing"));
        check(" \n", Err("helper printed nothing"));
        check("{}", Err("helper printed no Version, expected 1"));
        for version in ["2", "\"1\"", "[]"] {
            check(&format!(r#"{{"Version":{version},{KEYS}}}"#), Err("helper printed another Version than 1"));
        }
        check(r#"{"Version":1,"AccessKeyId":"A"}"#, Err("helper: the answer has no SecretAccessKey"));
        check("SEKRIT please sign in", Err("helper: the answer is not JSON (line 1, column 1)"));
        check("[\"SEKRIT\"]", Err("helper: the answer has a field of the wrong type (line 1, column 10)"));
        check(
            &format!(r#"{{"Version":1,{KEYS},"Expiration":"SEKRIT"}}"#),
            Err("helper: the answer's Expiration is not an RFC 3339 time with a zone"),
        );
        check(
            &format!(r#"{{"Version":1,{KEYS},"Expiration":1767225600}}"#),
            Err("helper: the answer has a field of the wrong type (line 1, column 81)"),
        );
    }

    #[track_caller]
    fn check_status(code: Option<i32>, stderr: &str, kind: ErrorKind, message: &str) {
        let output = CommandOutput::new(code, b"{\"Version\":1}".to_vec(), stderr.into());
        let error = credentials("helper", &[], &output, None).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }

    #[test]
    fn failures() {
        check_status(Some(1), "not signed in\n", ErrorKind::Denied, "helper ended with status 1: not signed in");
        check_status(Some(254), "", ErrorKind::Denied, "helper ended with status 254");
        let circle = "tucuxi: custom-process: credential_process calls itself: 5 helpers are running already\ntry: x\n";
        let nested = format!("{circle}{}", "tucuxi ended with status 253\n".repeat(20));
        let said = "helper ended: credential_process calls itself";
        check_status(Some(253), &nested, ErrorKind::InvalidConfig, said);
        check_status(None, "", ErrorKind::Unavailable, "helper was ended by a signal");
    }
}
