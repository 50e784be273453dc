//! Text of a file to sections, with the line of every key. Pure.
//!
//! The grammar is the one that the AWS SDKs share; where botocore refuses a file or reads it otherwise,
//! a warning says so.

mod line;
mod remark;

#[cfg(test)]
mod tests;

use std::fmt;

use tucuxi_core::{Error, Location, trimmed};

use self::line::{COMMENT, inside_brackets, is_key, without_comment};
use crate::header::{self, Ignored};
use crate::open;
use crate::sections::Sections;
use crate::text::{cut, is_indented, lines};
use crate::wrong::wrong;
use crate::{FileKind, Warning, WarningKind};

/// What files say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) sections: Sections,
    pub(crate) warnings: Vec<Warning>,
}

/// Adds what a file says; `start` is its first line.
pub(crate) fn parse(into: &mut Parsed, file: FileKind, bytes: &[u8], start: &Location) -> Result<(), Error> {
    let text = open::text(bytes, start)?;
    let mut parser = Parser { parsed: into, file, start, number: 1, section: Open::Nothing, key: Open::Nothing };
    if text.len() < bytes.len() {
        parser.remark_byte_order_mark();
    }
    for (line, number) in lines(text).zip(1..) {
        parser.number = number;
        parser.line(line)?;
    }
    if let FileKind::Config = file {
        parser.end();
    }
    Ok(())
}

struct Parser<'a> {
    parsed: &'a mut Parsed,
    file: FileKind,
    start: &'a Location,
    /// That of the line which is read.
    number: u32,
    section: Open,
    key: Open,
}

/// What the lines that follow belong to.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    Ignored,
    /// A section, or a value of one, by its place.
    Read(usize),
}

impl Parser<'_> {
    fn line(&mut self, line: &str) -> Result<(), Error> {
        let content = trimmed(line);
        let indented = is_indented(line);
        if content.is_empty() {
            Ok(())
        } else if content.bytes().next().is_some_and(|b| COMMENT.contains(&b)) {
            if indented && matches!(self.key, Open::Read(_)) {
                self.remark_indented_comment();
            }
            Ok(())
        } else if indented {
            self.continuation(content)
        } else if let Some(header) = line.strip_prefix('[') {
            self.header(header)
        } else {
            self.property(line)
        }
    }

    fn header(&mut self, header: &str) -> Result<(), Error> {
        let Some(inner) = inside_brackets(header) else {
            return Err(self.error("profile definition must end with ']'", "close the bracket, as in [profile name]"));
        };
        self.key = Open::Nothing;
        self.section = match header::read(self.file, inner) {
            Ok((kind, name)) => {
                let (at, known_since) = self.parsed.sections.open(kind, name, self.file, self.at());
                self.remarks_on_header(inner, known_since);
                Open::Read(at)
            }
            Err(Ignored { reason: [begin, name, end], meant }) => {
                if !(self.file == FileKind::Config && OF_THE_CLI.contains(&inner)) {
                    self.warn(
                        WarningKind::IgnoredSection,
                        format_args!("this section is ignored: {begin}{name}{end}"),
                        Some(meant),
                    );
                }
                Open::Ignored
            }
        };
        Ok(())
    }

    fn property(&mut self, line: &str) -> Result<(), Error> {
        if let Open::Nothing = self.section {
            return Err(self.error("expected a profile definition", "put a header such as [default] above it"));
        }
        let Some((key, text)) = cut(without_comment(line), b'=') else {
            return Err(self.error(NO_EQUALS, "write it as key = value"));
        };
        let (mut key, text) = (trimmed(key).to_owned(), trimmed(text));
        key.make_ascii_lowercase();
        if key.is_empty() {
            return Err(self.error("property did not have a name", "write it as key = value"));
        }
        self.key = Open::Ignored;
        if !is_key(&key) {
            // A token that is silently left out would sign requests that AWS refuses for no visible reason.
            if cut(&key, b':').is_some_and(|(name, _)| remark::known(trimmed(name)).is_some()) {
                return Err(self.error(NO_EQUALS, "write it as key = value, not key: value"));
            }
            self.remark_no_key();
        } else if let Open::Read(section) = self.section {
            let line_of_key = self.at();
            let (at, known_since) = self.parsed.sections.at_mut(section).put(&key, text, line_of_key);
            self.remarks_on_property(line, &key, text, known_since);
            self.key = Open::Read(at);
        }
        Ok(())
    }

    fn continuation(&mut self, content: &str) -> Result<(), Error> {
        let (section, key) = match (self.section, self.key) {
            (Open::Nothing, _) => {
                let cure = "put a header such as [default] above, not indented";
                return Err(self.error("expected a profile definition", cure));
            }
            (_, Open::Nothing) => {
                let reason = "expected a property definition, found continuation";
                return Err(self.error(reason, "take the indentation away"));
            }
            (Open::Read(section), Open::Read(key)) => (section, key),
            (_, _) => return Ok(()),
        };
        let at = self.at();
        let value = self.parsed.sections.at_mut(section).value_mut(key);
        if value.opens_block() {
            let Some((name, text)) = cut(content, b'=') else {
                return Err(self.error(
                    "expected an '=' sign defining a sub-property",
                    "indented lines below an empty value are written as key = value",
                ));
            };
            if trimmed(name).is_empty() {
                return Err(self.error("sub-property did not have a name", "write it as key = value"));
            }
            value.push_nested(trimmed(name), trimmed(text), at.clone());
        }
        value.push_line(content);
        if let Some(meant) = remark::hardly_meant(content) {
            Warning::add(
                &mut self.parsed.warnings,
                WarningKind::Suspicious,
                Some(&at),
                format_args!("{meant} is indented, so it belongs to the value of {} above", value.key()),
                None,
            );
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some([bare, counts]) = self.parsed.sections.settle_bare_default() {
            let message =
                format_args!("[profile default] at {} comes first, so this section is ignored", counts.location());
            let (kind, at) = (WarningKind::IgnoredSection, Some(bare.location()));
            Warning::add(&mut self.parsed.warnings, kind, at, message, None);
        }
    }

    fn at(&self) -> Location {
        self.start.at_line(self.number)
    }

    #[cold]
    fn remark(&mut self, kind: WarningKind, message: fmt::Arguments<'_>) {
        self.warn(kind, message, None);
    }

    #[cold]
    fn warn(&mut self, kind: WarningKind, message: fmt::Arguments<'_>, about: Option<&str>) {
        let at = self.at();
        Warning::add(&mut self.parsed.warnings, kind, Some(&at), message, about);
    }

    #[cold]
    fn error(&self, reason: &str, cure: &str) -> Error {
        wrong(format_args!("{}: {reason}", self.at()), format_args!("{cure}"))
    }
}

const NO_EQUALS: &str = "expected an '=' sign defining a property";
/// Sections of the config file that are for the AWS CLI alone.
const OF_THE_CLI: [&str; 2] = ["plugins", "preview"];
