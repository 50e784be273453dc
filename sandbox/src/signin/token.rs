//! The token endpoint: keys for a code, and keys for a refresh token.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response, StatusCode};
use s3s::Body;
use serde_json::{Value, json};

use super::ledger::Shown;
use super::proof::{self, Proof};
use super::refusal::{Refusal, SignInRefusal};
use super::{Client, SESSION_NAME, SignIn, TOKEN};
use crate::body::{json_answer, whole};

impl SignIn {
    pub(super) async fn token(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let answer = match whole(body).await {
            Some(body) => self.grant(&parts.headers, &body),
            None => Err(Refusal::invalid("the body is longer than 64 KiB, or has no end")),
        };
        match answer {
            Ok(document) => json_answer(StatusCode::OK, &document),
            Err(refusal) => refusal.answer(),
        }
    }

    fn grant(&self, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
        let is_json = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
            value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if !is_json {
            return Err(Refusal::invalid("the body is not application/json"));
        }
        let Proof { thumbprint, .. } = self.proven(headers)?;
        let body: Value = serde_json::from_slice(body).ok().ok_or_else(|| Refusal::invalid("the body is no JSON"))?;
        let field = |name: &str| match body.get(name).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Refusal::invalid(format!("the body has no {name}"))),
        };
        let client = Client::known(field("clientId")?)
            .ok_or_else(|| Refusal::invalid("clientId is none of the two that can sign in here"))?;
        if self.refuses(SignInRefusal::NotPermitted) {
            return Err(Refusal::not_permitted());
        }
        let (refresh_token, first) = match field("grantType")? {
            "authorization_code" => {
                let (code, verifier) = (field("code")?, field("codeVerifier")?);
                let shown = Shown { client, code, redirect_uri: field("redirectUri")?, verifier };
                (self.ledger.redeem(&shown, &thumbprint)?, true)
            }
            "refresh_token" if self.refuses(SignInRefusal::CredentialsChanged) => {
                return Err(Refusal::credentials_changed());
            }
            "refresh_token" => (self.ledger.refresh(client, field("refreshToken")?, &thumbprint)?, false),
            _ => return Err(Refusal::invalid("grantType is neither authorization_code nor refresh_token")),
        };
        let keys = self.keyring.issue(&self.role, SESSION_NAME, self.ttl);
        let mut answer = json!({
            "accessToken": {
                "accessKeyId": keys.access_key_id(),
                "secretAccessKey": keys.secret_access_key(),
                "sessionToken": keys.session_token(),
            },
            "tokenType": "aws_sigv4",
            "expiresIn": self.ttl.as_secs(),
            "refreshToken": refresh_token,
        });
        if first {
            answer["idToken"] = self.statement(client).ok().ok_or_else(Refusal::failed)?.into();
        }
        Ok(answer)
    }

    /// The one proof in the headers, which has not come before.
    fn proven(&self, headers: &HeaderMap) -> Result<Proof, Refusal> {
        let mut proofs = headers.get_all("dpop").iter();
        let (Some(proof), None) = (proofs.next(), proofs.next()) else {
            return Err(Refusal::invalid("there must be one DPoP header"));
        };
        let proof = proof.to_str().ok().ok_or_else(|| Refusal::invalid("the DPoP proof is not ASCII"))?;
        let urls = self.bases.each_ref().map(|base| format!("{base}{TOKEN}"));
        let proof = proof::verify(proof, "POST", &urls, self.ledger.now())
            .map_err(|reason| Refusal::invalid(format!("the DPoP proof {reason}")))?;
        self.ledger.admit(&proof)?;
        Ok(proof)
    }
}
