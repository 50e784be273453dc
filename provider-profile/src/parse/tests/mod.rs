mod warnings;

use super::*;
use crate::FileKind::{Config, Credentials};
use crate::Section;
use crate::header::Kind;

/// Sections as `kind name@line`, keys as `key@line=value`, sub-properties as `key.name@line=value`.
fn shown(parsed: &Parsed) -> Vec<String> {
    let mut shown = Vec::new();
    for (kind, section) in sections(parsed) {
        shown.push(format!("{kind:?} {}@{}", section.name(), section.location().line()));
        for key in section.keys() {
            let value = section.value(key).unwrap();
            shown.push(format!("{key}@{}={}", value.location().line(), value.text().replace('\n', "|")));
            for name in value.nested_keys() {
                let nested = value.nested(name).unwrap();
                shown.push(format!("{key}.{name}@{}={}", nested.location().line(), nested.text()));
            }
        }
    }
    shown
}

fn sections(parsed: &Parsed) -> impl Iterator<Item = (Kind, &Section)> {
    let kinds = [Kind::Profile, Kind::BareDefault, Kind::SsoSession, Kind::Services];
    kinds.into_iter().flat_map(|kind| parsed.sections.of_kind(kind).map(move |section| (kind, section)))
}

fn read(file: FileKind, bytes: impl AsRef<[u8]>) -> Result<Parsed, Error> {
    let mut parsed = Parsed::default();
    parse(&mut parsed, file, bytes.as_ref(), &Location::new("/f", 1)).map(|()| parsed)
}

fn check(file: FileKind, bytes: impl AsRef<[u8]>, expected: Result<&[&str], &str>) {
    let text = String::from_utf8_lossy(bytes.as_ref()).into_owned();
    match (read(file, bytes), expected) {
        (Ok(parsed), Ok(expected)) => assert_eq!(shown(&parsed), expected, "{text:?}"),
        (Err(error), Err(expected)) => {
            assert_eq!(error.to_string(), expected, "{text:?}");
            assert!(error.hint().is_some(), "{text:?}");
        }
        (answer, _) => panic!("{text:?}: {answer:?}"),
    }
}

fn check_config(text: &str, expected: &[&str]) {
    check(Config, text, Ok(expected));
}

fn check_broken(text: &str, expected: &str) {
    check(Config, text, Err(expected));
}

#[test]
fn headers_of_the_config_file() {
    check_config("", &[]);
    check_config("[default]", &["Profile default@1"]);
    check_config("[profile a]", &["Profile a@1"]);
    check_config("[profile  \t x ]", &["Profile x@1"]);
    check_config("[  profile a  ]", &["Profile a@1"]);
    check_config("[ default ]", &["Profile default@1"]);
    check_config("[sso-session s]\n[services v]", &["SsoSession s@1", "Services v@2"]);
    check_config("[profile a]; x\n[profile b]# x\n[profile c] # x]", &["Profile a@1", "Profile b@2", "Profile c@3"]);
    check_config("[profile default]\n[default]", &["Profile default@1", "BareDefault default@2"]);
    for ignored in [
        "[a]",
        "[]",
        "[ ]",
        "[profile]",
        "[profile ]",
        "[profilea]",
        "[Profile a]",
        "[PROFILE a]",
        "[DEFAULT]",
        "[profile a b]",
        "[profile \"a b\"]",
        "[profile 'a']",
        "[profile a!]",
        "[profile \u{e9}]",
        "[sso-sesion a]",
        "[sso-session]",
        "[a]b]",
        "[profile a#b]",
        "[plugin]",
        "[profile \0]",
    ] {
        check_config(ignored, &[]);
        check_config(&format!("{ignored}\nk = v\n  more"), &[]);
        assert_eq!(read(Config, ignored).unwrap().warnings[0].kind(), WarningKind::IgnoredSection, "{ignored}");
    }
}

