//! How a program makes itself known before a sign-in: once in 90 days, kept where the AWS CLI keeps its own.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tracing::warn;
use tucuxi_core::json::{self, Writer, member, push_python};
use tucuxi_core::sign_in::{Files, SIZE_LIMIT, exchange};
use tucuxi_core::{Context, Error, ErrorKind, Secret, format_rfc3339, parse_timestamp};
use zeroize::Zeroizing;

use crate::{SignInSettings, token_file, wire};

/// A program that the service knows.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) expires_at: String,
    scopes: Option<Vec<String>>,
    /// Absent in registrations for sign-ins on another device.
    grant_types: Option<Vec<String>>,
}

/// What a registration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Device,
    Browser,
}

impl Registration {
    fn parse(json: &[u8]) -> Option<Self> {
        let (mut client_id, mut client_secret, mut expires_at) = (String::new(), Secret::new(""), String::new());
        let (mut scopes, mut grant_types) = (None, None);
        let members = vec![
            member("clientId", &mut client_id),
            member("clientSecret", &mut client_secret),
            member("expiresAt", &mut expires_at),
            member("scopes", &mut scopes),
            member("grantTypes", &mut grant_types),
        ];
        json::read(json, members).ok()?;
        Some(Self { client_id, client_secret, expires_at, scopes, grant_types })
    }

    fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let mut json = Writer::default();
        json.text("clientId", &self.client_id)
            .text("clientSecret", self.client_secret.expose())
            .text("expiresAt", &self.expires_at);
        for (name, texts) in [("scopes", &self.scopes), ("grantTypes", &self.grant_types)] {
            if let Some(texts) = texts {
                json.texts(name, texts);
            }
        }
        json.finish()
    }

    fn serves(&self, flow: Flow, now: SystemTime) -> bool {
        let lasts = parse_timestamp(&self.expires_at).is_some_and(|end| end >= now + MARGIN);
        let granted = self.grant_types.iter().flatten().any(|grant| grant == BROWSER_GRANTS[0]);
        lasts && granted == (flow == Flow::Browser)
    }
}

/// The registration that is kept, unless it is about to end or for the other flow.
pub(crate) async fn kept(
    context: &Context,
    settings: &SignInSettings,
    flow: Flow,
) -> Result<Option<Registration>, Error> {
    let path = path(context, settings)?;
    let Ok(json) = context.fs().read(&path, SIZE_LIMIT).await else { return Ok(None) };
    Ok(Registration::parse(&json).filter(|found| found.serves(flow, context.clock().now())))
}

/// A new registration, which is kept.
pub(crate) async fn register(context: &Context, settings: &SignInSettings, flow: Flow) -> Result<Registration, Error> {
    let now = context.clock().now();
    let name = settings.session.clone().unwrap_or_else(|| seconds(now).to_string());
    let scopes = match flow {
        Flow::Browser if settings.scopes.is_empty() => vec![DEFAULT_SCOPE.to_owned()],
        _ => settings.scopes.clone(),
    };
    let browser = (flow == Flow::Browser).then_some((settings.start_url.as_str(), REDIRECT_URI));
    let oidc = settings.endpoints.oidc(&settings.region)?;
    let request = wire::register(&oidc, &format!("botocore-client-{name}"), &scopes, browser)?;
    let answer = exchange(context.http().as_ref(), request, settings.limits).await?;
    let known = wire::registered(&answer).map_err(|error| misplaced(settings, error))?;
    let registration = Registration {
        client_id: known.client_id,
        client_secret: known.client_secret,
        expires_at: format_rfc3339(known.expires_at),
        scopes: (!scopes.is_empty()).then_some(scopes),
        grant_types: browser.map(|_| BROWSER_GRANTS.map(str::to_owned).to_vec()),
    };
    keep(context, settings, &registration).await;
    Ok(registration)
}

/// The error of a sign-in that is refused before it begins, with its cure.
pub(crate) fn misplaced(settings: &SignInSettings, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Denied => error.with_hint(format!(
            "correct the start URL {}, its region {} or the scopes",
            settings.start_url, settings.region
        )),
        _ => error,
    }
}

/// Forgets a registration that the service no longer knows.
pub(crate) async fn forget(context: &Context, settings: &SignInSettings) -> Result<(), Error> {
    Files::new(context).remove(&path(context, settings)?).await
}

