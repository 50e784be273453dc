//! The Security Token Service: the query protocol, with the signature checked by `s3s`.
//!
//! Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

mod actions;
mod identity;
mod issuer;
mod mfa;
mod role;
mod saml;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use s3s::route::S3Route;
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use actions::refusal;
pub(crate) use identity::IdentityProvider;
pub(crate) use issuer::{AUDIENCE, ISSUER, Issuer};
pub(crate) use mfa::{MFA_ROLE, Mfa};
pub use role::Role;
pub(crate) use saml::{Assertions, SAML_PROVIDER};

use crate::keyring::{Caller, Keyring};
use crate::s3::{Gate, Guarded};
use crate::server::{Answer, text};

/// The STS endpoint of one sandbox.
pub(crate) struct Sts(Guarded);

impl Sts {
    pub(crate) fn new(keyring: &Arc<Keyring>, region: &str, account: Account, ttl: Duration) -> Self {
        let gate = Gate::new(Arc::clone(keyring), "sts", region);
        let mut builder = S3ServiceBuilder::new(NoS3);
        builder.set_auth(gate.clone());
        builder.set_route(Actions { keyring: Arc::clone(keyring), gate: gate.clone(), account, ttl });
        Self(Guarded { gate, service: builder.build() })
    }
}

/// Whom the account knows beside its keys.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) roles: Vec<Role>,
    pub(crate) providers: Vec<IdentityProvider>,
    pub(crate) assertions: Arc<Assertions>,
    pub(crate) mfa_serial: String,
    pub(crate) mfa: Arc<Mfa>,
}

#[async_trait]
impl Answer for Sts {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let response = self.0.answer(request).await;
        if response.status().is_success() { response } else { in_sts_words(response).await }
    }
}

/// Nothing but the route below is ever asked.
struct NoS3;

impl S3 for NoS3 {}

struct Actions {
    keyring: Arc<Keyring>,
    gate: Gate,
    account: Account,
    ttl: Duration,
}

#[async_trait]
impl S3Route for Actions {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        true
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        // Without a signature only some actions can be asked for, and the action is in the body.
        if request.credentials.is_some() {
            let caller = self.gate.admit(request.credentials.as_ref(), &request.headers, &request.uri)?;
            request.extensions.insert(caller);
        }
        Ok(())
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let caller = request.extensions.get::<Caller>().cloned();
        let caller = || caller.as_ref().ok_or_else(|| refusal(403, "MissingAuthenticationToken", MISSING.to_owned()));
        let query = request.uri.query().unwrap_or_default().as_bytes().to_vec();
        let body = Limited::new(request.input, BODY_LIMIT).collect().await;
        let body = body.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?.to_bytes();
        let fields: HashMap<String, String> =
            [&query[..], &body[..]].into_iter().flat_map(|text| form_urlencoded::parse(text).into_owned()).collect();
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        if field("Version") != VERSION {
            return Err(refusal(400, "NoSuchVersion", format!("The requested version is not {VERSION}")));
        }
        let action = field("Action");
        let result = match action {
            "GetCallerIdentity" => self.caller_identity(caller()?),
            "AssumeRole" => self.assume_role(caller()?, &fields)?,
            "GetSessionToken" => self.session_token(caller()?, &fields)?,
            "AssumeRoleWithSAML" => self.assume_role_with_saml(&fields)?,
            "AssumeRoleWithWebIdentity" => self.assume_role_with_web_identity(&fields)?,
            _ => return Err(refusal(400, "InvalidAction", format!("Could not find operation {action:?}"))),
        };
        let xml = format!(
            "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
             <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
            uuid::Uuid::new_v4()
        );
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/xml"))]);
        Ok(S3Response::with_headers(Body::from(xml), headers))
    }
}

/// Turns the `<Error>` of an S3 answer into the `<ErrorResponse>` of STS, with the codes that STS uses.
async fn in_sts_words(response: Response<Body>) -> Response<Body> {
    let status = response.status();
    let bytes = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let xml = String::from_utf8_lossy(&bytes);
    // Written a moment ago by s3s, so that the first element of a name is the one, and its text is escaped.
    let element = |name: &str| {
        let rest = xml.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
        rest.split_once("</").map_or("", |(text, _)| text)
    };
    let message = element("Message");
    let (status, code, message) = match element("Code") {
        "InvalidAccessKeyId" => (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        "InvalidToken" => (403, "InvalidClientTokenId", "The security token included in the request is invalid"),
        "ExpiredToken" => (403, "ExpiredToken", "The security token included in the request is expired"),
        "SignatureDoesNotMatch" => (
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method.",
        ),
        "RequestTimeTooSkewed" => {
            (403, "SignatureDoesNotMatch", "Signature expired: the request time is more than 15 minutes off")
        }
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" => (403, "SignatureDoesNotMatch", message),
        "InvalidRequest" => (400, "IncompleteSignature", message),
        code => (status.as_u16(), code, message),
    };
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        uuid::Uuid::new_v4()
    );
    let mut answer = text(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    answer
}

const MISSING: &str = "Request is missing Authentication Token";
const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const BODY_LIMIT: usize = 64 * 1024;
