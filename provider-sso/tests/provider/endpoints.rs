//! Where the services live, by shared cases.

use serde_json::Value;
use tucuxi_core::Region;
use tucuxi_provider_sso::EndpointOptions;
use tucuxi_testkit::shared_vectors;

#[test]
fn endpoint_cases() {
    for (file, portal) in [("sso.json", true), ("sso-oidc.json", false)] {
        let path = format!("endpoints/{file}");
        let Some(json) = shared_vectors(env!("CARGO_MANIFEST_DIR"), &path, 40) else { continue };
        let document: Value = serde_json::from_str(&json).unwrap();
        let cases = document["testCases"].as_array().unwrap();
        assert_eq!(cases.len(), 40, "{file}");
        for case in cases {
            let expected = case["expect"]["endpoint"]["url"].as_str().map(str::to_owned);
            assert_eq!(resolve(&case["params"], portal), expected, "{case:#}");
        }
    }
}

fn resolve(params: &Value, portal: bool) -> Option<String> {
    let flag = |name: &str| params[name].as_bool().unwrap_or_default();
    let mut options = EndpointOptions::default();
    (options.fips, options.dual_stack) = (flag("UseFIPS"), flag("UseDualStack"));
    let own = params["Endpoint"].as_str().map(str::to_owned);
    // Without a region only an endpoint of one's own can be reached; settings cannot be made without one.
    let region = match (params["Region"].as_str(), &own) {
        (Some(region), _) => Region::new(region).unwrap(),
        (None, Some(_)) => Region::new("us-east-1").unwrap(),
        (None, None) => return None,
    };
    (options.portal_url, options.oidc_url) = (own.clone(), own);
    if portal { options.portal(&region).ok() } else { options.oidc(&region).ok() }
}
