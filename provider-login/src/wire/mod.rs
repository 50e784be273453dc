//! Requests to the sign-in service and its answers. Pure.

#[cfg(feature = "sign-in")]
mod redeem;

use std::time::Duration;

use http::{HeaderName, Method};
use tucuxi_core::json::Writer;
use tucuxi_core::sign_in::{Answer, Need, Texts, Wanted, is_word, needed, request_to};
use tucuxi_core::{Error, ErrorKind, Request, Secret, secret_header};

use crate::Token;
use crate::token::{
    ACCESS_KEY_ID, CLIENT_ID, ID_TOKEN, REFRESH_TOKEN, SECRET_ACCESS_KEY, SESSION_TOKEN, SIGN_IN_AGAIN, TOKEN_TYPE,
    text,
};

#[cfg(feature = "sign-in")]
pub(crate) use redeem::{identity, redeem};

/// What the service grants: new keys, and what the next ones are asked with, by their names in the file.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) texts: Texts,
    pub(crate) lifetime: Duration,
}

/// Where tokens are granted; also what a proof is made out to.
#[inline(never)]
pub(crate) fn token_url(base: &str) -> String {
    format!("{base}/v1/token")
}

/// `POST /v1/token` with a refresh token.
pub(crate) fn refresh(url: &str, token: &Token, proof: &Secret) -> Result<Request, Error> {
    let mut body = Writer::default();
    body.text("clientId", text(token, CLIENT_ID))
        .text("grantType", "refresh_token")
        .text("refreshToken", text(token, REFRESH_TOKEN));
    post(url, body, proof)
}

fn post(url: &str, body: Writer, proof: &Secret) -> Result<Request, Error> {
    let proof = secret_header("the proof", proof.expose())?;
    request_to(Method::POST, url, url, Some((DPOP, proof)), Some(body))
}

/// Reads the answer to [`refresh`] and to the code of a sign-in.
pub(crate) fn grant(answer: &Answer) -> Result<Grant, Error> {
    if !answer.status.is_success() {
        return Err(refused(answer));
    }
    let (texts, expires_in) = answer.granted(&GRANTED)?;
    let expires_in = expires_in.unwrap_or_default();
    if expires_in > LONGEST_LIFETIME {
        return Err(answer.senseless("an expiresIn that is no lifetime"));
    }
    for name in [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, REFRESH_TOKEN] {
        if needed(&texts, name, answer)?.expose().is_empty() {
            return Err(answer.lacking(name));
        }
    }
    Ok(Grant { texts, lifetime: Duration::from_secs(expires_in) })
}

/// What a refusal means: by the code where there is one, since the status alone does not tell.
fn refused(answer: &Answer) -> Error {
    let code = answer.text("error", None).filter(|code| is_word(code));
    let error = answer.refusal(code.as_deref());
    if error.kind() != ErrorKind::Denied {
        return error;
    }
    error.with_hint(match code.as_deref() {
        Some("INSUFFICIENT_PERMISSIONS") => "ask for the IAM action signin:CreateOAuth2Token",
        _ => SIGN_IN_AGAIN,
    })
}

static GRANTED: Wanted = Wanted {
    inner: (
        "accessToken",
        &[(ACCESS_KEY_ID, Need::Text), (SECRET_ACCESS_KEY, Need::Text), (SESSION_TOKEN, Need::Text)],
    ),
    members: &[(REFRESH_TOKEN, Need::Text), (ID_TOKEN, Need::ElseAbsent), (TOKEN_TYPE, Need::ElseAbsent)],
    number: ("expiresIn", Need::Text),
};
/// The service grants 15 minutes; a day is more than any console session lasts.
const LONGEST_LIFETIME: u64 = 24 * 60 * 60;

