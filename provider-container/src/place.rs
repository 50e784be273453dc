//! Which endpoint the variables name, and whether it may be asked.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use tucuxi_core::{Env, Error, ErrorKind, failure, whole_number};

/// The endpoint, and how to get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) url: String,
    /// Host and port, for messages.
    pub(crate) host: String,
    /// How long the host alone is.
    name: usize,
    pub(crate) port: u16,
    pub(crate) reach: Reach,
}

/// What must be true of the address before a request goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A name or an address; TLS proves who answers.
    Tls,
    /// An address that is allowed.
    Address(IpAddr),
    /// A name, all of whose addresses must be allowed.
    Name,
}

/// The endpoint that the variables name; the relative one wins.
pub(crate) fn place(env: &Env) -> Result<Place, Error> {
    if let Some(path) = env.var(RELATIVE)? {
        return relative(path.trim_ascii());
    }
    match env.var(FULL)? {
        Some(url) => full(url.trim_ascii()),
        None => {
            let (relative, full) = (env.absence(RELATIVE), env.absence(FULL));
            let why = format_args!("{RELATIVE} {relative}, and {FULL} {full}");
            Err(failure(ErrorKind::NotConfigured, why, None))
        }
    }
}

impl Place {
    /// The host without its port.
    #[inline]
    pub(crate) fn name(&self) -> &str {
        self.host.get(..self.name).unwrap_or(&self.host)
    }

    /// Refuses a name that leads, or may lead, to a stranger.
    pub(crate) fn check_resolved(&self, addresses: &[IpAddr]) -> Result<(), Error> {
        match addresses.iter().find(|address| !is_allowed(**address)) {
            // TLS proves who answers, wherever that is.
            Some(address) if self.reach != Reach::Tls => {
                Err(stranger(format_args!("{}, which resolves to {address}", self.name())))
            }
            _ => Ok(()),
        }
    }
}

fn relative(path: &str) -> Result<Place, Error> {
    // Without the slash the text would go on with the host's name.
    if !path.starts_with('/') {
        return Err(failure(ErrorKind::InvalidConfig, format_args!("{RELATIVE} does not begin with a slash"), None));
    }
    let url = format!("http://{ECS}{path}");
    if let Err(error) = url.parse::<Uri>() {
        return Err(failure(ErrorKind::InvalidConfig, format_args!("{RELATIVE} is no path: {error}"), None));
    }
    Ok(Place { url, host: ECS.to_owned(), name: ECS.len(), port: 80, reach: Reach::Address(IpAddr::V4(ECS_V4)) })
}

fn full(url: &str) -> Result<Place, Error> {
    let uri: Uri = match url.parse() {
        Ok(uri) => uri,
        Err(error) => return Err(refuse(format_args!("is no URL: {error}"))),
    };
    let (whole, host) = uri.authority().map_or(("", ""), |authority| (authority.as_str(), authority.host()));
    if host.is_empty() {
        return Err(refuse(format_args!("names no host")));
    }
    if whole.bytes().any(|byte| byte == b'@') {
        return Err(refuse(format_args!("holds a user name")));
    }
    let (reach, port) = match uri.scheme_str() {
        Some("https") => (Reach::Tls, 443),
        Some("http") => (plain(host)?, 80),
        _ => return Err(refuse(format_args!("is neither http nor https"))),
    };
    let Some(port) = port_of(whole, host, port) else {
        return Err(refuse(format_args!("names a port that does not exist")));
    };
    Ok(Place { url: url.to_owned(), host: whole.to_owned(), name: host.len(), port, reach })
}

fn plain(host: &str) -> Result<Reach, Error> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) if is_allowed(address) => Ok(Reach::Address(address)),
        // Neither other addresses nor other spellings of one, which resolvers read in different ways.
        Err(_) if bare.len() == host.len() && !ends_in_a_number(host) => Ok(Reach::Name),
        _ => Err(stranger(format_args!("{host}"))),
    }
}

