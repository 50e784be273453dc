//! Programs that have made themselves known.

use std::time::SystemTime;

use http::Uri;
use serde::Deserialize;
use tucuxi_core::Secret;

use super::IdentityCenter;
use super::refusal::{Reason, Refusal};
use crate::keyring::random;

/// The body of `POST /client/register`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registration {
    client_name: String,
    client_type: String,
    scopes: Option<Vec<String>>,
    redirect_uris: Option<Vec<String>>,
    grant_types: Option<Vec<String>>,
    issuer_url: Option<String>,
}

/// A registered program.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) name: String,
    pub(super) secret: Secret,
    pub(super) expires_at: SystemTime,
    scopes: Vec<String>,
    redirect_uris: Vec<String>,
    /// `None` for a program that named none: a device.
    grants: Option<Vec<String>>,
}

impl Client {
    pub(super) fn register(asked: Registration, center: &IdentityCenter, now: SystemTime) -> Result<Self, Refusal> {
        if asked.client_name.is_empty() || asked.client_name.len() > 128 {
            return Err(Reason::InvalidRequest.because("clientName must have 1 to 128 characters"));
        }
        if asked.client_type != "public" {
            return Err(Reason::InvalidClientMetadata.because("only public clients can register"));
        }
        let scopes = asked.scopes.unwrap_or_default();
        if let Some(scope) = scopes.iter().find(|scope| *scope != ACCOUNT_ACCESS) {
            return Err(Reason::InvalidScope.because(format!("there is no scope {scope:?}")));
        }
        let grants = asked.grant_types;
        if let Some(grant) = grants.iter().flatten().find(|grant| !GRANTS.contains(&grant.as_str())) {
            return Err(Reason::UnsupportedGrantType.because(format!("there is no grant type {grant:?}")));
        }
        let redirect_uris = asked.redirect_uris.unwrap_or_default();
        if let Some(uri) = redirect_uris.iter().find(|uri| !is_loopback(uri)) {
            return Err(Reason::InvalidRedirectUri.because(format!("{uri:?} does not lead to the loopback address")));
        }
        if asked.issuer_url.as_ref().is_some_and(|issuer| *issuer != center.start_url) {
            return Err(Reason::InvalidRequest.because("the issuerUrl is not the start URL of this sandbox"));
        }
        let by_browser = grants.iter().flatten().any(|grant| grant == AUTHORIZATION_CODE);
        if by_browser && (redirect_uris.is_empty() || asked.issuer_url.is_none()) {
            return Err(Reason::InvalidRequest.because("authorization_code needs redirectUris and an issuerUrl"));
        }
        Ok(Self { scopes, redirect_uris, grants, ..Self::device(&asked.client_name, center, now) })
    }

    /// A program that registers for nothing but accounts, on a device.
    pub(super) fn device(name: &str, center: &IdentityCenter, now: SystemTime) -> Self {
        Self {
            name: name.to_owned(),
            secret: Secret::from(format!("{}{}", random(), random())),
            expires_at: now + center.registration_ttl,
            scopes: vec![ACCOUNT_ACCESS.to_owned()],
            redirect_uris: Vec::new(),
            grants: None,
        }
    }

    pub(super) fn may_use(&self, grant: &str) -> bool {
        match &self.grants {
            Some(grants) => grants.iter().any(|known| known == grant),
            None => grant != AUTHORIZATION_CODE,
        }
    }

    /// Whether a sign-in of this program can be refreshed: not one that asked for no scope, as the AWS CLI does for
    /// profiles without a session.
    pub(super) fn may_refresh(&self) -> bool {
        self.may_use(REFRESH_TOKEN) && !self.scopes.is_empty()
    }

    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }

    /// RFC 8252 section 7.3: the port is free, the rest is as registered.
    pub(super) fn may_return_to(&self, uri: &str) -> bool {
        without_port(uri)
            .is_some_and(|uri| self.redirect_uris.iter().any(|known| without_port(known) == Some(uri.clone())))
    }
}

