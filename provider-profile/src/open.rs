//! Opens a file that somebody named, or that may be there.

use std::fmt;
use std::io::{self, ErrorKind as Io};
use std::path::Path;

use tucuxi_core::{Error, Location};
use zeroize::Zeroizing;

use crate::text::lines;
use crate::wrong::wrong;

/// The bytes of a file, as it was read; `None` when it is not there.
///
/// `what` and the path begin an error, `variable` is what may name another path.
pub(crate) fn found(
    read: io::Result<Zeroizing<Vec<u8>>>,
    path: &Path,
    what: &str,
    variable: Option<&str>,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let error = match read {
        Ok(bytes) => return Ok(Some(bytes)),
        Err(error) => error,
    };
    let kind = kind(&error);
    let (reason, detail, cure): (_, &dyn fmt::Display, _) = match kind {
        Io::NotFound | Io::NotADirectory => return Ok(None),
        Io::IsADirectory => ("is a directory", &"", "name a file"),
        Io::FileTooLarge => ("is larger than 1 MiB", &"", "name a file of keys and settings"),
        Io::PermissionDenied => ("must not be read by this user", &"", "let this user read it"),
        // A pipe, of which the error itself says what it is.
        Io::TimedOut => ("cannot be read: ", &error, "name a file, or see what should write to it"),
        _ => ("cannot be read: ", &kind, "make it readable"),
    };
    let (or, variable) = variable.map_or(("", ""), |variable| (", or change ", variable));
    Err(wrong(format_args!("{what} {} {reason}{detail}", path.display()), format_args!("{cure}{or}{variable}"))
        .with_source(error))
}

/// Not inlined, since the standard library's table of them would be.
#[inline(never)]
pub(crate) fn kind(error: &io::Error) -> Io {
    error.kind()
}

/// The bytes as text without a byte order mark; `start` is the first line.
pub(crate) fn text<'a>(bytes: &'a [u8], start: &Location) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let readable = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
        let line = u32::try_from(lines(readable).count()).unwrap_or(u32::MAX);
        wrong(format_args!("{}: the file is not UTF-8", start.at_line(line)), format_args!("save the file as UTF-8"))
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Of any file that is read.
pub(crate) const SIZE_LIMIT: u64 = 1 << 20;
