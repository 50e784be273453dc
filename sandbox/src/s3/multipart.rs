//! Uploads in parts.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::buckets::name_writer;
use super::index::Upload;
use super::shelf::Shelf;

impl Shelf {
    pub(super) async fn begin(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.index.lock().bucket(&bucket)?;
        let stored = self.index.fresh_name();
        let inner = request.map_input(|input| CreateMultipartUploadInput { key: stored.clone(), ..input });
        let mut answer = self.files.create_multipart_upload(inner).await?;
        answer.output.key = Some(key.clone());
        let upload = Upload { bucket, key, stored, begun: self.now(), parts: BTreeMap::new() };
        let id = answer.output.upload_id.clone().unwrap_or_default();
        self.index.lock().uploads.insert(id, upload);
        Ok(answer)
    }

    pub(super) async fn part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let UploadPartInput { bucket, key, upload_id, part_number, .. } = &request.input;
        let (id, number) = (upload_id.clone(), *part_number);
        let stored = self.index.lock().upload(&id, bucket, key)?.stored;
        let inner = request.map_input(|input| UploadPartInput { key: stored, ..input });
        let answer = self.files.upload_part(inner).await?;
        self.note(&id, number, answer.output.e_tag.clone());
        Ok(answer)
    }

    pub(super) async fn part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let UploadPartCopyInput { bucket, key, upload_id, part_number, .. } = &request.input;
        let (id, number) = (upload_id.clone(), *part_number);
        let stored = self.index.lock().upload(&id, bucket, key)?.stored;
        let copy_source = self.source(&request.input.copy_source)?;
        let inner = request.map_input(|input| UploadPartCopyInput { key: stored, copy_source, ..input });
        let answer = self.files.upload_part_copy(inner).await?;
        self.note(&id, number, answer.output.copy_part_result.as_ref().and_then(|result| result.e_tag.clone()));
        Ok(answer)
    }

    pub(super) async fn complete(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = &request.input;
        let (if_match, if_none_match) = (input.if_match.clone(), input.if_none_match.clone());
        let upload = {
            let state = self.index.lock();
            state.may_write(&input.bucket, &input.key, if_match.as_ref(), if_none_match.as_ref())?;
            state.upload(&input.upload_id, &input.bucket, &input.key)?
        };
        for part in input.multipart_upload.iter().flat_map(|it| it.parts.iter().flatten()) {
            let known = part.part_number.and_then(|number| upload.parts.get(&number));
            if known.is_none() || known != part.e_tag.as_ref() {
                return Err(s3_error!(InvalidPart, "One or more of the specified parts could not be found."));
            }
        }
        let (id, stored) = (input.upload_id.clone(), upload.stored.clone());
        let inner = request.map_input(|input| CompleteMultipartUploadInput {
            key: stored,
            if_match: None,
            if_none_match: None,
            ..input
        });
        let mut answer = self.files.complete_multipart_upload(inner).await?;
        let Upload { bucket, key, stored, .. } = upload;
        self.publish(&bucket, &key, stored, if_match.as_ref(), if_none_match.as_ref()).await?;
        self.index.lock().uploads.remove(&id);
        // The answer comes as a future, because S3 keeps the connection alive with white space meanwhile.
        if let Some(future) = answer.output.future.take() {
            answer.output.future = Some(Box::pin(async move {
                let output = future.await?;
                Ok(CompleteMultipartUploadOutput { key: Some(key), ..output })
            }));
        }
        Ok(answer)
    }

    pub(super) async fn abort(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let AbortMultipartUploadInput { bucket, key, upload_id, .. } = &request.input;
        let (id, stored) = (upload_id.clone(), self.index.lock().upload(upload_id, bucket, key)?.stored);
        let inner = request.map_input(|input| AbortMultipartUploadInput { key: stored, ..input });
        let mut answer = self.files.abort_multipart_upload(inner).await?;
        self.index.lock().uploads.remove(&id);
        answer.status = Some(http::StatusCode::NO_CONTENT);
        Ok(answer)
    }

    pub(super) async fn parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let ListPartsInput { bucket, key, upload_id, max_parts, part_number_marker, .. } = request.input.clone();
        let upload = self.index.lock().upload(&upload_id, &bucket, &key)?;
        let inner = request.map_input(|input| ListPartsInput { key: upload.stored, ..input });
        let mut answer = self.files.list_parts(inner).await?;
        let after: i32 = part_number_marker.unwrap_or_default();
        let max = usize::try_from(max_parts.unwrap_or(1000)).unwrap_or(0).min(1000);
        let mut parts = answer.output.parts.take().unwrap_or_default();
        parts.retain(|part| part.part_number > Some(after));
        parts.sort_by_key(|part| part.part_number);
        for part in &mut parts {
            part.e_tag = part.part_number.and_then(|number| upload.parts.get(&number).cloned());
        }
        let truncated = parts.len() > max;
        parts.truncate(max);
        let output = &mut answer.output;
        output.key = Some(key);
        output.max_parts = i32::try_from(max).ok();
        output.is_truncated = Some(truncated);
        output.next_part_number_marker = parts.last().filter(|_| truncated).and_then(|part| part.part_number);
        output.parts = Some(parts);
        Ok(answer)
    }

    /// All uploads of a bucket in one page.
    pub(super) fn uploads(&self, input: ListMultipartUploadsInput) -> S3Result<ListMultipartUploadsOutput> {
        if input.delimiter.is_some() || input.key_marker.is_some() || input.upload_id_marker.is_some() {
            return Err(s3_error!(NotImplemented, "the sandbox lists uploads in one page"));
        }
        let state = self.index.lock();
        state.bucket(&input.bucket)?;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let mut uploads: Vec<(&String, &Upload)> = state.uploads.iter().collect();
        uploads.retain(|(_, upload)| upload.bucket == input.bucket && upload.key.starts_with(prefix));
        uploads.sort_by_key(|(id, upload)| (&upload.key, *id));
        let name = name_writer(input.encoding_type.as_ref());
        let listed = uploads.into_iter().map(|(id, upload)| MultipartUpload {
            initiated: Some(upload.begun.clone()),
            key: Some(name(&upload.key)),
            upload_id: Some(id.clone()),
            ..MultipartUpload::default()
        });
        Ok(ListMultipartUploadsOutput {
            uploads: Some(listed.collect()),
            is_truncated: Some(false),
            prefix: input.prefix.as_deref().map(name),
            encoding_type: input.encoding_type,
            bucket: Some(input.bucket),
            ..ListMultipartUploadsOutput::default()
        })
    }

    fn note(&self, upload_id: &str, number: i32, etag: Option<ETag>) {
        if let (Some(upload), Some(etag)) = (self.index.lock().uploads.get_mut(upload_id), etag) {
            upload.parts.insert(number, etag);
        }
    }
}
