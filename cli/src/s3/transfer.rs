//! One file to or from one object.

use std::io::SeekFrom;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use indicatif::ProgressBar;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncSeekExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tucuxi::s3::Client;
use tucuxi::{Body, HttpError, HttpErrorKind, PollBody};

use super::Place;
use super::progress::bar;
use crate::failure::Failure;

/// Uploads a file.
pub(crate) async fn upload(
    client: &Client,
    path: &Path,
    place: &Place,
    content_type: Option<&str>,
) -> Result<(), Failure> {
    let file = File::open(path).await.map_err(|error| Failure::file(path, &error))?;
    let metadata = file.metadata().await.map_err(|error| Failure::file(path, &error))?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("{} is a directory; use --recursive", path.display())));
    }
    if !metadata.is_file() {
        return Err(Failure::usage(format!("{} is no regular file; pipe it in with `-`", path.display())));
    }
    put(client, file, metadata.len(), place, content_type).await
}

/// Uploads standard input. S3 wants the length first, so the bytes wait in a temporary file.
pub(crate) async fn upload_stdin(client: &Client, place: &Place, content_type: Option<&str>) -> Result<(), Failure> {
    let spool = tempfile::tempfile().map_err(|error| Failure::other(format!("a temporary file: {error}")))?;
    let mut spool = File::from_std(spool);
    let length = tokio::io::copy(&mut tokio::io::stdin(), &mut spool)
        .await
        .map_err(|error| Failure::other(format!("standard input: {error}")))?;
    spool.seek(SeekFrom::Start(0)).await.map_err(|error| Failure::other(format!("a temporary file: {error}")))?;
    put(client, spool, length, place, content_type).await
}

async fn put(
    client: &Client,
    file: File,
    length: u64,
    place: &Place,
    content_type: Option<&str>,
) -> Result<(), Failure> {
    if length > MAX_SINGLE_PUT {
        return Err(Failure::other("the file is larger than the 5 GiB that S3 takes in one request"));
    }
    let progress = bar(Some(length));
    let body = Body::stream(FileBody { file, left: length, progress: progress.clone() });
    let mut request = client.put_object(&place.bucket, place.object().map_err(Failure::usage)?).body(body);
    if let Some(content_type) = content_type {
        request = request.content_type(content_type);
    }
    let outcome = request.await;
    progress.finish_and_clear();
    outcome?;
    Ok(())
}

/// Downloads an object to a file: complete under its name, or not at all.
pub(crate) async fn download(client: &Client, place: &Place, path: &Path) -> Result<(), Failure> {
    let fail = |error: &std::io::Error| Failure::file(path, error);
    if tokio::fs::metadata(path).await.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        // A device or pipe is written to, not replaced.
        let mut file = File::options().write(true).open(path).await.map_err(|error| fail(&error))?;
        receive(client, place, &mut file).await?.map_err(|error| fail(&error))?;
        return file.sync_all().await.or_else(only_files_sync).map_err(|error| fail(&error));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| Failure::file(parent, &error))?;
    let temporary = temporary_beside(parent).map_err(|error| fail(&error))?;
    let mut file = File::from_std(temporary.reopen().map_err(|error| fail(&error))?);
    receive(client, place, &mut file).await?.map_err(|error| fail(&error))?;
    file.sync_all().await.map_err(|error| fail(&error))?;
    temporary.persist(path).map_err(|error| fail(&error.error))?;
    Ok(())
}

/// Writes an object to standard output.
pub(crate) async fn download_stdout(client: &Client, place: &Place) -> Result<(), Failure> {
    receive(client, place, &mut tokio::io::stdout())
        .await?
        .map_err(|error| Failure::other(format!("standard output: {error}")))
}

async fn receive(
    client: &Client,
    place: &Place,
    target: &mut (impl AsyncWrite + Unpin),
) -> Result<std::io::Result<()>, Failure> {
    let mut object = client.get_object(&place.bucket, place.object().map_err(Failure::usage)?).await?;
    let progress = bar(object.content_length());
    while let Some(piece) = object.chunk().await? {
        if let Err(error) = target.write_all(&piece).await {
            progress.finish_and_clear();
            return Ok(Err(error));
        }
        progress.inc(piece.len() as u64);
    }
    progress.finish_and_clear();
    Ok(target.flush().await)
}

/// A temporary file that gets the permissions of any new file once it has its name.
fn temporary_beside(parent: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tucuxi-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(parent)
}

fn only_files_sync(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::InvalidInput { Ok(()) } else { Err(error) }
}

/// A file as the body of a request.
struct FileBody {
    file: File,
    left: u64,
    progress: ProgressBar,
}

impl PollBody for FileBody {
    fn poll_chunk(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut buffer = vec![0; usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK)];
        let mut space = ReadBuf::new(&mut buffer);
        if let Err(error) = ready!(Pin::new(&mut self.file).poll_read(cx, &mut space)) {
            let error = HttpError::new(HttpErrorKind::Body, "the file could not be read").with_source(error);
            return Poll::Ready(Some(Err(error)));
        }
        let read = space.filled().len();
        if read == 0 {
            let error = HttpError::new(HttpErrorKind::Body, "the file became shorter while it was sent");
            return Poll::Ready(Some(Err(error)));
        }
        buffer.truncate(read);
        self.left -= read as u64;
        self.progress.inc(read as u64);
        Poll::Ready(Some(Ok(buffer.into())))
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.left)
    }
}

const CHUNK: usize = 256 * 1024;
const MAX_SINGLE_PUT: u64 = 5 * 1024 * 1024 * 1024;
