//! What an error can be asked for.

use std::time::Duration;

use super::{Error, ErrorKind};
use crate::advice;

impl Error {
    /// What the failure means.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// True when there is no such bucket, object or version.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// True when S3 refused the permission, the signature or the key.
    pub fn is_access_denied(&self) -> bool {
        self.0.kind == ErrorKind::Denied
    }

    /// True when a condition did not hold.
    pub fn is_precondition_failed(&self) -> bool {
        self.0.kind == ErrorKind::PreconditionFailed
    }

    /// True when the object is unchanged.
    pub fn is_not_modified(&self) -> bool {
        self.0.kind == ErrorKind::NotModified
    }

    /// The operation as AWS names it, for example `GetObject`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// The bucket that was asked for.
    pub fn bucket(&self) -> Option<&str> {
        self.0.bucket.as_deref()
    }

    /// The key that was asked for.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The status of the answer; `None` when there was none.
    pub fn status(&self) -> Option<u16> {
        self.fault().map(|fault| fault.status)
    }

    /// S3's name of the error, for example `NoSuchKey`. The answer to a HEAD has none.
    pub fn code(&self) -> Option<&str> {
        self.fault()?.code.as_deref()
    }

    /// S3's own words.
    pub fn message(&self) -> Option<&str> {
        self.fault()?.message.as_deref()
    }

    /// What AWS support asks for first (`x-amz-request-id`).
    pub fn request_id(&self) -> Option<&str> {
        self.fault()?.request_id.as_deref()
    }

    /// What AWS support asks for next (`x-amz-id-2`).
    pub fn extended_request_id(&self) -> Option<&str> {
        self.fault()?.extended_request_id.as_deref()
    }

    /// The region that the bucket is in, where the answer told.
    pub fn bucket_region(&self) -> Option<&str> {
        Some(self.fault()?.region.as_ref()?.as_str())
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.fault()?.retry_after
    }

    /// Why there are no credentials, or what is wrong with the client's settings.
    pub fn credentials_error(&self) -> Option<&tucuxi_core::Error> {
        match self.0.kind {
            ErrorKind::Config | ErrorKind::Credentials => self.0.cause.as_ref(),
            _ => None,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match &self.0.fault {
            Some(fault) => advice::for_fault(fault, self.0.identity.as_ref()),
            None => self.0.cause.as_ref()?.hint().map(str::to_owned),
        }
    }
}
