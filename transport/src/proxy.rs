//! Which proxy a request goes through: environment variables and host names in, a decision out.

use http::header::HeaderValue;
use tucuxi_core::encode::{base64, unescape};
use tucuxi_core::{Env, HttpError, HttpErrorKind};

use crate::host::{bare, never_proxied};
use crate::no_proxy::Exemptions;
use crate::target::Target;

/// The proxies of the environment.
#[derive(Debug)]
pub(crate) struct Proxies {
    http: Result<Option<Proxy>, String>,
    https: Result<Option<Proxy>, String>,
    exempt: Result<Exemptions, String>,
}

/// Where to connect instead of the target.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub(crate) target: Target,
    pub(crate) authorization: Option<HeaderValue>,
}

impl Proxies {
    /// Reads the variables. A bad value is an error only for requests that it applies to.
    pub(crate) fn read(env: &Env) -> Self {
        // A CGI server turns a client's `Proxy:` header into HTTP_PROXY.
        let cgi = env.path("REQUEST_METHOD").is_some();
        let http_names: &[&'static str] = if cgi { &["http_proxy"] } else { &["http_proxy", "HTTP_PROXY"] };
        let fallback = ["all_proxy", "ALL_PROXY"];
        Self {
            http: proxy(env, http_names, &fallback),
            https: proxy(env, &["https_proxy", "HTTPS_PROXY"], &fallback),
            exempt: first(env, &["no_proxy", "NO_PROXY"])
                .map(|found| Exemptions(found.map(|(_, list)| list).unwrap_or_default())),
        }
    }

    /// The proxy for a target, if it needs one.
    pub(crate) fn choose(&self, target: &Target) -> Result<Option<&Proxy>, HttpError> {
        let refuse = |why: &String| HttpError::new(HttpErrorKind::Request, why.clone());
        let host = bare(target.host());
        if never_proxied(&host) {
            return Ok(None);
        }
        let chosen = if target.https { &self.https } else { &self.http };
        let Some(proxy) = chosen.as_ref().map_err(refuse)? else { return Ok(None) };
        let exempt = self.exempt.as_ref().map_err(refuse)?.cover(&host, target.port());
        Ok(if exempt { None } else { Some(proxy) })
    }
}

type Found = Option<(&'static str, String)>;

fn first(env: &Env, names: &[&'static str]) -> Result<Found, String> {
    for name in names {
        if let Some(value) = env.var(name).map_err(|error| error.to_string())? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

fn proxy(env: &Env, names: &[&'static str], fallback: &[&'static str]) -> Result<Option<Proxy>, String> {
    let found = match first(env, names)? {
        None => first(env, fallback)?,
        found => found,
    };
    let Some((name, value)) = found else { return Ok(None) };
    parse(value.trim()).map(Some).ok_or_else(|| {
        // The value may hold a password.
        format!("{name} is not the URL of an http or https proxy; set it like http://proxy.example.com:3128")
    })
}

fn parse(value: &str) -> Option<Proxy> {
    let (scheme, rest) = match value.split_once(':') {
        Some((scheme, rest)) if rest.starts_with("//") => (scheme, &rest[2..]),
        _ => ("http", value),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let https = scheme.eq_ignore_ascii_case("https");
    if !https && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let target = Target::new(https, host.parse().ok()?).ok()?;
    let authorization = match user {
        None => None,
        Some(user) => Some(basic(user)?),
    };
    Some(Proxy { target, authorization })
}

fn basic(user: &str) -> Option<HeaderValue> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut pair = unescape(name);
    pair.push(b':');
    pair.extend_from_slice(&unescape(password));
    let mut value = HeaderValue::from_str(&format!("Basic {}", base64(&pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy of `url` under the given variables, or the message of the error.
    fn check(variables: &[(&str, &str)], url: &str, expected: Result<Option<&str>, &str>) {
        let target = Target::of(&url.parse().unwrap()).unwrap();
        let proxies = Proxies::read(&Env::fake(variables.iter().copied()));
        let shown = proxies
            .choose(&target)
            .map(|proxy| {
                proxy.map(|Proxy { target, .. }| format!("http{}://{target}/", if target.https { "s" } else { "" }))
            })
            .map_err(|error| error.to_string());
        assert!(!format!("{proxies:?} {shown:?}").contains("SEKRIT"), "{shown:?}");
        assert_eq!(shown, expected.map(|proxy| proxy.map(str::to_owned)).map_err(str::to_owned), "{variables:?} {url}");
    }

    #[test]
    fn each_scheme_has_its_variable() {
        let (http, https) = ("http://s3.test/", "https://s3.test/");
        check(&[], http, Ok(None));
        check(&[("HTTP_PROXY", "http://p:3128")], http, Ok(Some("http://p:3128/")));
        check(&[("HTTP_PROXY", "http://p:3128")], https, Ok(None));
        check(&[("HTTPS_PROXY", "http://p:3128")], https, Ok(Some("http://p:3128/")));
        check(&[("HTTPS_PROXY", "http://p:3128")], http, Ok(None));
        check(&[("https_proxy", "http://low"), ("HTTPS_PROXY", "http://up")], https, Ok(Some("http://low/")));
        check(&[("http_proxy", ""), ("HTTP_PROXY", "http://up")], http, Ok(Some("http://up/")));
        check(&[("ALL_PROXY", "https://p")], http, Ok(Some("https://p/")));
        check(&[("all_proxy", "p:1")], https, Ok(Some("http://p:1/")));
        check(&[("ALL_PROXY", "http://a"), ("HTTPS_PROXY", "http://p")], https, Ok(Some("http://p/")));
        check(&[("HTTPS_PROXY", " http://user:SEKRIT@[fd00::1]:80/x ")], https, Ok(Some("http://[fd00::1]:80/")));
    }

    #[test]
    fn a_cgi_program_takes_no_proxy_from_its_visitor() {
        let cgi = ("REQUEST_METHOD", "GET");
        check(&[cgi, ("HTTP_PROXY", "http://evil")], "http://s3.test/", Ok(None));
        check(&[cgi, ("http_proxy", "http://p")], "http://s3.test/", Ok(Some("http://p/")));
        check(&[cgi, ("HTTPS_PROXY", "http://p")], "https://s3.test/", Ok(Some("http://p/")));
    }

    #[test]
    fn a_bad_value_is_named_without_being_shown() {
        for bad in ["socks5://SEKRIT@p:1080", "http://", "http://user:SEKRIT@p:port", "http://a b SEKRIT", "://SEKRIT"]
        {
            let message =
                "HTTPS_PROXY is not the URL of an http or https proxy; set it like http://proxy.example.com:3128";
            check(&[("HTTPS_PROXY", bad)], "https://s3.test/", Err(message));
            check(&[("HTTPS_PROXY", bad)], "http://s3.test/", Ok(None));
            check(&[("HTTPS_PROXY", bad)], "https://localhost/", Ok(None));
        }
    }

    #[test]
    fn exempt_hosts_are_reached_directly() {
        let all = [("ALL_PROXY", "http://p"), ("NO_PROXY", "s3.test, .corp:8443")];
        check(&all, "http://s3.test/", Ok(None));
        check(&all, "http://S3.Test./", Ok(None));
        check(&all, "https://a.corp:8443/", Ok(None));
        check(&all, "https://a.corp/", Ok(Some("http://p/")));
        check(&[all[0], all[1], ("no_proxy", "other")], "http://s3.test/", Ok(Some("http://p/")));
    }

    #[test]
    fn this_machine_and_its_link_are_reached_directly() {
        let all = [("ALL_PROXY", "http://p"), ("NO_PROXY", "")];
        for url in ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "https://localhost:1/", "http://127.0.0.1:1/"]
        {
            check(&all, url, Ok(None));
        }
    }

    #[test]
    fn user_and_password_become_a_basic_header() {
        let header = |value| parse(value).unwrap().authorization.map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("http://p"), None);
        assert_eq!(header("http://Aladdin:open%20sesame@p").as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(header("http://user@p").as_deref(), Some("Basic dXNlcjo="));
        assert_eq!(header("http://a:b:c%40d@p").as_deref(), Some("Basic YTpiOmNAZA=="));
    }
}
