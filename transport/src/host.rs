//! What a host name stands for, before anybody looks it up.

use std::net::{IpAddr, Ipv4Addr};

/// This machine and its link: instance metadata and container endpoints hand out credentials there, which
/// are nobody else's business.
pub(crate) fn never_proxied(host: &str) -> bool {
    let host = bare(host);
    match address(&host) {
        Some(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        Some(IpAddr::V6(ip)) => {
            let [first, second, ..] = ip.segments();
            ip.is_loopback() || ip.is_unspecified() || first & 0xffc0 == 0xfe80 || (first, second) == (0xfd00, 0x0ec2)
        }
        None => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Lower case, without brackets, zone and final dot.
pub(crate) fn bare(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let host = host.split('%').next().unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// The address a host stands for, in every spelling that a system's resolver takes for one.
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Some(ip.to_canonical());
    }
    numeric_ipv4(host).map(IpAddr::V4)
}

/// `inet_aton`: one to four numbers, decimal, octal or hexadecimal; the last fills the remaining bytes.
fn numeric_ipv4(host: &str) -> Option<Ipv4Addr> {
    let (mut address, mut free, mut rest) = (0, 32, host);
    while let Some((part, others)) = rest.split_once('.') {
        let part = number(part)?;
        if part > 255 || free == 8 {
            return None;
        }
        free -= 8;
        address |= part << free;
        rest = others;
    }
    let last = number(rest)?;
    if u64::from(last) >> free != 0 {
        return None;
    }
    Some(Ipv4Addr::from(address | last))
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    if digits.is_empty() {
        return None;
    }
    let mut number: u32 = 0;
    for byte in digits.bytes() {
        number = number.checked_mul(radix)?.checked_add(char::from(byte).to_digit(radix)?)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, expected: bool) {
        assert_eq!(never_proxied(host), expected, "{host}");
    }

    #[test]
    fn this_machine_and_its_link_are_never_proxied() {
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "localhost",
            "LocalHost.",
            "a.localhost",
            "0.0.0.0",
            "[::]",
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "[fe80::1]",
            "[fe80::1%25eth0]",
            "[febf::1]",
            "[fd00:ec2::254]",
            "[fd00:ec2::23]",
            "[::ffff:169.254.169.254]",
            "[::ffff:127.0.0.1]",
        ] {
            check(host, true);
        }
    }

    #[test]
    fn other_spellings_of_such_addresses_are_never_proxied() {
        for host in [
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "0xa9.254.43518",
            "169.16689662",
            "127.1",
            "0x7f.1",
            "0",
        ] {
            check(host, true);
        }
    }

    #[test]
    fn everything_else_may_be_proxied() {
        for host in [
            "s3.amazonaws.com",
            "10.0.0.1",
            "192.168.1.1",
            "169.253.0.1",
            "[fd00:ec3::254]",
            "[fec0::1]",
            "[2001:db8::1]",
            "localhost.example.com",
            "notlocalhost",
            "169.254.example.com",
            "256.254.169.254",
            "169.254.169.256",
            "127.0.0.1.5",
            "08.1",
            "4294967296",
            "",
            "-1",
            "+1",
        ] {
            check(host, false);
        }
    }
}