#[test]
fn headers_of_the_credentials_file() {
    check(Credentials, "[a]\nk=v", Ok(&["Profile a@1", "k@2=v"]));
    check(Credentials, "[ a ]\n[default]", Ok(&["Profile a@1", "Profile default@2"]));
    check(Credentials, "[sso-sessionx]", Ok(&["Profile sso-sessionx@1"]));
    check(Credentials, "[profile a]\n[sso-session a]\n[services a]\n[a b]", Ok(&[]));
}

#[test]
fn keys_values_and_their_lines() {
    check_config("[profile a]\n\n# c\nK = v\n", &["Profile a@1", "k@4=v"]);
    check_config("[profile a]\nk \t= \t v \t", &["Profile a@1", "k@2=v"]);
    check_config("[profile a]\nk = \u{a0}v\u{a0}", &["Profile a@1", "k@2=v"]);
    check_config("[profile a]\nk=v=w", &["Profile a@1", "k@2=v=w"]);
    check_config("[profile a]\nk=\"v\"", &["Profile a@1", "k@2=\"v\""]);
    check_config("[profile a]\nk=%(v)s $HOME", &["Profile a@1", "k@2=%(v)s $HOME"]);
    check_config("[profile a]\nk=v\0w", &["Profile a@1", "k@2=v\0w"]);
    check_config(
        "[profile a]\nk=v #c\nl=v\t;c\nm=v#c\nn=#c\no= #c",
        &["Profile a@1", "k@2=v", "l@3=v", "m@4=v#c", "n@5=#c", "o@6="],
    );
    check_config("[profile a]\nin valid = v\n more\nurl: x=v\n\u{e9}=v", &["Profile a@1"]);
    check_config("[profile a]\nk=1\nK=2", &["Profile a@1", "k@3=2"]);
    check_config(
        "[profile a]\nk=1\n[profile b]\nk=2\n[profile a]\nl=3",
        &["Profile a@1", "k@2=1", "l@6=3", "Profile b@3", "k@4=2"],
    );
    check_config(
        &format!("[profile a]\nk={}", "x".repeat(200_000)),
        &["Profile a@1", &format!("k@2={}", "x".repeat(200_000))],
    );
}

