//! Where the service lives, by shared cases.

use serde_json::Value;
use tucuxi_core::Region;
use tucuxi_provider_login::{EndpointOptions, Service};
use tucuxi_testkit::shared_vectors;

#[test]
fn endpoint_cases() {
    let Some(json) = shared_vectors(env!("CARGO_MANIFEST_DIR"), "endpoints/signin.json", 22) else { return };
    let document: Value = serde_json::from_str(&json).unwrap();
    let cases = document["testCases"].as_array().unwrap();
    assert_eq!(cases.len(), 22);
    for case in cases {
        let expected = case["expect"]["endpoint"]["url"].as_str().map(str::to_owned);
        assert_eq!(resolve(&case["params"]), expected, "{case:#}");
    }
}

fn resolve(params: &Value) -> Option<String> {
    let flag = |name: &str| params[name].as_bool().unwrap_or_default();
    let mut options = EndpointOptions::default();
    (options.fips, options.dual_stack) = (flag("UseFIPS"), flag("UseDualStack"));
    options.url = params["Endpoint"].as_str().map(str::to_owned);
    let region = params["Region"].as_str().map(|region| Region::new(region).unwrap());
    let service = match (flag("IsControlPlane"), flag("IsOAuthEndpoint")) {
        (true, _) => Service::ControlPlane,
        (_, true) => Service::OAuth,
        _ => Service::SignIn,
    };
    options.base_url(service, region.as_ref()).ok()
}
