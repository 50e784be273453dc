//! `tucuxi s3 presign`.

use std::time::Duration;

use tucuxi::s3::Client;

use super::Place;
use crate::failure::Failure;
use crate::output::Output;

/// Prints a URL that works without credentials until it expires.
pub(crate) async fn run(
    client: &Client,
    place: &Place,
    expires_in: Duration,
    put: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let key = place.object().map_err(Failure::usage)?;
    let presigned = if put {
        client.put_object(&place.bucket, key).presign(expires_in).await?
    } else {
        client.get_object(&place.bucket, key).presign(expires_in).await?
    };
    output.print(&format!("{}\n", presigned.url()))
}
