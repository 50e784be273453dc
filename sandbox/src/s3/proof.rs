//! What a request says about its own signature. Whether the signature is right, `s3s` decides.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};

/// The claims of a version 4 signature, in headers or in the query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Proof<'a> {
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) signed_headers: Vec<String>,
    /// Whether the signature came in the query.
    pub(crate) presigned: bool,
    pub(crate) token: Option<Cow<'a, str>>,
}

impl<'a> Proof<'a> {
    /// `None` for anything that is not a version 4 signature.
    pub(crate) fn of(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Self> {
        let header_token = headers.get(TOKEN).and_then(|token| token.to_str().ok()).map(Cow::Borrowed);
        if let Some(authorization) = headers.get(AUTHORIZATION) {
            let fields = authorization.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256")?;
            let field =
                |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
            return Self::new(field("Credential")?, field("SignedHeaders")?, false, header_token);
        }
        let query = |name: &str| {
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        query("X-Amz-Signature")?;
        let (credential, signed) = (query("X-Amz-Credential")?, query("X-Amz-SignedHeaders")?);
        Self::new(&credential, &signed, true, query("X-Amz-Security-Token").or(header_token))
    }

    fn new(credential: &str, signed: &str, presigned: bool, token: Option<Cow<'a, str>>) -> Option<Self> {
        let mut scope = credential.rsplit('/').skip(1);
        let (service, region) = (scope.next()?.to_owned(), scope.next()?.to_owned());
        let signed_headers = signed.split(';').map(str::to_owned).collect();
        Some(Self { region, service, signed_headers, presigned, token })
    }

    /// A header that AWS wants signed and that is not.
    pub(crate) fn unsigned_header(&self, headers: &HeaderMap) -> Option<String> {
        let wanted = headers.keys().map(http::HeaderName::as_str).filter(|name| {
            *name == "host" || (name.starts_with("x-amz-") && !(*name == "x-amz-content-sha256" && self.presigned))
        });
        wanted.map(str::to_owned).find(|name| !self.signed_headers.contains(name))
    }
}

const TOKEN: &str = "x-amz-security-token";

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check(uri: &str, authorization: Option<&str>, expected: Option<(&str, &str, bool, Option<&str>)>) {
        let mut request = Request::get(uri).header("host", "h").header("x-amz-date", "d");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization).header(TOKEN, "header-token");
        }
        let request = request.body(()).unwrap();
        let proof = Proof::of(request.headers(), request.uri());
        let shown = proof
            .as_ref()
            .map(|proof| (proof.region.as_str(), proof.service.as_str(), proof.presigned, proof.token.as_deref()));
        assert_eq!(shown, expected, "{uri} {authorization:?}");
    }

    #[test]
    fn both_places_of_a_signature_are_read() {
        let header = "AWS4-HMAC-SHA256 Credential=AK/ID/20260101/eu-west-1/s3/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=00";
        check("/b/k", Some(header), Some(("eu-west-1", "s3", false, Some("header-token"))));
        let query = "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fsts%2Faws4_request\
                     &X-Amz-SignedHeaders=host&X-Amz-Security-Token=a%2Bb&X-Amz-Signature=00";
        check(query, None, Some(("us-east-1", "sts", true, Some("a+b"))));
        check("/b/k", None, None);
        check("/b/k", Some("AWS AK:signature"), None);
        check("/b/k", Some("AWS4-HMAC-SHA256 Credential=AK, SignedHeaders=host"), None);
    }

    #[test]
    fn an_amazon_header_must_be_signed() {
        let request = Request::get("/").header("host", "h").header("x-amz-acl", "private").header("range", "r");
        let request = request.body(()).unwrap();
        let check = |signed: &str, expected: Option<&str>| {
            let proof = Proof::new("AK/1/r/s3/aws4_request", signed, false, None).unwrap();
            assert_eq!(proof.unsigned_header(request.headers()).as_deref(), expected, "{signed}");
        };
        check("host;x-amz-acl", None);
        check("host", Some("x-amz-acl"));
        check("x-amz-acl", Some("host"));
    }
}
