//! Where instance metadata is.

use std::str::FromStr;

use http::Uri;
use tucuxi_core::Error;

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
        let host = match self {
            Self::IPv4 => "169.254.169.254",
            Self::IPv6 => "[fd00:ec2::254]",
        };
        Endpoint { base: format!("http://{host}"), host: host.to_owned(), chosen: false }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [("ipv4", Self::IPv4), ("ipv6", Self::IPv6)]
            .into_iter()
            .find_map(|(name, mode)| text.eq_ignore_ascii_case(name).then_some(mode))
    }
}

/// The error of a text that is none; `fault` says which and where.
pub(crate) fn wrong_mode(fault: &str) -> Error {
    Error::invalid_config(fault.to_owned()).with_hint("write IPv4 or IPv6")
}

impl FromStr for EndpointMode {
    type Err = Error;

    /// Reads `IPv4` or `IPv6`, in any case.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| wrong_mode(&format!("{text:?} is not an endpoint mode")))
    }
}

/// The start of every URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    base: String,
    host: String,
    chosen: bool,
}

impl Endpoint {
    /// An address that somebody chose; `origin` says where, for the error.
    pub(crate) fn chosen(text: &str, origin: &str) -> Result<Self, Error> {
        let refuse = |reason: &str| {
            Error::invalid_config(format!("{origin} is no endpoint: {reason}"))
                .with_hint("write it like http://169.254.169.254")
        };
        let uri: Uri = text.parse().map_err(|error: http::uri::InvalidUri| refuse(&format!("{error}")))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refuse("it is not a whole URL"));
        };
        if !matches!(scheme, "http" | "https") {
            return Err(refuse("it is neither http nor https"));
        }
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(refuse("it needs a host and takes no user name"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(refuse("it takes no query and no fragment"));
        }
        let base = format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/'));
        Ok(Self { base, host: authority.as_str().to_owned(), chosen: true })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
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
