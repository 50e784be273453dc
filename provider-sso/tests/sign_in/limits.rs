//! How long a request may take.

use std::time::Duration;

use tucuxi_core::HttpOptions;
use tucuxi_provider_sso::{BrowserSignIn, DeviceSignIn, sign_out};
use tucuxi_testkit::{Exchange, block_on};

use crate::support::{GRANTED, OIDC, authorizes, registers, settings, world};

#[test]
fn every_request_takes_as_long_as_the_settings_say() {
    let limits = HttpOptions::within(Duration::from_secs(1), Duration::from_secs(2)).with_body_limit(u64::MAX);
    let settings = settings().with_limits(limits);
    let redeems = || Exchange::post(format!("{OIDC}/token")).answers(200, GRANTED);
    let leaves = Exchange::post("https://portal.sso.us-east-1.amazonaws.com/logout").answers(200, "");
    let world = world(&[], [registers(), redeems(), registers(), authorizes(), redeems(), leaves]);
    block_on(async {
        let here = BrowserSignIn::start(&world.context, settings.clone(), 4711).await.unwrap();
        here.redeem(&"c0de".into()).await.unwrap();
        DeviceSignIn::start(&world.context, settings.clone()).await.unwrap().wait().await.unwrap();
        sign_out(&world.context, &settings).await.unwrap();
    });
    world.http.assert_done();
    for seen in world.http.seen() {
        let limits = limits.with_body_limit(64 * 1024).with_whole(Duration::from_secs(5));
        assert_eq!(seen.options, limits, "{}", seen.url);
    }
}
