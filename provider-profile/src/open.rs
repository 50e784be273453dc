//! Opens a file that somebody named, or that may be there.

use std::io::{self, ErrorKind as Io};
use std::path::Path;

use tucuxi_core::{Error, Fs, Location};
use zeroize::Zeroizing;

/// The bytes of a file; `None` when it is not there.
///
/// `what` and the path begin an error, `variable` is what may name another path.
pub(crate) async fn read(
    fs: &Fs,
    path: &Path,
    what: &str,
    variable: Option<&str>,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    match fs.read(path, SIZE_LIMIT).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => Ok(None),
        Err(error) => Err(unreadable(error, path, what, variable)),
    }
}

#[cold]
fn unreadable(error: io::Error, path: &Path, what: &str, variable: Option<&str>) -> Error {
    let (reason, cure) = match error.kind() {
        Io::IsADirectory => ("is a directory".to_owned(), "name a file"),
        Io::FileTooLarge => ("is larger than 1 MiB".to_owned(), "name a file of keys and settings"),
        Io::PermissionDenied => ("must not be read by this user".to_owned(), "let this user read it"),
        kind => (format!("cannot be read: {kind}"), "make it readable"),
    };
    let refused = Error::invalid_config(format!("{what} {} {reason}", path.display())).with_source(error);
    match variable {
        Some(variable) => refused.with_hint(format!("{cure}, or change {variable}")),
        None => refused.with_hint(cure),
    }
}

/// The bytes as text without a byte order mark; `start` is the first line.
pub(crate) fn text<'a>(bytes: &'a [u8], start: &Location) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let readable = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = u32::try_from(lines(&readable).count()).unwrap_or(u32::MAX);
        Error::invalid_config(format!("{}: the file is not UTF-8", start.at_line(line)))
            .with_hint("save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Lines that end with CR, LF or both.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let ending = if text[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[end + ending..]);
        Some(&text[..end])
    })
}

const SIZE_LIMIT: u64 = 1 << 20;
