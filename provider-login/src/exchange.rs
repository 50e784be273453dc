//! One request to the sign-in service, one grant.

use tucuxi_core::{Error, HttpClient, HttpOptions, Request};

use crate::wire::{self, Grant};

/// Asks for a grant within `limits`; the answer is at most 64 KiB.
pub(crate) async fn exchange(http: &dyn HttpClient, request: Request, limits: HttpOptions) -> Result<Grant, Error> {
    let host = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let response = http.send(request, limits.with_body_limit(BODY_LIMIT)).await?;
    let status = response.status();
    let body = response.into_body().collect(BODY_LIMIT).await?;
    wire::grant(&host, status, &body)
}

const BODY_LIMIT: u64 = 64 * 1024;
