//! How the token service says no.

use http::{HeaderName, HeaderValue, Response, StatusCode};
use s3s::Body;
use serde_json::json;

use crate::body::json_answer;

/// Why, with the words that a person may read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) Reason, pub(super) String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InvalidClient,
    InvalidClientMetadata,
    InvalidGrant,
    InvalidRedirectUri,
    InvalidRequest,
    InvalidScope,
    SlowDown,
    UnauthorizedClient,
    UnsupportedGrantType,
}

impl Reason {
    pub(super) fn because(self, description: impl Into<String>) -> Refusal {
        Refusal(self, description.into())
    }

    /// The name of the exception, and the code of RFC 6749 and its extensions.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::AccessDenied => ("AccessDeniedException", "access_denied"),
            Self::AuthorizationPending => ("AuthorizationPendingException", "authorization_pending"),
            Self::ExpiredToken => ("ExpiredTokenException", "expired_token"),
            Self::InvalidClient => ("InvalidClientException", "invalid_client"),
            Self::InvalidClientMetadata => ("InvalidClientMetadataException", "invalid_client_metadata"),
            Self::InvalidGrant => ("InvalidGrantException", "invalid_grant"),
            Self::InvalidRedirectUri => ("InvalidRedirectUriException", "invalid_redirect_uri"),
            Self::InvalidRequest => ("InvalidRequestException", "invalid_request"),
            Self::InvalidScope => ("InvalidScopeException", "invalid_scope"),
            Self::SlowDown => ("SlowDownException", "slow_down"),
            Self::UnauthorizedClient => ("UnauthorizedClientException", "unauthorized_client"),
            Self::UnsupportedGrantType => ("UnsupportedGrantTypeException", "unsupported_grant_type"),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl Refusal {
    /// The code of the refusal, as a redirect carries it.
    pub(super) fn code(&self) -> &'static str {
        self.0.words().1
    }

    pub(super) fn answer(&self) -> Response<Body> {
        let (exception, code) = self.0.words();
        let mut answer = json_answer(self.0.status(), &json!({"error": code, "error_description": self.1}));
        answer.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(exception));
        answer
    }
}

/// Where SDKs look for the name of an exception first.
pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
