//! The end of a sign-in: the code that it gave, and who signed in.

use tucuxi_core::json::{self, Writer, is_too_deep, member};
use tucuxi_core::{Error, Request, Secret};

use super::{Grant, post};
use crate::encode::decode;
use crate::token::ID_TOKEN;

impl Grant {
    pub(crate) fn id_token(&self) -> Option<&Secret> {
        self.texts.iter().find(|(name, _)| *name == ID_TOKEN)?.1.as_ref()
    }
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) session: String,
    pub(crate) account_id: String,
}

/// `POST /v1/token` with the code that a sign-in gave.
pub(crate) fn redeem(
    url: &str,
    client_id: &str,
    redirect_uri: &str,
    code: &Secret,
    verifier: &Secret,
    proof: &Secret,
) -> Result<Request, Error> {
    let mut body = Writer::default();
    body.text("clientId", client_id)
        .text("code", code.expose())
        .text("codeVerifier", verifier.expose())
        .text("grantType", "authorization_code")
        .text("redirectUri", redirect_uri);
    post(url, body, proof)
}

/// Who signed in, by the statement that came with the first grant over TLS; its signature is not checked.
pub(crate) fn identity(host: &str, id_token: Option<&Secret>) -> Result<Identity, Error> {
    let claims = || {
        let payload = id_token?.expose().split('.').nth(1)?;
        let json = decode(payload)?;
        let mut session = String::new();
        if is_too_deep(&json) || json::read(&json, vec![member("sub", &mut session)]).is_err() {
            return None;
        }
        let account_id = session.strip_prefix("arn:")?.split(':').nth(3)?;
        let is_account = account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| Identity { account_id: account_id.to_owned(), session: session.clone() })
    };
    claims().ok_or_else(|| Error::unavailable(format!("the answer of {host} does not say who signed in")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tucuxi_core::ErrorKind;

    use super::*;

    const HOST: &str = "us-east-1.signin.aws.amazon.com";

    #[test]
    fn the_code_is_redeemed_with_a_proof_that_is_not_shown() {
        let request = redeem("https://h/v1/token", "C", "R", &"CODE".into(), &"V".into(), &"P".into()).unwrap();
        assert!(request.headers()["dpop"].is_sensitive());
        let body: Value = serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({"clientId": "C", "grantType": "authorization_code", "code": "CODE", "codeVerifier": "V", "redirectUri": "R"})
        );
    }

    #[test]
    fn the_identity_is_in_the_statement() {
        let token = |payload: &str| Secret::new(format!("h.{}.s", tucuxi_core::encode::base64url(payload.as_bytes())));
        let session = "arn:aws:sts::123456789012:assumed-role/Admin/me";
        let identity_of = |payload: &str| identity(HOST, Some(&token(payload)));
        let found = identity_of(&format!(r#"{{"sub":"{session}","aud":"x"}}"#)).unwrap();
        assert_eq!(found, Identity { session: session.into(), account_id: "123456789012".into() });
        for bad in ["", "{}", r#"{"sub":"me"}"#, r#"{"sub":"arn:aws:sts:::x"}"#, r#"{"sub":"arn:aws:sts::12:x"}"#] {
            assert_eq!(identity_of(bad).unwrap_err().kind(), ErrorKind::Unavailable, "{bad}");
        }
        assert!(identity(HOST, None).is_err() && identity(HOST, Some(&"h".into())).is_err());
    }
}
