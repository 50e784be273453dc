//! What every provider owes, and that no secret leaves.

use std::sync::Arc;

use serde_json::Value;
use tucuxi_core::{Env, ErrorKind, Fs};
use tucuxi_provider_sso::SsoProvider;
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, context, contract, response};

use crate::support::{FILE, GRANTED, ROLE, TOKEN, settings, setup, sign_in};

#[test]
fn no_secret_leaves_by_an_error() {
    for (status, body) in [(401, "CANARY"), (200, "CANARY"), (403, r#"{"__type":"CANARY CANARY"}"#), (500, "CANARY")] {
        let canary = Canary::new("token");
        // Nothing to refresh with, so that a refusal is the end.
        let file = sign_in("08:00:00").replace("OLD", canary.value()).replace("refreshToken", "another");
        let asked = || Exchange::get(ROLE).answers(status, body.replace("CANARY", canary.value()));
        let times = if status == 500 { 3 } else { 1 };
        let error = setup(Some(&file), (0..times).map(|_| asked())).provide().unwrap_err();
        assert_no_leak(&[canary], "error", &format!("{error} {error:?} {}", error.report()));
    }
}

#[test]
fn the_contract_of_every_provider() {
    let world = |file: String, http: ScriptedHttp| {
        context()
            .with_env(Env::fake([("HOME", "/home/u")]))
            .with_fs(Fs::fake([(FILE, file)]))
            .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z"))
            .with_http(http)
    };
    let file = |ends: &str, secrets: &[Canary]| {
        let places = [r#""OLD""#, r#""RT""#, r#""CS""#];
        places
            .iter()
            .zip(&secrets[2..])
            .fold(sign_in(ends), |file, (place, secret)| file.replace(place, &Value::from(secret.value()).to_string()))
    };
    let names = ["secret", "session token", "access token", "refresh token", "client secret"];
    let granted = |secrets: &[Canary]| {
        GRANTED
            .replace(r#""s""#, &Value::from(secrets[0].value()).to_string())
            .replace(r#""t""#, &Value::from(secrets[1].value()).to_string())
    };
    let echo = |secrets: &[Canary]| {
        serde_json::json!({"error": secrets[2].value(), "message": secrets[3].value(), "x": secrets[4].value()})
            .to_string()
    };
    contract("sso", |context| {
        // Without a sign-in there is nothing that would need the network.
        let context = match context.env().home() {
            Some(_) => context.clone(),
            None => context
                .clone()
                .with_env(Env::fake([("HOME", "/home/u")]))
                .with_fs(Fs::fake([(FILE, sign_in("08:00:00"))]))
                .with_clock(FakeClock::auto().at("2026-01-01T00:00:00Z")),
        };
        Arc::new(SsoProvider::new(&context, settings()))
    })
    .asked_for()
    .configured("a sign-in that lasts", &names, |secrets| {
        world(file("08:00:00", secrets), ScriptedHttp::always(200, granted(secrets)))
    })
    .configured("a refresh that fails", &names, |secrets| {
        let (granted, echo) = (granted(secrets), echo(secrets));
        let http = ScriptedHttp::from_fn(move |seen| {
            let (status, body) = if seen.url == TOKEN { (400, &echo) } else { (200, &granted) };
            Ok(response(status, body))
        });
        world(file("00:04:00", secrets), http)
    })
    .broken("a refusal", ErrorKind::Denied, &names, |secrets| {
        world(file("08:00:00", secrets), ScriptedHttp::always(403, echo(secrets)))
    })
    .broken("a revoked sign-in", ErrorKind::Denied, &names, |secrets| {
        world(file("08:00:00", secrets), ScriptedHttp::always(401, echo(secrets)))
    })
    .broken("an outage", ErrorKind::Unavailable, &names, |secrets| {
        world(file("08:00:00", secrets), ScriptedHttp::always(500, echo(secrets)))
    })
    .broken("an unreadable file", ErrorKind::InvalidConfig, &names, |secrets| {
        world(file("08:00:00", secrets).replace('}', ""), ScriptedHttp::new([]))
    })
    .run();
}
