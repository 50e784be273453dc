//! What every provider owes.

use std::sync::Arc;

use serde_json::json;
use tucuxi_core::{Env, ErrorKind, Fs};
use tucuxi_provider_login::LoginProvider;
use tucuxi_testkit::{Canary, FakeClock, ScriptedHttp, context, contract};

use crate::support::{FILE, settings, sign_in};

#[test]
fn the_contract_of_every_provider() {
    let world = |file: String, http: ScriptedHttp| {
        context()
            .with_env(Env::fake([("HOME", "/home/u")]))
            .with_fs(Fs::fake([(FILE, file)]))
            .with_clock(FakeClock::new().at("2026-01-01T00:00:00Z"))
            .with_http(http)
    };
    let file = |ends: &str, secrets: &[Canary]| {
        let mut file = sign_in(ends);
        for (place, secret) in [r#""s1""#, r#""t1""#, r#""RT1""#, r#""ID1""#].iter().zip(secrets) {
            file = file.replace(place, &json!(secret.value()).to_string());
        }
        file.replace("another tool", secrets[3].value())
    };
    let names = ["secret", "session token", "refresh token", "identity"];
    let refusal = |secrets: &[Canary]| json!({"error": secrets[2].value(), "message": secrets[1].value()}).to_string();
    contract("login", |context| {
        // Without a sign-in there is nothing that would need the network.
        let context = match context.env().home() {
            Some(_) => context.clone(),
            None => context
                .clone()
                .with_env(Env::fake([("HOME", "/home/u")]))
                .with_fs(Fs::fake([(FILE, sign_in("00:00:00"))])),
        };
        Arc::new(LoginProvider::new(&context, settings()))
    })
    .asked_for()
    .configured("keys that last", &names, |secrets| world(file("00:10:00", secrets), ScriptedHttp::new([])))
    .configured("a failed refresh", &names, |secrets| {
        world(file("00:01:00", secrets), ScriptedHttp::always(500, refusal(secrets)))
    })
    .configured("a refresh", &names, |secrets| {
        let grant = json!({
            "accessToken": {"accessKeyId": "A", "secretAccessKey": secrets[0].value(), "sessionToken": secrets[1].value()},
            "expiresIn": 900, "refreshToken": secrets[2].value()
        });
        world(sign_in("00:00:00"), ScriptedHttp::always(200, grant.to_string()))
    })
    .broken("a refusal", ErrorKind::Denied, &names, |secrets| {
        world(file("00:00:00", secrets), ScriptedHttp::always(403, refusal(secrets)))
    })
    .broken("an answer that cannot be read", ErrorKind::Unavailable, &names, |secrets| {
        world(file("00:00:00", secrets), ScriptedHttp::always(200, refusal(secrets)))
    })
    .broken("a file that cannot be read", ErrorKind::InvalidConfig, &names, |secrets| {
        world(file("00:00:00", secrets).replace("}", ""), ScriptedHttp::new([]))
    })
    .broken("a key that is none", ErrorKind::InvalidConfig, &names, |secrets| {
        let file = file("00:00:00", secrets).replace("-----BEGIN", &json!(secrets[0].value()).to_string().replace('"', ""));
        world(file, ScriptedHttp::new([]))
    })
    .run();
}
