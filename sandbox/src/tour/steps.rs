//! What can be done with credentials: with S3 step by step, and with any other service. Each result is compared.

use std::time::Duration;

use http::Request;
use tucuxi::s3::{Client, Error};
use tucuxi::{Body, Session};
use tucuxi_core::{HttpError, HttpOptions};

use super::Step;

/// Every step with S3; a failure is the last one, since the next step builds on it.
pub(super) async fn all(session: &Session) -> Vec<Step> {
    let mut steps = Vec::new();
    // What failed is noted with its step.
    let _ = walk(session, &mut steps).await;
    steps
}

async fn walk(session: &Session, steps: &mut Vec<Step>) -> Result<(), Failed> {
    let s3 = session.s3();
    note(steps, "list buckets", buckets(&s3).await)?;
    note(steps, "create a bucket", s3.create_bucket(BUCKET).await.map(|_| quoted(BUCKET)).map_err(report))?;
    note(steps, "put an object", s3.put_object(BUCKET, KEY).body(TEXT).await.map(|_| quoted(KEY)).map_err(report))?;
    note(steps, "get it", whole(&s3).await)?;
    note(steps, "get a range", range(&s3).await)?;
    note(steps, "list objects", objects(&s3).await)?;
    note(steps, "get a presigned URL", presigned(session, &s3).await)?;
    note(steps, "delete the object", s3.delete_object(BUCKET, KEY).await.map(|_| quoted(KEY)).map_err(report))?;
    note(steps, "see that it is gone", gone(&s3).await)?;
    note(steps, "delete the bucket", s3.delete_bucket(BUCKET).await.map(|_| quoted(BUCKET)).map_err(report))
}

/// A step has failed.
struct Failed;

fn note(steps: &mut Vec<Step>, action: &'static str, outcome: Result<String, String>) -> Result<(), Failed> {
    let failed = outcome.is_err();
    steps.push(Step { action, outcome });
    if failed { Err(Failed) } else { Ok(()) }
}

async fn buckets(s3: &Client) -> Result<String, String> {
    let mut names = Vec::new();
    let mut buckets = s3.buckets();
    while let Some(bucket) = buckets.try_next().await.map_err(report)? {
        names.push(bucket.name().to_owned());
    }
    expect(names.len(), 0, "none yet")
}

async fn whole(s3: &Client) -> Result<String, String> {
    let object = s3.get_object(BUCKET, KEY).await.map_err(report)?;
    let text = object.text().await.map_err(report)?;
    expect(text.as_str(), TEXT, &quoted(TEXT))
}

async fn range(s3: &Client) -> Result<String, String> {
    let object = s3.get_object(BUCKET, KEY).range(4..9).await.map_err(report)?;
    let text = object.text().await.map_err(report)?;
    expect(text.as_str(), &TEXT[4..9], &format!("bytes 4 to 8 are {:?}", &TEXT[4..9]))
}

async fn objects(s3: &Client) -> Result<String, String> {
    let mut found = Vec::new();
    let mut objects = s3.list_objects(BUCKET).objects();
    while let Some(object) = objects.try_next().await.map_err(report)? {
        found.push((object.key().to_owned(), object.size()));
    }
    let size = TEXT.len() as u64;
    expect(found, vec![(KEY.to_owned(), size)], &format!("{KEY:?}, {size} bytes"))
}

async fn presigned(session: &Session, s3: &Client) -> Result<String, String> {
    let presigned = s3.get_object(BUCKET, KEY).presign(Duration::from_secs(60)).await.map_err(report)?;
    let request = Request::get(presigned.url()).body(Body::empty()).map_err(|error| error.to_string())?;
    let failed = |error: HttpError| error.to_string();
    let options = HttpOptions::within(Duration::from_secs(3), Duration::from_secs(10));
    let response = session.context().http().send(request, options).await.map_err(failed)?;
    let bytes = response.into_body().collect(1024).await.map_err(failed)?;
    expect(&*bytes, TEXT.as_bytes(), "works without keys, for a minute")
}

async fn gone(s3: &Client) -> Result<String, String> {
    match s3.head_object(BUCKET, KEY).await {
        Err(error) if error.is_not_found() => Ok("not found".to_owned()),
        Err(error) => Err(report(error)),
        Ok(_) => Err("it is still there".to_owned()),
    }
}

/// Any request to any service; this one asks STS who asks, which the client of STS knows too.
pub(super) async fn other(session: &Session) -> Step {
    Step { action: "ask another service", outcome: identity(session).await }
}

async fn identity(session: &Session) -> Result<String, String> {
    let question = Request::post("/").body("Action=GetCallerIdentity&Version=2011-06-15");
    let question = question.map_err(|error| error.to_string())?;
    let response = session.send("sts", question).await.map_err(|error| error.report())?;
    let status = response.status();
    let document = response.into_body().collect(64 * 1024).await.map_err(|error| error.to_string())?;
    let document = String::from_utf8_lossy(&document);
    let arn = document.split_once("<Arn>").and_then(|(_, rest)| rest.split_once("</Arn>"));
    let (arn, _) = arn.ok_or_else(|| format!("STS answered with status {status}"))?;
    let expected = session.caller_identity().await.map_err(|error| error.report())?;
    expect(arn, expected.arn(), arn)
}

fn expect<T: PartialEq>(found: T, expected: T, told: &str) -> Result<String, String> {
    if found == expected { Ok(told.to_owned()) } else { Err("the answer is not what was expected".to_owned()) }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn report(error: Error) -> String {
    error.report()
}

const BUCKET: &str = "tour";
/// A key that careless software turns into another one.
const KEY: &str = "hello//wörld +1.txt";
const TEXT: &str = "the small, quick one";
