//! Which host a request goes to, where the bucket stands in its URL, and the region that signs it. Pure.

use http::Uri;
use http::uri::{Authority, Scheme};
use tucuxi_core::{Error, Region};

use crate::encode::push_path;

/// Where the bucket stands in the URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Addressing {
    /// In the host name on AWS, in the path on an endpoint of one's own.
    #[default]
    Auto,
    /// In the path.
    Path,
    /// In the host name. A bucket whose name is no host name, has dots under TLS, or whose endpoint is an IP
    /// address, still stands in the path.
    Virtual,
}

/// What decides the endpoint, region and bucket aside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) custom: Option<Custom>,
    pub(crate) addressing: Addressing,
    pub(crate) dual_stack: bool,
    pub(crate) fips: bool,
    pub(crate) accelerate: bool,
}

/// An endpoint of one's own.
#[derive(Clone, Debug)]
pub(crate) struct Custom {
    https: bool,
    authority: Authority,
    /// Without a slash at its end.
    path: String,
}

/// A bucket, or the service, as a URL begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) https: bool,
    pub(crate) authority: Authority,
    /// With the bucket, if that stands in the path; without a slash at its end.
    pub(crate) path: String,
}

impl Custom {
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let bad = |why: &str| {
            Error::invalid_config(format!("the S3 endpoint URL {why}"))
                .with_hint("write it as https://host or http://host:port, perhaps with a path")
        };
        let uri: Uri = url.parse().map_err(|error| bad("is no URL").with_source(http::Error::from(error)))?;
        let https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(bad("is neither http nor https")),
        };
        let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("holds a user name"));
        }
        if uri.query().is_some() {
            return Err(bad("holds a query"));
        }
        Ok(Self { https, authority: authority.clone(), path: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl Options {
    /// Refuses choices that contradict each other, whatever the bucket.
    pub(crate) fn check(&self, region: &Region) -> Result<(), Error> {
        let refuse = |message: &'static str| Err(Error::invalid_config(message));
        if self.custom.is_some() {
            if self.dual_stack {
                return refuse("dual-stack cannot be combined with an S3 endpoint of one's own");
            }
            if self.fips {
                return refuse("FIPS cannot be combined with an S3 endpoint of one's own");
            }
            if self.accelerate {
                return refuse("S3 Accelerate cannot be combined with an S3 endpoint of one's own");
            }
        }
        if self.fips && region.partition().id() == "aws-cn" {
            return refuse("the China regions have no FIPS endpoints");
        }
        if self.accelerate {
            if self.fips {
                return refuse("S3 Accelerate cannot be combined with FIPS");
            }
            if self.addressing == Addressing::Path {
                return refuse("S3 Accelerate wants the bucket in the host name, not in the path");
            }
            if region.partition().id() != "aws" {
                return refuse("S3 Accelerate exists in the ordinary AWS regions only");
            }
        }
        Ok(())
    }

    /// The endpoint of a bucket; `control` is for what makes and removes buckets, which S3 Accelerate does
    /// not do.
    pub(crate) fn bucket(&self, region: &Region, bucket: &str, control: bool) -> Result<Endpoint, Error> {
        if self.accelerate && !control {
            return self.accelerated(region, bucket);
        }
        let (https, host) = self.host(region)?;
        let path = self.custom.as_ref().map_or("", |custom| &custom.path);
        let wanted = match self.addressing {
            Addressing::Auto => self.custom.is_none(),
            Addressing::Path => false,
            Addressing::Virtual => true,
        };
        if wanted && !is_ip(&host) && can_be_host(bucket, !https) {
            return Ok(Endpoint { https, authority: joined(&[bucket, ".", host.as_str()])?, path: path.to_owned() });
        }
        let mut path = path.to_owned();
        path.push('/');
        push_path(&mut path, bucket);
        Ok(Endpoint { https, authority: host, path })
    }

    /// The endpoint of the service itself.
    pub(crate) fn service(&self, region: &Region) -> Result<Endpoint, Error> {
        let (https, authority) = self.host(region)?;
        let path = self.custom.as_ref().map_or("", |custom| &custom.path);
        Ok(Endpoint { https, authority, path: path.to_owned() })
    }

    fn host(&self, region: &Region) -> Result<(bool, Authority), Error> {
        if let Some(custom) = &self.custom {
            return Ok((custom.https, custom.authority.clone()));
        }
        let suffix = region.partition().dns_suffix();
        if is_global(region) && !self.fips && !self.dual_stack {
            return Ok((true, joined(&["s3.", suffix])?));
        }
        let name = if self.fips { "s3-fips." } else { "s3." };
        let stack = if self.dual_stack { "dualstack." } else { "" };
        Ok((true, joined(&[name, stack, signing_region(region), ".", suffix])?))
    }

    fn accelerated(&self, region: &Region, bucket: &str) -> Result<Endpoint, Error> {
        if !can_be_host(bucket, false) {
            return Err(Error::invalid_config(format!(
                "S3 Accelerate wants the bucket in the host name, and {bucket:?} is none"
            )));
        }
        let stack = match (self.dual_stack, is_global(region)) {
            (false, _) => ".",
            (true, false) => ".dualstack.",
            // As AWS's own endpoint rules have it.
            (true, true) => ".dualstack.us-east-1.",
        };
        let authority = joined(&[bucket, ".s3-accelerate", stack, region.partition().dns_suffix()])?;
        Ok(Endpoint { https: true, authority, path: String::new() })
    }
}

/// The region in the signature: the pseudo-region of a program that knows none signs for us-east-1.
pub(crate) fn signing_region(region: &Region) -> &str {
    if is_global(region) { "us-east-1" } else { region.as_str() }
}

fn is_global(region: &Region) -> bool {
    region.as_str() == GLOBAL
}

/// The pseudo-region of a program that knows none.
pub(crate) const GLOBAL: &str = "aws-global";

/// The region named by a host such as `bucket.s3.eu-west-1.amazonaws.com` or `s3-eu-west-1.amazonaws.com`.
pub(crate) fn region_of_host(host: &str) -> Option<Region> {
    let (host, _) = host.split_once(".amazonaws.com")?;
    let mut labels = host.rsplit('.');
    let last = labels.next()?;
    let name = match last.strip_prefix("s3-") {
        Some(name) => name,
        None if labels.any(|label| label == "s3") => last,
        None => return None,
    };
    Region::new(name).ok()
}

/// Whether a bucket may stand in a host name; with dots only where no certificate has to match.
fn can_be_host(bucket: &str, dots: bool) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (3..=63).contains(&bucket.len())
        && bucket.split('.').all(label)
        && (dots || !bucket.contains('.'))
        && bucket.parse::<std::net::Ipv4Addr>().is_err()
}

fn is_ip(authority: &Authority) -> bool {
    let host = authority.host();
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

fn joined(pieces: &[&str]) -> Result<Authority, Error> {
    Authority::from_maybe_shared(bytes::Bytes::from(pieces.concat()))
        .map_err(|error| Error::invalid_config("the S3 endpoint is no host name").with_source(error))
}

#[cfg(test)]
mod tests;
