//! Which buckets and objects there are, and under which safe name `s3s-fs` keeps each.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

/// An object as lists show it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its name in `s3s-fs`.
    pub(super) stored: String,
    pub(super) size: i64,
    pub(super) etag: Option<ETag>,
    pub(super) modified: Timestamp,
}

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) created: Timestamp,
    pub(super) objects: BTreeMap<String, Entry>,
}

/// An upload that has begun.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) stored: String,
    pub(super) begun: Timestamp,
    /// The entity tag of every part so far.
    pub(super) parts: BTreeMap<i32, ETag>,
}

/// All buckets, objects and uploads of one sandbox.
#[derive(Debug, Default)]
pub(super) struct Index {
    next: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, Bucket>,
    pub(super) uploads: HashMap<String, Upload>,
}

impl Index {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A name that `s3s-fs` has not seen, so that a failed write never touches the object before it.
    pub(super) fn fresh_name(&self) -> String {
        format!("object-{:x}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn find(&self, bucket: &str, key: &str) -> S3Result<Entry> {
        self.lock().bucket(bucket)?.objects.get(key).cloned().ok_or_else(no_such_key)
    }
}

impl State {
    pub(super) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        self.buckets.get(name).ok_or_else(no_such_bucket)
    }

    pub(super) fn bucket_mut(&mut self, name: &str) -> S3Result<&mut Bucket> {
        self.buckets.get_mut(name).ok_or_else(no_such_bucket)
    }

    pub(super) fn upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<Upload> {
        let upload = self.uploads.get(id).filter(|upload| upload.bucket == bucket && upload.key == key);
        upload.cloned().ok_or_else(|| s3_error!(NoSuchUpload, "The specified upload does not exist."))
    }

    /// Whether a write may replace what is there now.
    pub(super) fn may_write(
        &self,
        bucket: &str,
        key: &str,
        if_match: Option<&ETagCondition>,
        if_none_match: Option<&ETagCondition>,
    ) -> S3Result<()> {
        let present = self.bucket(bucket)?.objects.get(key);
        if if_none_match.is_some() && present.is_some() {
            return Err(precondition_failed());
        }
        match (if_match, present) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(no_such_key()),
            (Some(condition), Some(entry)) if matches(condition, entry.etag.as_ref()) => Ok(()),
            (Some(_), Some(_)) => Err(precondition_failed()),
        }
    }
}

/// Whether a condition holds for an object with this tag.
pub(super) fn matches(condition: &ETagCondition, etag: Option<&ETag>) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => etag.is_some_and(|etag| etag.weak_cmp(wanted)),
    }
}

pub(super) fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

pub(super) fn no_such_bucket() -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

pub(super) fn precondition_failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}
