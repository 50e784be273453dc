//! Values as shells read them: whatever a value holds, it comes back as it was, and nothing of it is run.
//!
//! Line breaks are no matter here: no value with one gets this far.

/// For sh, bash, zsh and everything else with POSIX quotes.
pub(crate) fn posix(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// For fish, where a backslash escapes within single quotes too.
pub(crate) fn fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// For PowerShell, to which typographic quotes end a text as well.
pub(crate) fn powershell(value: &str) -> String {
    let mut text = String::from("'");
    for character in value.chars() {
        if POWERSHELL_QUOTES.contains(&character) {
            text.push(character);
        }
        text.push(character);
    }
    text.push('\'');
    text
}

/// What stands between the quotes of `set "NAME=value"`; `None` for what cmd.exe would cut or replace.
pub(crate) fn cmd(value: &str) -> Option<&str> {
    (!value.contains(['"', '%'])).then_some(value)
}

/// For a .env file. Its readers agree that nothing means anything within single quotes, but not on how to write one of
/// these; within double quotes most follow the shell.
pub(crate) fn dotenv(value: &str) -> String {
    if !value.contains(['\'', '\\']) {
        return format!("'{value}'");
    }
    let mut text = String::from("\"");
    for character in value.chars() {
        if ['\\', '"', '$', '`'].contains(&character) {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    text
}

const POWERSHELL_QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

#[cfg(test)]
mod tests {
    use super::*;

    /// Value, then fish, PowerShell, cmd.exe and .env.
    type Row = (&'static str, &'static str, &'static str, Option<&'static str>, &'static str);

    #[test]
    fn awkward_values() {
        let rows: &[Row] = &[
            ("", "''", "''", Some(""), "''"),
            ("a/b+c=", "'a/b+c='", "'a/b+c='", Some("a/b+c="), "'a/b+c='"),
            ("it's", r"'it\'s'", "'it''s'", Some("it's"), r#""it's""#),
            (r"end\", r"'end\\'", r"'end\'", Some(r"end\"), r#""end\\""#),
            (r"\'", r"'\\\''", r"'\'''", Some(r"\'"), r#""\\'""#),
            ("$HOME", "'$HOME'", "'$HOME'", Some("$HOME"), "'$HOME'"),
            ("'$x`y`\"", r#"'\'$x`y`"'"#, r#"'''$x`y`"'"#, None, r#""'\$x\`y\`\"""#),
            ("$(rm -r x)", "'$(rm -r x)'", "'$(rm -r x)'", Some("$(rm -r x)"), "'$(rm -r x)'"),
            ("%PATH%", "'%PATH%'", "'%PATH%'", None, "'%PATH%'"),
            ("a&b|c>d^e", "'a&b|c>d^e'", "'a&b|c>d^e'", Some("a&b|c>d^e"), "'a&b|c>d^e'"),
            ("a #b;c", "'a #b;c'", "'a #b;c'", Some("a #b;c"), "'a #b;c'"),
            ("~!*?{a,b}", "'~!*?{a,b}'", "'~!*?{a,b}'", Some("~!*?{a,b}"), "'~!*?{a,b}'"),
            ("a’;b", "'a’;b'", "'a’’;b'", Some("a’;b"), "'a’;b'"),
        ];
        for (value, in_fish, in_powershell, in_cmd, in_dotenv) in rows {
            assert_eq!(fish(value), *in_fish);
            assert_eq!(powershell(value), *in_powershell);
            assert_eq!(cmd(value), *in_cmd);
            assert_eq!(dotenv(value), *in_dotenv);
        }
    }

    #[test]
    fn posix_quotes() {
        for (value, expected) in [("", "''"), ("it's", r"'it'\''s'"), ("'", r"''\'''"), (r"a\$b`", r"'a\$b`'")] {
            assert_eq!(posix(value), expected);
        }
    }
}
