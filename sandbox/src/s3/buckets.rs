//! Buckets, and the lists of buckets and objects.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::index::{Bucket as Shelved, Entry, no_such_bucket};
use super::listing::{Item, Resume, page, url_encode};
use super::shelf::{CLASSIC_REGION, Shelf};

impl Shelf {
    pub(super) async fn new_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let bucket = request.input.bucket.clone();
        let configuration = request.input.create_bucket_configuration.as_ref();
        let location = configuration.and_then(|it| it.location_constraint.as_ref()).map(|it| it.as_str().to_owned());
        let right = match location.as_deref() {
            None => self.region == CLASSIC_REGION,
            Some(location) => location == self.region && location != CLASSIC_REGION,
        };
        if !right {
            return Err(s3_error!(
                IllegalLocationConstraintException,
                "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
                location.as_deref().unwrap_or("unspecified")
            ));
        }
        if self.index.lock().buckets.contains_key(&bucket) {
            return Err(already_owned());
        }
        self.files.create_bucket(request).await.map_err(|error| match error.code() {
            S3ErrorCode::BucketAlreadyExists => already_owned(),
            _ => error,
        })?;
        let location = Some(format!("/{bucket}"));
        self.index.lock().buckets.insert(bucket, Shelved { created: self.now(), objects: BTreeMap::new() });
        Ok(S3Response::new(CreateBucketOutput { location }))
    }

    pub(super) async fn drop_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        {
            let mut state = self.index.lock();
            let bucket = &request.input.bucket;
            if !state.bucket(bucket)?.objects.is_empty() {
                return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
            }
            state.buckets.remove(bucket);
            state.uploads.retain(|_, upload| upload.bucket != *bucket);
        }
        self.files.delete_bucket(request).await?;
        Ok(S3Response::with_status(DeleteBucketOutput {}, http::StatusCode::NO_CONTENT))
    }

    pub(super) fn buckets(&self, input: ListBucketsInput) -> ListBucketsOutput {
        let max = usize::try_from(input.max_buckets.unwrap_or(10_000)).unwrap_or(0);
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let after = input.continuation_token.as_deref().unwrap_or_default();
        let state = self.index.lock();
        let mut names = state.buckets.iter().filter(|(name, _)| name.starts_with(prefix) && name.as_str() > after);
        let listed = |(name, bucket): (&String, &Shelved)| Bucket {
            bucket_region: Some(self.region.clone()),
            creation_date: Some(bucket.created.clone()),
            name: Some(name.clone()),
        };
        let buckets: Vec<Bucket> = names.by_ref().take(max).map(listed).collect();
        let more = names.next().is_some();
        let continuation_token = buckets.last().filter(|_| more).and_then(|bucket| bucket.name.clone());
        ListBucketsOutput { buckets: Some(buckets), continuation_token, prefix: input.prefix, ..Default::default() }
    }

    pub(super) fn objects_v2(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let after = match (&input.continuation_token, &input.start_after) {
            (Some(token), _) => Some(
                Resume::from_token(token)
                    .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))?,
            ),
            (None, Some(key)) => Some(Resume::Key(key.clone())),
            (None, None) => None,
        };
        let name = name_writer(input.encoding_type.as_ref());
        let asked = Asked { bucket: &input.bucket, prefix: &input.prefix, delimiter: &input.delimiter, after };
        let found = self.listed(&asked, input.max_keys, name)?;
        Ok(ListObjectsV2Output {
            key_count: i32::try_from(found.contents.len() + found.prefixes.len()).ok(),
            max_keys: Some(found.max),
            is_truncated: Some(found.next.is_some()),
            next_continuation_token: found.next.as_ref().map(Resume::token),
            contents: Some(found.contents),
            common_prefixes: Some(found.prefixes),
            prefix: Some(name(input.prefix.as_deref().unwrap_or_default())),
            delimiter: input.delimiter.as_deref().map(name),
            start_after: input.start_after.as_deref().map(name),
            continuation_token: input.continuation_token,
            encoding_type: input.encoding_type,
            name: Some(input.bucket),
            ..ListObjectsV2Output::default()
        })
    }

    pub(super) fn objects_v1(&self, input: ListObjectsInput) -> S3Result<ListObjectsOutput> {
        let delimiter = input.delimiter.as_deref().unwrap_or_default();
        let after = input.marker.clone().filter(|marker| !marker.is_empty()).map(|marker| {
            let rolled_up = !delimiter.is_empty() && marker.ends_with(delimiter);
            if rolled_up { Resume::Prefix(marker) } else { Resume::Key(marker) }
        });
        let name = name_writer(input.encoding_type.as_ref());
        let asked = Asked { bucket: &input.bucket, prefix: &input.prefix, delimiter: &input.delimiter, after };
        let found = self.listed(&asked, input.max_keys, name)?;
        let next_marker = found.next.as_ref().map(|(Resume::Key(text) | Resume::Prefix(text))| name(text));
        Ok(ListObjectsOutput {
            max_keys: Some(found.max),
            is_truncated: Some(found.next.is_some()),
            next_marker: next_marker.filter(|_| !delimiter.is_empty()),
            contents: Some(found.contents),
            common_prefixes: Some(found.prefixes),
            prefix: Some(name(input.prefix.as_deref().unwrap_or_default())),
            marker: Some(name(input.marker.as_deref().unwrap_or_default())),
            delimiter: input.delimiter.as_deref().map(name),
            encoding_type: input.encoding_type,
            name: Some(input.bucket),
            ..ListObjectsOutput::default()
        })
    }

    fn listed(&self, asked: &Asked<'_>, max_keys: Option<i32>, name: fn(&str) -> String) -> S3Result<Found> {
        let max = max_keys.unwrap_or(MAX_KEYS).min(MAX_KEYS);
        let room = usize::try_from(max).map_err(|error| s3_error!(error, InvalidArgument, "max-keys is negative"))?;
        let state = self.index.lock();
        let objects = &state.buckets.get(asked.bucket).ok_or_else(no_such_bucket)?.objects;
        let prefix = asked.prefix.as_deref().unwrap_or_default();
        let (items, next) = page(objects, prefix, asked.delimiter.as_deref(), asked.after.as_ref(), room);
        let mut found = Found { contents: Vec::new(), prefixes: Vec::new(), next, max };
        for item in items {
            match item {
                Item::Object(key, entry) => found.contents.push(object(name(key), entry)),
                Item::Prefix(prefix) => found.prefixes.push(CommonPrefix { prefix: Some(name(&prefix)) }),
            }
        }
        Ok(found)
    }
}

/// What a list is of.
struct Asked<'a> {
    bucket: &'a str,
    prefix: &'a Option<String>,
    delimiter: &'a Option<String>,
    after: Option<Resume>,
}

struct Found {
    contents: Vec<Object>,
    prefixes: Vec<CommonPrefix>,
    next: Option<Resume>,
    max: i32,
}

fn object(key: String, entry: &Entry) -> Object {
    Object {
        key: Some(key),
        size: Some(entry.size),
        e_tag: entry.etag.clone(),
        last_modified: Some(entry.modified.clone()),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Object::default()
    }
}

/// How the client wants names written.
pub(super) fn name_writer(encoding: Option<&EncodingType>) -> fn(&str) -> String {
    if encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) { url_encode } else { str::to_owned }
}

fn already_owned() -> s3s::S3Error {
    s3_error!(
        BucketAlreadyOwnedByYou,
        "Your previous request to create the named bucket succeeded and you already own it."
    )
}

const MAX_KEYS: i32 = 1000;
