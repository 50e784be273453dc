//! The configuration file of Boto 2.

use std::collections::HashMap;
use std::path::Path;

use configparser::ini::Ini;
use tucuxi_core::{Credentials, Error, Location, Source, trimmed};
use zeroize::Zeroize;

use super::pair;
use crate::open;
use crate::text::{is_indented, place, same};
use crate::wrong::wrong;

/// The key pair of the section.
pub(super) fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let text = open::text(bytes, &start)?;
    let mut ini = dialect();
    let mut sections = ini.read(text.to_owned()).map_err(|error| not_ini(&error, &start))?;
    let pair = pair_in(&sections, text, &start);
    wipe(&mut sections);
    wipe(ini.get_mut_map());
    pair
}

/// The sections as the parser has them, their names and those of the keys in lower case.
type Sections = HashMap<String, HashMap<String, Option<String>>>;

fn pair_in(sections: &Sections, text: &str, start: &Location) -> Result<Option<Credentials>, Error> {
    let lines = lines(text, start)?;
    let mut found = [None; 2];
    for (section, values) in sections {
        for (key, value) in values {
            if same(section, SECTION)
                && let Some(at) = place(&KEYS, key)
            {
                found[at] = value.as_deref().zip(lines[at]);
            }
        }
    }
    pair(start, KEYS, found, Source::BotoConfig)
}

#[inline(never)]
fn wipe(sections: &mut Sections) {
    for values in sections.values_mut() {
        for text in values.values_mut().flatten() {
            text.zeroize();
        }
    }
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
            if same(trimmed(name), SECTION) {
                if seen > 0 {
                    return Err(wrong(
                        format_args!(
                            "{}: [{SECTION}] stands at {} already",
                            start.at_line(number),
                            start.at_line(seen)
                        ),
                        format_args!("keep one section [{SECTION}]"),
                    ));
                }
                seen = number;
            }
        }
        let end = line.bytes().position(|b| matches!(b, b'=' | b':'));
        let name = line.split_at(end.unwrap_or(line.len())).0;
        let trimmed = trimmed(name);
        if inside && let Some(at) = place(&KEYS, trimmed) {
            // Indented it is more of the value before it.
            if end.is_none() && !is_indented(name) {
                return Err(wrong(
                    format_args!("{}: {} has no value", start.at_line(number), KEYS[at]),
                    format_args!("write {} = value, or take the line away", KEYS[at]),
                ));
            }
            lines[at] = Some(number);
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
    for digit in error.strip_prefix("line ").unwrap_or_default().bytes().take_while(u8::is_ascii_digit) {
        line = line.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
    }
    wrong(
        format_args!("{}: not a line of an INI file", start.at_line(line.max(1))),
        format_args!("write [section] headers and key = value lines"),
    )
}

const SECTION: &str = "Credentials";
pub(super) const KEYS: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];
