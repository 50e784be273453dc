//! One request, one answer.

use tucuxi_core::{HttpClient, HttpError, HttpOptions, Request};

use crate::wire::Answer;

/// Sends `request`: 3.1 s to connect, 30 s to answer, at most 64 KiB.
pub(crate) async fn exchange(http: &dyn HttpClient, request: Request) -> Result<Answer, HttpError> {
    let host = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let options = HttpOptions::default();
    let response = http.send(request, options).await?;
    let status = response.status();
    let body = response.into_body().collect(options.body_limit).await?;
    Ok(Answer { host, status, body })
}
