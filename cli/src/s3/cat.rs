//! `tucuxi s3 cat`.

use tucuxi::s3::{Client, GetObject};

use super::Place;
use crate::failure::Failure;
use crate::output::Output;

/// Writes an object, or some bytes of it, to standard output.
pub(crate) async fn run(
    client: &Client,
    place: &Place,
    range: Option<&str>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut request = client.get_object(&place.bucket, place.object().map_err(Failure::usage)?);
    if let Some(text) = range {
        request = match wanted(text)? {
            Bytes::Between(first, last) => request.range(first..=last),
            Bytes::From(first) => request.range(first..),
            Bytes::Last(count) => request.last_bytes(count),
        };
    }
    print(request, output).await
}

/// Writes what was asked for to standard output.
pub(crate) async fn print(request: GetObject, output: &mut Output) -> Result<(), Failure> {
    let mut object = request.await?;
    while let Some(piece) = object.chunk().await? {
        output.write(&piece)?;
    }
    Ok(())
}

/// Finds what makes no sense.
pub(crate) fn check(place: &Place, range: Option<&str>) -> Result<(), Failure> {
    place.object().map_err(Failure::usage)?;
    range.map_or(Ok(()), |text| wanted(text).map(drop))
}

fn wanted(text: &str) -> Result<Bytes, Failure> {
    parse(text).ok_or_else(|| Failure::usage(format!("--range: {text:?} is no FIRST-LAST, FIRST- or -COUNT")))
}

#[derive(Debug, PartialEq, Eq)]
enum Bytes {
    Between(u64, u64),
    From(u64),
    Last(u64),
}

fn parse(text: &str) -> Option<Bytes> {
    let (first, last) = text.split_once('-')?;
    match (first, last) {
        ("", count) => count.parse().ok().filter(|count| *count > 0).map(Bytes::Last),
        (first, "") => first.parse().ok().map(Bytes::From),
        (first, last) => {
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some(Bytes::Between(first, last))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_http_writes_them() {
        for (text, expected) in [
            ("0-9", Some(Bytes::Between(0, 9))),
            ("5-", Some(Bytes::From(5))),
            ("-10", Some(Bytes::Last(10))),
            ("9-0", None),
            ("-", None),
            ("-0", None),
            ("5", None),
            ("a-b", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
