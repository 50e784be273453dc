//! Configured endpoint URLs, by service.
//!
//! Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use std::borrow::Cow;

use http::Uri;
use tucuxi_core::{Error, ErrorKind, failure, trimmed};

use super::origin::complain;
use super::{Lookup, Origin, Setting};

/// The endpoint for `service` by everything but code: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the
/// services section, the profile.
#[inline(never)]
pub(crate) fn configured(lookup: Lookup<'_>, service: &str) -> Result<Option<Setting<String>>, Error> {
    match find(lookup, service)? {
        Some(found) => check(found).map(Some),
        None => Ok(None),
    }
}

#[inline(never)]
fn find(lookup: Lookup<'_>, service: &str) -> Result<Option<Setting<String>>, Error> {
    let (section, variable) = names(service);
    let mut found = lookup.variable(Cow::Owned(variable))?;
    if found.is_none() {
        found = lookup.variable(Cow::Borrowed("AWS_ENDPOINT_URL"))?;
    }
    if found.is_none() {
        found = lookup.files.service_endpoint(&section)?;
    }
    Ok(if found.is_some() { found } else { lookup.files.value("endpoint_url") })
}

/// Refuses what is no base URL; the text is kept as it was written.
#[inline(never)]
pub(crate) fn check(found: Setting<String>) -> Result<Setting<String>, Error> {
    match complaint(found.value()) {
        None => Ok(found),
        // The text is not shown: a URL may hold a password.
        Some(complaint) => {
            let cure = Some(format_args!("write a URL such as https://s3.example.com"));
            let complaint = failure(ErrorKind::InvalidConfig, format_args!("the endpoint URL {complaint}"), cure);
            Err(complain(found.origin(), "endpoint_url", &complaint))
        }
    }
}

/// Refuses an endpoint together with a setting that would choose another one.
#[cfg(any(feature = "s3", feature = "send"))]
pub(crate) fn exclude(endpoint: &Setting<String>, kinds: &[(&str, Option<&Setting<bool>>)]) -> Result<(), Error> {
    for (kind, setting) in kinds {
        if let Some(setting) = setting.filter(|setting| *setting.value()) {
            return Err(Error::invalid_config(format!(
                "{kind} ({}) and an endpoint URL ({}) exclude each other",
                setting.origin(),
                endpoint.origin()
            ))
            .with_hint("take one of the two out"));
        }
    }
    Ok(())
}

/// An endpoint given in code.
pub(crate) fn from_code(url: &str) -> Result<Setting<String>, Error> {
    check(Setting::new(trimmed(url).to_owned(), Origin::Code))
}

fn complaint(text: &str) -> Option<&'static str> {
    let Ok(uri) = text.parse::<Uri>() else {
        return Some("cannot be read");
    };
    let Some(authority) = uri.authority() else {
        return Some("has no host");
    };
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Some("starts neither with http:// nor with https://");
    }
    if authority.host().is_empty() {
        return Some("has no host");
    }
    if authority.as_str().bytes().any(|byte| byte == b'@') {
        return Some("names a user, which requests never carry");
    }
    uri.query().map(|_| "has a query, which requests would lose")
}

/// A service id as the services section writes it, `SSO OIDC` and `sso-oidc` as `sso_oidc`, and the variable of its
/// endpoint.
#[inline(never)]
fn names(service: &str) -> (String, String) {
    let (mut section, mut variable) = (String::new(), "AWS_ENDPOINT_URL_".to_owned());
    for c in trimmed(service).chars() {
        let c = if matches!(c, ' ' | '-') { '_' } else { c };
        push(&mut section, c.to_ascii_lowercase());
        push(&mut variable, c.to_ascii_uppercase());
    }
    (section, variable)
}

#[inline(never)]
fn push(text: &mut String, c: char) {
    text.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_ids_are_written_as_the_files_write_them() {
        for (service, expected) in [("s3", "s3"), ("S3", "s3"), ("SSO OIDC", "sso_oidc"), ("sso-oidc", "sso_oidc")] {
            assert_eq!(names(service).0, expected);
        }
    }

    #[test]
    fn only_base_urls_pass() {
        for good in ["http://localhost:1234", "https://a.example/base/", "HTTPS://A.example", "http://[::1]:80"] {
            assert_eq!(complaint(good), None, "{good}");
        }
        for bad in [
            "localhost",
            "localhost:1234",
            "/path",
            "ftp://a.example",
            "https://",
            "http://u:p@a.example",
            "http://a?b",
            "a b",
        ] {
            assert!(complaint(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_complaint_names_the_origin_and_never_the_text() {
        let found = Setting::new("http://user:hunter2@host".to_owned(), Origin::Variable("AWS_ENDPOINT_URL".into()));
        let error = check(found).unwrap_err();
        assert_eq!(error.to_string(), "AWS_ENDPOINT_URL: the endpoint URL names a user, which requests never carry");
    }
}
