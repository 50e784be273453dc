//! An error in words: one line, or the whole story.

use std::error::Error as StdError;
use std::fmt;

use super::{Error, ErrorKind, Identity};

impl Error {
    /// The whole story in several lines: the failure, its causes, who signed, and the cure.
    pub fn report(&self) -> String {
        let mut lines = vec![self.to_string()];
        if let Some(cause) = &self.0.cause {
            let report = cause.report();
            let is_cure = |line: &&str| line.starts_with("  try: ") || line.starts_with("   or: ");
            let mut told = report.lines().filter(|line| !is_cure(line));
            let first = told.next().filter(|first| *first != self.0.message);
            lines.extend(first.map(|first| format!("  because: {first}")));
            lines.extend(told.map(str::to_owned));
        }
        match &self.0.identity {
            _ if self.0.fault.is_none() && self.0.kind != ErrorKind::InvalidRequest => {}
            Some(Identity::Anonymous) => lines.push("  signed by: nobody, the client is anonymous".to_owned()),
            Some(Identity::Key { access_key_id, provenance }) => {
                lines.push(format!("  signed by: {access_key_id} from {provenance}"));
            }
            None => {}
        }
        lines.extend(self.request_id().map(|id| format!("  request id: {id}")));
        lines.extend(self.extended_request_id().map(|id| format!("  extended request id: {id}")));
        lines.extend(self.hint().map(|hint| format!("  try: {hint}")));
        if let (None, Some(cause)) = (&self.0.fault, &self.0.cause) {
            lines.extend(cause.hints().skip(1).map(|hint| format!("   or: {hint}")));
        }
        lines.join("\n")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            f.write_str(operation)?;
            match (&self.0.bucket, &self.0.key) {
                (Some(bucket), Some(key)) => {
                    write!(f, " s3://{}/{}: ", bucket.escape_debug(), key.escape_debug())?;
                }
                (Some(bucket), None) => write!(f, " s3://{}: ", bucket.escape_debug())?,
                _ => f.write_str(": ")?,
            }
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &format_args!("{self}"));
        if let Some(fault) = &self.0.fault {
            debug.field("fault", fault);
        }
        if let Some(cause) = &self.0.cause {
            debug.field("cause", cause);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_ref().map(|cause| -> &(dyn StdError + 'static) { cause })
    }
}
