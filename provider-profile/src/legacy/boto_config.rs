//! The configuration file of Boto 2.

use std::path::Path;

use configparser::ini::Ini;
use tucuxi_core::{Credentials, Error, Location, Source};
use zeroize::Zeroizing;

use super::pair;
use crate::open;
use crate::wrong::wrong;

/// The key pair of the section.
pub(super) fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let text = open::text(bytes, &start)?;
    let mut ini = dialect();
    ini.read(text.to_owned()).map_err(|error| not_ini(&error, &start))?;
    let lines = lines(text, &start)?;
    let mut text = |key| ini.remove_key(SECTION, key).flatten().map(Zeroizing::new);
    let texts = [text(KEYS[0]), text(KEYS[1])];
    let found = |index: usize| Some((texts[index].as_ref()?.as_str(), lines[index]?));
    pair(&start, KEYS, [found(0), found(1)], Source::BotoConfig)
}

/// The last lines of the two keys in the section, whose name's case counts. As in Python a header ends at its last
/// bracket, whatever stands behind.
///
/// A second section of the name is an error, as in botocore: it would pair the id of one with the secret of another. So is
/// a key without a value.
fn lines(text: &str, start: &Location) -> Result<[Option<u32>; 2], Error> {
    let (mut inside, mut seen, mut lines) = (false, 0, [None; 2]);
    for (line, number) in text.lines().zip(1..) {
        if let Some((header, _)) = line.rsplit_once(']')
            && let Some(name) = header.strip_prefix('[')
        {
            inside = name == SECTION;
            // The parser takes names in another case for the same section.
            let same = name.trim().eq_ignore_ascii_case(SECTION);
            if same && seen > 0 {
                return Err(wrong(
                    format_args!("{}: [{SECTION}] stands at {} already", start.at_line(number), start.at_line(seen)),
                    format_args!("keep one section [{SECTION}]"),
                ));
            }
            seen = if same { number } else { seen };
        }
        let (name, bare) = line.split_once(['=', ':']).map_or((line, true), |(name, _)| (name, false));
        for (key, found) in KEYS.into_iter().zip(&mut lines) {
            if inside && name.trim().eq_ignore_ascii_case(key) {
                // Indented it is more of the value before it.
                if bare && !name.starts_with([' ', '\t']) {
                    return Err(wrong(
                        format_args!("{}: {key} has no value", start.at_line(number)),
                        format_args!("write {key} = value, or take the line away"),
                    ));
                }
                *found = Some(number);
            }
        }
    }
    Ok(lines)
}

/// Python's: keys in any case, `=` or `:`, comments on lines of their own, indented lines continue a value.
fn dialect() -> Ini {
    let mut ini = Ini::new();
    ini.set_inline_comment_symbols(Some(&[]));
    ini.set_multiline(true);
    ini
}

/// The parser's own words may quote the file; its line number may not be missed.
fn not_ini(error: &str, start: &Location) -> Error {
    let mut line = 0_u32;
    for digit in error.strip_prefix("line ").unwrap_or_default().chars().map_while(|c| c.to_digit(10)) {
        line = line.saturating_mul(10).saturating_add(digit);
    }
    wrong(
        format_args!("{}: not a line of an INI file", start.at_line(line.max(1))),
        format_args!("write [section] headers and key = value lines"),
    )
}

const SECTION: &str = "Credentials";
pub(super) const KEYS: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];