#[test]
fn lines_end_with_either_sign_or_both() {
    check_config("[profile a]\r\nk=1\r\nl=2\r\n", &["Profile a@1", "k@2=1", "l@3=2"]);
    check_config("[profile a]\rk=1\r\rl=2", &["Profile a@1", "k@2=1", "l@4=2"]);
    check_config("[profile a]\n\rk=1\u{2028}l=2\u{85}", &["Profile a@1", "k@3=1\u{2028}l=2"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line() {
    check_config("\u{feff}[profile a]\nk=1", &["Profile a@1", "k@2=1"]);
    check(Config, b"\xff\xfe[\0d\0", Err("/f:1: the file is not UTF-8"));
    check(Config, b"[profile a]\r\nk=\xe9\nl=1", Err("/f:2: the file is not UTF-8"));
    check(Config, b"[profile a]\n\n\xff", Err("/f:3: the file is not UTF-8"));
}

#[test]
fn indented_lines_continue_a_value() {
    check_config("[profile a]\nk = v\n  more # c\n\n\tyet\nl=1", &["Profile a@1", "k@2=v|more # c|yet", "l@6=1"]);
    check_config("[profile a]\nk = v\n  # comment\n  more", &["Profile a@1", "k@2=v|more"]);
    check_config("[profile a]\nk = v\n  [profile b]\n  l = w", &["Profile a@1", "k@2=v|[profile b]|l = w"]);
    check_config("[profile a]\nk = v\n#c\n;c\n more", &["Profile a@1", "k@2=v|more"]);
}

#[test]
fn indented_lines_below_an_empty_value_are_sub_properties() {
    check_config(
        "[profile a]\ns3 =\n  Addressing_Style = path\n\n  max = 1 # c\n  # c\nk=1",
        &[
            "Profile a@1",
            "k@7=1",
            "s3@2=|Addressing_Style = path|max = 1 # c",
            "s3.Addressing_Style@3=path",
            "s3.max@5=1 # c",
        ],
    );
    check_config("[profile a]\ns3 = # c\n  in valid =", &["Profile a@1", "s3@2=|in valid =", "s3.in valid@3="]);
    let twice = read(Config, "[profile a]\ns3 =\n x = 1\n x = 2").unwrap();
    let s3 = twice.sections.find(Kind::Profile, "a", Config).unwrap().value("s3").unwrap().clone();
    assert_eq!((s3.nested("x").unwrap().text(), s3.nested("x").unwrap().location().line()), ("2", 4));
    assert_eq!((s3.nested("X"), s3.nested("y")), (None, None));
}

#[test]
fn what_breaks_a_file_names_the_line_and_no_value() {
    check_broken("k = SEKRIT", "/f:1: expected a profile definition");
    check_broken("\n  k = SEKRIT", "/f:2: expected a profile definition");
    check_broken("[profile a", "/f:1: profile definition must end with ']'");
    check_broken("[profile a # ]b", "/f:1: profile definition must end with ']'");
    check_broken("[profile a] SEKRIT", "/f:1: profile definition must end with ']'");
    check_broken("[profile a]\nSEKRIT", "/f:2: expected an '=' sign defining a property");
    check_broken("[profile a]\nk : SEKRIT", "/f:2: expected an '=' sign defining a property");
    check_broken("[profile a]\nAWS_Session_Token : SEKRIT=", "/f:2: expected an '=' sign defining a property");
    check_broken("[profile a]\nk #= SEKRIT", "/f:2: expected an '=' sign defining a property");
    check_broken("[profile a]\n= SEKRIT", "/f:2: property did not have a name");
    check_broken("[profile a]\n SEKRIT", "/f:2: expected a property definition, found continuation");
    check_broken("[profile a]\nk=1\n[profile a]\n SEKRIT", "/f:4: expected a property definition, found continuation");
    check_broken("[profile a]\ns3=\n SEKRIT", "/f:3: expected an '=' sign defining a sub-property");
    check_broken("[profile a]\ns3=\n = SEKRIT", "/f:3: sub-property did not have a name");
    check_broken("[a b]\nSEKRIT", "/f:2: expected an '=' sign defining a property");
}

/// Pieces that mean something, in random order: more ways through the parser than random bytes find.
#[test]
fn whatever_a_file_holds_the_parser_answers() {
    const PIECES: [&[u8]; 24] = [
        b"[",
        b"]",
        b"profile ",
        b"sso-session ",
        b"default",
        b"\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b"=",
        b"=",
        b"#",
        b";",
        b":",
        b"a",
        b"role_arn",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\0",
        b"\xc3\xa9",
        b"\xe2\x80\xa8",
        b"'",
        b"\xc2\xa0",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let (mut read_whole, mut broken) = (0, 0);
    for round in 0..20_000 {
        let mut bytes = Vec::new();
        for _ in 0..next() % 40 {
            match round % 4 {
                0 => bytes.push((next() & 0xff) as u8),
                _ => bytes.extend_from_slice(PIECES[(next() % PIECES.len() as u64) as usize]),
            }
        }
        for file in [Config, Credentials] {
            match read(file, &bytes) {
                Ok(parsed) => {
                    read_whole += 1;
                    let lines = 1 + bytes.iter().filter(|b| matches!(b, b'\r' | b'\n')).count();
                    let places = sections(&parsed).flat_map(|(_, section)| {
                        section.keys().map(|key| section.value(key).unwrap().location().line() as usize)
                    });
                    assert!(places.into_iter().all(|line| line > 1 && line <= lines), "{bytes:?}");
                }
                Err(_) => broken += 1,
            }
        }
    }
    assert!(read_whole > 1000 && broken > 1000, "{read_whole} {broken}");
}
