//! The configuration file of Boto 2.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use configparser::ini::Ini;
use tucuxi_core::{Credentials, Error, Location, Source, trimmed};
use zeroize::Zeroize;

use super::pair;
use crate::open;
use crate::text::{place, same};
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
    let mut found = [[None; 2]; 2];
    for (section, values) in sections {
        let Some(which) = place(&SECTIONS, section) else { continue };
        for (key, value) in values {
            if let Some(at) = place(&KEYS, key) {
                found[which][at] = value.as_deref().zip(lines[which][at]);
            }
        }
    }
    let [own, inherited] = found;
    pair(start, KEYS, [own[0].or(inherited[0]), own[1].or(inherited[1])], Source::BotoConfig)
}

#[inline(never)]
fn wipe(sections: &mut Sections) {
    for values in sections.values_mut() {
        for text in values.values_mut().flatten() {
            text.zeroize();
        }
    }
}

/// The lines of the two keys in each of the sections, whose names' case counts. As in Python a header ends at its last
/// bracket, whatever stands behind; and without its own section nothing is inherited.
///
/// A second section of a name, or a key that is there twice, is an error, as in botocore: it would pair the id of one with
/// the secret of another. So is a key without a value.
fn lines(text: &str, start: &Location) -> Result<[[Option<u32>; 2]; 2], Error> {
    let mut seen: Vec<(&str, u32)> = Vec::new();
    let (mut inside, mut lines) = (None, [[None; 2]; 2]);
    // How deep the key stands whose value goes on in lines that stand deeper.
    let mut opened = None;
    for (line, number) in text.lines().zip(1..) {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - content.len();
        let goes_on = opened.is_some_and(|opened| indent > opened);
        if goes_on && content.starts_with('[') {
            return Err(wrong(
                format_args!("{}: a header that stands deeper than the key above it", start.at_line(number)),
                format_args!("begin the line with the bracket; other tools take it for more of the value"),
            ));
        }
        if let Some((header, _)) = content.rsplit_once(']')
            && let Some(name) = header.strip_prefix('[')
        {
            (inside, opened) = (SECTIONS.iter().position(|section| *section == name), None);
            if let Some((known, earlier)) = seen.iter().find(|(known, _)| is_second(known, name)) {
                return Err(twice(format_args!("[{known}]"), start, *earlier, number));
            }
            seen.push((name, number));
            continue;
        }
        if goes_on {
            continue;
        }
        opened = Some(indent);
        let end = content.bytes().position(|b| matches!(b, b'=' | b':'));
        let Some(inside) = inside else { continue };
        let Some(at) = place(&KEYS, trimmed(content.split_at(end.unwrap_or(content.len())).0)) else { continue };
        if end.is_none() {
            return Err(wrong(
                format_args!("{}: {} has no value", start.at_line(number), KEYS[at]),
                format_args!("write {} = value, or take the line away", KEYS[at]),
            ));
        }
        if let Some(earlier) = lines[inside][at].replace(number) {
            return Err(twice(format_args!("{}", KEYS[at]), start, earlier, number));
        }
    }
    let is_there = seen.iter().any(|(name, _)| *name == SECTIONS[0]);
    Ok(if is_there { lines } else { Default::default() })
}

/// Whether one section would be taken for the other, here or by Python: the parser takes names in another case for the
/// same, and Python only lets the one be repeated from which the others inherit.
fn is_second(known: &str, name: &str) -> bool {
    match place(&SECTIONS, trimmed(name)) {
        Some(which) => same(trimmed(known), SECTIONS[which]) && (known != name || which == 0),
        None => known == name,
    }
}

#[cold]
fn twice(what: fmt::Arguments<'_>, start: &Location, earlier: u32, line: u32) -> Error {
    wrong(
        format_args!("{}: {what} stands at {} already", start.at_line(line), start.at_line(earlier)),
        format_args!("keep one {what}"),
    )
}

/// Python's: keys in any case, `=` or `:`, comments on lines of their own, lines that stand deeper continue a value.
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

/// The section with the keys, and the one from which every section inherits.
const SECTIONS: [&str; 2] = ["Credentials", "DEFAULT"];
pub(super) const KEYS: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];
