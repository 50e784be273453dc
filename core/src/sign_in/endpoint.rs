//! Endpoints that are chosen by hand. Pure.

use crate::{Error, ErrorKind, failure};

/// A URL of one's own in place of a region's, without a slash at its end. `origins` tells, where anybody knows, where both
/// settings were found.
///
/// # Errors
/// `InvalidConfig` together with FIPS or dual-stack endpoints, which such a URL cannot be turned into.
pub fn own_url(url: &str, fips: bool, dual_stack: bool, origins: Option<&str>) -> Result<String, Error> {
    let (key, cure) = match (fips, dual_stack) {
        (true, _) => ("use_fips_endpoint", "take one of the two away: use_fips_endpoint, or the endpoint URL"),
        (_, true) => {
            ("use_dualstack_endpoint", "take one of the two away: use_dualstack_endpoint, or the endpoint URL")
        }
        _ => {
            let mut url = url;
            while let Some(shorter) = url.strip_suffix('/') {
                url = shorter;
            }
            return Ok(url.to_owned());
        }
    };
    let (open, origins, close) = origins.map_or(("", "", ""), |origins| (" (", origins, ")"));
    Err(failure(
        ErrorKind::InvalidConfig,
        format_args!("{key} cannot be combined with the endpoint {url}{open}{origins}{close}"),
        Some(format_args!("{cure}")),
    ))
}
