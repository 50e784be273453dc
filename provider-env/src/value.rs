//! Values that cannot be part of a key.

use tucuxi_core::{Error, ErrorKind, failure, key_fault};

/// Refuses what no key holds. AWS would only say `SignatureDoesNotMatch`, which sends people to look for
/// the wrong mistake.
pub(crate) fn check(variable: &str, value: &str) -> Result<(), Error> {
    let Some(fault) = key_fault(value) else { return Ok(()) };
    Err(failure(
        ErrorKind::InvalidConfig,
        format_args!("{variable} {fault}"),
        Some(format_args!("set {variable} again as the bare value, without line breaks, blanks or quotes around it")),
    ))
}

/// Refuses a secret in the place of the id, which is shown and logged.
pub(crate) fn check_id(variable: &str, id: &str, other: &str) -> Result<(), Error> {
    // Of characters that no id has, as long as AWS makes them: in this order, or the loop is unrolled.
    if !id.bytes().any(|byte| matches!(byte, b'/' | b'+')) || id.len() != 40 {
        return Ok(());
    }
    Err(failure(
        ErrorKind::InvalidConfig,
        format_args!("{variable} holds what looks like a secret access key"),
        Some(format_args!("see whether {variable} and {other} are swapped")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn faulty(value: &str, expected: Option<&str>) {
        let shown = check("VAR", value).map_err(|error| error.to_string());
        match expected {
            None => assert_eq!(shown, Ok(()), "{value:?}"),
            Some(fault) => assert_eq!(shown, Err(format!("VAR {fault}")), "{value:?}"),
        }
    }

    #[test]
    fn a_secret_is_no_id() {
        let check = |id| check_id("ID", id, "SECRET").map_err(|error| error.report());
        let swapped = "ID holds what looks like a secret access key\n  try: see whether ID and SECRET are swapped";
        assert_eq!(check("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), Err(swapped.to_owned()));
        for id in ["AKIAIOSFODNN7EXAMPLE", "0123456789abcdef0123456789abcdef01234567", "minio/admin+1"] {
            assert_eq!(check(id), Ok(()), "{id}");
        }
    }

    #[test]
    fn what_no_key_holds() {
        faulty("AKIDEXAMPLE", None);
        faulty("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
        faulty("base64==", None);
        faulty("minio\"secret'!~", None);
        faulty("x\n", Some("ends in a line break"));
        faulty("x\r\n", Some("ends in a line break"));
        faulty(" x", Some("begins or ends with white space"));
        faulty("x\t", Some("begins or ends with white space"));
        faulty("a\nb", Some("holds a line break"));
        faulty("a b", Some("holds a blank"));
        faulty("a\u{a0}b", Some("holds a blank"));
        faulty("a\u{1b}[0m", Some("holds a control character"));
        faulty("clé", Some("holds a character that is not ASCII"));
        faulty("a\u{200b}b", Some("holds a character that is not ASCII"));
        faulty("\"quoted\"", Some("is wrapped in quotes"));
        faulty("'quoted'", Some("is wrapped in quotes"));
    }
}
