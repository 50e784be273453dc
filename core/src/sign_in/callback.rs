//! What a browser brings back at the end of a sign-in. Pure.

use super::is_word;
use crate::encode::unescape_text;
use crate::{Error, Secret};

/// The code in the query of the URL that the browser came back to: `code=..&state=..`. A parameter that is there
/// twice counts as absent: nobody knows which of the two the service meant. Needs the feature `sign-in`.
///
/// # Errors
/// `Denied` with the `cure` as its hint when the sign-in was refused, or belongs to another one than `state`.
///
/// Specification: RFC 6749 sections 3.1, 4.1.2.
pub fn code_from_callback(query: &str, state: &str, cure: &str) -> Result<Secret, Error> {
    let denied = |message: String| Err(Error::denied(message).with_hint(cure.to_owned()));
    if value(query, "state").is_none_or(|found| found.expose() != state) {
        return denied("the answer belongs to another sign-in".to_owned());
    }
    if all(query, "error").next().is_some() {
        let words = match value(query, "error").filter(|code| is_word(code.expose())) {
            Some(code) => format!(" ({})", code.expose()),
            None => String::new(),
        };
        return denied(format!("the sign-in was refused{words}"));
    }
    match value(query, "code").filter(|code| !code.expose().is_empty()) {
        Some(code) => Ok(code),
        None => denied("the answer has no code".to_owned()),
    }
}

fn value(query: &str, name: &str) -> Option<Secret> {
    let mut values = all(query, name);
    let (first, second) = (values.next()?, values.next());
    if second.is_some() { None } else { unescape_text(first).map(Secret::new) }
}

fn all<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(move |(found, value)| (found == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: Result<&str, &str>) {
        let found = code_from_callback(query, "S", "sign in again");
        match (&found, expected) {
            (Ok(code), Ok(expected)) => assert_eq!(code.expose(), expected, "{query}"),
            (Err(error), Err(message)) => {
                assert_eq!((error.to_string().as_str(), error.hint()), (message, Some("sign in again")), "{query}");
            }
            _ => panic!("{query}: {found:?}"),
        }
    }

    const OTHER: Result<&str, &str> = Err("the answer belongs to another sign-in");
    const NO_CODE: Result<&str, &str> = Err("the answer has no code");
    const REFUSED: Result<&str, &str> = Err("the sign-in was refused");

    #[test]
    fn a_code_counts_with_the_state_of_its_sign_in() {
        check("code=a%2Fb&state=S", Ok("a/b"));
        check("?state=S&more=x&code=c", Ok("c"));
        for other in ["", "code=SEKRIT", "code=SEKRIT&state=", "code=SEKRIT&state=s", "code=SEKRIT&state=S%00"] {
            check(other, OTHER);
        }
        for none in ["state=S", "state=S&code=", "state=S&code=%ff", "state=S&code"] {
            check(none, NO_CODE);
        }
    }

    #[test]
    fn nobody_chooses_between_two_parameters_of_one_name() {
        check("code=SEKRIT&state=S&state=other", OTHER);
        check("code=SEKRIT&state=other&state=S", OTHER);
        check("code=SEKRIT&state=S&state=S", OTHER);
        check("code=SEKRIT&state=S&code=SEKRIT2", NO_CODE);
        check("error=access_denied&state=S&error=server_error&code=SEKRIT", REFUSED);
    }

    #[test]
    fn a_refusal_is_one_whatever_else_is_said() {
        check("state=S&error=access_denied&code=SEKRIT", Err("the sign-in was refused (access_denied)"));
        for words in ["SEKRIT%20SEKRIT", "%ff", "", "<b>", &"a".repeat(33)] {
            check(&format!("state=S&error={words}&code=SEKRIT"), REFUSED);
        }
        check("error=access_denied&state=other", OTHER);
    }
}
