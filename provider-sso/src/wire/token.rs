//! `POST /token`: what a sign-in is renewed and granted by.

use std::time::Duration;

use tucuxi_core::json::Writer;
use tucuxi_core::sign_in::{Answer, Need, Texts, Wanted, needed};
use tucuxi_core::{Error, Request, Secret};

use super::{grants, post};
use crate::token_file::{ACCESS_TOKEN, REFRESH_TOKEN};

/// What is granted: tokens by their names in the file, which are those of the answer.
#[derive(Debug)]
pub(crate) struct NewToken {
    pub(crate) texts: Texts,
    pub(crate) lifetime: Duration,
}

/// `POST {oidc}/token` with a refresh token.
pub(crate) fn refresh(
    oidc: &str,
    client_id: &str,
    client_secret: &Secret,
    refresh_token: &Secret,
) -> Result<Request, Error> {
    let mut body = by(client_id, client_secret);
    body.text("grantType", "refresh_token").text("refreshToken", refresh_token.expose());
    post(&format!("{oidc}/token"), body)
}

/// What is asked by a program that the service knows begins with its name.
pub(super) fn by(client_id: &str, client_secret: &Secret) -> Writer {
    let mut body = Writer::default();
    body.text("clientId", client_id).text("clientSecret", client_secret.expose());
    body
}

/// Reads the answer to [`refresh`] and to what a sign-in ends with.
pub(crate) fn granted(answer: &Answer) -> Result<NewToken, Error> {
    let (texts, lifetime) = grants(answer, &GRANTED)?;
    needed(&texts, ACCESS_TOKEN, answer)?;
    let lifetime = lifetime.ok_or_else(|| answer.lacking("expiresIn"))?;
    if lifetime > LONGEST_LIFETIME {
        return Err(answer.senseless("an expiresIn that is no lifetime"));
    }
    Ok(NewToken { texts, lifetime: Duration::from_secs(lifetime) })
}

static GRANTED: Wanted = Wanted {
    inner: ("", &[]),
    members: &[(ACCESS_TOKEN, Need::ElseAbsent), (REFRESH_TOKEN, Need::ElseAbsent)],
    number: ("expiresIn", Need::ElseAbsent),
};

/// A year; sessions last 90 days at most.
const LONGEST_LIFETIME: u64 = 366 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tucuxi_core::ErrorKind::{Denied, Unavailable};

    use super::super::tests::check;
    use super::*;

    #[test]
    fn answers_of_the_token_service() {
        check(granted, 200, r#"{"accessToken":"SEKRIT","expiresIn":3600,"refreshToken":"SEKRIT"}"#, Ok("3600s"));
        check(granted, 200, r#"{"accessToken":"SEKRIT","expiresIn":0}"#, Ok(r#"("refreshToken", None)"#));
        check(granted, 200, r#"{"accessToken":"SEKRIT"}"#, Err((Unavailable, "no expiresIn")));
        check(granted, 200, r#"{"expiresIn":1}"#, Err((Unavailable, "no accessToken")));
        let endless = r#"{"accessToken":"SEKRIT","expiresIn":18446744073709551615}"#;
        check(granted, 200, endless, Err((Unavailable, "no lifetime")));
        check(granted, 200, r#"{"accessToken":["SEKRIT"]}"#, Err((Unavailable, "wrong type")));
        check(granted, 200, "SEKRIT", Err((Unavailable, "not JSON")));
        check(
            granted,
            400,
            r#"{"error":"invalid_grant","error_description":"SEKRIT"}"#,
            Err((Denied, "invalid_grant")),
        );
    }

    #[test]
    fn what_a_refresh_is_asked_with() {
        let request = refresh("https://o", "C", &"CS".into(), &"1".into()).unwrap();
        assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", "https://o/token".into()));
        assert_eq!(
            serde_json::from_slice::<Value>(request.body().as_bytes().unwrap()).unwrap(),
            json!({"clientId": "C", "clientSecret": "CS", "grantType": "refresh_token", "refreshToken": "1"})
        );
    }
}
