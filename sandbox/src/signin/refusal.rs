//! What the sign-in service says when it says no.

use http::{HeaderValue, Response, StatusCode};
use s3s::Body;
use serde_json::json;

use crate::body::json_answer;

/// A reason to refuse that has nothing to do with the request, for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInRefusal {
    /// The identity may not use the action `signin:CreateOAuth2Token`: 403 `INSUFFICIENT_PERMISSIONS`.
    NotPermitted,
    /// The password was changed since: 403 `USER_CREDENTIALS_CHANGED` for every refresh.
    CredentialsChanged,
}

/// An error in the words of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    exception: &'static str,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// The request is wrong in itself.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        let (exception, code) = ("ValidationException", "INVALID_REQUEST");
        Self { status: StatusCode::BAD_REQUEST, exception, code, message: message.into() }
    }

    pub(super) fn code_expired(message: &str) -> Self {
        Self::denied(StatusCode::UNAUTHORIZED, "AUTHCODE_EXPIRED", message)
    }

    pub(super) fn token_expired(message: &str) -> Self {
        Self::denied(StatusCode::UNAUTHORIZED, "TOKEN_EXPIRED", message)
    }

    pub(super) fn not_permitted() -> Self {
        let message = "the identity may not perform signin:CreateOAuth2Token";
        Self::denied(StatusCode::FORBIDDEN, "INSUFFICIENT_PERMISSIONS", message)
    }

    pub(super) fn credentials_changed() -> Self {
        Self::denied(StatusCode::FORBIDDEN, "USER_CREDENTIALS_CHANGED", "the password was changed")
    }

    /// The request is right, and there is no answer all the same.
    pub(super) fn failed() -> Self {
        let (exception, code) = ("InternalServerException", "server_error");
        let message = "the sandbox has no random numbers to sign with".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, exception, code, message }
    }

    fn denied(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, exception: "AccessDeniedException", code, message: message.to_owned() }
    }

    pub(super) fn answer(&self) -> Response<Body> {
        let mut answer = json_answer(self.status, &json!({"error": self.code, "message": self.message}));
        answer.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(self.exception));
        answer
    }
}
