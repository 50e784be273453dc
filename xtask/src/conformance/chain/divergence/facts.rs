//! What a case says, where botocore's error alone would be too wide a sign.

use serde_json::Value;

use crate::conformance::chain::case::{Case, listed};
use crate::conformance::chain::grammar::Kind;

/// A role that wants a code which nobody types.
pub(super) fn wants_code(case: &Case) -> bool {
    case.code("mfa").is_none_or(str::is_empty) && case.profiles().any(|profile| profile.value("mfa_serial").is_some())
}

/// Something shorter than botocore's model of STS allows.
pub(super) fn is_short_for_sts(case: &Case) -> bool {
    const LEAST: [(&str, usize); 4] =
        [("mfa_serial", 9), ("role_arn", 20), ("role_session_name", 2), ("external_id", 2)];
    let short = |text: &str, least: usize| text.chars().count() < least;
    let in_profile = case.profiles().any(|profile| {
        LEAST.iter().any(|(key, least)| profile.value(key).is_some_and(|text| short(text, *least)))
            || profile.value("duration_seconds").is_some_and(|text| text.parse::<i64>().is_ok_and(|s| s < 900))
    });
    let named = case.profiles().filter_map(|profile| profile.value("web_identity_token_file").map(listed));
    let mut files = case.env("AWS_WEB_IDENTITY_TOKEN_FILE").map(listed).into_iter().chain(named);
    in_profile
        || case.code("mfa").is_some_and(|code| short(code, 6))
        || case.env("AWS_ROLE_ARN").is_some_and(|arn| short(arn, 20))
        || case.env("AWS_ROLE_SESSION_NAME").is_some_and(|name| short(name, 2))
        || files.any(|path| case.file(&path).and_then(Value::as_str).is_some_and(|token| short(token, 4)))
}

/// A Boto 2 file with a line before any section.
pub(super) fn has_boto_file_without_section(case: &Case) -> bool {
    let named = case.env("BOTO_CONFIG").map(listed);
    let paths = named.map_or_else(|| vec!["/etc/boto.cfg".to_owned(), "~/.boto".to_owned()], |path| vec![path]);
    paths.iter().filter_map(|path| case.file(path)?.as_str()).any(|text| {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with(['#', ';']));
        lines.next().is_some_and(|line| !line.starts_with('['))
    })
}

/// A region from any place that is read for it, after `AWS_REGION` has taken the place of the older variable.
pub(super) fn region(case: &Case) -> Option<String> {
    let outside = case.code("region").or_else(|| case.env("AWS_DEFAULT_REGION")).map(str::to_owned);
    outside.or_else(|| case.setting("region")).filter(|region| !region.is_empty())
}

/// An end that is long past, in a variable, a document or an answer of STS.
pub(super) fn has_past_expiry(case: &Case) -> bool {
    // A number alone counts from 1970.
    let is_past = |time: &str| {
        let year = time.split_once('-').filter(|(year, _)| year.len() == 4).map(|(year, _)| year);
        time.starts_with("{NOW-") || year.is_some_and(|year| year.parse::<u32>().is_ok_and(|y| y < 2025))
    };
    case.env("AWS_CREDENTIAL_EXPIRATION").is_some_and(is_past)
        || case.texts().iter().any(|text| {
            let behind = text.split("xpiration").skip(1);
            behind.map(|rest| rest.trim_start_matches(['"', ':', ' ', '>'])).any(is_past)
        })
}

pub(super) fn disables_version_1(case: &Case) -> bool {
    let variable = case.env("AWS_EC2_METADATA_V1_DISABLED").map(str::to_owned);
    variable.or_else(|| case.setting("ec2_metadata_v1_disabled")).is_some_and(|said| said.eq_ignore_ascii_case("true"))
}

/// A value where settings of a service belong: in `s3`, or in the services section.
pub(super) fn has_value_for_settings(case: &Case) -> bool {
    let flat = |text: &str| !text.starts_with('\n');
    let sections = case.sections(Kind::Config).unwrap_or_default();
    let services = case.setting("services");
    let mut chosen = sections.iter().filter(|s| s.sort == "services" && Some(&s.name) == services.as_ref());
    case.setting("s3").is_some_and(|text| flat(&text))
        || chosen.any(|section| section.keys.iter().any(|(_, value)| flat(value)))
}

/// The selected profile names a session that is not there or not whole.
pub(super) fn lacks_session(case: &Case) -> bool {
    let Some(name) = case.setting("sso_session") else { return false };
    let sections = case.sections(Kind::Config).unwrap_or_default();
    let session = sections.iter().find(|section| section.sort == "sso-session" && section.name == name);
    session.is_none_or(|s| s.value("sso_region").is_none() || s.value("sso_start_url").is_none())
}

pub(super) fn has_odd_defaults_mode(case: &Case) -> bool {
    const KNOWN: [&str; 6] = ["legacy", "auto", "standard", "in-region", "cross-region", "mobile"];
    let mode = case.env("AWS_DEFAULTS_MODE").map(str::to_owned).or_else(|| case.setting("defaults_mode"));
    mode.is_some_and(|mode| !KNOWN.contains(&mode.as_str()))
}

/// Whether this is AWS's host in the region of the case, or an endpoint that the case names.
pub(super) fn names_host(case: &Case, url: &str) -> bool {
    const SUFFIXES: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"];
    let is_regional = |region: &str| SUFFIXES.iter().any(|suffix| url.ends_with(&format!(".{region}{suffix}")));
    let region = region(case);
    let is_legacy = case.env("AWS_STS_REGIONAL_ENDPOINTS") == Some("legacy")
        || case.setting("sts_regional_endpoints").as_deref() == Some("legacy");
    region.as_deref().is_some_and(is_regional)
        || (is_legacy || region.is_none()) && url == "https://sts.amazonaws.com"
        || case.variables().any(|(name, value)| name.starts_with("AWS_ENDPOINT_URL") && value == url)
        || case.setting("endpoint_url").is_some_and(|named| named == url)
}
