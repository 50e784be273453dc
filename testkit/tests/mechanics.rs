//! Every part of the scenario format, used once by closures of this test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use tucuxi_core::{
    Body, BoxFuture, Command, Context, Credentials, Error, HttpErrorKind, HttpOptions, Request, Source, format_rfc3339,
};
use tucuxi_testkit::{Case, scenario};

type Answer<'a> = BoxFuture<'a, Result<Credentials, Error>>;

fn run(name: &str, resolve: impl for<'a> Fn(Context, &'a Case) -> Answer<'a>) -> Result<(), String> {
    scenario(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mechanics").join(name), resolve)
}

async fn text(context: &Context, path: &str) -> Result<String, Error> {
    let bytes = context.fs().read(Path::new(path), 1000).await;
    let bytes = bytes.map_err(|error| Error::invalid_config(format!("{path}: {error}")))?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

fn post(url: &str) -> Request {
    http::Request::post(url).header("accept", "x").header("x-list", "one, two").body(Body::from("hello")).unwrap()
}

fn asks(context: Context, case: &Case) -> Answer<'_> {
    Box::pin(async move {
        case.note("profile", case.profile().unwrap());
        case.note("region", case.region().unwrap());
        case.note("now", format_rfc3339(context.clock().now()));
        case.note("home", text(&context, "/home/user/.aws/config").await?);
        case.note("root", text(&context, "/etc/boto.cfg").await?);
        case.note("addresses", context.http().resolve("localhost").await?.len());
        let request = post(case.setting("url").unwrap().as_str().unwrap());
        let (parts, body) = context.http().send(request, HttpOptions::default()).await?.into_parts();
        let document: serde_json::Value = serde_json::from_slice(&body.collect(1000).await?).unwrap();
        let name = parts.headers["x-secret-name"].to_str().unwrap();
        let next = http::Request::get("http://localhost:1/next").body(Body::empty()).unwrap();
        let error = context.http().send(next, HttpOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Timeout);
        let secret = document[name].as_str().unwrap();
        Ok(Credentials::new("AKID", secret).with_source(Source::Custom("custom".into())))
    })
}

fn runs(context: Context, _: &Case) -> Answer<'_> {
    Box::pin(async move {
        let first = context.commands().run(Command::new("first", ["a b"])).await?;
        let second = context.commands().run(Command::new("second", [] as [&str; 0])).await?;
        assert_eq!((second.code, second.stderr_tail.as_slice()), (Some(3), &b"complaint"[..]));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ok(Credentials::new(text(&first.stdout), text(&second.stdout)))
    })
}

fn reads(context: Context, _: &Case) -> Answer<'_> {
    Box::pin(async move { text(&context, "/home/user/.aws/config").await.map(|text| Credentials::new("AKID", text)) })
}

fn sends(context: Context, _: &Case) -> Answer<'_> {
    Box::pin(async move {
        context.http().send(post("http://localhost/"), HttpOptions::default()).await?;
        Ok(Credentials::new("AKID", "SEKRITnever"))
    })
}

#[test]
fn each_part_reaches_the_closure() {
    for (name, resolve) in [
        ("http_files_and_facts", asks as for<'a> fn(Context, &'a Case) -> Answer<'a>),
        ("commands_in_order", runs),
        ("unreadable_file", reads),
        ("offline", sends),
    ] {
        assert_eq!(run(name, resolve), Ok(()));
    }
}

#[test]
fn what_is_left_undone_fails_the_case() {
    fn idle(_: Context, _: &Case) -> Answer<'_> {
        Box::pin(async { Ok(Credentials::new("AKID", "short")) })
    }
    let problems = run("http_files_and_facts", idle).unwrap_err();
    for piece in ["was not asked: POST", "was not asked: GET", "region is None", "too short to be recognised"] {
        assert!(problems.contains(piece), "{piece}: {problems}");
    }
    let problems = run("commands_in_order", idle).unwrap_err();
    assert!(problems.contains("was not run: first") && problems.contains("was not run: second"), "{problems}");
}

#[test]
fn a_fact_that_shows_a_secret_fails_the_case() {
    fn leaks(context: Context, case: &Case) -> Answer<'_> {
        Box::pin(async move {
            case.note("oops", "SEKRITtwoTwoTwo");
            runs(context, case).await
        })
    }
    let problems = run("commands_in_order", leaks).unwrap_err();
    assert!(problems.contains("a fact shows the"), "{problems}");
}

#[test]
fn a_log_that_shows_a_secret_fails_the_case() {
    fn leaks(context: Context, case: &Case) -> Answer<'_> {
        Box::pin(async move {
            let credentials = runs(context, case).await?;
            tracing::trace!(secret = credentials.secret_access_key(), "done");
            Ok(credentials)
        })
    }
    let problems = run("commands_in_order", leaks).unwrap_err();
    assert!(problems.contains("the log shows the"), "{problems}");
}
