//! The container endpoint, as ECS and EKS Pod Identity have it.
//!
//! Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::Body;
use serde_json::json;
use tucuxi_core::{Secret, format_rfc3339};

use crate::imds::method_not_allowed;
use crate::rotation::Rotation;
use crate::server::{Answer, text};

/// The credentials of one container, for whoever knows its token.
#[derive(Debug)]
pub(crate) struct Container {
    rotation: Rotation,
    role_arn: String,
    account_id: String,
    token: Secret,
}

impl Container {
    pub(crate) fn new(rotation: Rotation, account_id: &str, token: Secret) -> Self {
        let role_arn = format!("arn:aws:iam::{account_id}:role/{}", rotation.role());
        Self { rotation, role_arn, account_id: account_id.to_owned(), token }
    }

    fn document(&self) -> String {
        let (session, _) = self.rotation.session();
        let document = json!({
            "AccessKeyId": session.access_key_id(),
            "SecretAccessKey": session.secret_access_key(),
            "Token": session.session_token(),
            "Expiration": session.expires_at().map(format_rfc3339),
            "RoleArn": self.role_arn,
            "AccountId": self.account_id,
        });
        format!("{document:#}")
    }
}

#[async_trait]
impl Answer for Container {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        if request.headers().contains_key("x-forwarded-for") {
            return refusal(StatusCode::FORBIDDEN, "Forwarded", "this endpoint is not for proxies");
        }
        if request.uri().path() != CONTAINER_PATH {
            return refusal(StatusCode::NOT_FOUND, "NotFound", "there are no credentials at this path");
        }
        if request.method() != Method::GET {
            return method_not_allowed("GET");
        }
        if request.headers().get(AUTHORIZATION).is_none_or(|token| token != self.token.expose()) {
            return refusal(StatusCode::UNAUTHORIZED, "AccessDenied", "the authorization token is wrong");
        }
        json_answer(StatusCode::OK, self.document())
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    json_answer(status, json!({"code": code, "message": message}).to_string())
}

fn json_answer(status: StatusCode, body: String) -> Response<Body> {
    let mut answer = text(status, body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// Where the credentials are.
pub(crate) const CONTAINER_PATH: &str = "/v2/credentials/sandbox";
