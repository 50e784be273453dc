//! Who may come in: the live keys for `s3s`'s signature check, and the checks that it leaves out.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{Credentials, S3Auth, SecretKey};
use s3s::{S3Error, S3Result, s3_error};

use super::Proof;
use crate::keyring::{Caller, Keyring, Refusal};

/// Checks the scope of a request, and the signed headers and the session token of one whose signature is right.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    keyring: Arc<Keyring>,
    service: &'static str,
    region: String,
}

impl Gate {
    pub(crate) fn new(keyring: Arc<Keyring>, service: &'static str, region: &str) -> Self {
        Self { keyring, service, region: region.to_owned() }
    }

    /// The caller, or the error that AWS gives in its place.
    pub(crate) fn admit(&self, credentials: Option<&Credentials>, headers: &HeaderMap, uri: &Uri) -> S3Result<Caller> {
        let Some(credentials) = credentials else {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        };
        let Some(proof) = Proof::of(headers, uri) else {
            return Err(s3_error!(
                InvalidRequest,
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
            ));
        };
        if let Some(name) = proof.unsigned_header(headers) {
            return Err(s3_error!(
                AccessDenied,
                "There were headers present in the request which were not signed: {name}"
            ));
        }
        self.keyring.admit(&credentials.access_key, proof.token.as_deref()).map_err(|refusal| match refusal {
            Refusal::UnknownKey => unknown_key(),
            Refusal::WrongToken => {
                s3_error!(InvalidToken, "The provided token is malformed or otherwise invalid.")
            }
            Refusal::Expired => s3_error!(ExpiredToken, "The provided token has expired."),
        })
    }

    /// Refuses a signature for another service or region.
    pub(crate) fn scope(&self, headers: &HeaderMap, uri: &Uri) -> S3Result<()> {
        let Some(proof) = Proof::of(headers, uri) else { return Ok(()) };
        let message = if proof.service != self.service {
            format!("incorrect service {:?}; this endpoint belongs to {:?}", proof.service, self.service)
        } else if proof.region != self.region {
            format!("the region {:?} is wrong; expecting {:?}", proof.region, self.region)
        } else {
            return Ok(());
        };
        let mut error = if proof.presigned {
            s3_error!(AuthorizationQueryParametersError, "Error parsing the X-Amz-Credential parameter; {message}")
        } else {
            s3_error!(AuthorizationHeaderMalformed, "The authorization header is malformed; {message}")
        };
        if let Ok(region) = HeaderValue::from_str(&self.region) {
            error.set_headers(HeaderMap::from_iter([(http::HeaderName::from_static("x-amz-bucket-region"), region)]));
        }
        Err(error)
    }
}

#[async_trait]
impl S3Auth for Gate {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        self.keyring.secret(access_key).map(|secret| SecretKey::from(secret.expose())).ok_or_else(unknown_key)
    }
}

#[async_trait]
impl S3Access for Gate {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        self.admit(cx.credentials(), cx.headers(), cx.uri()).map(drop)
    }
}

fn unknown_key() -> S3Error {
    s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.")
}
