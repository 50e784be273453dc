//! Only "not configured" moves a chain on, and every answer is recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tucuxi_core::{Chain, ChainBuilder, Credentials, Error, ErrorKind, ProvideCredentials, Verdict, from_fn};

fn answers(answer: Result<Credentials, Error>) -> (impl ProvideCredentials + 'static, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let provider = from_fn("source", move || {
        count.fetch_add(1, Ordering::SeqCst);
        let answer = answer.clone();
        async move { answer }
    });
    (provider, asked)
}

fn found(id: &str) -> Result<Credentials, Error> {
    Ok(Credentials::new(id, "secret"))
}

#[tokio::test]
async fn the_first_configured_source_answers_and_later_ones_are_not_asked() {
    let (absent, _) = answers(Err(Error::not_configured("nothing here")));
    let (first, _) = answers(found("FIRST"));
    let (second, asked) = answers(found("SECOND"));
    let chain = Chain::builder().link("a", absent).link("b", first).link("c", second).build();
    assert_eq!(chain.provide_credentials().await.unwrap().access_key_id(), "FIRST");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn every_other_failure_stops_the_chain_and_names_the_link() {
    for kind in [ErrorKind::InvalidConfig, ErrorKind::Denied, ErrorKind::Unavailable] {
        let (broken, _) = answers(Err(Error::new(kind, "broken")));
        let (next, asked) = answers(found("NEXT"));
        let error = Chain::builder().link("a", broken).link("b", next).build().provide_credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.link(), error.to_string().as_str()), (kind, Some("a"), "a: broken"));
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{kind:?}");
    }
}

#[tokio::test]
async fn an_exhausted_chain_lists_every_attempt_in_order() {
    let (a, _) = answers(Err(Error::not_configured("no a")));
    let (b, _) = answers(Err(Error::not_configured("no b")));
    let error = Chain::builder().link("a", a).link("b", b).build().provide_credentials().await.unwrap_err();
    assert!(error.is_not_configured());
    assert_eq!(error.attempts().iter().map(|attempt| attempt.id()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(error.report().contains("a: no a") && error.report().contains("try: "), "{}", error.report());
}

#[tokio::test]
async fn a_trace_asks_everybody_and_says_who_is_shadowed() {
    let (a, _) = answers(Err(Error::not_configured("no a")));
    let (b, _) = answers(found("B"));
    let (c, _) = answers(found("C"));
    let (d, _) = answers(Err(Error::invalid_config("half a pair")));
    let (e, _) = answers(Err(Error::unavailable("would ask 169.254.169.254").offline()));
    let chain = Chain::builder().link("a", a).link("b", b).link("c", c).link("d", d).link("e", e).build();
    let trace = chain.trace().await;
    assert_eq!(
        trace.verdicts().map(|(_, verdict)| verdict).collect::<Vec<_>>(),
        [Verdict::NotConfigured, Verdict::Used, Verdict::Shadowed, Verdict::ShadowedFailure, Verdict::NotAsked]
    );
    assert_eq!(trace.used().unwrap().access_key_id(), "B");
}

#[tokio::test]
async fn behind_a_failure_nothing_is_used() {
    let (a, _) = answers(Err(Error::invalid_config("half a pair")));
    let (b, _) = answers(found("B"));
    let trace = Chain::builder().link("a", a).link("b", b).build().trace().await;
    assert_eq!(trace.verdicts().map(|(_, verdict)| verdict).collect::<Vec<_>>(), [Verdict::Failed, Verdict::Shadowed]);
    assert!(trace.used().is_none());
}

#[test]
fn links_are_inserted_and_taken_out_by_their_identifiers() {
    let link = || Credentials::new("AKID", "secret");
    let chain = Chain::builder()
        .chain(Chain::builder().link("env", link()).link("iam-role", link()).build())
        .insert_before("iam-role", "vault", link())
        .insert_after("env", "file", link())
        .without("env")
        .build();
    assert_eq!(chain.ids().collect::<Vec<_>>(), ["file", "vault", "iam-role"]);
}

#[tokio::test]
async fn an_identifier_that_is_not_there_is_the_error_of_whoever_asks() {
    type Edit = fn(ChainBuilder, Credentials) -> ChainBuilder;
    let edits: [Edit; 4] = [
        |chain, keys| chain.insert_before("iam-rôle", "vault", keys),
        |chain, keys| chain.insert_after("iam-rôle", "vault", keys),
        |chain, keys| chain.replace("iam-rôle", keys),
        |chain, _| chain.without("iam-rôle").without("also-absent"),
    ];
    for edit in edits {
        let keys = || Credentials::new("AKID", "secret");
        let builder = Chain::builder().link("env", keys()).link("iam-role", keys());
        let chain = edit(builder, keys()).build();
        let error = chain.provide_credentials().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::InvalidConfig, "the chain has no link \"iam-rôle\"")
        );
        assert_eq!(error.hint(), Some("use one of its links: env, iam-role"));
        assert_eq!(chain.error().map(ToString::to_string), Some(error.to_string()));
        let trace = chain.trace().await;
        assert!(trace.used().is_none(), "{trace}");
        // Nor does it get lost in a longer chain.
        let longer = Chain::builder().link("first", keys()).chain(chain).build();
        assert!(longer.provide_credentials().await.is_err());
    }
    assert!(Chain::builder().link("env", Credentials::new("AKID", "secret")).build().error().is_none());
}