fn is_loopback(uri: &str) -> bool {
    without_port(uri).is_some_and(|(host, _)| ["127.0.0.1", "[::1]", "localhost"].contains(&host.as_str()))
}

/// Host and path of a plain HTTP address with nothing else in it.
fn without_port(uri: &str) -> Option<(String, String)> {
    let uri: Uri = uri.parse().ok()?;
    let plain = uri.scheme_str() == Some("http") && uri.query().is_none() && !uri.authority()?.as_str().contains('@');
    plain.then(|| (uri.host().unwrap_or_default().to_owned(), uri.path().to_owned()))
}

pub(super) const ACCOUNT_ACCESS: &str = "sso:account:access";
pub(super) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";
const GRANTS: [&str; 3] = [AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn register(change: &Value) -> Result<Client, Reason> {
        let mut body = json!({"clientName": "n", "clientType": "public"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let asked = serde_json::from_value(body).unwrap();
        Client::register(asked, &IdentityCenter::default(), SystemTime::UNIX_EPOCH).map_err(|refusal| refusal.0)
    }

    #[track_caller]
    fn check(change: &Value, expected: Result<(), Reason>) {
        assert_eq!(register(change).map(drop), expected, "{change}");
    }

    fn browser(uri: &str) -> Value {
        let issuer = IdentityCenter::default().start_url;
        json!({"grantTypes": ["authorization_code", "refresh_token"], "redirectUris": [uri], "issuerUrl": issuer,
            "scopes": [ACCOUNT_ACCESS]})
    }

    #[test]
    fn a_registration_must_make_sense() {
        check(&json!({}), Ok(()));
        check(&json!({"scopes": [ACCOUNT_ACCESS]}), Ok(()));
        check(&json!({"clientName": ""}), Err(Reason::InvalidRequest));
        check(&json!({"clientType": "confidential"}), Err(Reason::InvalidClientMetadata));
        check(&json!({"scopes": [ACCOUNT_ACCESS, "sso-portal:*"]}), Err(Reason::InvalidScope));
        check(&json!({"grantTypes": ["password"]}), Err(Reason::UnsupportedGrantType));
        check(&json!({"issuerUrl": "https://other.awsapps.com/start"}), Err(Reason::InvalidRequest));
        check(&json!({"grantTypes": ["authorization_code"]}), Err(Reason::InvalidRequest));
        check(&browser("http://127.0.0.1/oauth/callback"), Ok(()));
        check(&browser("http://localhost:8400"), Ok(()));
        for uri in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://example.com@127.0.0.1/",
            "http://127.0.0.1/?x=y",
            "tool:/callback",
            "",
        ] {
            check(&browser(uri), Err(Reason::InvalidRedirectUri));
        }
    }

    #[test]
    fn a_program_returns_to_where_it_said_on_any_port() {
        let client = register(&browser("http://127.0.0.1/oauth/callback")).unwrap();
        for (uri, expected) in [
            ("http://127.0.0.1/oauth/callback", true),
            ("http://127.0.0.1:40001/oauth/callback", true),
            ("http://127.0.0.1:40001/oauth/callback/", false),
            ("http://127.0.0.1:40001/oauth/callback?x", false),
            ("http://localhost:40001/oauth/callback", false),
            ("https://127.0.0.1:40001/oauth/callback", false),
            ("http://x@127.0.0.1:40001/oauth/callback", false),
        ] {
            assert_eq!(client.may_return_to(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_program_may_do_what_it_registered_for() {
        let device = register(&json!({"scopes": [ACCOUNT_ACCESS]})).unwrap();
        assert!(device.may_use(DEVICE_CODE) && device.may_refresh() && !device.may_use(AUTHORIZATION_CODE));
        assert!(!register(&json!({})).unwrap().may_refresh());
        let browser = register(&browser("http://127.0.0.1/")).unwrap();
        assert!(!browser.may_use(DEVICE_CODE) && browser.may_refresh() && browser.may_use(AUTHORIZATION_CODE));
    }
}