/// The next sign-in registers again where this fails.
async fn keep(context: &Context, settings: &SignInSettings, registration: &Registration) {
    let kept = async {
        let path = path(context, settings)?;
        Files::new(context).write(&path, &registration.to_json()).await
    };
    if let Err(error) = kept.await {
        warn!(%error, "the registration was not kept");
    }
}

fn path(context: &Context, settings: &SignInSettings) -> Result<PathBuf, Error> {
    Ok(token_file::cache(context.env())?.join(token_file::file_name(&key(settings))))
}

/// The text whose hash is the file's name: JSON exactly as Python writes it.
fn key(settings: &SignInSettings) -> String {
    let mut key = String::from(r#"{"region": "#);
    push_python(&mut key, settings.region.as_str());
    key.push_str(r#", "scopes": "#);
    for (place, scope) in settings.scopes.iter().enumerate() {
        key.push_str(if place == 0 { "[" } else { ", " });
        push_python(&mut key, scope);
    }
    key.push_str(if settings.scopes.is_empty() { "null" } else { "]" });
    key.push_str(r#", "session_name": "#);
    match &settings.session {
        Some(session) => push_python(&mut key, session),
        None => key.push_str("null"),
    }
    key.push_str(r#", "startUrl": "#);
    push_python(&mut key, &settings.start_url);
    key.push_str(r#", "tool": "botocore"}"#);
    key
}

fn seconds(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

pub(crate) const BROWSER_GRANTS: [&str; 2] = ["authorization_code", "refresh_token"];
pub(crate) const DEFAULT_SCOPE: &str = "sso:account:access";
/// Without a port: the service allows any.
const REDIRECT_URI: &str = "http://127.0.0.1/oauth/callback";
/// A registration must outlast the sign-in that it is used for.
const MARGIN: Duration = Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests {
    use tucuxi_core::Region;

    use super::*;

    #[track_caller]
    fn check(region: &str, scopes: &[&str], session: Option<&str>, expected: &str) {
        let region = Region::new(region).unwrap();
        let mut settings =
            SignInSettings::new("https://example.awsapps.com/start", region).with_scopes(scopes.iter().copied());
        settings.session = session.map(str::to_owned);
        assert_eq!(token_file::file_name(&key(&settings)), format!("{expected}.json"), "{}", key(&settings));
    }

    /// Computed by Python's `hashlib.sha1(json.dumps(.., sort_keys=True).encode())`.
    #[test]
    fn the_name_is_the_one_that_the_aws_cli_chooses() {
        let us = "us-east-1";
        check(us, &["sso:account:access"], Some("my-sso"), "e83b78ff73aa2ebd41812af5abcc466dca567738");
        check(us, &[], Some("my-sso"), "9065e9472ec6b87bbc18bb77fc3c3016d8d42df9");
        check("eu-west-1", &[], None, "9d9dd9a416ed033eec7556781302088a89d3d330");
        let odd = "caf\u{e9} \"\\\u{7f}\u{1f42c}\t";
        check(us, &["a", "b:c"], Some(odd), "a64e60aee26f844c72327a4e1c7916c838d7889a");
    }

    #[test]
    fn a_registration_serves_one_flow_until_a_quarter_of_an_hour_before_its_end() {
        let registration = |rest: &str| -> Registration {
            let json = format!(r#"{{"clientId":"C","clientSecret":"S","expiresAt":"2026-01-01T01:00:00Z"{rest}}}"#);
            Registration::parse(json.as_bytes()).unwrap()
        };
        let at = |text: &str| parse_timestamp(text).unwrap();
        let (early, late) = (at("2026-01-01T00:45:00Z"), at("2026-01-01T00:45:01Z"));
        let device = registration("");
        assert!(device.serves(Flow::Device, early) && !device.serves(Flow::Device, late));
        assert!(!device.serves(Flow::Browser, early));
        let browser = registration(r#","grantTypes":["authorization_code","refresh_token"],"scopes":["a"]"#);
        assert!(browser.serves(Flow::Browser, early) && !browser.serves(Flow::Device, early));
        assert!(!format!("{browser:?}").contains("\"S\""), "{browser:?}");
    }
}
