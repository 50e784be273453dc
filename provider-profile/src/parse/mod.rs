//! Text of a file to sections, with the line of every key. Pure.
//!
//! The grammar is the one that the AWS SDKs share; where botocore refuses a file or reads it otherwise,
//! a warning says so.

mod line;
mod remark;
#[cfg(test)]
mod tests;

use tucuxi_core::{Error, Location};

use self::line::{COMMENT, inside_brackets, is_key, without_comment};
use self::remark::Remark;
use crate::by_name::ByName;
use crate::header::{self, Kind};
use crate::open;
use crate::{FileKind, Section, Value, Warning, WarningKind};

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Those of each [`Kind`], in its order.
    pub(crate) sections: [ByName<Section>; 4],
    pub(crate) warnings: Vec<Warning>,
}

/// Reads a file; `start` is its first line.
pub(crate) fn parse(file: FileKind, bytes: &[u8], start: &Location) -> Result<Parsed, Error> {
    let text = open::text(bytes, start)?;
    let mut parser = Parser { file, at: start.clone(), parsed: Parsed::default(), section: None, key: None };
    if text.len() < bytes.len() {
        parser.remark(remark::BYTE_ORDER_MARK);
    }
    for (line, number) in open::lines(text).zip(1..) {
        parser.at = start.at_line(number);
        parser.line(line)?;
    }
    Ok(parser.parsed)
}

struct Parser {
    file: FileKind,
    at: Location,
    parsed: Parsed,
    section: Option<Open<(Kind, String)>>,
    key: Option<Open<String>>,
}

/// What the lines that follow belong to.
enum Open<T> {
    Read(T),
    Ignored,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), Error> {
        let content = line.trim();
        let indented = line.starts_with([' ', '\t']);
        if content.is_empty() {
            Ok(())
        } else if content.starts_with(COMMENT) {
            if indented && matches!(self.key, Some(Open::Read(_))) {
                self.remark(remark::INDENTED_COMMENT);
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
        self.key = None;
        let (kind, name) = match header::read(self.file, inner) {
            Ok(read) => read,
            Err(ignored) => {
                let warning = Warning::new(WarningKind::IgnoredSection, ignored.reason).at(self.at.clone());
                self.parsed.warnings.push(warning.about(ignored.meant));
                self.section = Some(Open::Ignored);
                return Ok(());
            }
        };
        let known_since = self.parsed.sections[kind as usize].find(name).map(|known| known.location().line());
        remark::header(inner, known_since).for_each(|remark| self.remark(remark));
        self.parsed.sections[kind as usize].find_or_insert(name, || Section::new(name, self.at.clone()));
        self.section = Some(Open::Read((kind, name.to_owned())));
        Ok(())
    }

    fn property(&mut self, line: &str) -> Result<(), Error> {
        if self.section.is_none() {
            return Err(self.error("expected a profile definition", "put a header such as [default] above it"));
        }
        let Some((key, text)) = without_comment(line).split_once('=') else {
            return Err(self.error("expected an '=' sign defining a property", "write it as key = value"));
        };
        let (key, text) = (key.trim().to_ascii_lowercase(), text.trim());
        if key.is_empty() {
            return Err(self.error("property did not have a name", "write it as key = value"));
        }
        self.key = Some(Open::Ignored);
        if !is_key(&key) {
            // A token that is silently left out would sign requests that AWS refuses for no visible reason.
            if key.split_once(':').is_some_and(|(name, _)| remark::is_known(name.trim())) {
                return Err(
                    self.error("expected an '=' sign defining a property", "write it as key = value, not key: value")
                );
            }
            self.remark(remark::NO_KEY);
            return Ok(());
        }
        let value = Value::new(text, self.at.clone());
        if let Some(section) = self.section() {
            let known_since = section.insert(key.clone(), value).map(|old| old.location().line());
            remark::property(line, &key, text, known_since).for_each(|remark| self.remark(remark));
            self.key = Some(Open::Read(key));
        }
        Ok(())
    }

    fn continuation(&mut self, content: &str) -> Result<(), Error> {
        if self.section.is_none() {
            return Err(
                self.error("expected a profile definition", "put a header such as [default] above, not indented")
            );
        }
        let key = match &self.key {
            Some(Open::Read(key)) => key.clone(),
            Some(Open::Ignored) => return Ok(()),
            None => {
                return Err(
                    self.error("expected a property definition, found continuation", "take the indentation away")
                );
            }
        };
        let at = self.at.clone();
        let Some(value) = self.section().and_then(|section| section.value_mut(&key)) else { return Ok(()) };
        if value.opens_block() {
            let Some((name, text)) = content.split_once('=') else {
                return Err(self.error(
                    "expected an '=' sign defining a sub-property",
                    "indented lines below an empty value are written as key = value",
                ));
            };
            if name.trim().is_empty() {
                return Err(self.error("sub-property did not have a name", "write it as key = value"));
            }
            value.push_nested(name.trim(), Value::new(text.trim(), at));
        }
        value.push_line(content);
        let hardly_meant = remark::continuation(content, &key).or_else(|| remark::indented_header(content, &key));
        hardly_meant.into_iter().for_each(|remark| self.remark(remark));
        Ok(())
    }

    fn section(&mut self) -> Option<&mut Section> {
        match &self.section {
            Some(Open::Read((kind, name))) => self.parsed.sections[*kind as usize].find_mut(name),
            _ => None,
        }
    }

    #[cold]
    fn remark(&mut self, (kind, message): Remark) {
        self.parsed.warnings.push(Warning::new(kind, message).at(self.at.clone()));
    }

    #[cold]
    fn error(&self, reason: &str, hint: &'static str) -> Error {
        Error::invalid_config(format!("{}: {reason}", self.at)).with_hint(hint)
    }
}
