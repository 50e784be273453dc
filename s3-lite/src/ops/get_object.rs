//! GetObject.

use std::fmt;
use std::future::poll_fn;
use std::ops::{Bound, Deref, RangeBounds};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::Method;
use http::header::{IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, RANGE};
use tucuxi_core::{Body, BoxFuture, HttpError, HttpErrorKind, PollBody};

use super::{ObjectHead, presignable};
use crate::call::{Answer, Call, Reads, condition_setters, header_setters, owner_setters, parameter_setters};
use crate::client::Replay;
use crate::{Client, Error};

/// Reads an object, or a range of it.
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// let mut object = s3.get_object("my-bucket", "logs/today").range(1024..).await?;
/// while let Some(piece) = object.chunk().await? {
///     println!("{} bytes", piece.len());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetObject {
    client: Client,
    call: Call,
    range: Option<Range>,
}

/// Which bytes were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// From the first to the last, or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl GetObject {
    pub(crate) fn new(client: Client, bucket: String, key: String) -> Self {
        let mut call = Call::object("GetObject", Method::GET, bucket, key);
        call.reads = Reads::Stream;
        Self { client, call, range: None }
    }

    /// These bytes only, counted from 0: `0..1024`, `1024..`, `..=99`.
    pub fn range(mut self, range: impl RangeBounds<u64>) -> Self {
        let first = match range.start_bound() {
            Bound::Included(first) => Some(*first),
            Bound::Excluded(before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let last = match range.end_bound() {
            Bound::Included(last) => Some(Some(*last)),
            Bound::Excluded(end) => end.checked_sub(1).map(Some),
            Bound::Unbounded => Some(None),
        };
        match (first, last) {
            (Some(0), Some(None)) => self.range = None,
            (Some(first), Some(last)) if last.is_none_or(|last| first <= last) => {
                self.range = Some(Range::From(first, last));
            }
            _ => self.call.refuse("the range is empty"),
        }
        self.header_for_range()
    }

    /// The last bytes only.
    pub fn last_bytes(mut self, count: u64) -> Self {
        if count == 0 {
            self.call.refuse("the range is empty");
        }
        self.range = Some(Range::Last(count));
        self.header_for_range()
    }

    fn header_for_range(mut self) -> Self {
        match self.range {
            None => drop(self.call.headers.remove(RANGE)),
            Some(Range::From(first, None)) => self.call.header(RANGE, &format!("bytes={first}-")),
            Some(Range::From(first, Some(last))) => self.call.header(RANGE, &format!("bytes={first}-{last}")),
            Some(Range::Last(count)) => self.call.header(RANGE, &format!("bytes=-{count}")),
        }
        self
    }

    /// One part of an object that was uploaded in parts, counted from 1.
    pub fn part_number(mut self, number: u32) -> Self {
        self.call.parameter("partNumber", &number.to_string());
        self
    }

    condition_setters!();
    owner_setters!();

    parameter_setters! {
        /// Another version than the latest.
        version_id => "versionId";
        /// The `cache-control` of the answer.
        response_cache_control => "response-cache-control";
        /// The `content-disposition` of the answer.
        response_content_disposition => "response-content-disposition";
        /// The `content-encoding` of the answer.
        response_content_encoding => "response-content-encoding";
        /// The `content-language` of the answer.
        response_content_language => "response-content-language";
        /// The `content-type` of the answer.
        response_content_type => "response-content-type";
        /// The `expires` of the answer.
        response_expires => "response-expires";
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

presignable!(GetObject);

impl IntoFuture for GetObject {
    type Output = Result<GetObjectOutput, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut call = self.call;
            let answer = self.client.send(&call, Replay::default()).await?;
            read(answer, self.range).map(|output| output.of(&mut call)).map_err(|error| error.about(&call))
        })
    }
}

fn read(answer: Answer, range: Option<Range>) -> Result<GetObjectOutput, Error> {
    let Answer { status, headers, body } = answer;
    let head = ObjectHead::new(headers);
    let length = head.content_length();
    if let (Some(range), 200) = (range, status) {
        // A server may send everything instead, which is right only if everything was asked for.
        let everything = match (range, length) {
            (_, Some(0)) => true,
            (Range::From(0, Some(last)), Some(length)) => last >= length - 1,
            (Range::Last(count), Some(length)) => count >= length,
            _ => false,
        };
        if !everything {
            return Err(Error::bad_answer("the server ignored the range and sent the whole object"));
        }
    }
    Ok(GetObjectOutput { head, body: Checked { body, left: length, got: 0 }, bucket: None, key: None })
}

