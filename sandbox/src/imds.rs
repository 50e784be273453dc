//! Instance metadata, version 2 only.
//!
//! Specification: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header::ALLOW;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use s3s::Body;
use serde_json::json;
use tucuxi_core::format_rfc3339;

use crate::keyring::{Keyring, random};
use crate::rotation::Rotation;
use crate::server::{Answer, text};

/// The metadata of one instance.
#[derive(Debug)]
pub(crate) struct Imds {
    keyring: Arc<Keyring>,
    /// The role attached to the instance, if any.
    role: Option<Rotation>,
    region: String,
    tokens: Mutex<HashMap<String, SystemTime>>,
}

impl Imds {
    pub(crate) fn new(keyring: Arc<Keyring>, role: Option<String>, region: &str, ttl: Duration) -> Self {
        let role = role.map(|role| Rotation::new(Arc::clone(&keyring), role, INSTANCE_ID, ttl));
        Self { keyring, role, region: region.to_owned(), tokens: Mutex::default() }
    }

    fn route(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
        if headers.contains_key("x-forwarded-for") {
            return text(StatusCode::FORBIDDEN, "");
        }
        if path == TOKEN_PATH {
            return match *method {
                Method::PUT => self.token(headers),
                _ => method_not_allowed("OPTIONS, PUT"),
            };
        }
        if method != Method::GET && method != Method::HEAD {
            return method_not_allowed("OPTIONS, GET, HEAD");
        }
        if !self.has_token(headers) {
            return text(StatusCode::UNAUTHORIZED, "");
        }
        self.document(path).unwrap_or_else(|| text(StatusCode::NOT_FOUND, ""))
    }

    fn token(&self, headers: &HeaderMap) -> Response<Body> {
        let asked = headers.get(TTL_HEADER).and_then(|value| value.to_str().ok());
        let digits = asked.filter(|asked| asked.bytes().all(|b| b.is_ascii_digit()));
        let Some(ttl) = digits.and_then(|asked| asked.parse().ok()).filter(|ttl| (1..=MAX_TTL).contains(ttl)) else {
            return text(StatusCode::BAD_REQUEST, "");
        };
        let token = format!("{}==", random());
        let now = self.keyring.clock().now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, expires_at| *expires_at > now);
        tokens.insert(token.clone(), now + Duration::from_secs(ttl));
        let mut response = text(StatusCode::OK, token);
        response.headers_mut().insert(TTL_HEADER, HeaderValue::from(ttl));
        response
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let expires_at =
            headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok()).and_then(|token| tokens.get(token));
        expires_at.is_some_and(|expires_at| *expires_at > self.keyring.clock().now())
    }

    fn document(&self, path: &str) -> Option<Response<Body>> {
        let plain = |body: String| text(StatusCode::OK, body);
        let found = match path.trim_end_matches('/') {
            ROLES_PATH => plain(self.role.as_ref()?.role().to_owned()),
            "/latest/meta-data/iam/info" => plain(self.instance_profile()?),
            "/latest/meta-data/placement/region" => plain(self.region.clone()),
            "/latest/meta-data/placement/availability-zone" => plain(format!("{}a", self.region)),
            "/latest/meta-data/instance-id" => plain(INSTANCE_ID.to_owned()),
            "/latest/dynamic/instance-identity/document" => plain(self.identity()),
            path => {
                let asked = path.strip_prefix(ROLES_PATH)?.strip_prefix('/')?;
                plain(credentials(self.role.as_ref().filter(|role| role.role() == asked)?))
            }
        };
        Some(found)
    }

    fn instance_profile(&self) -> Option<String> {
        let role = self.role.as_ref()?.role();
        let document = json!({
            "Code": "Success",
            "LastUpdated": format_rfc3339(self.keyring.clock().now()),
            "InstanceProfileArn": format!("arn:aws:iam::{}:instance-profile/{role}", self.keyring.account_id()),
            "InstanceProfileId": "AIPATUCUXI0SANDBOX00",
        });
        Some(format!("{document:#}"))
    }

    fn identity(&self) -> String {
        let document = json!({
            "accountId": self.keyring.account_id(),
            "architecture": "x86_64",
            "availabilityZone": format!("{}a", self.region),
            "instanceId": INSTANCE_ID,
            "instanceType": "t3.micro",
            "region": self.region,
            "version": "2017-09-30",
        });
        format!("{document:#}")
    }
}

#[async_trait]
impl Answer for Imds {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        self.route(request.method(), request.uri().path(), request.headers())
    }
}

fn credentials(role: &Rotation) -> String {
    let (session, updated) = role.session();
    let document = json!({
        "Code": "Success",
        "LastUpdated": format_rfc3339(updated),
        "Type": "AWS-HMAC",
        "AccessKeyId": session.access_key_id(),
        "SecretAccessKey": session.secret_access_key(),
        "Token": session.session_token(),
        "Expiration": session.expires_at().map(format_rfc3339),
    });
    format!("{document:#}")
}

pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/iam/security-credentials";
const TTL_HEADER: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN_HEADER: &str = "x-aws-ec2-metadata-token";
const MAX_TTL: u64 = 21_600;
const INSTANCE_ID: &str = "i-0123456789abcdef0";
