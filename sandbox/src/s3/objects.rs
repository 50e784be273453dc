//! Objects: each write goes to a name of its own and becomes visible when it is whole.

use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::index::{Entry, matches, precondition_failed};
use super::shelf::Shelf;

impl Shelf {
    pub(super) async fn put(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let (if_match, if_none_match) = (request.input.if_match.clone(), request.input.if_none_match.clone());
        self.index.lock().may_write(&bucket, &key, if_match.as_ref(), if_none_match.as_ref())?;
        let stored = self.index.fresh_name();
        let request = request.map_input(|input| PutObjectInput {
            key: stored.clone(),
            if_match: None,
            if_none_match: None,
            ..input
        });
        let answer = self.files.put_object(request).await?;
        self.publish(&bucket, &key, stored, if_match.as_ref(), if_none_match.as_ref()).await?;
        Ok(answer)
    }

    pub(super) async fn get(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, version_id, part_number, .. } = &request.input;
        whole_and_current(version_id.as_deref(), *part_number)?;
        let (bucket, key) = (bucket.clone(), key.clone());
        loop {
            let entry = self.index.find(&bucket, &key)?;
            let input = &request.input;
            Conditions {
                if_match: input.if_match.as_ref(),
                if_none_match: input.if_none_match.as_ref(),
                if_modified_since: input.if_modified_since.as_ref(),
                if_unmodified_since: input.if_unmodified_since.as_ref(),
            }
            .check(&entry)?;
            let stored = entry.stored.clone();
            let inner = request.clone().map_input(|input| GetObjectInput { key: stored.clone(), ..input });
            match self.files.get_object(inner).await {
                Ok(mut answer) => {
                    answer.output.last_modified = Some(entry.modified);
                    return Ok(answer);
                }
                // Replaced between the look into the index and the opening of the file.
                Err(error)
                    if *error.code() == S3ErrorCode::NoSuchKey && self.index.find(&bucket, &key)?.stored != stored => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn head(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = &request.input;
        whole_and_current(input.version_id.as_deref(), input.part_number)?;
        let entry = self.index.find(&input.bucket, &input.key)?;
        Conditions {
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        }
        .check(&entry)?;
        let inner = request.map_input(|input| HeadObjectInput { key: entry.stored, ..input });
        let mut answer = self.files.head_object(inner).await?;
        answer.output.last_modified = Some(entry.modified);
        Ok(answer)
    }

    pub(super) async fn copy(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.index.lock().bucket(&bucket)?;
        let copy_source = self.source(&request.input.copy_source)?;
        let stored = self.index.fresh_name();
        let inner = request.map_input(|input| CopyObjectInput { key: stored.clone(), copy_source, ..input });
        let mut answer = self.files.copy_object(inner).await?;
        let entry = self.publish(&bucket, &key, stored, None, None).await?;
        if let Some(result) = &mut answer.output.copy_object_result {
            result.last_modified = Some(entry.modified);
        }
        Ok(answer)
    }

    /// The stored name of what a copy is made of.
    pub(super) fn source(&self, source: &CopySource) -> S3Result<CopySource> {
        let CopySource::Bucket { bucket, key, version_id } = source else {
            return Err(s3_error!(NotImplemented, "the sandbox has no access points"));
        };
        whole_and_current(version_id.as_deref(), None)?;
        let stored = self.index.find(bucket, key)?.stored;
        Ok(CopySource::Bucket { bucket: bucket.clone(), key: stored.into(), version_id: None })
    }

    pub(super) async fn delete(&self, bucket: &str, key: &str, if_match: Option<&ETagCondition>) -> S3Result<()> {
        let removed = {
            let mut state = self.index.lock();
            let objects = &mut state.bucket_mut(bucket)?.objects;
            let held = objects.get(key).zip(if_match).is_none_or(|(entry, it)| matches(it, entry.etag.as_ref()));
            if !held {
                return Err(precondition_failed());
            }
            objects.remove(key)
        };
        match removed {
            Some(entry) => self.remove_file(bucket, entry.stored).await,
            None => Ok(()),
        }
    }

    pub(super) async fn delete_many(&self, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
        self.index.lock().bucket(&input.bucket)?;
        if input.delete.objects.is_empty() || input.delete.objects.len() > 1000 {
            return Err(s3_error!(MalformedXML, "The XML you provided must name 1 to 1000 keys"));
        }
        let quiet = input.delete.quiet.unwrap_or(false);
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for ObjectIdentifier { key, e_tag, .. } in input.delete.objects {
            let condition = e_tag.map(ETagCondition::ETag);
            match self.delete(&input.bucket, &key, condition.as_ref()).await {
                Ok(()) if quiet => {}
                Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(key),
                    message: error.message().map(str::to_owned),
                    version_id: None,
                }),
            }
        }
        Ok(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), ..DeleteObjectsOutput::default() })
    }

    /// Makes a finished file the object of this key, if the conditions still hold.
    pub(super) async fn publish(
        &self,
        bucket: &str,
        key: &str,
        stored: String,
        if_match: Option<&ETagCondition>,
        if_none_match: Option<&ETagCondition>,
    ) -> S3Result<Entry> {
        let input = HeadObjectInput { bucket: bucket.to_owned(), key: stored.clone(), ..HeadObjectInput::default() };
        let head = self.files.head_object(inner_request(input)).await?.output;
        let size = head.content_length.unwrap_or_default();
        let entry = Entry { stored, size, etag: head.e_tag, modified: self.now() };
        let replaced = {
            let mut state = self.index.lock();
            let allowed = state.may_write(bucket, key, if_match, if_none_match);
            match allowed.and_then(|()| state.bucket_mut(bucket)) {
                Ok(bucket) => Ok(bucket.objects.insert(key.to_owned(), entry.clone())),
                Err(error) => Err(error),
            }
        };
        match replaced {
            Ok(None) => Ok(entry),
            Ok(Some(old)) => self.remove_file(bucket, old.stored).await.map(|()| entry),
            Err(error) => {
                self.remove_file(bucket, entry.stored).await?;
                Err(error)
            }
        }
    }

    async fn remove_file(&self, bucket: &str, stored: String) -> S3Result<()> {
        let input = DeleteObjectInput { bucket: bucket.to_owned(), key: stored, ..DeleteObjectInput::default() };
        match self.files.delete_object(inner_request(input)).await {
            Err(error) if *error.code() != S3ErrorCode::NoSuchBucket => Err(error),
            _ => Ok(()),
        }
    }
}

