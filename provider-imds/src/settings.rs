//! What is set, where, and what wins: code, then environment, then profile.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tucuxi_core::{Env, Error, ErrorKind, HttpOptions, Location, failure, whole_number};

use crate::endpoint::{Endpoint, EndpointMode, MODES};

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) endpoint: Option<String>,
    pub(crate) mode: Option<EndpointMode>,
    pub(crate) v1: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempts: Option<u32>,
    profile: Vec<Line>,
}

/// What a profile says.
#[derive(Clone, Debug)]
struct Line {
    key: &'static str,
    text: String,
    origin: String,
}

/// What holds for one call.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) v1: bool,
    pub(crate) limits: HttpOptions,
    pub(crate) attempts: Option<u32>,
}

/// A value with the place to edit.
struct Found<'a> {
    text: Cow<'a, str>,
    origin: &'a str,
}

impl Settings {
    pub(crate) fn read_profile(&mut self, value: &dyn Fn(&str) -> Option<(String, Location)>) {
        self.profile.clear();
        for (_, key) in [ENDPOINT, MODE, V1_DISABLED, TIMEOUT, ATTEMPTS] {
            if let Some((text, location)) = value(key)
                && !text.trim_ascii().is_empty()
            {
                self.profile.push(Line { key, text, origin: format!("{key} ({location})") });
            }
        }
    }

    pub(crate) fn resolve(&self, env: &Env) -> Result<Target, Error> {
        if env.is_true(DISABLED)? {
            return Err(failure(ErrorKind::NotConfigured, format_args!("{DISABLED} is true"), None));
        }
        let (endpoint, v1) = (Arc::new(self.endpoint(env)?), self.v1 && !self.v1_disabled(env)?);
        let timeout = match (self.timeout, self.find(env, TIMEOUT)?) {
            (Some(timeout), _) => timeout,
            (None, Some(found)) => seconds(&found)?,
            (None, None) => DEFAULT_TIMEOUT,
        };
        let attempts = match (self.attempts, self.find(env, ATTEMPTS)?) {
            (Some(attempts), _) => Some(attempts.max(1)),
            (None, Some(found)) => Some(count(&found)?),
            (None, None) => None,
        };
        let limits = HttpOptions::within(timeout, timeout).with_whole(timeout.saturating_mul(2));
        Ok(Target { endpoint, v1, limits, attempts })
    }

    fn endpoint(&self, env: &Env) -> Result<Endpoint, Error> {
        if let Some(endpoint) = &self.endpoint {
            return Endpoint::chosen(endpoint, "the endpoint given in code");
        }
        if let Some(found) = self.find(env, ENDPOINT)? {
            return Endpoint::chosen(found.text(), found.origin);
        }
        if let Some(mode) = self.mode {
            return Ok(mode.endpoint());
        }
        let mode = match self.find(env, MODE)? {
            Some(found) => match EndpointMode::read(found.text()) {
                Some(mode) => mode,
                None => return Err(found.refused("is not an endpoint mode", format_args!("{MODES}"))),
            },
            None if env.is_true(USE_IPV6)? => EndpointMode::IPv6,
            None => EndpointMode::IPv4,
        };
        Ok(mode.endpoint())
    }

    fn v1_disabled(&self, env: &Env) -> Result<bool, Error> {
        let Some(found) = self.find(env, V1_DISABLED)? else { return Ok(false) };
        match found.text() {
            text if is(text, "true") => Ok(true),
            text if is(text, "false") => Ok(false),
            // A switch that guards against a downgrade is never guessed.
            _ => {
                Err(failure(ErrorKind::InvalidConfig, format_args!("{} is neither true nor false", found.origin), None))
            }
        }
    }

    /// The variable, else the profile's key.
    #[inline(never)]
    fn find<'a>(&'a self, env: &Env, (variable, key): (&'a str, &str)) -> Result<Option<Found<'a>>, Error> {
        if let Some(text) = env.var(variable)? {
            return Ok(Some(Found { text: Cow::Owned(text), origin: variable }));
        }
        let line = self.profile.iter().find(|line| line.key == key);
        Ok(line.map(|line| Found { text: Cow::Borrowed(&line.text), origin: &line.origin }))
    }
}

impl Found<'_> {
    #[inline(never)]
    fn text(&self) -> &str {
        self.text.trim_ascii()
    }

