//! One request to the sign-in service, one grant.

use tucuxi_core::{Error, HttpClient, HttpOptions, Request};

use crate::wire::{self, Grant};

/// Asks for a grant: 3.1 s to connect, 30 s to answer, at most 64 KiB.
pub(crate) async fn exchange(http: &dyn HttpClient, request: Request) -> Result<Grant, Error> {
    let host = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let options = HttpOptions::default();
    let response = http.send(request, options).await?;
    let status = response.status();
    let body = response.into_body().collect(options.body_limit).await?;
    wire::grant(&host, status, &body)
}
