//! What went wrong, as an exit code and words on standard error.

use std::fmt;
use std::process::ExitCode;

use tucuxi::{Error, ErrorKind, Origin, Session, s3};

use crate::output::printable_path;

/// Why a verb did not come to its end.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    report: String,
    /// No usable answer came.
    unanswered: bool,
}

/// Some of several S3 objects failed.
pub(crate) const PARTIAL: u8 = 1;
/// The command line makes no sense.
pub(crate) const USAGE: u8 = 252;
/// Configuration is wrong, or there are no credentials.
pub(crate) const CONFIGURATION: u8 = 253;
/// The service said no.
pub(crate) const SERVICE: u8 = 254;
/// Anything else: no answer, a full disk.
pub(crate) const OTHER: u8 = 255;
/// Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;
/// The terminal is gone.
#[cfg(unix)]
pub(crate) const HUNG_UP: u8 = 129;
/// Another process wants this one to end.
#[cfg(unix)]
pub(crate) const TERMINATED: u8 = 143;

impl Failure {
    pub(crate) fn new(code: u8, report: impl Into<String>) -> Self {
        Self { code, report: report.into(), unanswered: false }
    }

    pub(crate) fn usage(report: impl Into<String>) -> Self {
        Self::new(USAGE, report)
    }

    pub(crate) fn other(report: impl Into<String>) -> Self {
        Self::new(OTHER, report)
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(INTERRUPTED, "interrupted")
    }

    /// A file that could not be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::other(format!("{}: {error}", printable_path(path)))
    }

    /// One line, where everything else stands on the screen already.
    pub(crate) fn briefly(error: &Error) -> Self {
        Self::new(code(error), error.to_string())
    }

    /// Where no answer came from an endpoint that somebody chose, says who chose it.
    pub(crate) fn naming_endpoint(mut self, session: &Session, service: &str) -> Self {
        if self.unanswered
            && let Ok(Some(endpoint)) = session.endpoint_url_for(service)
        {
            let origin = told_by(endpoint.origin(), "--endpoint-url");
            self.report
                .push_str(&format!("\n  try: see whether {}, from {origin}, is right and answers", endpoint.value()));
        }
        self
    }

    /// What the library calls code is the command line here.
    pub(crate) fn naming_flags(mut self) -> Self {
        for (setting, flag) in FLAGS {
            self.report = self.report.replace(&format!("{setting} given in code"), flag);
        }
        self
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let unanswered = error.kind() == ErrorKind::Unavailable;
        Self { unanswered, ..Self::new(code(&error), error.report()) }
    }
}

/// Where a setting comes from, `flag` being what sets it on the command line.
pub(crate) fn told_by(origin: &Origin, flag: &str) -> String {
    match origin {
        Origin::Code => flag.to_owned(),
        origin => origin.to_string(),
    }
}

const FLAGS: [(&str, &str); 2] = [("region", "--region"), ("endpoint_url", "--endpoint-url")];

fn code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::NotConfigured | ErrorKind::InvalidConfig => CONFIGURATION,
        ErrorKind::Denied => SERVICE,
        _ => OTHER,
    }
}

impl From<s3::Error> for Failure {
    fn from(error: s3::Error) -> Self {
        let code = match (error.credentials_error(), error.kind()) {
            (Some(cause), _) => Self::from(cause.clone()).code,
            (None, s3::ErrorKind::Config | s3::ErrorKind::Credentials | s3::ErrorKind::InvalidRequest) => CONFIGURATION,
            (None, _) if error.status().is_some() => SERVICE,
            (None, _) => OTHER,
        };
        let unanswered = error.credentials_error().is_none() && error.kind() == s3::ErrorKind::Unavailable;
        Self { unanswered, ..Self::new(code, error.report()) }
    }
}
