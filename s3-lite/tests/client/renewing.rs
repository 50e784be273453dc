//! Keys that are renewed on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::{KEY, client, error, header, world};
use tucuxi_core::{Body, Clock, Credentials, from_fn};
use tucuxi_s3_lite::Client;
use tucuxi_testkit::{Exchange, ScriptedHttp, block_on, context};

/// A client whose source gives another key each time, and how often it was asked.
fn renewing(http: &ScriptedHttp) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let provider = from_fn("vault", move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Credentials::new(format!("AKID{number}"), "secret")) }
    });
    (Client::builder(&world(http).0).credentials(provider).region("eu-west-1").deferred(), asked)
}

#[test]
fn a_rejected_key_is_renewed_once() {
    for code in ["ExpiredToken", "InvalidAccessKeyId", "TokenRefreshRequired", "ExpiredTokenException"] {
        let http = ScriptedHttp::new([
            Exchange::get(KEY).answers(403, error(code, "")),
            Exchange::get(KEY).answers(200, "hello"),
        ]);
        let (s3, asked) = renewing(&http);
        block_on(s3.get_object("bucket", "key").into_future()).unwrap();
        http.assert_done();
        assert!(header(&http, 0, "authorization").contains("Credential=AKID0/"), "{code}");
        assert!(header(&http, 1, "authorization").contains("Credential=AKID1/"), "{code}");
        assert_eq!(asked.load(Ordering::Relaxed), 2);

        let rejects = || Exchange::get(KEY).answers(403, error(code, ""));
        let http = ScriptedHttp::new([rejects(), rejects()]);
        let failed = block_on(renewing(&http).0.get_object("bucket", "key").into_future()).unwrap_err();
        assert!(failed.report().contains("AKID1 from vault"), "{}", failed.report());
        http.assert_done();
    }
    // A source without another key is not asked to sign the same thing again.
    let http = ScriptedHttp::new([Exchange::get(KEY).answers(403, error("InvalidAccessKeyId", ""))]);
    let failed = block_on(client(&http).get_object("bucket", "key").into_future()).unwrap_err();
    assert!(failed.is_access_denied());
    http.assert_done();
    let (s3, asked) = renewing(&ScriptedHttp::new([Exchange::get(KEY).answers(403, error("AccessDenied", ""))]));
    assert!(block_on(s3.get_object("bucket", "key").into_future()).is_err());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn what_expired_on_the_way_is_renewed_whatever_the_answer_says() {
    // A HEAD's answer gives no reason, and some servers give another when a session ends under their eyes.
    for (took, head, code, renewed) in [
        (10, true, "", true),
        (10, false, "AccessDenied", true),
        (1, true, "", false),
        (1, false, "AccessDenied", false),
    ] {
        let clock = tucuxi_testkit::FakeClock::auto();
        let (moved, ends) = (clock.clone(), clock.now() + Duration::from_secs(5));
        let http = ScriptedHttp::from_fn(move |seen| {
            moved.advance(Duration::from_secs(took));
            let old = seen.header("authorization").unwrap_or_default().contains("=AKID0/");
            let (status, body) = if old { (403, error(code, "")) } else { (200, String::new()) };
            let body = if head { Body::empty() } else { Body::from(body) };
            Ok(http::Response::builder().status(status).body(body).unwrap())
        });
        let asked = AtomicUsize::new(0);
        let provider = from_fn("vault", move || {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            let keys = Credentials::new(format!("AKID{number}"), "secret");
            async move { Ok(if number == 0 { keys.with_expires_at(ends) } else { keys }) }
        });
        let context = context().with_clock(clock).with_http(http.clone());
        let s3 = Client::builder(&context).credentials(provider).region("eu-west-1").deferred();
        let outcome = match head {
            true => block_on(s3.head_object("bucket", "key").into_future()).is_ok(),
            false => block_on(s3.get_object("bucket", "key").into_future()).is_ok(),
        };
        assert_eq!((outcome, http.seen().len()), (renewed, 1 + usize::from(renewed)), "{took} {head}");
    }
}
