//! Servers that repeat what they were sent.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::{client, keys};
use tucuxi_core::{Body, HttpError, Response};
use tucuxi_s3_lite::Error;
use tucuxi_testkit::{Canary, ScriptedHttp, Seen, assert_no_leak, block_on, capture};

/// What a request says that nobody else should read.
fn secrets_of(seen: &Seen) -> [String; 3] {
    let authorization = seen.header("authorization").unwrap_or_default();
    let (_, signature) = authorization.rsplit_once("Signature=").unwrap_or_default();
    [seen.header("x-amz-security-token").unwrap_or_default().to_owned(), signature.to_owned(), authorization.to_owned()]
}

/// Refuses, saying `secret` wherever an answer can say something.
fn repeat(status: u16, secret: &str) -> Result<Response, HttpError> {
    let document = format!(
        "<Error><Code>Bad-{secret}</Code><Message>your headers: x={secret}, y=z</Message><RequestId>{secret}</RequestId>\
         <HostId>{secret}</HostId><Region>{secret}</Region><Endpoint>{secret}.s3.amazonaws.com</Endpoint></Error>"
    );
    let answer = http::Response::builder()
        .status(status)
        .header("x-amz-request-id", secret)
        .header("x-amz-bucket-region", secret)
        .header("location", format!("https://{secret}.s3.amazonaws.com/"));
    Ok(answer.body(Body::from(document)).unwrap())
}

fn told(failed: &Error) -> String {
    format!("{failed}\n{failed:?}\n{}\n{:?}\n{:?}", failed.report(), failed.code(), failed.bucket_region())
}

#[test]
fn no_secret_comes_back_in_an_error_or_a_log() {
    for status in [200, 301, 400, 403, 503] {
        for which in 0..3 {
            for part in [0..usize::MAX, 0..12] {
                let http = ScriptedHttp::from_fn(move |seen| {
                    let secret = &secrets_of(seen)[which];
                    repeat(status, &secret[part.start..part.end.min(secret.len())])
                });
                let (failed, log) = capture(|| {
                    block_on(client(&http).copy_object("bucket", "key", "bucket", "copy").into_future()).unwrap_err()
                });
                let seen = http.seen();
                let [token, signature, _] = secrets_of(seen.last().unwrap());
                let secrets = [
                    Canary::of("token", token),
                    Canary::of("signature", signature),
                    Canary::of("key", keys().secret_access_key()),
                ];
                assert_no_leak(&secrets, "the error", &told(&failed));
                assert_no_leak(&secrets, "the log", &log);
            }
        }
    }
}

#[test]
fn other_words_are_shown() {
    let http = ScriptedHttp::from_fn(|_| repeat(403, "eu-west-3"));
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    assert!(failed.to_string().contains("Bad-eu-west-3: your headers: x=eu-west-3, y=z"), "{failed}");
}
