//! `tucuxi s3 rm`.

use serde_json::json;
use tucuxi::s3::Client;

use super::Place;
use crate::failure::{Failure, PARTIAL};
use crate::output::{Output, note, printable};

/// Deletes an object, or everything below a prefix.
pub(crate) async fn run(
    client: &Client,
    place: &Place,
    recursive: bool,
    json: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    if recursive {
        return below(client, place, json, output).await;
    }
    let key = place.object().map_err(Failure::usage)?;
    client.delete_object(&place.bucket, key).await?;
    output.print(&line(&place.bucket, key, json))
}

/// Deletes everything below a prefix, a page at a time.
pub(crate) async fn below(client: &Client, place: &Place, json: bool, output: &mut Output) -> Result<(), Failure> {
    let mut failed = 0_usize;
    let mut pages = client.list_objects(&place.bucket).prefix(&place.key).pages();
    while let Some(page) = pages.try_next().await? {
        let keys: Vec<&str> = page.objects().iter().map(|object| object.key()).collect();
        if keys.is_empty() {
            continue;
        }
        let outcome = client.delete_objects(&place.bucket, keys.iter().copied()).await?;
        for error in outcome.errors() {
            note(&format!(
                "s3://{}/{}: {} {}",
                place.bucket,
                printable(error.key()),
                printable(error.code()),
                printable(error.message())
            ));
        }
        failed += outcome.errors().len();
        let lost: Vec<&str> = outcome.errors().iter().map(|error| error.key()).collect();
        let gone = keys.iter().filter(|key| !lost.contains(key));
        output.print(&gone.map(|key| line(&place.bucket, key, json)).collect::<String>())?;
    }
    match failed {
        0 => Ok(()),
        count => Err(Failure::new(PARTIAL, format!("{count} objects could not be deleted"))),
    }
}

fn line(bucket: &str, key: &str, json: bool) -> String {
    if json {
        format!("{}\n", json!({ "operation": "rm", "bucket": bucket, "key": key }))
    } else {
        format!("deleted s3://{bucket}/{}\n", printable(key))
    }
}