/// The conditions of a read.
struct Conditions<'a> {
    if_match: Option<&'a ETagCondition>,
    if_none_match: Option<&'a ETagCondition>,
    if_modified_since: Option<&'a Timestamp>,
    if_unmodified_since: Option<&'a Timestamp>,
}

impl Conditions<'_> {
    fn check(&self, entry: &Entry) -> S3Result<()> {
        let held = match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) => matches(condition, entry.etag.as_ref()),
            (None, Some(since)) => entry.modified <= *since,
            (None, None) => true,
        };
        if !held {
            return Err(precondition_failed());
        }
        let unchanged = match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) => matches(condition, entry.etag.as_ref()),
            (None, Some(since)) => entry.modified <= *since,
            (None, None) => false,
        };
        if unchanged { Err(not_modified(entry)) } else { Ok(()) }
    }
}

fn not_modified(entry: &Entry) -> S3Error {
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    if let Some(Ok(etag)) = entry.etag.as_ref().map(ETag::to_http_header) {
        error.set_headers(http::HeaderMap::from_iter([(http::header::ETAG, etag)]));
    }
    error
}

/// Neither versions nor single parts can be read here.
fn whole_and_current(version_id: Option<&str>, part_number: Option<i32>) -> S3Result<()> {
    if version_id.is_some_and(|id| id != "null") {
        return Err(s3_error!(NoSuchVersion, "The specified version does not exist."));
    }
    if part_number.is_some() {
        return Err(s3_error!(NotImplemented, "the sandbox does not read single parts"));
    }
    Ok(())
}

/// A request of the sandbox's own to what keeps the bytes.
fn inner_request<T>(input: T) -> S3Request<T> {
    S3Request {
        input,
        method: http::Method::default(),
        uri: http::Uri::default(),
        headers: http::HeaderMap::default(),
        extensions: http::Extensions::default(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    }
}
