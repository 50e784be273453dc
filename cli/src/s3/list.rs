//! `tucuxi s3 ls s3://BUCKET/PREFIX`.

use serde_json::json;
use tucuxi::format_rfc3339;
use tucuxi::s3::{Client, Object};

use super::Place;
use crate::failure::Failure;
use crate::output::{Output, printable};

/// Prints the objects below a prefix: one level, or all of them.
pub(crate) async fn run(
    client: &Client,
    place: &Place,
    recursive: bool,
    json: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut request = client.list_objects(&place.bucket).prefix(&place.key);
    if !recursive {
        request = request.delimiter("/");
    }
    let mut pages = request.pages();
    while let Some(page) = pages.try_next().await? {
        let mut text = String::new();
        for prefix in page.common_prefixes() {
            text.push_str(&prefix_line(prefix, json));
        }
        for object in page.objects() {
            text.push_str(&object_line(object, json));
        }
        output.print(&text)?;
    }
    Ok(())
}

fn prefix_line(prefix: &str, json: bool) -> String {
    if json { format!("{}\n", json!({ "prefix": prefix })) } else { format!("{:>33}  {}\n", "PRE", printable(prefix)) }
}

fn object_line(object: &Object, json: bool) -> String {
    let modified = object.last_modified().map(format_rfc3339);
    if json {
        let line = json!({
            "key": object.key(), "size": object.size(), "last_modified": modified, "etag": object.e_tag(),
        });
        return format!("{line}\n");
    }
    format!("{:<20} {:>12}  {}\n", modified.unwrap_or_default(), object.size(), printable(object.key()))
}
