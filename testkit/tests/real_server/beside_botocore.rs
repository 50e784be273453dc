//! Where botocore would send a request, ours goes too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tucuxi::{Body, Env, Fs, Response, Session, http};
use tucuxi_testkit::ScriptedHttp;

use crate::given::Server;
use crate::python::python;

/// Prints `[service, region, fips, dual stack, URL, signing region, signing name]` for every service that has an
/// endpoint there.
const ENDPOINTS: &str = r#"
import sys, json, botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
loader = botocore.session.Session().get_component("data_loader")
partitions, rows = loader.load_data("partitions"), []
regions, flagged = json.load(sys.stdin)
for name in loader.list_available_services("service-2"):
    model = loader.load_service_model(name, "service-2")["metadata"]
    rules = loader.load_service_model(name, "endpoint-rule-set-1")
    provider, known = EndpointProvider(rules, partitions), rules["parameters"]
    default = {key: value["default"] for key, value in known.items() if value.get("required") and "default" in value}
    signs = model.get("signingName", model["endpointPrefix"])
    for region in regions:
        for fips in (False, True):
            for dual in (False, True):
                if (fips or dual) and region not in flagged: continue
                wanted = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
                given = {**default, **{key: value for key, value in wanted.items() if key in known}}
                try: found = provider.resolve_endpoint(**given)
                except EndpointProviderError: continue
                scheme = (found.properties or {}).get("authSchemes", [{}])[0]
                rows.append([name, region, fips, dual, found.url, scheme.get("signingRegion") or region,
                             scheme.get("signingName") or signs])
print(json.dumps(rows))
"#;
const REGIONS: [&str; 11] = [
    "us-east-1",
    "eu-west-1",
    "us-west-2",
    "cn-north-1",
    "us-gov-west-1",
    "us-gov-east-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-isoe-west-1",
    "us-isof-south-1",
    "eusc-de-east-1",
];
const FLAGGED: [&str; 3] = ["us-east-1", "eu-west-1", "us-gov-west-1"];

/// Sessions that send nothing, and where their last request went.
struct Ours {
    sessions: BTreeMap<(bool, bool), Session>,
    last: Arc<Mutex<String>>,
}

impl Ours {
    async fn new() -> Self {
        let last: Arc<Mutex<String>> = Arc::default();
        let mut sessions = BTreeMap::new();
        for flags in [(false, false), (false, true), (true, false), (true, true)] {
            let seen = Arc::clone(&last);
            let http = ScriptedHttp::from_fn(move |request| {
                let scope: Vec<&str> = request.header("authorization").unwrap().split(['/', ',']).collect();
                let where_to = format!("{} {} {}", request.url.trim_end_matches('/'), scope[2], scope[3]);
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = where_to;
                Ok(Response::new(Body::empty()))
            });
            let context = tucuxi_testkit::context().with_http(http);
            let context = context.with_env(Env::fake([("HOME", "/h")])).with_fs(Fs::fake::<String, String>([]));
            let builder = Session::builder().context(context).access_key("AKID", "secret");
            let builder = builder.use_fips_endpoint(flags.0).use_dualstack_endpoint(flags.1);
            sessions.insert(flags, builder.load().await.unwrap());
        }
        Self { sessions, last }
    }

    async fn where_to(&self, service: &str, region: &str, flags: (bool, bool)) -> String {
        let request = http::Request::get("/").body("").unwrap();
        self.sessions[&flags].send(service, request).region(region).await.unwrap();
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[tokio::test]
async fn endpoints_are_those_of_botocore() {
    let rows = python(&Server::seaweedfs(), ENDPOINTS, &json!([REGIONS, FLAGGED]), &[]);
    let ours = Ours::new().await;
    let (mut plain, mut flagged) = (0, 0);
    let (mut wrong, mut odd) = (Vec::new(), Vec::new());
    for row in rows.as_array().unwrap() {
        let text = |index: usize| row[index].as_str().unwrap();
        let flags = (row[2] == Value::Bool(true), row[3] == Value::Bool(true));
        let (service, region) = (text(0), text(1));
        if service == OBSOLETE {
            continue;
        }
        let found = ours.where_to(service, region, flags).await;
        let expected = format!("{} {} {}", text(4).trim_end_matches('/'), text(5), text(6));
        let differs = found != expected;
        if flags == (false, false) {
            plain += 1;
            wrong.extend(differs.then(|| format!("{service} in {region}: {found}, botocore: {expected}")));
        } else {
            flagged += 1;
            odd.extend(differs.then(|| service.to_owned()));
        }
    }
    assert!(plain > 4000 && flagged > 3000, "only {plain} and {flagged} endpoints");
    assert!(wrong.is_empty(), "{} of {plain} endpoints differ:\n{}", wrong.len(), wrong.join("\n"));
    println!(
        "NOTE: {plain} endpoints are those of botocore; of {flagged} with FIPS or IPv6, {} are not, of services whose \
         hosts there follow no rule",
        odd.len()
    );
    let odd: BTreeSet<&str> = odd.iter().map(String::as_str).collect();
    let listed: BTreeSet<&str> = ODD.iter().copied().collect();
    assert_eq!(odd, listed);
}

/// Never left us-east-1, and signs with another name in the regions that it is not in.
const OBSOLETE: &str = "importexport";
/// Services whose FIPS or IPv6 hosts follow no rule in some region.
const ODD: &[&str] = &[
    "agent-registry",
    "agent-registry-control",
    "billing",
    "billingconductor",
    "budgets",
    "chime",
    "cloudfront",
    "cloudwatch",
    "codecatalyst",
    "cognito-identity",
    "cognito-idp",
    "ecr-public",
    "es",
    "events",
    "freetier",
    "geo-maps",
    "geo-places",
    "geo-routes",
    "iam",
    "iot-data",
    "kafka",
    "kafkaconnect",
    "marketplace-catalog",
    "marketplace-entitlement",
    "mediatailor",
    "meteringmarketplace",
    "networkmanager",
    "opensearch",
    "organizations",
    "partnercentral-channel",
    "partnercentral-revenue-measurement",
    "pricing-plan-manager",
    "route53",
    "route53-recovery-control-config",
    "sagemaker-metrics",
    "savingsplans",
    "sdb",
    "signin",
    "simpledbv2",
    "stepfunctions",
    "support",
    "sustainability",
    "swf",
    "timestream-query",
    "timestream-write",
];