    #[cold]
    fn refused(&self, why: &str, cure: fmt::Arguments<'_>) -> Error {
        let (origin, text) = (self.origin, self.text());
        failure(ErrorKind::InvalidConfig, format_args!("{origin} {why}: {text:?}"), Some(cure))
    }
}

/// The same letters, in any case. Not compared where it is called, which is as long as the word.
#[inline(never)]
pub(crate) fn is(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

#[inline(never)]
fn seconds(found: &Found<'_>) -> Result<Duration, Error> {
    match decimal(found.text()) {
        Some(timeout) if !timeout.is_zero() && timeout <= MAX_TIMEOUT => Ok(timeout),
        _ => {
            let most = MAX_TIMEOUT.as_secs();
            Err(found.refused(
                "is not a number of seconds",
                format_args!("write a number above 0 and up to {most}, such as 1"),
            ))
        }
    }
}

/// Digits with or without a point. Not by way of a float: a program would hold the tables for reading one for this alone.
fn decimal(text: &str) -> Option<Duration> {
    let (mut seconds, mut nanoseconds, mut place) = (0_u64, 0, None);
    for byte in text.bytes() {
        match (byte, &mut place) {
            (b'.', None) => place = Some(100_000_000),
            (b'0'..=b'9', None) => seconds = seconds.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?,
            (b'0'..=b'9', Some(place)) => {
                nanoseconds += u32::from(byte - b'0') * *place;
                *place /= 10;
            }
            _ => return None,
        }
    }
    let has_digits = text.len() > usize::from(place.is_some());
    has_digits.then(|| Duration::new(seconds, nanoseconds))
}

fn count(found: &Found<'_>) -> Result<u32, Error> {
    match whole_number(found.text()).and_then(|count| u32::try_from(count).ok()) {
        Some(count @ 1..=MAX_ATTEMPTS) => Ok(count),
        _ => {
            Err(found
                .refused("is not a number of attempts", format_args!("write a whole number from 1 to {MAX_ATTEMPTS}")))
        }
    }
}

const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
const USE_IPV6: &str = "AWS_IMDS_USE_IPV6";
const ENDPOINT: (&str, &str) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
const MODE: (&str, &str) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
const V1_DISABLED: (&str, &str) = ("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
const TIMEOUT: (&str, &str) = ("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout");
const ATTEMPTS: (&str, &str) = ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts");
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn with_profile(key: &str, value: &str) -> Settings {
        let mut settings = Settings::default();
        settings.read_profile(&|asked| (asked == key).then(|| (value.to_owned(), Location::new("/c", 2))));
        settings
    }

    #[track_caller]
    fn check(settings: &Settings, variables: &[(&str, &str)], expected: Result<(&str, bool, f64, Option<u32>), &str>) {
        let answer = settings.resolve(&Env::fake(variables.iter().copied()));
        match expected {
            Ok(row) => {
                let target = answer.unwrap();
                let timeout = target.limits.connect.as_secs_f64();
                assert_eq!((target.endpoint.url("").as_str(), target.v1, timeout, target.attempts), row);
            }
            Err(message) => assert_eq!(answer.unwrap_err().to_string(), message),
        }
    }

    #[test]
    fn code_wins_over_environment_over_profile() {
        let v4 = "http://169.254.169.254";
        let v6 = "http://[fd00:ec2::254]";
        let none = Settings::default();
        check(&none, &[], Ok((v4, false, 1.0, None)));
        check(&none, &[("AWS_IMDS_USE_IPV6", "True")], Ok((v6, false, 1.0, None)));
        let both = [("AWS_IMDS_USE_IPV6", "true"), (MODE.0, "ipv4")];
        check(&none, &both, Ok((v4, false, 1.0, None)));
        check(&with_profile(TIMEOUT.1, "5"), &[], Ok((v4, false, 5.0, None)));
        check(&with_profile(TIMEOUT.1, "5"), &[(TIMEOUT.0, "0.5")], Ok((v4, false, 0.5, None)));
        check(&with_profile(ATTEMPTS.1, "4"), &[], Ok((v4, false, 1.0, Some(4))));
        check(&with_profile(ATTEMPTS.1, "4"), &[(ATTEMPTS.0, " 2 ")], Ok((v4, false, 1.0, Some(2))));
        let code = Settings { attempts: Some(7), timeout: Some(Duration::from_secs(9)), ..Settings::default() };
        check(&code, &[(ATTEMPTS.0, "x"), (TIMEOUT.0, "x")], Ok((v4, false, 9.0, Some(7))));
    }

    #[test]
    fn seconds_are_digits_with_or_without_a_point() {
        for (text, milliseconds) in [("7", 7000), ("0.5", 500), (".25", 250), ("05.", 5000), ("1.0009999999999", 1000)]
        {
            let found = decimal(text).map(|seconds| seconds.as_millis());
            assert_eq!(found, Some(milliseconds), "{text}");
        }
        for wrong in ["", ".", "+5", "-1", "1e1", "1.2.3", "1.+5", " 1", "1,5", "1_0", "99999999999999999999", "٣"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn v1_needs_the_opt_in_and_no_switch_against_it() {
        let v4 = "http://169.254.169.254";
        let allowed = |key, value| Settings { v1: true, ..with_profile(key, value) };
        check(&Settings::default(), &[(V1_DISABLED.0, "false")], Ok((v4, false, 1.0, None)));
        check(&allowed("", ""), &[], Ok((v4, true, 1.0, None)));
        check(&allowed("", ""), &[(V1_DISABLED.0, "TRUE")], Ok((v4, false, 1.0, None)));
        check(&allowed(V1_DISABLED.1, "true"), &[], Ok((v4, false, 1.0, None)));
        check(&allowed(V1_DISABLED.1, "true"), &[(V1_DISABLED.0, "false")], Ok((v4, true, 1.0, None)));
        let message = "AWS_EC2_METADATA_V1_DISABLED is neither true nor false";
        check(&allowed("", ""), &[(V1_DISABLED.0, "yes")], Err(message));
    }

    #[test]
    fn a_faulty_value_names_its_place() {
        let none = Settings::default();
        check(&none, &[(DISABLED, "tRuE")], Err("AWS_EC2_METADATA_DISABLED is true"));
        check(
            &none,
            &[(MODE.0, "error")],
            Err("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is not an endpoint mode: \"error\""),
        );
        check(
            &with_profile(MODE.1, "IPv7"),
            &[],
            Err("ec2_metadata_service_endpoint_mode (/c:2) is not an endpoint mode: \"IPv7\""),
        );
        for wrong in ["0", "-1", "soon", "1e9", "NaN", "inf"] {
            let message = format!("AWS_METADATA_SERVICE_TIMEOUT is not a number of seconds: {wrong:?}");
            check(&none, &[(TIMEOUT.0, wrong)], Err(&message));
        }
        for wrong in ["0", "-1", "1.5", "11", "many"] {
            let message = format!("metadata_service_num_attempts (/c:2) is not a number of attempts: {wrong:?}");
            check(&with_profile(ATTEMPTS.1, wrong), &[], Err(&message));
        }
    }

    /// `endpoint_override` and `mode_override` are what code gives.
    #[test]
    fn shared_vectors() {
        let file = "files/imds-endpoint-tests.json";
        let Some(text) = tucuxi_testkit::shared_vectors(env!("CARGO_MANIFEST_DIR"), file, 14) else { return };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = vectors["tests"].as_array().unwrap();
        assert_eq!(cases.len(), 14);
        for case in cases {
            let docs = &case["docs"];
            let config = case["fs"]["config"].as_str().unwrap_or_default();
            let in_profile = |key: &str| {
                let lines = config.lines().filter_map(|line| line.split_once('='));
                let mut values = lines.filter(|(name, _)| name.trim() == key);
                values.next().map(|(_, value)| (value.trim().to_owned(), Location::new("config", 2)))
            };
            let mut settings = Settings {
                endpoint: case["endpoint_override"].as_str().map(str::to_owned),
                mode: case["mode_override"].as_str().map(|mode| mode.parse().unwrap()),
                ..Settings::default()
            };
            settings.read_profile(&in_profile);
            let variables = case["env"].as_object().unwrap();
            let env = Env::fake(variables.iter().map(|(name, value)| (name, value.as_str().unwrap())));
            let answer = settings.resolve(&env).map(|target| target.endpoint.url("/latest/api/token"));
            match (case["result"]["Ok"].as_str(), answer) {
                (Some(url), Ok(answer)) => assert_eq!(answer, url, "{docs}"),
                (None, Err(error)) => {
                    let wrong = case["result"]["Err"].as_str().unwrap();
                    let quoted = wrong.split('`').nth(1).unwrap_or(wrong);
                    assert!(error.to_string().contains(quoted), "{docs}: {error}");
                }
                (expected, answer) => panic!("{docs}: {answer:?}, expected {expected:?}"),
            }
        }
    }
}
