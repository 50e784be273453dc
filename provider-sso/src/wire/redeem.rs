//! `POST /token` at the end of a sign-in.

use tucuxi_core::{Error, Request, Secret};

use super::post;
use super::token::by;

/// `POST {oidc}/token` with the code that a browser came back with.
pub(crate) fn redeem(
    oidc: &str,
    client_id: &str,
    client_secret: &Secret,
    code: &Secret,
    redirect_uri: &str,
    verifier: &Secret,
) -> Result<Request, Error> {
    let mut body = by(client_id, client_secret);
    body.text("code", code.expose())
        .text("codeVerifier", verifier.expose())
        .text("grantType", "authorization_code")
        .text("redirectUri", redirect_uri);
    post(&format!("{oidc}/token"), body)
}

/// `POST {oidc}/token` with a code that a person enters on another device.
pub(crate) fn device_code(
    oidc: &str,
    client_id: &str,
    client_secret: &Secret,
    code: &Secret,
) -> Result<Request, Error> {
    let mut body = by(client_id, client_secret);
    body.text("deviceCode", code.expose()).text("grantType", "urn:ietf:params:oauth:grant-type:device_code");
    post(&format!("{oidc}/token"), body)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_a_token_is_asked_with() {
        let check = |request: Result<Request, Error>, expected: Value| {
            let (request, mut expected) = (request.unwrap(), expected);
            assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", "https://o/token".into()));
            (expected["clientId"], expected["clientSecret"]) = ("C".into(), "CS".into());
            assert_eq!(serde_json::from_slice::<Value>(request.body().as_bytes().unwrap()).unwrap(), expected);
        };
        let (secret, one, two) = (Secret::from("CS"), Secret::from("1"), Secret::from("2"));
        check(
            device_code("https://o", "C", &secret, &one),
            json!({"grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": "1"}),
        );
        check(
            redeem("https://o", "C", &secret, &one, "http://127.0.0.1:1/oauth/callback", &two),
            json!({"grantType": "authorization_code", "code": "1", "codeVerifier": "2",
                "redirectUri": "http://127.0.0.1:1/oauth/callback"}),
        );
    }
}
