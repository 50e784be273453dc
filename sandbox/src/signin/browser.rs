//! The pages that a person sees on the way to a sign-in.

use std::collections::HashMap;

use base64ct::{Base64, Encoding};
use form_urlencoded::Serializer;
use http::{Method, Request, Response, StatusCode};
use s3s::Body;

use super::ledger::Asked;
use super::{Client, SignIn};
use crate::body::whole;
use crate::page;

impl SignIn {
    /// Asks the person, and sends the browser back with the answer. Whoever cannot be trusted with a code gets nothing
    /// sent.
    pub(super) async fn authorize(&self, request: Request<Body>) -> Response<Body> {
        let fields = match fields(request.uri().query().unwrap_or_default().as_bytes()) {
            Ok(fields) => fields,
            Err(message) => return page::told(StatusCode::BAD_REQUEST, &message),
        };
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        let Some(client) = Client::known(field("client_id")) else {
            let message = "client_id is none of the two that can sign in here";
            return page::told(StatusCode::BAD_REQUEST, message);
        };
        let redirect_uri = field("redirect_uri");
        if !client.may_come_back_to(redirect_uri, &self.bases) {
            return page::told(StatusCode::BAD_REQUEST, "redirect_uri is not where this client may come back to");
        }
        let back = |name: &str, value: &str| {
            let mut query = Serializer::new(String::new());
            query.append_pair(name, value).append_pair("state", field("state"));
            page::redirect(&format!("{redirect_uri}?{}", query.finish()))
        };
        if let Some(error) = wrong(field) {
            return back("error", error);
        }
        if request.method() == Method::GET {
            return page::question(client.id(), None);
        }
        let form = whole(request.into_body()).await.and_then(|form| self::fields(&form).ok()).unwrap_or_default();
        match form.get("decision").map(String::as_str) {
            Some("approve") => {
                let (redirect_uri, challenge) = (redirect_uri.to_owned(), field("code_challenge").to_owned());
                back("code", &self.ledger.new_code(Asked { client, redirect_uri, challenge }))
            }
            Some("deny") => back("error", "access_denied"),
            _ => page::told(StatusCode::BAD_REQUEST, "the decision is neither approve nor deny"),
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
    let fields = match fields(query.as_bytes()) {
        Ok(fields) => fields,
        Err(message) => return page::told(StatusCode::BAD_REQUEST, &message),
    };
    match (fields.get("code"), fields.get("state")) {
        (Some(code), Some(state)) => {
            let text = Serializer::new(String::new()).append_pair("state", state).append_pair("code", code).finish();
            page::to_copy("You are signed in. Copy this to where you began:", &Base64::encode_string(text.as_bytes()))
        }
        _ => page::told(StatusCode::OK, "The sign-in was refused. Go back to where you began."),
    }
}

/// A query or a form in which no name comes twice, as RFC 6749 section 3.1 asks.
fn fields(text: &[u8]) -> Result<HashMap<String, String>, String> {
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(text).into_owned() {
        if fields.insert(name, value).is_some() {
            return Err("a parameter comes twice".to_owned());
        }
    }
    Ok(fields)
}
