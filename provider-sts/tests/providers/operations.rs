//! An assertion, and a session of one's own, as sources of credentials.

use tucuxi_provider_sts::{AssumeRoleWithSaml, SamlProvider, SessionTokenProvider, TokenSource, mfa_from_fn};

use super::*;

fn saml(context: &Context, assertion: impl Into<TokenSource>) -> SamlProvider {
    let role = AssumeRoleWithSaml::new(ROLE, "arn:aws:iam::123456789012:saml-provider/corp");
    SamlProvider::new(context, Sts::new(context, StsSettings::default()), role, assertion)
}

#[test]
fn an_assertion_comes_from_a_file_a_callback_or_a_reader_and_goes_in_one_line() {
    let sources = [
        TokenSource::from("/assertion"),
        TokenSource::from_fn(|| async { Ok(Secret::new("PHNh bWw+")) }),
        TokenSource::reader(&b"PHNh\r\nbWw+\n"[..]),
    ];
    for source in sources {
        let answered =
            Exchange::post(URL).with_body("SAMLAssertion=PHNhbWw%2B").answers(200, session("AssumeRoleWithSAML", "s"));
        let (context, http) = world([answered]);
        let context = context.with_fs(Fs::fake([("/assertion", "PHNh\nbWw+\n")]));
        let found = block_on(saml(&context, source).provide_credentials()).unwrap();
        http.assert_done();
        assert_eq!(found.provenance().to_string(), "assume-role-with-saml pod");
        assert!(http.seen()[0].header("authorization").is_none());
    }
}

#[test]
fn what_holds_for_every_provider_of_operations() {
    let answers =
        |action: &str, secret: &Canary| world([Exchange::post(URL).answers(200, session(action, secret.value()))]).0;
    let half = |action: &str, secret: &Canary| {
        let answer = session(action, secret.value());
        world([Exchange::post(URL).answers(200, &answer.as_bytes()[..answer.len() - 60])]).0
    };
    let assertion = || TokenSource::from_fn(|| async { Ok(Secret::new("PHNhbWw+")) });
    contract("assume-role-with-saml", move |context| Arc::new(saml(context, assertion())))
        .asked_for()
        .configured("a session", &["secret"], |secrets| answers("AssumeRoleWithSAML", &secrets[0]))
        .broken("half an answer", ErrorKind::Unavailable, &["secret"], |secrets| {
            half("AssumeRoleWithSAML", &secrets[0])
        })
        .run();
    let own = |context: &Context| {
        let sts = Sts::new(context, StsSettings::default());
        Arc::new(SessionTokenProvider::new(sts, keys()))
    };
    contract("session-token", own)
        .asked_for()
        .configured("a session", &["secret"], |secrets| answers("GetSessionToken", &secrets[0]))
        .broken("half an answer", ErrorKind::Unavailable, &["secret"], |secrets| half("GetSessionToken", &secrets[0]))
        .run();
}

#[test]
fn an_assertion_that_cannot_be_one_is_not_sent() {
    let (context, http) = world([]);
    let context = context.with_fs(Fs::fake([("/xml", "<samlp:Response>")]));
    let error = block_on(saml(&context, "/xml").provide_credentials()).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::InvalidConfig, "the SAML assertion file /xml is not base64")
    );
    let nobody = TokenSource::from_fn(|| async { Err(Error::denied("nobody signed in")) });
    let error = block_on(saml(&context, nobody).provide_credentials()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Denied, "nobody signed in"));
    http.assert_done();
}

#[test]
fn a_session_token_shows_the_mfa_device_at_each_fetch() {
    let serial = "arn:aws:iam::123456789012:mfa/me";
    let answered = |code: &str| {
        Exchange::post(URL)
            .with_body(format!(
                "DurationSeconds=900&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme&TokenCode={code}"
            ))
            .answers(200, session("GetSessionToken", "s"))
    };
    let (context, http) = world([answered("000001"), answered("000002")]);
    let asked = std::sync::atomic::AtomicU32::new(0);
    let prompt = mfa_from_fn(move |_| {
        let count = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        async move { Ok(Secret::new(format!("{count:06}"))) }
    });
    let provider = SessionTokenProvider::new(Sts::new(&context, StsSettings::default()), keys())
        .with_duration(Duration::from_secs(900))
        .with_mfa(serial, Arc::new(prompt));
    for _ in 0..2 {
        let found = block_on(provider.provide_credentials()).unwrap();
        assert_eq!(found.provenance().to_string(), "explicit keys > get-session-token");
    }
    http.assert_done();
}

#[test]
fn a_session_token_wants_long_term_keys_and_somebody_to_ask() {
    let (context, http) = world([]);
    let sts = Sts::new(&context, StsSettings::default());
    let check = |provider: SessionTokenProvider, kind: ErrorKind, says: &str| {
        let error = block_on(provider.provide_credentials()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    };
    let temporary = Arc::new(Credentials::new("ASIA", "secret").with_session_token("t"));
    check(SessionTokenProvider::new(sts.clone(), temporary), ErrorKind::InvalidConfig, "long-term keys only");
    let nobody = SessionTokenProvider::new(sts.clone(), keys()).with_mfa_serial("arn:aws:iam::1:mfa/me");
    check(nobody, ErrorKind::Denied, "the MFA device arn:aws:iam::1:mfa/me");
    let absent: SharedProvider = Arc::new(from_fn("none", || async { Err(Error::not_configured("no keys here")) }));
    check(SessionTokenProvider::new(sts, absent), ErrorKind::InvalidConfig, "no keys here");
    http.assert_done();
}
