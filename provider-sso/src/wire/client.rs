//! `POST /client/register` and `POST /device_authorization`: what comes before a sign-in.

use std::time::{Duration, SystemTime};

use tucuxi_core::json::{Writer, member};
use tucuxi_core::sign_in::Answer;
use tucuxi_core::{Error, Request, Secret};

use super::{LAST_SECOND, post, read};

/// A program that the service knows now.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) expires_at: SystemTime,
}

/// A code for a person to enter, and what to ask with meanwhile.
#[derive(Debug)]
pub(crate) struct Authorization {
    pub(crate) device_code: Secret,
    pub(crate) user_code: String,
    pub(crate) verification_uri: String,
    pub(crate) verification_uri_complete: Option<String>,
    pub(crate) lifetime: Duration,
    pub(crate) interval: Duration,
}

/// `POST {oidc}/client/register`. With `browser`, the start URL and where the browser goes afterwards, for a
/// sign-in in a browser on this machine.
pub(crate) fn register(
    oidc: &str,
    name: &str,
    scopes: &[String],
    browser: Option<(&str, &str)>,
) -> Result<Request, Error> {
    let mut body = Writer::default();
    body.text("clientName", name).text("clientType", "public");
    if let Some((issuer, redirect_uri)) = browser {
        body.texts("grantTypes", &crate::registration::BROWSER_GRANTS);
        body.text("issuerUrl", issuer).texts("redirectUris", &[redirect_uri]);
    }
    if !scopes.is_empty() {
        body.texts("scopes", scopes);
    }
    post(&format!("{oidc}/client/register"), body)
}

/// Reads the answer to [`register`].
pub(crate) fn registered(answer: &Answer) -> Result<Registered, Error> {
    let (mut client_id, mut client_secret, mut client_secret_expires_at) = (String::new(), Secret::new(""), 0);
    let members = vec![
        member("clientId", &mut client_id),
        member("clientSecret", &mut client_secret),
        member("clientSecretExpiresAt", &mut client_secret_expires_at),
    ];
    read(answer, members)?;
    // Seconds since 1970.
    if client_secret_expires_at > LAST_SECOND {
        return Err(answer.senseless("a clientSecretExpiresAt that is no time"));
    }
    let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(client_secret_expires_at);
    Ok(Registered { client_id, client_secret, expires_at })
}

/// `POST {oidc}/device_authorization`.
pub(crate) fn device_authorization(
    oidc: &str,
    client_id: &str,
    client_secret: &Secret,
    start_url: &str,
) -> Result<Request, Error> {
    let mut body = Writer::default();
    body.text("clientId", client_id).text("clientSecret", client_secret.expose()).text("startUrl", start_url);
    post(&format!("{oidc}/device_authorization"), body)
}

/// Reads the answer to [`device_authorization`].
pub(crate) fn authorized(answer: &Answer) -> Result<Authorization, Error> {
    let (mut device_code, mut user_code, mut verification_uri) = (Secret::new(""), String::new(), String::new());
    let (mut complete, mut expires_in, mut interval) = (None::<String>, 0, None);
    let members = vec![
        member("deviceCode", &mut device_code),
        member("userCode", &mut user_code),
        member("verificationUri", &mut verification_uri),
        member("verificationUriComplete", &mut complete),
        member("expiresIn", &mut expires_in),
        member("interval", &mut interval),
    ];
    read(answer, members)?;
    let complete = complete.filter(|url| !url.is_empty());
    let urls = [Some(&verification_uri), complete.as_ref()];
    // These are shown in a terminal and opened in a browser.
    if !is_printable(&user_code) || !urls.into_iter().flatten().all(|url| is_web_page(url)) {
        return Err(answer.senseless("a code or URL that cannot be shown"));
    }
    Ok(Authorization {
        device_code,
        user_code,
        verification_uri,
        verification_uri_complete: complete,
        lifetime: Duration::from_secs(expires_in.min(LONGEST_WAIT)),
        interval: Duration::from_secs(interval.unwrap_or(INTERVAL).clamp(1, LONGEST_INTERVAL)),
    })
}

fn is_web_page(url: &str) -> bool {
    is_printable(url) && (url.starts_with("https://") || url.starts_with("http://"))
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// RFC 8628 section 3.2, where the service names none.
const INTERVAL: u64 = 5;
const LONGEST_INTERVAL: u64 = 60;
const LONGEST_WAIT: u64 = 60 * 60;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tucuxi_core::ErrorKind::{Denied, Unavailable};

    use super::super::tests::check;
    use super::*;

    #[test]
    fn registrations() {
        let good =
            r#"{"clientId":"C","clientSecret":"SEKRIT","clientIdIssuedAt":1,"clientSecretExpiresAt":1767225600}"#;
        check(registered, 200, good, Ok("1767225600"));
        check(registered, 200, &good.replace("1767225600", "253402300800"), Err((Unavailable, "no time")));
        check(registered, 200, r#"{"clientId":"C","clientSecret":"SEKRIT"}"#, Err((Unavailable, "lacks a field")));
        check(registered, 400, r#"{"error":"invalid_scope"}"#, Err((Denied, "invalid_scope")));
    }

    #[test]
    fn authorizations() {
        let device = |code: &str, url: &str, rest: &str| {
            format!(r#"{{"deviceCode":"SEKRIT","userCode":"{code}","verificationUri":"{url}","expiresIn":600{rest}}}"#)
        };
        let url = "https://device.sso.us-east-1.amazonaws.com/";
        check(authorized, 200, &device("ABCD-EFGH", url, ""), Ok("interval: 5s"));
        check(authorized, 200, &device("ABCD-EFGH", url, r#","interval":1"#), Ok("interval: 1s"));
        check(authorized, 200, &device("ABCD-EFGH", url, r#","interval":0"#), Ok("interval: 1s"));
        check(authorized, 200, &device("ABCD-EFGH", url, r#","interval":99999999"#), Ok("interval: 60s"));
        check(authorized, 200, &device("ABCD-EFGH", url, r#","verificationUriComplete":"""#), Ok("complete: None"));
        for (code, url) in [("A\\u001b[2J", url), ("", url), ("A", "file:///etc/passwd"), ("A", "https://a b")] {
            check(authorized, 200, &device(code, url, ""), Err((Unavailable, "cannot be shown")));
        }
        let bad = device("A", url, r#","verificationUriComplete":"javascript:SEKRIT""#);
        check(authorized, 200, &bad, Err((Unavailable, "cannot be shown")));
        check(authorized, 401, r#"{"error":"invalid_client"}"#, Err((Denied, "invalid_client")));
    }

    #[test]
    fn what_a_registration_is_asked_with() {
        let check = |scopes: &[&str], browser, expected: Value| {
            let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
            let request = register("https://o", "n", &scopes, browser).unwrap();
            assert_eq!(request.uri(), "https://o/client/register");
            assert_eq!(serde_json::from_slice::<Value>(request.body().as_bytes().unwrap()).unwrap(), expected);
        };
        check(&[], None, json!({"clientName": "n", "clientType": "public"}));
        check(&["a", "b"], None, json!({"clientName": "n", "clientType": "public", "scopes": ["a", "b"]}));
        check(
            &["a"],
            Some(("https://e/start", "http://127.0.0.1/oauth/callback")),
            json!({"clientName": "n", "clientType": "public", "scopes": ["a"], "issuerUrl": "https://e/start",
                "grantTypes": ["authorization_code", "refresh_token"],
                "redirectUris": ["http://127.0.0.1/oauth/callback"]}),
        );
    }
}
