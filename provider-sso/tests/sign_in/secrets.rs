//! No secret leaves.

use serde_json::Value;
use tucuxi_provider_sso::DeviceSignIn;
use tucuxi_testkit::{Canary, ScriptedHttp, assert_no_leak, block_on, capture};

use crate::support::{REGISTERED, settings, world};

#[test]
fn no_secret_leaves_by_an_error_or_the_log() {
    let names = ["device code", "client secret", "access token", "refresh token"];
    let canaries = names.map(Canary::new);
    let [device, client, access, refresh] = canaries.each_ref().map(|canary| Value::from(canary.value()).to_string());
    let echo =
        format!(r#"{{"error":{device},"error_description":{client},"accessToken":{access},"expiresIn":{refresh}}}"#);
    let registered = REGISTERED.replace(r#""CS""#, &client);
    let authorized =
        format!(r#"{{"deviceCode":{device},"userCode":"U","verificationUri":"https://d","expiresIn":600}}"#);
    for (register, authorize, poll) in [
        ((400, &echo), (200, &authorized), (200, &echo)),
        ((200, &registered), (400, &echo), (200, &echo)),
        ((200, &registered), (200, &authorized), (400, &echo)),
        ((200, &registered), (200, &authorized), (200, &echo)),
        ((200, &registered), (200, &echo), (200, &echo)),
    ] {
        let answers = [("register", register), ("authorization", authorize), ("token", poll)]
            .map(|(end, (status, body))| (end, status, body.clone()));
        let http = ScriptedHttp::from_fn(move |seen| {
            let (_, status, body) = answers.iter().find(|(end, ..)| seen.url.ends_with(end)).unwrap();
            Ok(http::Response::builder().status(*status).body(body.clone().into()).unwrap())
        });
        let context = world(&[], []).context.with_http(http);
        let mut shown = String::new();
        let (answer, logs) = capture(|| {
            block_on(async {
                let sign_in = DeviceSignIn::start(&context, settings()).await?;
                shown = format!("{sign_in:?}");
                sign_in.wait().await
            })
        });
        let error = answer.unwrap_err();
        assert_no_leak(&canaries, "error", &format!("{error} {error:?} {}", error.report()));
        assert_no_leak(&canaries, "log", &logs);
        assert_no_leak(&canaries, "Debug", &shown);
    }
}
