//! From bytes to credentials.

use super::Document;
use crate::{Credentials, Error, Source, failure};

/// Whoever says which documents are none. A trait, since a `dyn Fn` has its code three times in a program.
pub trait Judge {
    /// Looks at a document before its credentials are taken.
    ///
    /// # Errors
    /// Why it is none.
    fn judge(&self, document: &Document) -> Result<(), Error>;
}

/// Takes every document.
impl Judge for () {
    fn judge(&self, _: &Document) -> Result<(), Error> {
        Ok(())
    }
}

impl Document {
    /// The credentials in the document that `who` gave, whom errors name. `judge` refuses what is no such document;
    /// with `temporary` they need a token and an end.
    ///
    /// # Errors
    /// Those of `judge`, [`parse`](Self::parse) and [`credentials`](Self::credentials).
    pub fn read(
        json: &[u8],
        who: &str,
        judge: &dyn Judge,
        temporary: bool,
        source: Source,
    ) -> Result<Credentials, Error> {
        let named = |error| named(who, &error);
        let document = Self::parse(json).map_err(named)?;
        judge.judge(&document)?;
        let credentials = if temporary { document.temporary_credentials() } else { document.credentials() };
        Ok(credentials.map_err(named)?.with_source(source))
    }
}

#[cold]
fn named(who: &str, error: &Error) -> Error {
    failure(error.kind(), format_args!("{who}: {error}"), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoCode;

    impl Judge for NoCode {
        fn judge(&self, document: &Document) -> Result<(), Error> {
            match &document.code {
                Some(code) => Err(Error::denied(code.clone())),
                None => Ok(()),
            }
        }
    }

    #[test]
    fn whoever_gave_it_is_named_but_for_what_the_judge_says() {
        let read = |json: &str, temporary| {
            let read = Document::read(json.as_bytes(), "h:1", &NoCode, temporary, Source::Process);
            read.map(|credentials| credentials.provenance().to_string()).map_err(|error| error.to_string())
        };
        let keys = r#""AccessKeyId":"A","SecretAccessKey":"S""#;
        assert_eq!(read(&format!("{{{keys}}}"), false).as_deref(), Ok("custom-process"));
        assert_eq!(read(&format!("{{{keys}}}"), true).unwrap_err(), "h:1: the answer has no Token");
        assert_eq!(read(r#"{"Code":"No"}"#, true).unwrap_err(), "No");
        assert_eq!(read("no", false).unwrap_err(), "h:1: the answer is not JSON (line 1, column 2)");
    }
}
