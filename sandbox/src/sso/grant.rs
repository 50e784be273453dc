//! What a program shows for a token.

use std::time::SystemTime;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::client::{AUTHORIZATION_CODE, Client, DEVICE_CODE, REFRESH_TOKEN};
use super::refusal::{Reason, Refusal};
use crate::body::value;

/// The body of `POST /token`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    grant_type: String,
    device_code: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

/// One of the three ways to a token.
pub(super) enum Grant {
    Device(String),
    Code { code: String, pkce: Pkce },
    Refresh(String),
}

/// What shows that whoever redeems a code also asked for it.
pub(super) struct Pkce {
    redirect_uri: String,
    verifier: String,
}

impl TokenRequest {
    pub(super) fn grant(&self) -> Result<Grant, Refusal> {
        let field = |value: &Option<String>, name: &str| {
            let value = value.clone().filter(|value| !value.is_empty());
            value.ok_or_else(|| Reason::InvalidRequest.because(format!("{name} is missing")))
        };
        match self.grant_type.as_str() {
            DEVICE_CODE => Ok(Grant::Device(field(&self.device_code, "deviceCode")?)),
            AUTHORIZATION_CODE => Ok(Grant::Code {
                code: field(&self.code, "code")?,
                pkce: Pkce {
                    redirect_uri: field(&self.redirect_uri, "redirectUri")?,
                    verifier: field(&self.code_verifier, "codeVerifier")?,
                },
            }),
            REFRESH_TOKEN => Ok(Grant::Refresh(field(&self.refresh_token, "refreshToken")?)),
            other => Err(Reason::UnsupportedGrantType.because(format!("there is no grant type {other:?}"))),
        }
    }
}

impl Grant {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Device(_) => DEVICE_CODE,
            Self::Code { .. } => AUTHORIZATION_CODE,
            Self::Refresh(_) => REFRESH_TOKEN,
        }
    }
}

/// What a browser asks for at `/authorize`.
#[derive(Debug)]
pub(super) struct Authorization {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    response_type: String,
    challenge: String,
    challenge_method: String,
    scopes: String,
    expires_at: SystemTime,
}

impl Authorization {
    pub(super) fn read(query: &[(String, String)]) -> Result<Self, Refusal> {
        if let Some((name, _)) =
            query.iter().find(|(name, _)| query.iter().filter(|(other, _)| other == name).count() > 1)
        {
            return Err(Reason::InvalidRequest.because(format!("{name} is there more than once")));
        }
        let field = |name: &str| {
            let value = value(query, name).filter(|value| !value.is_empty());
            value.ok_or_else(|| Reason::InvalidRequest.because(format!("{name} is missing")))
        };
        Ok(Self {
            client_id: field("client_id")?,
            redirect_uri: field("redirect_uri")?,
            state: value(query, "state"),
            response_type: field("response_type")?,
            challenge: field("code_challenge")?,
            challenge_method: field("code_challenge_method")?,
            scopes: field("scopes").or_else(|_| field("scope"))?,
            expires_at: SystemTime::UNIX_EPOCH,
        })
    }

    /// Whether this program may ask so.
    pub(super) fn check(&self, client: &Client) -> Result<(), Refusal> {
        if !client.may_return_to(&self.redirect_uri) {
            return Err(Reason::InvalidRedirectUri.because("this client did not register this redirect_uri"));
        }
        if !client.may_use(AUTHORIZATION_CODE) {
            return Err(Reason::UnauthorizedClient.because("this client did not register for authorization codes"));
        }
        if self.response_type != "code" {
            return Err(Reason::InvalidRequest.because("response_type must be code"));
        }
        let hash = Base64UrlUnpadded::decode_vec(&self.challenge);
        if self.challenge_method != "S256" || !hash.is_ok_and(|hash| hash.len() == 32) {
            return Err(Reason::InvalidRequest.because("code_challenge must be a hash of the method S256"));
        }
        match self.scopes.split(' ').find(|scope| !client.has_scope(scope)) {
            Some(scope) => Err(Reason::InvalidScope.because(format!("this client did not register for {scope:?}"))),
            None => Ok(()),
        }
    }

    pub(super) fn until(self, expires_at: SystemTime) -> Self {
        Self { expires_at, ..self }
    }

    pub(super) fn ended_before(&self, then: SystemTime) -> bool {
        self.expires_at < then
    }

    pub(super) fn redeem(&self, pkce: &Pkce, now: SystemTime) -> Result<(), Refusal> {
        if self.expires_at <= now {
            return Err(Reason::InvalidGrant.because("the authorization code has expired"));
        }
        if pkce.redirect_uri != self.redirect_uri {
            return Err(Reason::InvalidGrant.because("the redirectUri is another one than before"));
        }
        let challenge = Base64UrlUnpadded::encode_string(digest(&SHA256, pkce.verifier.as_bytes()).as_ref());
        match is_verifier(&pkce.verifier) && challenge == self.challenge {
            true => Ok(()),
            false => Err(Reason::InvalidGrant.because("the codeVerifier does not belong to the code_challenge")),
        }
    }
}

/// RFC 7636 section 4.1.
fn is_verifier(verifier: &str) -> bool {
    let length = (43..=128).contains(&verifier.len());
    length && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::client::ACCOUNT_ACCESS;
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn the_example_of_the_specification_is_redeemed_by_nothing_else() {
        const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let pairs = [
            ("client_id", "c"),
            ("redirect_uri", "http://127.0.0.1:1/"),
            ("response_type", "code"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("scope", ACCOUNT_ACCESS),
        ];
        let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let now = SystemTime::UNIX_EPOCH;
        let soon = now + std::time::Duration::from_secs(1);
        let check = |verifier: &str, redirect_uri: &str, until, expected| {
            let pkce = Pkce { redirect_uri: redirect_uri.to_owned(), verifier: verifier.to_owned() };
            let redeemed = Authorization::read(&query).unwrap().until(until).redeem(&pkce, now);
            assert_eq!(redeemed.is_ok(), expected, "{verifier} {redirect_uri} {redeemed:?}");
        };
        check(VERIFIER, "http://127.0.0.1:1/", soon, true);
        check(VERIFIER, "http://127.0.0.1:1/", now, false);
        check(VERIFIER, "http://127.0.0.1:2/", soon, false);
        check(&VERIFIER.replace('d', "e"), "http://127.0.0.1:1/", soon, false);
        check("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "http://127.0.0.1:1/", soon, false);
        check("", "http://127.0.0.1:1/", soon, false);
        let twice = [&query[..], &query[..1]].concat();
        assert_eq!(Authorization::read(&twice).map(drop).map_err(|refusal| refusal.0), Err(Reason::InvalidRequest));
    }
}
