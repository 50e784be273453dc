//! Buckets: list, make, remove.

use serde_json::json;
use tucuxi::format_rfc3339;
use tucuxi::s3::Client;

use super::Place;
use crate::failure::Failure;
use crate::output::{Output, printable};

/// Prints the buckets, one a line.
pub(crate) async fn list(client: &Client, json: bool, output: &mut Output) -> Result<(), Failure> {
    let mut buckets = client.buckets();
    while let Some(bucket) = buckets.try_next().await? {
        let created = bucket.created_at().map(format_rfc3339);
        output.print(&if json {
            format!("{}\n", json!({ "bucket": bucket.name(), "created": created }))
        } else {
            format!("{:<20}  {}\n", created.unwrap_or_default(), printable(bucket.name()))
        })?;
    }
    Ok(())
}

/// Makes a bucket in the session's region.
pub(crate) async fn make(client: &Client, place: &Place, output: &mut Output) -> Result<(), Failure> {
    let bucket = place.only_bucket().map_err(Failure::usage)?;
    client.create_bucket(bucket).await?;
    output.print(&format!("made s3://{bucket}\n"))
}

/// Removes a bucket; with `force` its objects first.
pub(crate) async fn remove(client: &Client, place: &Place, force: bool, output: &mut Output) -> Result<(), Failure> {
    let bucket = place.only_bucket().map_err(Failure::usage)?;
    if force {
        super::remove::below(client, place, false, output).await?;
    }
    client.delete_bucket(bucket).await?;
    output.print(&format!("removed s3://{bucket}\n"))
}