#[tokio::test]
async fn a_failure_at_the_end_tells_what_was_asked_before_it() {
    let chain = |kind: ErrorKind| {
        let (env, _) = answers(Err(Error::not_configured("AWS_ACCESS_KEY_ID is not set")));
        let (last, _) = answers(Err(Error::new(kind, "status 403").with_hint("turn it on")));
        Chain::builder().link("env", env).link("iam-role", last).build()
    };
    let env = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    let refused = chain(ErrorKind::Denied).provide_credentials().await.unwrap_err();
    assert_eq!(refused.attempts().iter().map(|attempt| attempt.id()).collect::<Vec<_>>(), ["env", "iam-role"]);
    assert_eq!(refused.hints().take(2).collect::<Vec<_>>(), ["turn it on", env]);
    // An outage is nobody's wrong setting.
    let outage = chain(ErrorKind::Unavailable).provide_credentials().await.unwrap_err();
    assert_eq!((outage.attempts().len(), outage.hints().collect::<Vec<_>>()), (2, vec!["turn it on"]));
    // A trace comes to the same.
    let traced = chain(ErrorKind::Denied).trace().await.outcome().map(|_| ()).unwrap_err();
    assert_eq!(traced.report(), refused.report());
    // In the middle it stops the chain on its own.
    let (next, _) = answers(found("NEXT"));
    let middle = Chain::builder().chain(chain(ErrorKind::Denied)).link("next", next).build();
    assert!(middle.provide_credentials().await.unwrap_err().attempts().is_empty());
}

#[tokio::test]
async fn the_outcome_of_a_trace_is_the_answer_of_the_chain() {
    let chain = |answer: Result<Credentials, Error>| {
        let (env, _) = answers(Err(Error::not_configured("AWS_ACCESS_KEY_ID is not set")));
        let (last, _) = answers(answer);
        Chain::builder().link("env", env).link("iam-role", last).build()
    };
    for answer in [
        found("ROLE"),
        Err(Error::not_configured("no role")),
        Err(Error::invalid_config("no URL")),
        Err(Error::unavailable("would ask").offline()),
    ] {
        let chain = chain(answer);
        let trace = chain.trace().await;
        match (trace.outcome(), chain.provide_credentials().await) {
            (Ok(traced), Ok(found)) => assert_eq!(traced, &found),
            (Err(traced), Err(error)) => {
                assert_eq!((traced.kind(), traced.to_string()), (error.kind(), error.to_string()));
            }
            (traced, found) => panic!("{traced:?}, but {found:?}"),
        }
    }
}