const DPOP: HeaderName = HeaderName::from_static("dpop");

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;

    const HOST: &str = "us-east-1.signin.aws.amazon.com";
    const GOOD: &str = r#"{"accessToken":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t"},
        "tokenType":"aws_sigv4","expiresIn":900,"refreshToken":"r"}"#;

    #[track_caller]
    fn check(status: u16, body: &str, expected: Result<&str, (ErrorKind, &str, Option<&str>)>) {
        let answer = Answer::new(HOST, StatusCode::from_u16(status).unwrap(), body.to_owned());
        match (grant(&answer), expected) {
            (Ok(grant), Ok(id)) => assert_eq!(grant.texts[0], (ACCESS_KEY_ID, Some(id.into()))),
            (Err(error), Err((kind, words, hint))) => {
                assert_eq!((error.kind(), error.hint()), (kind, hint), "{body}: {error}");
                assert!(error.to_string().contains(words), "{body}: {error}");
                assert!(!format!("{error:?} {}", error.report()).contains("SEKRIT"), "{}", error.report());
            }
            (answer, _) => panic!("{status} {body}: {answer:?}"),
        }
    }

    #[test]
    fn answers_of_the_service() {
        use ErrorKind::{Denied, Unavailable};
        let refusal = |code: &str| format!(r#"{{"error":"{code}","message":"SEKRIT"}}"#);
        let again = Some("sign in again: aws login");
        check(200, GOOD, Ok("ASIA"));
        check(401, &refusal("TOKEN_EXPIRED"), Err((Denied, "401 (TOKEN_EXPIRED)", again)));
        check(401, &refusal("AUTHCODE_EXPIRED"), Err((Denied, "AUTHCODE_EXPIRED", again)));
        check(403, &refusal("USER_CREDENTIALS_CHANGED"), Err((Denied, "USER_CREDENTIALS_CHANGED", again)));
        let ask = Some("ask for the IAM action signin:CreateOAuth2Token");
        check(403, &refusal("INSUFFICIENT_PERMISSIONS"), Err((Denied, "403 (INSUFFICIENT_PERMISSIONS)", ask)));
        check(400, &refusal("INVALID_REQUEST"), Err((Denied, "400 (INVALID_REQUEST)", again)));
        check(429, &refusal("INVALID_REQUEST"), Err((Unavailable, "429 (INVALID_REQUEST)", None)));
        check(500, &refusal("server_error"), Err((Unavailable, "500 (server_error)", None)));
        check(503, "<html>SEKRIT", Err((Unavailable, "answered 503", None)));
        check(302, "SEKRIT", Err((Unavailable, "answered 302", None)));
        check(403, &refusal("SEKRIT SEKRIT"), Err((Denied, "answered 403", again)));
        check(200, "SEKRIT", Err((Unavailable, "not JSON", None)));
        for (field, value) in
            [("accessKeyId", "ASIA"), ("secretAccessKey", "s"), ("sessionToken", "t"), ("refreshToken", "r")]
        {
            let empty = GOOD.replace(&format!("{field}\":\"{value}\""), &format!("{field}\":\"\""));
            check(200, &empty, Err((Unavailable, &format!("no {field}"), None)));
        }
        check(200, &GOOD.replace("refreshToken", "x"), Err((Unavailable, "lacks a field", None)));
        check(200, &GOOD.replace("900", "\"SEKRIT\""), Err((Unavailable, "wrong type", None)));
        check(200, &GOOD.replace("900", "99999999999999"), Err((Unavailable, "expiresIn", None)));
    }

    #[test]
    fn the_proof_is_a_header_that_is_not_shown() {
        let file = r#"{"accessToken":{"accessKeyId":"A","secretAccessKey":"s","sessionToken":"t","accountId":"1",
            "expiresAt":"2026-01-01T00:00:00Z"},"clientId":"C","refreshToken":"RT","dpopKey":"K"}"#;
        let token = crate::token_file(&tucuxi_testkit::context(), "s").parse(file.as_bytes()).unwrap();
        let request = refresh("https://h/v1/token", &token, &"P".into()).unwrap();
        assert!(request.headers()["dpop"].is_sensitive());
        let body: Value = serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap();
        assert_eq!(body, json!({"clientId": "C", "grantType": "refresh_token", "refreshToken": "RT"}));
    }
}
