//! Where instance metadata is.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use http::Uri;
use tucuxi_core::{Error, ErrorKind, failure};

use crate::settings::is;

/// Which of the two default addresses is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointMode {
    /// `http://169.254.169.254`
    #[default]
    IPv4,
    /// `http://[fd00:ec2::254]`
    IPv6,
}

impl EndpointMode {
    pub(crate) fn endpoint(self) -> Endpoint {
        let (base, host) = match self {
            Self::IPv4 => ("http://169.254.169.254", "169.254.169.254"),
            Self::IPv6 => ("http://[fd00:ec2::254]", "[fd00:ec2::254]"),
        };
        Endpoint { base: base.into(), host: host.into(), chosen: false }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        match text {
            text if is(text, "ipv4") => Some(Self::IPv4),
            text if is(text, "ipv6") => Some(Self::IPv6),
            _ => None,
        }
    }
}

impl FromStr for EndpointMode {
    type Err = Error;

    /// Reads `IPv4` or `IPv6`, in any case.
    #[inline]
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| {
            failure(
                ErrorKind::InvalidConfig,
                format_args!("{text:?} is not an endpoint mode"),
                Some(format_args!("{MODES}")),
            )
        })
    }
}

/// What to write in place of a text that is no mode.
pub(crate) const MODES: &str = "write IPv4 or IPv6";

/// The start of every URL.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    base: Cow<'static, str>,
    host: Cow<'static, str>,
    chosen: bool,
}

impl Endpoint {
    /// An address that somebody chose; `origin` says where, for the error.
    pub(crate) fn chosen(text: &str, origin: &str) -> Result<Self, Error> {
        let uri: Uri = match text.parse() {
            Ok(uri) => uri,
            Err(error) => return Err(refuse(origin, format_args!("{error}"))),
        };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refuse(origin, format_args!("it is not a whole URL")));
        };
        let fault = if !matches!(scheme, "http" | "https") {
            "it is neither http nor https"
        } else if authority.as_str().bytes().any(|byte| byte == b'@') || authority.host().is_empty() {
            "it needs a host and takes no user name"
        } else if text.bytes().any(|byte| matches!(byte, b'?' | b'#')) {
            "it takes no query and no fragment"
        } else {
            let mut base = format!("{scheme}://{authority}{}", uri.path());
            while base.ends_with('/') {
                base.pop();
            }
            return Ok(Self { base: base.into(), host: authority.as_str().to_owned().into(), chosen: true });
        };
        Err(refuse(origin, format_args!("{fault}")))
    }

    #[inline]
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Whether both are the same place, whoever named it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.base == other.base
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether somebody named this address, so that silence there is a fault.
    pub(crate) fn is_chosen(&self) -> bool {
        self.chosen
    }
}

#[cold]
fn refuse(origin: &str, reason: fmt::Arguments<'_>) -> Error {
    failure(
        ErrorKind::InvalidConfig,
        format_args!("{origin} is no endpoint: {reason}"),
        Some(format_args!("write it like http://169.254.169.254")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let answer = Endpoint::chosen(text, "VAR").map(|endpoint| endpoint.url("/latest"));
        match expected {
            Ok(url) => assert_eq!(answer.unwrap(), url),
            Err(reason) => assert_eq!(answer.unwrap_err().to_string(), format!("VAR is no endpoint: {reason}")),
        }
    }

    #[test]
    fn only_whole_urls_without_decoration() {
        check("http://override:456", Ok("http://override:456/latest"));
        check("http://[fd00:ec2::254]/", Ok("http://[fd00:ec2::254]/latest"));
        check("https://host/prefix/", Ok("https://host/prefix/latest"));
        check("not a uri", Err("invalid uri character"));
        check("169.254.169.254", Err("it is not a whole URL"));
        check("/latest", Err("it is not a whole URL"));
        check("ftp://host", Err("it is neither http nor https"));
        check("http://user:word@host", Err("it needs a host and takes no user name"));
        check("http://host/?a=1", Err("it takes no query and no fragment"));
        check("http://host/#a", Err("it takes no query and no fragment"));
    }
}
