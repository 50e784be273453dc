//! Where a request goes.

use std::fmt;

use http::Uri;
use http::header::HeaderValue;
use http::uri::{Authority, Scheme};
use tucuxi_core::{HttpError, HttpErrorKind};

/// Scheme, host and port of a request. Displayed as `host` or `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) https: bool,
    authority: Authority,
}

impl Target {
    /// Where a URL points to.
    pub(crate) fn of(uri: &Uri) -> Result<Self, HttpError> {
        let Some(authority) = uri.authority() else {
            return refuse("the request names no host".to_owned());
        };
        let https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return refuse(format!("the URL of {} is neither http nor https", authority.host())),
        };
        Self::new(https, authority.clone())
    }

    pub(crate) fn new(https: bool, authority: Authority) -> Result<Self, HttpError> {
        if authority.as_str().as_bytes().contains(&b'@') {
            return refuse(format!("the URL of {} holds a user name", authority.host()));
        }
        if authority.host().is_empty() || (authority.as_str() != authority.host() && authority.port_u16().is_none()) {
            return refuse(format!("`{authority}` is not a host and port"));
        }
        Ok(Self { https, authority })
    }

    /// The host as the URL writes it, with brackets around IPv6.
    pub(crate) fn host(&self) -> &str {
        self.authority.host()
    }

    pub(crate) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or_else(|| self.default_port())
    }

    fn default_port(&self) -> u16 {
        if self.https { 443 } else { 80 }
    }

    /// The `Host` header: the port only where it is not the usual one.
    pub(crate) fn host_header(&self) -> Option<HeaderValue> {
        let bare = self.port() == self.default_port();
        HeaderValue::from_str(if bare { self.host() } else { self.authority.as_str() }).ok()
    }

    /// The URL of the root, for connectors.
    pub(crate) fn uri(&self) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(if self.https { Scheme::HTTPS } else { Scheme::HTTP });
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
        Uri::from_parts(parts).unwrap_or_default()
    }
}

#[cold]
fn refuse(why: String) -> Result<Target, HttpError> {
    Err(HttpError::new(HttpErrorKind::Request, why))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.authority.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(&str, u16, &str), &str>) {
        match (Target::of(&url.parse().unwrap()), expected) {
            (Ok(target), Ok((host, port, header))) => {
                assert_eq!((target.host(), target.port()), (host, port), "{url}");
                assert_eq!(target.host_header().unwrap(), header, "{url}");
            }
            (Err(error), Err(message)) => {
                assert_eq!(error.kind(), HttpErrorKind::Request, "{url}");
                assert_eq!(error.to_string(), message, "{url}");
            }
            (answer, _) => panic!("{url}: {answer:?}"),
        }
    }

    #[test]
    fn a_request_names_scheme_host_and_port() {
        check("http://example.test/a?b", Ok(("example.test", 80, "example.test")));
        check("https://example.test:443/", Ok(("example.test", 443, "example.test")));
        check("https://example.test:8443/", Ok(("example.test", 8443, "example.test:8443")));
        check("http://[fd00:ec2::254]/latest", Ok(("[fd00:ec2::254]", 80, "[fd00:ec2::254]")));
        check("/path", Err("the request names no host"));
        check("ftp://example.test/", Err("the URL of example.test is neither http nor https"));
        check("http://user:SEKRIT@example.test/", Err("the URL of example.test holds a user name"));
        check("http://example.test:99999/", Err("`example.test:99999` is not a host and port"));
    }
}
