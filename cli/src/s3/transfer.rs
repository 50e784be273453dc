//! One file to or from one object.

use std::path::Path;

use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tucuxi::s3::{Client, GetObjectOutput};

use super::Place;
use super::progress::bar;
use super::source::Source;
use crate::failure::Failure;
use crate::output::printable_path;

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
        return Err(Failure::usage(format!("{} is a directory; use --recursive", printable_path(path))));
    }
    if !metadata.is_file() {
        return Err(Failure::usage(format!("{} is no regular file; pipe it in with `-`", printable_path(path))));
    }
    put(client, file, &printable_path(path), metadata.len(), place, content_type).await
}

/// Uploads standard input. S3 wants the length first and may ask for the bytes again, so they wait in a temporary file.
pub(crate) async fn upload_stdin(client: &Client, place: &Place, content_type: Option<&str>) -> Result<(), Failure> {
    let spool = tempfile::tempfile().map_err(|error| Failure::other(format!("a temporary file: {error}")))?;
    let mut spool = File::from_std(spool);
    let length = tokio::io::copy(&mut tokio::io::stdin(), &mut spool)
        .await
        .map_err(|error| Failure::other(format!("standard input: {error}")))?;
    spool.flush().await.map_err(|error| Failure::other(format!("a temporary file: {error}")))?;
    put(client, spool, "the temporary file", length, place, content_type).await
}

async fn put(
    client: &Client,
    file: File,
    name: &str,
    length: u64,
    place: &Place,
    content_type: Option<&str>,
) -> Result<(), Failure> {
    if length > MAX_SINGLE_PUT {
        return Err(Failure::other("the file is larger than the 5 GiB that S3 takes in one request"));
    }
    let progress = bar(Some(length));
    let mut source = Source::new(file.into_std().await, name, progress.clone());
    let request = client.put_object(&place.bucket, place.object().map_err(Failure::usage)?);
    let mut request = request.body_from(move || source.body());
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
    // First, so that an object that is not there leaves nothing here.
    let object = client.get_object(&place.bucket, place.object().map_err(Failure::usage)?).await?;
    if tokio::fs::metadata(path).await.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        // A device or pipe is written to, not replaced.
        let mut file = File::options().write(true).open(path).await.map_err(|error| fail(&error))?;
        receive(object, &mut file).await?.map_err(|error| fail(&error))?;
        return file.sync_all().await.or_else(only_files_sync).map_err(|error| fail(&error));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| Failure::file(parent, &error))?;
    let temporary = temporary_beside(parent).map_err(|error| fail(&error))?;
    let mut file = File::from_std(temporary.reopen().map_err(|error| fail(&error))?);
    receive(object, &mut file).await?.map_err(|error| fail(&error))?;
    file.sync_all().await.map_err(|error| fail(&error))?;
    temporary.persist(path).map_err(|error| fail(&error.error))?;
    Ok(())
}

async fn receive(mut object: GetObjectOutput, file: &mut File) -> Result<std::io::Result<()>, Failure> {
    let progress = bar(object.content_length());
    while let Some(piece) = object.chunk().await? {
        if let Err(error) = file.write_all(&piece).await {
            progress.finish_and_clear();
            return Ok(Err(error));
        }
        progress.inc(piece.len() as u64);
    }
    progress.finish_and_clear();
    Ok(file.flush().await)
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

const MAX_SINGLE_PUT: u64 = 5 * 1024 * 1024 * 1024;
