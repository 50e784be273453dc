//! DeleteObjects.

use http::{HeaderName, Method};
use sha2::{Digest, Sha256};
use tucuxi_core::{Body, BoxFuture};

use super::unreadable;
use crate::call::{Answer, Call, PAGE, header_setters, owner_setters};
use crate::client::Replay;
use crate::xml::{Document, can_write, escape_into};
use crate::{Client, Error};
use tucuxi_core::encode::base64;

/// Deletes any number of objects, a thousand with each request; an object that does not exist counts as deleted.
///
/// Keys that XML cannot carry (control characters) are deleted one by one.
///
/// # Errors
/// Awaiting it fails when a request as a whole does; what became of single objects is in
/// [`DeleteObjectsOutput::errors`].
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// let outcome = s3.delete_objects("my-bucket", ["a", "b"]).await?;
/// for error in outcome.errors() {
///     eprintln!("{}: {} {}", error.key(), error.code(), error.message());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteObjects {
    client: Client,
    /// Bucket and headers of every request.
    call: Call,
    objects: Vec<ObjectId>,
}

/// An object by its key, perhaps one version of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId {
    key: String,
    version_id: Option<String>,
}

impl ObjectId {
    /// The latest version of an object.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), version_id: None }
    }

    /// One version of an object.
    pub fn version(key: impl Into<String>, version_id: impl Into<String>) -> Self {
        Self { key: key.into(), version_id: Some(version_id.into()) }
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The version.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }
}

impl<K: Into<String>> From<K> for ObjectId {
    fn from(key: K) -> Self {
        Self::new(key)
    }
}

impl DeleteObjects {
    pub(crate) fn new(client: Client, bucket: String, objects: Vec<ObjectId>) -> Self {
        Self { client, call: Call::bucket("DeleteObjects", Method::POST, bucket), objects }
    }

    /// Removes versions that object lock protects in governance mode, where the policies allow that.
    pub fn bypass_governance_retention(mut self) -> Self {
        self.call.header(HeaderName::from_static("x-amz-bypass-governance-retention"), "true");
        self
    }

    owner_setters!();

    header_setters! {
        /// Serial number and code of the MFA device, where the bucket asks for it.
        mfa => HeaderName::from_static("x-amz-mfa");
    }

    fn like(&self, operation: &'static str, method: Method) -> Call {
        let mut call = self.call.clone();
        (call.operation, call.method) = (operation, method);
        call
    }

    async fn run(self) -> Result<DeleteObjectsOutput, Error> {
        self.call.check().map_err(|error| error.about(&self.call))?;
        let mut errors = Vec::new();
        let (batched, single): (Vec<_>, Vec<_>) = self.objects.iter().partition(|object| can_write(&object.key));
        for batch in batched.chunks(BATCH) {
            let mut call = self.like("DeleteObjects", Method::POST);
            let body = fill(&mut call, batch);
            let answer = self.client.send(&call, Replay::new(body)).await?;
            errors.extend(read(&answer).map_err(|error| error.about(&call))?);
        }
        for object in single {
            let mut call = self.like("DeleteObject", Method::DELETE);
            call.key = Some(object.key.clone());
            if let Some(version) = &object.version_id {
                call.parameter("versionId", version);
            }
            match self.client.send(&call, Replay::default()).await {
                Ok(_) => {}
                // Refusals concern this object; without any answer there is no point in going on.
                Err(error) if error.status().is_some() => errors.push(DeleteError::of(object, &error)),
                Err(error) => return Err(error),
            }
        }
        Ok(DeleteObjectsOutput { asked: self.objects.len(), errors })
    }
}

impl IntoFuture for DeleteObjects {
    type Output = Result<DeleteObjectsOutput, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// What became of many deletions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteObjectsOutput {
    asked: usize,
    errors: Vec<DeleteError>,
}

impl DeleteObjectsOutput {
    /// The objects that are still there, and why.
    pub fn errors(&self) -> &[DeleteError] {
        &self.errors
    }

    /// How many objects are gone.
    pub fn deleted(&self) -> usize {
        self.asked.saturating_sub(self.errors.len())
    }
}

/// Why one object is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteError {
    key: String,
    version_id: Option<String>,
    code: String,
    message: String,
}

impl DeleteError {
    fn of(object: &ObjectId, error: &Error) -> Self {
        Self {
            key: object.key.clone(),
            version_id: object.version_id.clone(),
            code: error.code().unwrap_or_default().to_owned(),
            message: error.message().unwrap_or_default().to_owned(),
        }
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The version, if one was named.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }

    /// S3's name of the error, for example `AccessDenied`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// S3's own words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

fn fill(call: &mut Call, objects: &[&ObjectId]) -> Body {
    call.query.push_str("delete=");
    call.reads = crate::call::Reads::Document(PAGE);
    let document = document(objects);
    call.header(http::header::CONTENT_TYPE, "application/xml");
    // This operation is refused without a checksum of its body.
    call.header(HeaderName::from_static("x-amz-sdk-checksum-algorithm"), "SHA256");
    call.header(HeaderName::from_static("x-amz-checksum-sha256"), &base64(&Sha256::digest(&document)));
    Body::from(document)
}

fn document(objects: &[&ObjectId]) -> String {
    let mut text = String::with_capacity(96 + objects.iter().map(|object| object.key.len() + 32).sum::<usize>());
    text.push_str("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for object in objects {
        text.push_str("<Object><Key>");
        escape_into(&mut text, &object.key);
        text.push_str("</Key>");
        if let Some(version) = &object.version_id {
            text.push_str("<VersionId>");
            escape_into(&mut text, version);
            text.push_str("</VersionId>");
        }
        text.push_str("</Object>");
    }
    text.push_str("</Delete>");
    text
}

fn read(answer: &Answer) -> Result<Vec<DeleteError>, Error> {
    let mut errors = Vec::new();
    let mut document = Document::with_root(answer.document(), "DeleteResult").map_err(unreadable)?;
    document
        .children(|name, document| {
            if name == "Error" {
                errors.push(one(document)?);
            }
            Ok(())
        })
        .map_err(unreadable)?;
    Ok(errors)
}

fn one(document: &mut Document<'_>) -> Result<DeleteError, crate::xml::Unreadable> {
    let mut error = DeleteError { key: String::new(), version_id: None, code: String::new(), message: String::new() };
    document.children(|name, document| {
        match name {
            "Key" => error.key = document.text()?,
            "VersionId" => error.version_id = Some(document.text()?).filter(|version| !version.is_empty()),
            "Code" => error.code = document.text()?,
            "Message" => error.message = document.text()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(error)
}

const BATCH: usize = 1000;
