//! What is said of lines that can be read.

use super::*;

fn check_warnings(file: FileKind, text: &str, expected: &[&str]) {
    let parsed = read(file, text).unwrap();
    let shown: Vec<_> = parsed.warnings.iter().map(|warning| format!("{:?} {warning}", warning.kind())).collect();
    assert_eq!(shown, expected, "{text:?}");
}

#[test]
fn warnings_say_what_others_make_of_a_line() {
    check_warnings(Config, "[profile a]\nk = v\n  more\ns3 =\n  a = b # c", &[]);
    check_warnings(
        Config,
        "\u{feff}[default]",
        &["RefusedElsewhere /f:1: the file starts with a byte order mark, which botocore refuses"],
    );
    check_warnings(
        Config,
        "[dev]\n[x y]",
        &[
            "IgnoredSection /f:1: this section is ignored: in the config file it is [profile dev]",
            "IgnoredSection /f:2: this section is ignored: the header has no meaning in this file",
        ],
    );
    check_warnings(Config, "[plugins]\na = b\n[preview]\nc = true", &[]);
    check_warnings(
        Credentials,
        "[profile plugins]",
        &["IgnoredSection /f:1: this section is ignored: in the credentials file it is [plugins], without \"profile\""],
    );
    check_warnings(
        Config,
        "[profile 'a']\n[profile a!]",
        &[
            "IgnoredSection /f:1: this section is ignored: no quotes are understood in a name, unlike in botocore",
            "IgnoredSection /f:2: this section is ignored: a name has letters, digits and -_/.%@:+ only",
        ],
    );
    check_warnings(
        Credentials,
        "[profile a]\n[sso-session s]\n[DEFAULT]\n[ a]",
        &[
            "IgnoredSection /f:1: this section is ignored: in the credentials file it is [a], without \"profile\"",
            "IgnoredSection /f:2: this section is ignored: it belongs in the config file",
            "ReadOtherwise /f:3: botocore lets every section of this file inherit from [DEFAULT]",
            "ReadOtherwise /f:4: botocore takes the white space inside these brackets as part of the name",
        ],
    );
    check_warnings(
        Config,
        "[profile a]\nk=1\n[profile a]\nK=2",
        &[
            "RefusedElsewhere /f:3: [profile a] again, after line 1; botocore refuses that",
            "RefusedElsewhere /f:4: k again; line 2 no longer counts, and botocore refuses the file",
        ],
    );
    check_warnings(
        Config,
        "[profile a]\nk = v # c\nl = 'v'\nm: n = v\n  x\nk2 = v\n  # c",
        &[
            "ReadOtherwise /f:2: botocore takes the comment behind k as part of its value",
            "Suspicious /f:3: the quotes around the value of l are part of it",
            "IgnoredKey /f:4: the line is ignored: no key has such a name (a key ends at the first '=', and ':' does not count)",
            "ReadOtherwise /f:7: an indented comment, which other SDKs take as part of the value above",
        ],
    );
    check_warnings(
        Config,
        "[profile a]\nk = v\n  role_arn = r\n  [profile b] # c",
        &[
            "Suspicious /f:3: role_arn is indented, so it belongs to the value of k above",
            "Suspicious /f:4: this header is indented, so it belongs to the value of k above",
        ],
    );
}