/// An object on its way in: what is known about it, by [`ObjectHead`], and its bytes.
///
/// A body that ends before its announced length is an error. Any size streams; only [`bytes`](Self::bytes) and
/// [`text`](Self::text) keep all of it in memory.
pub struct GetObjectOutput {
    head: ObjectHead,
    body: Checked,
    bucket: Option<String>,
    key: Option<String>,
}

impl GetObjectOutput {
    fn of(mut self, call: &mut Call) -> Self {
        self.bucket = call.bucket.take();
        self.key = call.key.take();
        self
    }

    /// What is known about the object.
    pub fn head(&self) -> &ObjectHead {
        &self.head
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    /// `Unavailable` when the body ends early or stands still.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = poll_fn(|cx| self.body.poll(cx)).await;
        piece.transpose().map_err(|error| self.failed(error))
    }

    /// All bytes, in memory.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut all = BytesMut::with_capacity(self.room(first.len() + second.len()));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// All of it as text, in memory.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk); `BadAnswer` when it is not UTF-8.
    pub async fn text(mut self) -> Result<String, Error> {
        let (bucket, key) = (self.bucket.take(), self.key.take());
        let about = |error: Error| error.concerning(OPERATION, bucket.as_deref(), key.as_deref());
        let bytes = self.bytes().await.map_err(about)?;
        String::from_utf8(bytes.into()).map_err(|_utf8| about(Error::bad_answer("the object is not UTF-8 text")))
    }

    /// The bytes as a body, for example of another request. A body that ends early fails there too.
    pub fn into_body(self) -> Body {
        Body::stream(self.body)
    }

    /// Room for the bytes that are announced, within reason: a server's word is no reason to take memory.
    fn room(&self, received: usize) -> usize {
        let announced = self.body.left.and_then(|left| usize::try_from(left).ok()).unwrap_or(0);
        received.saturating_add(announced.min(MOST_RESERVED))
    }

    fn failed(&self, error: HttpError) -> Error {
        Error::transport(error).concerning(OPERATION, self.bucket.as_deref(), self.key.as_deref())
    }
}

impl Deref for GetObjectOutput {
    type Target = ObjectHead;

    fn deref(&self) -> &ObjectHead {
        &self.head
    }
}

impl Stream for GetObjectOutput {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(self.body.poll(cx));
        Poll::Ready(piece.map(|piece| piece.map_err(|error| self.failed(error))))
    }
}

impl fmt::Debug for GetObjectOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetObjectOutput")
            .field("head", &self.head)
            .field("body", &self.body.body)
            .finish_non_exhaustive()
    }
}

/// A body that must be as long as it was announced.
struct Checked {
    body: Body,
    left: Option<u64>,
    got: u64,
}

impl Checked {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let piece = ready!(self.body.poll_chunk(cx));
        let Some(left) = self.left else { return Poll::Ready(piece) };
        Poll::Ready(match piece {
            Some(Ok(piece)) => match left.checked_sub(piece.len() as u64) {
                Some(left) => {
                    self.left = Some(left);
                    self.got += piece.len() as u64;
                    Some(Ok(piece))
                }
                None => {
                    self.end();
                    Some(Err(HttpError::new(HttpErrorKind::Protocol, "the body is longer than announced")))
                }
            },
            None if left > 0 => {
                let message = format!("the body ended after {} of {} bytes", self.got, self.got + left);
                self.end();
                Some(Err(HttpError::new(HttpErrorKind::Closed, message)))
            }
            other => other,
        })
    }

    /// After a failure there is nothing more.
    fn end(&mut self) {
        self.body = Body::empty();
        self.left = None;
    }
}

impl PollBody for Checked {
    fn poll_chunk(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        self.poll(cx)
    }

    fn remaining(&self) -> Option<u64> {
        self.left
    }
}

const OPERATION: &str = "GetObject";
const MOST_RESERVED: usize = 64 * 1024 * 1024;
