//! `tucuxi s3`: buckets and objects.

mod bucket;
mod cat;
mod cp;
mod list;
mod place;
mod presign;
mod progress;
mod remove;
mod source;
mod transfer;
mod tree;

use tucuxi::Session;
use tucuxi::s3::Client;

pub(crate) use self::place::Place;
use crate::args::S3Verb;
use crate::failure::Failure;
use crate::output::Output;

/// Finds what makes no sense whoever asks and wherever.
pub(crate) fn check(verb: &S3Verb) -> Result<(), Failure> {
    match verb {
        S3Verb::Cp { from, to, recursive, .. } => cp::check(from, to, *recursive),
        S3Verb::Cat { place, range, .. } => cat::check(place, range.as_deref()),
        S3Verb::Presign { place, .. } | S3Verb::Rm { place, recursive: false, .. } => {
            place.object().map(drop).map_err(Failure::usage)
        }
        S3Verb::Mb { place } | S3Verb::Rb { place, .. } => place.only_bucket().map(drop).map_err(Failure::usage),
        S3Verb::Ls { .. } | S3Verb::Rm { .. } => Ok(()),
    }
}

/// Runs one S3 verb.
pub(crate) async fn run(session: &Session, verb: &S3Verb, output: &mut Output) -> Result<(), Failure> {
    match verb {
        S3Verb::Ls { place: None, json, signing, .. } => {
            bucket::list(&client(session, signing.no_sign_request)?, *json, output).await
        }
        S3Verb::Ls { place: Some(place), recursive, json, signing } => {
            list::run(&client(session, signing.no_sign_request)?, place, *recursive, *json, output).await
        }
        S3Verb::Mb { place } => bucket::make(&client(session, false)?, place, output).await,
        S3Verb::Rb { place, force } => bucket::remove(&client(session, false)?, place, *force, output).await,
        S3Verb::Cp { from, to, recursive, content_type, json, signing } => {
            let copy = cp::Copy { recursive: *recursive, content_type: content_type.as_deref(), json: *json };
            cp::run(&client(session, signing.no_sign_request)?, from, to, &copy, output).await
        }
        S3Verb::Cat { place, range, signing } => {
            cat::run(&client(session, signing.no_sign_request)?, place, range.as_deref(), output).await
        }
        S3Verb::Rm { place, recursive, json } => {
            remove::run(&client(session, false)?, place, *recursive, *json, output).await
        }
        S3Verb::Presign { place, expires_in, put } => {
            presign::run(&client(session, false)?, place, *expires_in, *put, output).await
        }
    }
}

fn client(session: &Session, anonymous: bool) -> Result<Client, Failure> {
    let client = session.s3();
    Ok(if anonymous { client.anonymous() } else { client })
}
