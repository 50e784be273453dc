//! The pages that a browser sees. Whoever opens the first one has signed in: there is nobody else here.

use std::collections::HashMap;

use base64ct::{Base64, Encoding};
use form_urlencoded::Serializer;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, Response, StatusCode};
use s3s::Body;

use super::ledger::Asked;
use super::refusal::SignInRefusal;
use super::{Client, SignIn};
use crate::server::text;

impl SignIn {
    /// Sends the browser back with a code, or shows why not. Whoever cannot be trusted with a code gets nothing sent.
    pub(super) fn authorize(&self, query: &str) -> Response<Body> {
        let fields = match fields(query) {
            Ok(fields) => fields,
            Err(message) => return page(StatusCode::BAD_REQUEST, &message),
        };
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        let Some(client) = Client::known(field("client_id")) else {
            return page(StatusCode::BAD_REQUEST, "client_id is none of the two that can sign in here");
        };
        let redirect_uri = field("redirect_uri");
        if !client.may_come_back_to(redirect_uri, &self.bases) {
            return page(StatusCode::BAD_REQUEST, "redirect_uri is not where this client may come back to");
        }
        let answer = match wrong(field) {
            Some(error) => ("error", error.to_owned()),
            None if self.refuses(SignInRefusal::Declined) => ("error", "access_denied".to_owned()),
            None => {
                let (redirect_uri, challenge) = (redirect_uri.to_owned(), field("code_challenge").to_owned());
                ("code", self.ledger.new_code(Asked { client, redirect_uri, challenge }))
            }
        };
        let query = Serializer::new(String::new())
            .append_pair(answer.0, &answer.1)
            .append_pair("state", field("state"))
            .finish();
        match HeaderValue::from_str(&format!("{redirect_uri}?{query}")) {
            Ok(location) => {
                let mut response = text(StatusCode::FOUND, "");
                response.headers_mut().insert(LOCATION, location);
                response
            }
            Err(_) => page(StatusCode::BAD_REQUEST, "redirect_uri is no URL"),
        }
    }
}

/// What is wrong with a request that the client may hear of.
fn wrong<'a>(field: impl Fn(&str) -> &'a str) -> Option<&'static str> {
    let challenge = field("code_challenge");
    let is_challenge =
        challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    match () {
        () if field("response_type") != "code" => Some("unsupported_response_type"),
        () if field("scope") != "openid" => Some("invalid_scope"),
        () if field("state").is_empty() => Some("invalid_request"),
        // The service has a name of its own for what RFC 7636 calls S256.
        () if field("code_challenge_method") != "SHA-256" || !is_challenge => Some("invalid_request"),
        () => None,
    }
}

/// The page at which a sign-in on another device ends: a text to copy.
pub(super) fn confirmation(query: &str) -> Response<Body> {
    let fields = match fields(query) {
        Ok(fields) => fields,
        Err(message) => return page(StatusCode::BAD_REQUEST, &message),
    };
    match (fields.get("code"), fields.get("state")) {
        (Some(code), Some(state)) => {
            let text = Serializer::new(String::new()).append_pair("state", state).append_pair("code", code).finish();
            let text = Base64::encode_string(text.as_bytes());
            page(StatusCode::OK, &format!("You are signed in. Copy this text to where you began: <code>{text}</code>"))
        }
        _ => page(StatusCode::OK, "The sign-in was refused. Go back to where you began."),
    }
}

/// A query in which no name comes twice, as RFC 6749 section 3.1 asks.
fn fields(query: &str) -> Result<HashMap<String, String>, String> {
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        if fields.insert(name, value).is_some() {
            return Err("a parameter comes twice".to_owned());
        }
    }
    Ok(fields)
}

/// `words` are of this file, or in base64: nothing in them has to be escaped.
fn page(status: StatusCode, words: &str) -> Response<Body> {
    let html = format!("<!doctype html>\n<html lang=\"en\"><title>tucuxi sandbox</title>\n<p>{words}</p></html>\n");
    let mut response = text(status, html);
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
