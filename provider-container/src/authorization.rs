//! What proves to the endpoint that we may ask.

use http::HeaderValue;
use tucuxi_core::{Env, Error, ErrorKind, Fs, Secret, failure, failure_of_system, secret_header};

/// The value of the `Authorization` header, from the file, which is read anew each time, or the variable.
pub(crate) async fn authorization(env: &Env, fs: &Fs) -> Result<Option<HeaderValue>, Error> {
    // A path of any bytes, but not one of blanks only.
    let path = env.path(FILE).filter(|_| !matches!(env.var(FILE), Ok(None)));
    let Some(path) = path else { return from_variable(env) };
    let contents = fs.read(&path, MAX_BYTES).await;
    let origin = format!("{} ({FILE})", path.display());
    match contents {
        Ok(contents) => from_file(&contents, &origin),
        Err(error) => Err(failure_of_system(ErrorKind::InvalidConfig, format_args!("{origin} cannot be read"), error)),
    }
}

#[inline]
fn from_file(contents: &[u8], origin: &str) -> Result<Option<HeaderValue>, Error> {
    match str::from_utf8(contents) {
        Ok(text) => header(text, origin),
        Err(_) => Err(refuse(origin, "is not text")),
    }
}

fn from_variable(env: &Env) -> Result<Option<HeaderValue>, Error> {
    match env.var(VARIABLE)?.map(Secret::from) {
        Some(token) => header(token.expose(), VARIABLE),
        None => Ok(None),
    }
}

fn header(text: &str, origin: &str) -> Result<Option<HeaderValue>, Error> {
    // Kubernetes and editors end the file with a line break.
    let token = text.trim_ascii();
    if token.is_empty() {
        return Err(refuse(origin, "is empty"));
    }
    if token.bytes().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(refuse(origin, "has more than one line"));
    }
    if token.bytes().any(|byte| !matches!(byte, b' '..=b'~')) {
        return Err(refuse(origin, "holds a character that no header takes"));
    }
    secret_header(origin, token).map(Some)
}

fn refuse(origin: &str, fault: &str) -> Error {
    failure(
        ErrorKind::InvalidConfig,
        format_args!("{origin} {fault}"),
        Some(format_args!("write the authorization token there, in one line")),
    )
}

const FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const VARIABLE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const MAX_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Result<Option<&str>, &str>) {
        let fs = Fs::fake([
            ("/good", "Bearer abc\n"),
            ("/two", "abc\nX-Evil: 1\n"),
            ("/empty", " \n"),
            ("/control", "a\u{7}b"),
            ("/accent", "clé"),
        ]);
        fs.set("/binary", [0xff, 0xfe], std::time::SystemTime::UNIX_EPOCH);
        let env = Env::fake(variables.iter().copied());
        let answer = tucuxi_testkit::block_on(authorization(&env, &fs));
        if let Ok(Some(header)) = &answer {
            assert!(header.is_sensitive());
        }
        let shown = answer.map(|header| header.map(|header| header.to_str().unwrap().to_owned()));
        let shown = shown.map_err(|error| error.to_string());
        assert_eq!(shown, expected.map(|header| header.map(str::to_owned)).map_err(str::to_owned));
    }

    #[test]
    fn the_file_wins_and_its_line_break_is_taken_off() {
        check(&[], Ok(None));
        check(&[(VARIABLE, "abc")], Ok(Some("abc")));
        check(&[(VARIABLE, " Basic abc= \n")], Ok(Some("Basic abc=")));
        check(&[(FILE, "/good")], Ok(Some("Bearer abc")));
        check(&[(FILE, "/good"), (VARIABLE, "abc")], Ok(Some("Bearer abc")));
        check(&[(FILE, ""), (VARIABLE, "abc")], Ok(Some("abc")));
        check(&[(FILE, " "), (VARIABLE, "abc")], Ok(Some("abc")));
        check(&[(VARIABLE, "a\r\nb")], Err("AWS_CONTAINER_AUTHORIZATION_TOKEN has more than one line"));
        let file = |path: &str, fault: &str| {
            check(&[(FILE, path), (VARIABLE, "abc")], Err(&format!("{path} ({FILE}) {fault}")));
        };
        file("/two", "has more than one line");
        file("/empty", "is empty");
        file("/control", "holds a character that no header takes");
        file("/accent", "holds a character that no header takes");
        file("/binary", "is not text");
        file("/absent", "cannot be read: entity not found");
    }
}
