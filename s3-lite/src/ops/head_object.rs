//! HeadObject.

use std::time::SystemTime;

use http::Method;
use http::header::{IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE};

use super::{ObjectHead, awaitable, presignable};
use crate::call::{Answer, Call, condition_setters, header_setters, owner_setters, parameter_setters};
use crate::{Client, Error};

/// Asks for what is known about an object.
///
/// S3 answers errors of this operation without a document, so [`Error::code`] is empty; the kind comes from the
/// status.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct HeadObject {
    client: Client,
    call: Call,
}

impl HeadObject {
    pub(crate) fn new(client: Client, bucket: String, key: String) -> Self {
        Self { client, call: Call::object("HeadObject", Method::HEAD, bucket, key) }
    }

    condition_setters!();
    owner_setters!();

    parameter_setters! {
        /// Another version than the latest.
        version_id => "versionId";
    }

    /// Only if the object was written after this instant.
    pub fn if_modified_since(mut self, at: SystemTime) -> Self {
        self.call.date(IF_MODIFIED_SINCE, at);
        self
    }

    /// Only if the object was not written after this instant.
    pub fn if_unmodified_since(mut self, at: SystemTime) -> Self {
        self.call.date(IF_UNMODIFIED_SINCE, at);
        self
    }
}

awaitable!(HeadObject => ObjectHead, read);
presignable!(HeadObject);

fn read(answer: Answer) -> Result<ObjectHead, Error> {
    Ok(ObjectHead::new(answer.headers))
}
