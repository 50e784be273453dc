//! What a session makes of a case, in the words of the result format.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use tucuxi::{Origin, RetryMode, Session, Settings, Source, StsEndpoints};
use tucuxi_core::{Context, Credentials, Env, Error, ErrorKind, Fs};

use crate::case::{Case, ClientCase};
use crate::network::Network;
use crate::place::Place;
use crate::world::{PatientClock, Person, Programs};

pub(crate) async fn answer(case: &Case) -> Value {
    // A whole second, as the times of the case are.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let place = match Place::new(case, SystemTime::UNIX_EPOCH + Duration::from_secs(now)) {
        Ok(place) => Arc::new(place),
        Err(error) => return json!({ "id": case.id, "broken": format!("cannot make the files: {error}") }),
    };
    if let Err(error) = std::env::set_current_dir(place.cwd()) {
        return json!({ "id": case.id, "broken": format!("cannot enter the folder: {error}") });
    }
    let network = Network::new(case, &place);
    let limit = Duration::from_secs(20);
    let answered = tokio::time::timeout(limit, resolve(case, &place, &network)).await;
    let mut answer = answered.unwrap_or_else(|_| json!({ "broken": "no answer in 20 s" }));
    answer["id"] = json!(case.id);
    if !case.http.is_empty() {
        answer["requests"] = json!(network.seen());
    }
    emptied(answer, &place)
}

async fn resolve(case: &Case, place: &Arc<Place>, network: &Network) -> Value {
    let session = match load(case, place, network).await {
        Ok(session) => session,
        Err(error) => return json!({ "session": described(&error) }),
    };
    let mut answer = json!({ "session": null });
    let settings = session.settings();
    answer["region"] = match settings.region() {
        Ok(region) => json!({ "value": region.map(|region| region.value().as_str()) }),
        Err(error) => json!({ "error": described(&error) }),
    };
    let profile = settings.profile_name();
    answer["profile"] = json!({ "value": (*profile.origin() != Origin::Default).then(|| profile.value()) });
    answer["profiles"] = json!({ "value": session.available_profiles() });
    answer["probe"] = case.probe.iter().filter_map(|name| Some((name.clone(), probe(settings, name)?))).collect();
    match session.credentials().provide_credentials().await {
        Ok(credentials) => {
            answer["load"] = json!({ "found": { "method": method(&credentials) } });
            answer["creds"] = shown(&credentials, place.now());
        }
        Err(error) if error.is_not_configured() => answer["load"] = json!({ "found": null }),
        Err(error) => answer["load"] = json!({ "error": described(&error) }),
    }
    if let Some(client) = &case.client {
        answer["client"] = asked_by_client(case, client, place).await;
    }
    answer
}

/// A session with what the case says in code.
async fn load(case: &Case, place: &Arc<Place>, network: &Network) -> Result<Session, Error> {
    builder(case, place, network).load().await
}

fn builder(case: &Case, place: &Arc<Place>, network: &Network) -> tucuxi::SessionBuilder {
    let mut variables = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    variables.push(("HOME".to_owned(), place.home().to_string_lossy().into_owned()));
    variables.extend(case.env.iter().map(|(name, value)| (name.clone(), place.fill(value))));
    let programs = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let context = Context::local()
        .with_env(Env::fake(variables))
        .with_fs(Fs::moved([("/etc/boto.cfg", place.root().join("etc/boto.cfg"))]))
        .with_clock(PatientClock::new(place.now()))
        .with_http(network.clone())
        .with_commands(Programs(programs));
    let mut builder = Session::builder().context(context).mfa_prompt(Person(case.mfa.clone()));
    if let Some(profile) = &case.profile {
        builder = builder.profile_name(place.fill(profile));
    }
    if let Some(region) = &case.region {
        builder = builder.region(region);
    }
    // To boto3 an empty argument is none.
    let said = |name: &str| case.explicit.get(name).filter(|value| !value.is_empty()).map(|value| place.fill(value));
    if let (id, secret) = (said("aws_access_key_id"), said("aws_secret_access_key"))
        && (id.is_some() || secret.is_some())
    {
        builder = builder.access_key(id.unwrap_or_default(), secret.unwrap_or_default());
    }
    if let Some(token) = said("aws_session_token") {
        builder = builder.session_token(token);
    }
    if let Some(account) = said("aws_account_id") {
        builder = builder.account_id(account);
    }
    builder
}

