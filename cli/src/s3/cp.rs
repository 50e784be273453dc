//! `tucuxi s3 cp`.

use std::path::{Path, PathBuf};

use serde_json::json;
use tucuxi::s3::Client;

use super::{Place, cat, transfer, tree};
use crate::failure::{Failure, PARTIAL};
use crate::output::{Output, note, printable, printable_path};

/// How to copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copy<'a> {
    pub(crate) recursive: bool,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) json: bool,
}

/// One end of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `-`.
    Standard,
    /// A file or directory.
    File(PathBuf),
    /// `s3://bucket/key`.
    Object(Place),
}

impl End {
    fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "-" => Ok(Self::Standard),
            _ if text.starts_with("s3://") => text.parse().map(Self::Object).map_err(Failure::usage),
            _ => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

/// Whether the ends fit together, as far as nobody has to look.
pub(crate) fn check(from: &str, to: &str, recursive: bool) -> Result<(), Failure> {
    match (End::parse(from)?, End::parse(to)?) {
        (End::Object(_) | End::File(_), End::Object(_)) | (End::Object(_), End::File(_)) => Ok(()),
        _ if recursive => Err(Failure::usage("a tree is copied between a directory and s3://BUCKET/PREFIX")),
        (End::Object(_), _) | (_, End::Object(_)) => Ok(()),
        _ => Err(Failure::usage("one side must be s3://BUCKET/KEY")),
    }
}

/// Copies one object or a tree.
pub(crate) async fn run(
    client: &Client,
    from: &str,
    to: &str,
    copy: &Copy<'_>,
    output: &mut Output,
) -> Result<(), Failure> {
    let (source, target) = (End::parse(from)?, End::parse(to)?);
    let is_upload = matches!((&source, &target), (End::File(_) | End::Standard, End::Object(_)));
    if copy.content_type.is_some() && !is_upload {
        return Err(Failure::usage("--content-type is for uploads: give it where the target alone is s3://BUCKET/KEY"));
    }
    if copy.recursive {
        return recursive(client, &source, &target, copy, output).await;
    }
    let target = named(&source, target)?;
    one(client, &source, &target, copy, output).await?;
    if target == End::Standard { Ok(()) } else { output.print(&line(&source, &target, copy.json)) }
}

/// Gives the target the source's name where it names only a directory, bucket or prefix.
fn named(source: &End, target: End) -> Result<End, Failure> {
    let name = match source {
        End::Standard => None,
        End::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
        End::Object(place) => place.key.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned),
    };
    let nameless = || Failure::usage("the source has no name; say what the copy is to be called");
    if let End::File(path) = source
        && path.is_dir()
    {
        return Err(Failure::usage(format!(
            "{} is a directory; use --recursive for all that is in it",
            printable_path(path)
        )));
    }
    Ok(match target {
        End::Object(mut place) if place.key.is_empty() || place.key.ends_with('/') => {
            place.key.push_str(&name.ok_or_else(nameless)?);
            End::Object(place)
        }
        End::File(path) if path.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::MAIN_SEPARATOR) => {
            let name = name.ok_or_else(nameless)?;
            let inside =
                tree::inside(&path, &name).ok_or_else(|| Failure::usage(format!("{name:?} is no file name")))?;
            End::File(inside)
        }
        other => other,
    })
}

async fn one(client: &Client, source: &End, target: &End, copy: &Copy<'_>, output: &mut Output) -> Result<(), Failure> {
    match (source, target) {
        (End::File(path), End::Object(place)) => transfer::upload(client, path, place, copy.content_type).await,
        (End::Standard, End::Object(place)) => transfer::upload_stdin(client, place, copy.content_type).await,
        (End::Object(place), End::File(path)) => transfer::download(client, place, path).await,
        (End::Object(place), End::Standard) => {
            let key = place.object().map_err(Failure::usage)?;
            cat::print(client.get_object(&place.bucket, key), output).await
        }
        (End::Object(from), End::Object(to)) => {
            let (source, target) = (from.object().map_err(Failure::usage)?, to.object().map_err(Failure::usage)?);
            client.copy_object(&from.bucket, source, &to.bucket, target).await?;
            Ok(())
        }
        _ => Err(Failure::usage("one side must be s3://BUCKET/KEY")),
    }
}

async fn recursive(
    client: &Client,
    source: &End,
    target: &End,
    copy: &Copy<'_>,
    output: &mut Output,
) -> Result<(), Failure> {
    let pairs: Vec<(End, Result<End, String>)> = match (source, target) {
        (End::File(root), End::Object(place)) => tree::uploads(root, place)?,
        (End::Object(place), End::File(root)) => tree::downloads(&keys(client, place).await?, place, root),
        (End::Object(from), End::Object(to)) => tree::copies(&keys(client, from).await?, from, to),
        _ => return Err(Failure::usage("a tree is copied between a directory and s3://BUCKET/PREFIX")),
    };
    let mut failed = 0_usize;
    for (source, target) in pairs {
        let outcome = match &target {
            Ok(target) => one(client, &source, target, copy, output).await.map_err(|failure| failure.to_string()),
            Err(reason) => Err(reason.clone()),
        };
        match (outcome, target) {
            (Ok(()), Ok(target)) => output.print(&line(&source, &target, copy.json))?,
            (Err(reason), _) => {
                failed += 1;
                note(&format!("{}: {reason}", shown(&source)));
            }
            (Ok(()), Err(_)) => {}
        }
    }
    match failed {
        0 => Ok(()),
        count => Err(Failure::new(PARTIAL, format!("{count} copies failed"))),
    }
}

async fn keys(client: &Client, place: &Place) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::new();
    let mut objects = client.list_objects(&place.bucket).prefix(&place.key).objects();
    while let Some(object) = objects.try_next().await? {
        keys.push(object.key().to_owned());
    }
    Ok(keys)
}

fn line(source: &End, target: &End, json: bool) -> String {
    let (source, target) = (plain(source), plain(target));
    if json {
        format!("{}\n", json!({ "operation": "cp", "source": source, "destination": target, "success": true }))
    } else {
        format!("copied {} to {}\n", printable(&source), printable(&target))
    }
}

fn plain(end: &End) -> String {
    match end {
        End::Standard => "-".to_owned(),
        End::File(path) => Path::display(path).to_string(),
        End::Object(place) => place.to_string(),
    }
}

fn shown(end: &End) -> String {
    printable(&plain(end))
}
