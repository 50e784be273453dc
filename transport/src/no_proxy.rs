//! Hosts that are reached without a proxy.

use std::net::IpAddr;

use crate::host::{address, bare};

/// The text of `no_proxy`: a list of `*`, hosts, domains (`.corp`, `*.corp`, `corp`), addresses and networks
/// (`10.0.0.0/8`), each but a network with `:port` if it is for that port alone.
#[derive(Debug)]
pub(crate) struct Exemptions(pub(crate) String);

impl Exemptions {
    /// Whether the host, written without brackets and in lower case, is in the list.
    pub(crate) fn cover(&self, host: &str, port: u16) -> bool {
        self.0.split(|c: char| c == ',' || c.is_whitespace()).any(|entry| covers(entry, host, port))
    }
}

fn covers(entry: &str, host: &str, port: u16) -> bool {
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (bare(network).parse(), bits.parse())
    {
        return address(host).is_some_and(|ip| within(ip, network, bits));
    }
    let (name, only) = match entry.rsplit_once(':') {
        // A bare IPv6 address is full of colons.
        Some((name, only)) if !name.contains(':') || name.ends_with(']') => match only.parse() {
            Ok(only) => (name, only),
            Err(_) => (entry, port),
        },
        _ => (entry, port),
    };
    let name = bare(name);
    if only != port || name == "*" {
        return only == port;
    }
    if let Some(ip) = address(&name) {
        return address(host) == Some(ip);
    }
    let domain = name.trim_start_matches('*').trim_start_matches('.');
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
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
        assert_eq!(Exemptions(list.to_owned()).cover(&bare(host), port), expected, "`{list}` {host}:{port}");
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
