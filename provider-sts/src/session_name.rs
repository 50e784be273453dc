//! The name of a session that nobody named: it shows in CloudTrail, so it says who acted.

use std::time::{Duration, SystemTime};

use tucuxi_core::{Env, Error};

/// `tucuxi-USER-SECONDS`, or `tucuxi-SECONDS` where no variable names the user.
pub(crate) fn session_name(env: &Env, now: SystemTime) -> Result<String, Error> {
    let mut user = None;
    for variable in ["USER", "LOGNAME", "USERNAME"] {
        let found = env.var(variable)?;
        if user.is_none() {
            user = found;
        }
    }
    let mut name = FIRST.to_owned();
    for byte in user.unwrap_or_default().bytes() {
        if name.len() < FIRST.len() + LONGEST_USER && is_allowed(byte) {
            name.push(char::from(byte));
        }
    }
    if name.len() > FIRST.len() {
        name.push('-');
    }
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    name.push_str(&seconds.to_string());
    Ok(name)
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)
}

const FIRST: &str = "tucuxi-";
/// What 64 characters leave beside `tucuxi-`, `-` and the seconds.
const LONGEST_USER: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: &str) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        assert_eq!(session_name(&Env::fake(variables.iter().copied()), now).unwrap(), expected);
    }

    #[test]
    fn the_user_is_named_in_allowed_characters() {
        check(&[], "tucuxi-1767225600");
        check(&[("USER", "tucuxi-")], "tucuxi-tucuxi--1767225600");
        check(&[("USER", "alice")], "tucuxi-alice-1767225600");
        check(&[("USERNAME", "DOM\\älice b")], "tucuxi-DOMliceb-1767225600");
        check(&[("USER", " "), ("LOGNAME", "bob")], "tucuxi-bob-1767225600");
        check(&[("USER", "é")], "tucuxi-1767225600");
        check(&[("USER", &"x".repeat(100))], &format!("tucuxi-{}-1767225600", "x".repeat(40)));
    }
}