fn port_of(whole: &str, host: &str, default: u16) -> Option<u16> {
    match whole.strip_prefix(host)?.strip_prefix(':') {
        None | Some("") => Some(default),
        Some(port) => u16::try_from(whole_number(port)?).ok().filter(|port| *port != 0),
    }
}

fn is_allowed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address == ECS_V4 || address == EKS_V4,
        IpAddr::V6(address) => address.is_loopback() || address == EKS_V6,
    }
}

fn ends_in_a_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    let start = host.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
    match host.get(start..).unwrap_or_default() {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        label => label.iter().all(u8::is_ascii_digit),
    }
}

fn stranger(host: fmt::Arguments<'_>) -> Error {
    refuse(format_args!("names {host}, where plain http is not allowed"))
}

#[cold]
fn refuse(fault: fmt::Arguments<'_>) -> Error {
    failure(ErrorKind::InvalidConfig, format_args!("{FULL} {fault}"), Some(format_args!("{HINT}")))
}

pub(crate) const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
pub(crate) const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const ECS: &str = "169.254.170.2";
const ECS_V4: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
const EKS_V4: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
const EKS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x23);
const HINT: &str = "use https, or http to a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]";

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(place: &Place) -> String {
        place.url.parse::<Uri>().unwrap().to_string()
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Result<(&str, u16, &str), &str>) {
        let answer = place(&Env::fake(variables.iter().copied()));
        match (answer, expected) {
            (Ok(place), Ok((uri, port, reach))) => {
                let got = match &place.reach {
                    Reach::Tls => "tls".to_owned(),
                    Reach::Address(address) => address.to_string(),
                    Reach::Name => format!("name {}", place.name()),
                };
                assert_eq!((asked(&place).as_str(), place.port, got.as_str()), (uri, port, reach));
            }
            (Err(error), Err(message)) => assert_eq!(error.to_string(), message),
            (answer, expected) => panic!("{variables:?}: {answer:?}, expected {expected:?}"),
        }
    }

    fn full_uri(url: &str, expected: Result<(u16, &str), &str>) {
        let message = expected.err().map(|reason| format!("{FULL} {reason}"));
        let expected = expected.map(|(port, reach)| (url, port, reach));
        check(&[(FULL, url)], expected.map_err(|_reason| message.as_deref().unwrap_or_default()));
    }

    #[test]
    fn the_relative_one_goes_to_ecs_and_wins() {
        let absent = format!("{RELATIVE} is not set, and {FULL} is not set");
        check(&[], Err(&absent));
        let blank = "is blank, which counts as not set";
        check(&[(RELATIVE, ""), (FULL, " ")], Err(&format!("{RELATIVE} {blank}, and {FULL} {blank}")));
        check(&[(RELATIVE, "/a?b=1")], Ok(("http://169.254.170.2/a?b=1", 80, "169.254.170.2")));
        check(&[(RELATIVE, " /a\n")], Ok(("http://169.254.170.2/a", 80, "169.254.170.2")));
        check(&[(RELATIVE, "/a"), (FULL, "https://b/")], Ok(("http://169.254.170.2/a", 80, "169.254.170.2")));
        check(&[(RELATIVE, "//evil/a")], Ok(("http://169.254.170.2//evil/a", 80, "169.254.170.2")));
        let message = format!("{RELATIVE} does not begin with a slash");
        for path in ["a", "@evil.example/a", ":80/a", ".evil.example/a", "http://evil.example/a"] {
            check(&[(RELATIVE, path)], Err(&message));
        }
        check(&[(RELATIVE, "/a b")], Err(&format!("{RELATIVE} is no path: invalid uri character")));
    }

    #[test]
    fn plain_http_goes_to_known_addresses_only() {
        full_uri("https://any.example/a", Ok((443, "tls")));
        full_uri("https://any.example:8443/a", Ok((8443, "tls")));
        full_uri("http://127.0.0.1/a", Ok((80, "127.0.0.1")));
        full_uri("http://127.9.9.9:8080/a", Ok((8080, "127.9.9.9")));
        full_uri("http://[::1]:8080/a", Ok((8080, "::1")));
        full_uri("http://169.254.170.2/a", Ok((80, "169.254.170.2")));
        full_uri("http://169.254.170.23/v1/credentials", Ok((80, "169.254.170.23")));
        full_uri("http://[fd00:ec2::23]/v1/credentials", Ok((80, "fd00:ec2::23")));
        full_uri("http://[fd00:0ec2:0:0:0:0:0:0023]/a", Ok((80, "fd00:ec2::23")));
        full_uri("http://localhost:8080/a", Ok((8080, "name localhost")));
        full_uri("http://localhost./a", Ok((80, "name localhost.")));
        full_uri("http://host.docker.internal/a", Ok((80, "name host.docker.internal")));
    }

    #[test]
    fn strangers_and_odd_spellings_are_refused() {
        for host in [
            "10.0.0.1",
            "169.254.169.254",
            "169.254.170.3",
            "0.0.0.0",
            "[::]",
            "[fd00:ec2::24]",
            "[fd00:ec2::254]",
            // Loopback and ECS, spelt so that a check and a connection may disagree.
            "[::1%25lo]",
            "[::ffff:127.0.0.1]",
            "[::ffff:169.254.170.2]",
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "0177.0.0.1",
            "127.1",
            "127.0.0.1.",
            "127.000.000.001",
        ] {
            let reason = format!("names {host}, where plain http is not allowed");
            full_uri(&format!("http://{host}/a"), Err(&reason));
        }
        full_uri("http://user@127.0.0.1/a", Err("holds a user name"));
        full_uri("http://127.0.0.1:80@evil.example/a", Err("holds a user name"));
        full_uri("https://user:word@any.example/a", Err("holds a user name"));
        full_uri("/credentials", Err("names no host"));
        full_uri("http:///a", Err("is no URL: invalid format"));
        full_uri("ftp://127.0.0.1/a", Err("is neither http nor https"));
        full_uri("127.0.0.1", Err("is neither http nor https"));
        full_uri("http://127.0.0.1:99999/a", Err("names a port that does not exist"));
        full_uri("http://127.0.0.1:0/a", Err("names a port that does not exist"));
        full_uri("http://127.0.0.1\\@evil.example/a", Err("is no URL: invalid uri character"));
        full_uri("http://127.0.0.1\t/a", Err("is no URL: invalid uri character"));
    }

    #[test]
    fn every_address_of_a_name_must_be_allowed() {
        let place = place(&Env::fake([(FULL, "http://name/")])).unwrap();
        let check = |addresses: &[&str], allowed: bool| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            assert_eq!(place.check_resolved(&addresses).is_ok(), allowed, "{addresses:?}");
        };
        check(&["127.0.0.1"], true);
        check(&["::1", "127.0.0.1", "169.254.170.23", "fd00:ec2::23"], true);
        check(&["127.0.0.1", "10.0.0.1"], false);
        check(&["10.0.0.1", "127.0.0.1"], false);
        check(&["169.254.169.254"], false);
        check(&["::ffff:127.0.0.1"], false);
    }

    #[test]
    fn shared_vectors() {
        let file = "files/container-uri-tests.json";
        let Some(text) = tucuxi_testkit::shared_vectors(env!("CARGO_MANIFEST_DIR"), file, 11) else { return };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = vectors["tests"].as_array().unwrap();
        assert_eq!(cases.len(), 11);
        for case in cases {
            let variables = case["env"].as_object().unwrap();
            let env = Env::fake(variables.iter().map(|(name, value)| (name, value.as_str().unwrap())));
            let answer = place(&env).map(|place| asked(&place));
            match case["result"]["Ok"].as_str() {
                Some(uri) => assert_eq!(answer.unwrap(), uri, "{}", case["docs"]),
                None => assert!(answer.is_err(), "{}", case["docs"]),
            }
        }
    }
}
