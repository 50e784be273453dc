//! One request, one answer.

use tucuxi_core::{HttpClient, HttpError, HttpOptions, Request};

use crate::wire::Answer;

/// Sends `request` within `limits`; the answer is at most 64 KiB.
pub(crate) async fn exchange(
    http: &dyn HttpClient,
    request: Request,
    limits: HttpOptions,
) -> Result<Answer, HttpError> {
    let host = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let response = http.send(request, limits.with_body_limit(BODY_LIMIT)).await?;
    let status = response.status();
    let body = response.into_body().collect(BODY_LIMIT).await?;
    Ok(Answer { host, status, body })
}

const BODY_LIMIT: u64 = 64 * 1024;
