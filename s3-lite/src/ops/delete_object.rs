//! DeleteObject.

use http::{HeaderName, Method};

use super::{awaitable, presignable};
use crate::call::{Answer, Call, header_setters, owner_setters, parameter_setters};
use crate::{Client, Error};

/// Deletes an object; one that does not exist counts as deleted.
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteObject {
    client: Client,
    call: Call,
}

impl DeleteObject {
    pub(crate) fn new(client: Client, bucket: String, key: String) -> Self {
        Self { client, call: Call::object("DeleteObject", Method::DELETE, bucket, key) }
    }

    /// Removes a version that object lock protects in governance mode, where the policies allow that.
    pub fn bypass_governance_retention(mut self) -> Self {
        self.call.header(HeaderName::from_static("x-amz-bypass-governance-retention"), "true");
        self
    }

    owner_setters!();

    header_setters! {
        /// Only if the object has this ETag.
        if_match => http::header::IF_MATCH;
        /// Serial number and code of the MFA device, where the bucket asks for it.
        mfa => HeaderName::from_static("x-amz-mfa");
    }

    parameter_setters! {
        /// Removes this version.
        version_id => "versionId";
    }
}

awaitable!(DeleteObject => DeleteObjectOutput, read);
presignable!(DeleteObject);

/// What S3 says about a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteObjectOutput {
    delete_marker: bool,
    version_id: Option<String>,
}

impl DeleteObjectOutput {
    /// Whether a delete marker was set or removed, in a bucket with versions.
    pub fn is_delete_marker(&self) -> bool {
        self.delete_marker
    }

    /// The version of the delete marker, or the one that was removed.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }
}

fn read(answer: Answer) -> Result<DeleteObjectOutput, Error> {
    Ok(DeleteObjectOutput {
        delete_marker: answer.header("x-amz-delete-marker") == Some("true"),
        version_id: answer.header("x-amz-version-id").map(str::to_owned),
    })
}
