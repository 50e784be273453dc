//! How long it may take.

use std::time::Duration;

use tucuxi_core::{HttpOptions, ProvideCredentials};
use tucuxi_provider_sso::SsoProvider;
use tucuxi_testkit::{Exchange, block_on};

use crate::support::{GRANTED, ROLE, TOKEN, settings, setup, sign_in};

#[test]
fn one_request_takes_as_long_as_the_settings_say() {
    let limits = HttpOptions::within(Duration::from_secs(1), Duration::from_secs(2)).with_body_limit(u64::MAX);
    let script = [Exchange::post(TOKEN).answers(503, ""), Exchange::get(ROLE).answers(200, GRANTED)];
    let test = setup(Some(&sign_in("00:04:00")), script);
    let provider = SsoProvider::new(&test.context, settings()).with_limits(limits);
    block_on(provider.provide_credentials()).unwrap();
    let options: Vec<_> = test.http.seen().iter().map(|seen| seen.options).collect();
    // A refresh is limited as a whole too: what takes its place must be kept before the fetch is given up.
    let limits = limits.with_body_limit(64 * 1024);
    assert_eq!(options, [3, 5].map(|seconds| limits.with_whole(Duration::from_secs(seconds))));
    assert_eq!(provider.time_limit(), Duration::from_secs(20 + 2 * 3 + 2).max(Duration::from_secs(30)));
}

#[test]
fn a_fetch_is_not_given_up_between_a_refresh_and_its_keeping() {
    let test = setup(None, []);
    let turn_refresh_and_keeping = Duration::from_secs(20 + 2) + Duration::from_millis(33_100);
    assert!(SsoProvider::new(&test.context, settings()).time_limit() >= turn_refresh_and_keeping);
    let mut legacy = settings();
    legacy.session = None;
    assert_eq!(SsoProvider::new(&test.context, legacy).time_limit(), Duration::from_secs(30), "it is never refreshed");
}
