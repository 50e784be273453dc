//! Hosts that are reached without a proxy.

use std::net::IpAddr;

use crate::host::{address, bare};

/// The entries of `no_proxy`.
#[derive(Debug, Default)]
pub(crate) struct Exemptions(Vec<Exemption>);

impl Exemptions {
    /// Reads a list of `*`, hosts, domains (`.corp`, `*.corp`, `corp`), addresses and networks (`10.0.0.0/8`),
    /// each but a network with `:port` if it is for that port alone.
    pub(crate) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.map(exemption).collect())
    }

    /// Whether the host, written without brackets and in lower case, is in the list.
    pub(crate) fn cover(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|exemption| exemption.covers(host, port))
    }
}

#[derive(Debug)]
struct Exemption {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug)]
enum Hosts {
    All,
    Network(IpAddr, u8),
    Domain(String),
}

impl Exemption {
    fn covers(&self, host: &str, port: u16) -> bool {
        if self.port.is_some_and(|only| only != port) {
            return false;
        }
        match &self.hosts {
            Hosts::All => true,
            Hosts::Network(network, bits) => address(host).is_some_and(|ip| within(ip, *network, *bits)),
            Hosts::Domain(domain) => {
                host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }
}

fn exemption(entry: &str) -> Exemption {
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (bare(network).parse(), bits.parse())
    {
        return Exemption { hosts: Hosts::Network(network, bits), port: None };
    }
    let (host, port) = match entry.rsplit_once(':') {
        // A bare IPv6 address is full of colons.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    };
    let host = bare(host);
    let hosts = match address(&host) {
        _ if host == "*" => Hosts::All,
        Some(ip) => Hosts::Network(ip, if ip.is_ipv4() { 32 } else { 128 }),
        None => Hosts::Domain(host.trim_start_matches("*").trim_start_matches('.').to_owned()),
    };
    Exemption { hosts, port }
}

fn within(ip: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            ip.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            ip.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, host: &str, port: u16, expected: bool) {
        assert_eq!(Exemptions::parse(list).cover(&bare(host), port), expected, "`{list}` {host}:{port}");
    }

    #[test]
    fn names_cover_themselves_and_what_is_below_them() {
        check("", "a.test", 80, false);
        check("*", "a.test", 80, true);
        check("a.test", "a.test", 80, true);
        check("A.Test.", "a.tEST.", 80, true);
        check("a.test", "x.a.test", 80, true);
        check("a.test", "ba.test", 80, false);
        check("a.test", "a.test.evil", 80, false);
        check(".a.test", "a.test", 80, true);
        check(".a.test", "x.y.a.test", 80, true);
        check("*.a.test", "x.a.test", 80, true);
        check("*.a.test", "xa.test", 80, false);
        check("b.test ,\ta.test", "a.test", 80, true);
        check(",,", "a.test", 80, false);
    }

    #[test]
    fn a_port_limits_an_entry() {
        check("a.test:8080", "a.test", 8080, true);
        check("a.test:8080", "a.test", 80, false);
        check("*:8080", "a.test", 8080, true);
        check("10.0.0.1:80", "10.0.0.1", 81, false);
        check("[2001:db8::1]:80", "[2001:db8::1]", 80, true);
        check("[2001:db8::1]:80", "[2001:db8::1]", 81, false);
    }

    #[test]
    fn addresses_and_networks_are_compared_as_numbers() {
        check("10.0.0.1", "10.0.0.1", 80, true);
        check("10.0.0.1", "10.0.0.2", 80, false);
        check("10.0.0.1", "10.0.0.1.evil.test", 80, false);
        check("10.0.0.0/8", "10.255.0.1", 80, true);
        check("10.0.0.0/8", "11.0.0.1", 80, false);
        check("10.0.0.0/8", "ten.test", 80, false);
        check("0.0.0.0/0", "8.8.8.8", 80, true);
        check("10.0.0.1/32", "10.0.0.1", 80, true);
        check("10.0.0.1/33", "10.0.0.1", 80, false);
        check("2001:db8::/32", "[2001:db8:1::1]", 80, true);
        check("2001:db8::/32", "[2001:db9::1]", 80, false);
        check("2001:db8::1", "[2001:db8:0::1]", 80, true);
        check("::/0", "[2001:db8::1]", 80, true);
        check("::ffff:10.0.0.1", "10.0.0.1", 80, true);
    }
}
