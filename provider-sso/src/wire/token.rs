//! `POST /token`: what a sign-in is granted by.

use std::time::Duration;

use tucuxi_core::json::{Writer, member};
use tucuxi_core::sign_in::Answer;
use tucuxi_core::{Error, Request, Secret};

use super::{post, read};

/// What a token is asked with.
#[derive(Debug)]
pub(crate) enum Grant<'a> {
    Refresh(&'a Secret),
    DeviceCode(&'a Secret),
    Code { code: &'a Secret, redirect_uri: &'a str, verifier: &'a Secret },
}

/// What is granted.
#[derive(Debug)]
pub(crate) struct NewToken {
    pub(crate) access_token: Secret,
    pub(crate) lifetime: Duration,
    pub(crate) refresh_token: Option<Secret>,
}

/// `POST {oidc}/token`.
pub(crate) fn token(oidc: &str, client_id: &str, client_secret: &Secret, grant: &Grant<'_>) -> Result<Request, Error> {
    let mut body = Writer::default();
    body.text("clientId", client_id).text("clientSecret", client_secret.expose());
    match grant {
        Grant::Refresh(token) => body.text("grantType", "refresh_token").text("refreshToken", token.expose()),
        Grant::DeviceCode(code) => body.text("deviceCode", code.expose()).text("grantType", DEVICE_CODE),
        Grant::Code { code, redirect_uri, verifier } => body
            .text("code", code.expose())
            .text("codeVerifier", verifier.expose())
            .text("grantType", "authorization_code")
            .text("redirectUri", redirect_uri),
    };
    post(&format!("{oidc}/token"), body)
}

/// Reads the answer to [`token`].
pub(crate) fn granted(answer: &Answer) -> Result<NewToken, Error> {
    let (mut access_token, mut lifetime, mut refresh_token) = (None, None, None);
    let members = vec![
        member("accessToken", &mut access_token),
        member("expiresIn", &mut lifetime),
        member("refreshToken", &mut refresh_token),
    ];
    read(answer, members)?;
    let access_token = access_token.ok_or_else(|| answer.lacking("accessToken"))?;
    let lifetime = lifetime.ok_or_else(|| answer.lacking("expiresIn"))?;
    if lifetime > LONGEST_LIFETIME {
        return Err(answer.senseless("an expiresIn that is no lifetime"));
    }
    Ok(NewToken { access_token, lifetime: Duration::from_secs(lifetime), refresh_token })
}

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
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
        check(granted, 200, r#"{"accessToken":"SEKRIT","expiresIn":0}"#, Ok("refresh_token: None"));
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
    fn what_a_token_is_asked_with() {
        let check = |grant: Grant<'_>, expected: Value| {
            let request = token("https://o", "C", &"CS".into(), &grant).unwrap();
            assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", "https://o/token".into()));
            let mut expected = expected;
            (expected["clientId"], expected["clientSecret"]) = ("C".into(), "CS".into());
            assert_eq!(serde_json::from_slice::<Value>(request.body().as_bytes().unwrap()).unwrap(), expected);
        };
        let (one, two) = (Secret::from("1"), Secret::from("2"));
        check(Grant::Refresh(&one), json!({"grantType": "refresh_token", "refreshToken": "1"}));
        check(
            Grant::DeviceCode(&one),
            json!({"grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": "1"}),
        );
        check(
            Grant::Code { code: &one, redirect_uri: "http://127.0.0.1:1/oauth/callback", verifier: &two },
            json!({"grantType": "authorization_code", "code": "1", "codeVerifier": "2",
                "redirectUri": "http://127.0.0.1:1/oauth/callback"}),
        );
    }
}
