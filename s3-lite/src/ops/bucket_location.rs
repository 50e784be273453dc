//! GetBucketLocation.

use http::Method;

use super::{awaitable, unreadable};
use crate::call::{Answer, Call, header_setters, owner_setters};
use crate::xml::{Document, OTHER_DOCUMENT, Unreadable};
use crate::{Client, Error};

/// Asks for the region of a bucket; gives its name.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct BucketLocation {
    client: Client,
    call: Call,
}

impl BucketLocation {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        let mut call = Call::bucket("GetBucketLocation", Method::GET, bucket);
        call.query.push_str("location=");
        Self { client, call }
    }

    owner_setters!();
}

awaitable!(BucketLocation => String, read);

fn read(answer: Answer) -> Result<String, Error> {
    let mut text = location(answer.document()).map_err(unreadable)?;
    if text.is_empty() {
        text.push_str("us-east-1");
    }
    // What eu-west-1 was called before there were others in Europe.
    Ok(if text == "EU" { "eu-west-1".to_owned() } else { text })
}

fn location(document: &[u8]) -> Result<String, Unreadable> {
    let (mut document, root) = Document::open(document)?;
    match root.as_str() {
        "LocationConstraint" => document.text(),
        // SeaweedFS wraps it as the request to make a bucket does.
        "CreateBucketConfiguration" => {
            let mut text = String::new();
            document.children(|name, document| {
                if name == "LocationConstraint" {
                    text = document.text()?;
                }
                Ok(())
            })?;
            Ok(text)
        }
        _ => Err(OTHER_DOCUMENT),
    }
}