/// Where a client of the service would send a request: one is tried on a network of its own.
async fn asked_by_client(case: &Case, client: &ClientCase, place: &Arc<Place>) -> Value {
    let network = Network::new(&Case { http: Vec::new(), ..empty_case() }, place);
    let mut builder = builder(case, place, &network);
    if let Some(url) = client.kwargs.get("endpoint_url").and_then(Value::as_str) {
        builder = builder.endpoint_url(place.fill(url));
    }
    if let Some(region) = client.kwargs.get("region_name").and_then(Value::as_str) {
        builder = builder.region(region);
    }
    if let Some(id) = client.kwargs.get("aws_access_key_id").and_then(Value::as_str) {
        let secret = client.kwargs.get("aws_secret_access_key").and_then(Value::as_str);
        builder = builder.access_key(id, secret.unwrap_or_default());
    }
    let config = client.kwargs.get("config");
    if let Some(ignore) = config.and_then(|config| config.get("ignore_configured_endpoint_urls")?.as_bool()) {
        builder = builder.ignore_configured_endpoint_urls(ignore);
    }
    let session = match builder.load().await {
        Ok(session) => session.with_credentials(Credentials::new("AKID", "secret")),
        Err(error) => return json!({ "error": described(&error) }),
    };
    let failed = match client.service.as_str() {
        "s3" => session.s3().buckets().try_next().await.err().map(|error| json!({ "msg": error.to_string() })),
        "sts" => session.caller_identity().await.err().map(|error| described(&error)),
        _ => return json!({}),
    };
    match network.wanted().first() {
        Some(url) => json!({ "endpoint_url": url.trim_end_matches('/') }),
        None => json!({ "error": failed }),
    }
}

fn empty_case() -> Case {
    Case {
        id: String::new(),
        env: Default::default(),
        files: Default::default(),
        profile: None,
        region: None,
        explicit: Default::default(),
        mfa: None,
        probe: Vec::new(),
        client: None,
        http: Vec::new(),
        link_local: false,
    }
}

/// Settings that both sides know, in botocore's words.
fn probe(settings: &Settings, name: &str) -> Option<Value> {
    let value = match name {
        "region" => json!(settings.region().ok()?.map(|region| region.value().as_str())),
        "retry_mode" => match settings.retry_mode().map(|mode| *mode.value()) {
            Some(RetryMode::Standard) => json!("standard"),
            Some(RetryMode::Adaptive) => json!("adaptive"),
            _ => json!("legacy"),
        },
        "max_attempts" => json!(settings.max_attempts().map(|attempts| *attempts.value())),
        "use_fips_endpoint" => json!(settings.use_fips_endpoint().map(|on| *on.value())),
        "use_dualstack_endpoint" => json!(settings.use_dualstack_endpoint().map(|on| *on.value())),
        "ca_bundle" => json!(settings.ca_bundle().map(|path| path.value().to_string_lossy().into_owned())),
        "sts_regional_endpoints" => match settings.sts_regional_endpoints().map(|endpoints| *endpoints.value()) {
            Some(StsEndpoints::Legacy) => json!("legacy"),
            _ => json!("regional"),
        },
        _ => return None,
    };
    Some(json!({ "value": value }))
}

fn described(error: &Error) -> Value {
    let kind = match error.kind() {
        ErrorKind::NotConfigured => "not_configured",
        ErrorKind::InvalidConfig => "invalid_config",
        ErrorKind::Denied => "denied",
        _ => "unavailable",
    };
    json!({ "kind": kind, "link": error.link(), "code": error.code(), "msg": error.to_string() })
}

/// The link of the default chain that made credentials with these sources.
fn method(credentials: &Credentials) -> &'static str {
    match credentials.provenance().last() {
        None | Some(Source::Explicit) => "explicit",
        Some(Source::Environment { .. }) => "env",
        Some(Source::CredentialsFile(_)) => "shared-credentials-file",
        Some(Source::ConfigFile(_)) => "config-file",
        Some(Source::Ec2CredentialsFile(_)) => "ec2-credentials-file",
        Some(Source::BotoConfig(_)) => "boto-config",
        Some(Source::Process) => "custom-process",
        Some(Source::Sso(_)) => "sso",
        Some(Source::Login(_)) => "login",
        Some(Source::AssumeRole(_)) => "assume-role",
        Some(Source::WebIdentity(_)) => "assume-role-with-web-identity",
        Some(Source::Container(_)) => "container-role",
        Some(Source::Imds(_)) => "iam-role",
        Some(_) => "other",
    }
}

fn shown(credentials: &Credentials, now: SystemTime) -> Value {
    let mut shown = Map::new();
    shown.insert("access_key".to_owned(), json!(credentials.access_key_id()));
    shown.insert("secret_key".to_owned(), json!(credentials.secret_access_key()));
    shown.insert("token".to_owned(), json!(credentials.session_token()));
    shown.insert("account_id".to_owned(), json!(credentials.account_id()));
    if let Some(expires_at) = credentials.expires_at() {
        shown.insert("expiry".to_owned(), json!(expiry(expires_at, now)));
    }
    Value::Object(shown)
}

/// Beyond two days absolute, else seconds from now, to the minute.
fn expiry(expires_at: SystemTime, now: SystemTime) -> String {
    let left = match expires_at.duration_since(now) {
        Ok(left) => left.as_secs_f64(),
        Err(error) => -error.duration().as_secs_f64(),
    };
    match left.abs() > 172_800.0 {
        true => tucuxi_core::format_rfc3339(expires_at),
        false => format!("NOW{:+}", (left / 60.0).round() as i64 * 60),
    }
}

fn emptied(value: Value, place: &Place) -> Value {
    match value {
        Value::String(text) => Value::String(place.empty(&text)),
        Value::Array(values) => values.into_iter().map(|value| emptied(value, place)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (place.empty(&key), emptied(value, place))).collect(),
        other => other,
    }
}
