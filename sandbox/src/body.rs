//! Bodies in and out.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use s3s::Body;
use serde_json::Value;

use crate::server::text;

/// The whole body, unless it is longer than any request here.
pub(crate) async fn whole(body: Body) -> Option<Vec<u8>> {
    let body = Limited::new(body, BODY_LIMIT).collect().await.ok()?;
    Some(body.to_bytes().to_vec())
}

pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut answer = text(status, body.to_string());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The first value of a query or of a form.
pub(crate) fn value(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
}

pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

const BODY_LIMIT: usize = 64 * 1024;
