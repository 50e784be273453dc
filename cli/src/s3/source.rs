//! An open file as the body of a request, from its beginning at each attempt.

use std::fs::{File, Metadata};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::Bytes;
use indicatif::ProgressBar;
use tokio::task::{JoinHandle, spawn_blocking};
use tucuxi::{Body, HttpError, HttpErrorKind, PollBody};

/// A file that is sent, however often.
pub(crate) struct Source {
    file: Arc<File>,
    /// As messages call it.
    name: Arc<str>,
    /// What it was when it was first sent.
    was: Option<(u64, Option<SystemTime>)>,
    progress: ProgressBar,
}

impl Source {
    pub(crate) fn new(file: File, name: &str, progress: ProgressBar) -> Self {
        Self { file: Arc::new(file), name: name.into(), was: None, progress }
    }

    /// The whole file, if it still is what it was.
    pub(crate) fn body(&mut self) -> Result<Body, HttpError> {
        let metadata = self.file.metadata().map_err(|error| unreadable(&self.name, error))?;
        let is = state(&metadata);
        if *self.was.get_or_insert(is) != is {
            return Err(failed(format!("{} changed between two attempts to send it; copy it again", self.name)));
        }
        self.progress.set_position(0);
        Ok(Body::stream(Reading {
            file: Arc::clone(&self.file),
            name: Arc::clone(&self.name),
            at: 0,
            length: metadata.len(),
            next: None,
            progress: self.progress.clone(),
        }))
    }
}

fn state(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

/// One attempt's way through the file. It has a position of its own: an attempt that was given up may still be reading.
struct Reading {
    file: Arc<File>,
    name: Arc<str>,
    at: u64,
    length: u64,
    next: Option<JoinHandle<io::Result<Vec<u8>>>>,
    progress: ProgressBar,
}

impl PollBody for Reading {
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, HttpError>>> {
        let this = self.get_mut();
        if this.at == this.length {
            return Poll::Ready(None);
        }
        let (file, at) = (&this.file, this.at);
        let size = usize::try_from(this.length - at).unwrap_or(CHUNK).min(CHUNK);
        let next = this.next.get_or_insert_with(|| {
            let file = Arc::clone(file);
            spawn_blocking(move || piece(&file, at, size))
        });
        let read = ready!(Pin::new(next).poll(cx));
        this.next = None;
        Poll::Ready(Some(match read.map_err(io::Error::other).and_then(|read| read) {
            Err(error) => Err(unreadable(&this.name, error)),
            Ok(piece) if piece.is_empty() => Err(failed(format!("{} became shorter while it was sent", this.name))),
            Ok(piece) => {
                this.at += piece.len() as u64;
                this.progress.inc(piece.len() as u64);
                Ok(piece.into())
            }
        }))
    }

    fn remaining(&self) -> Option<u64> {
        Some(self.length - self.at)
    }
}

fn piece(file: &File, at: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; size];
    let read = read_at(file, &mut buffer, at)?;
    buffer.truncate(read);
    Ok(buffer)
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

fn unreadable(name: &str, error: io::Error) -> HttpError {
    failed(format!("{name} could not be read: {error}"))
}

fn failed(message: String) -> HttpError {
    HttpError::new(HttpErrorKind::Body, message)
}

const CHUNK: usize = 256 * 1024;
