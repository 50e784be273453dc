//! What S3 says when it refuses. Pure.

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tucuxi_core::retry::{Reason, asked_delay, classify};
use tucuxi_core::{ClockSkew, Region, repeats_secret};

use crate::ErrorKind;
use crate::endpoint::region_of_host;
use crate::xml::{Document, Unreadable};

/// An error answer: status, headers that matter, and the document, if there was one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) extended_request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) region: Option<Region>,
    /// How long S3 was asked to wait by its own header, in the AWS form.
    pub(crate) asked_delay: Option<Duration>,
}

impl Fault {
    /// Reads an answer. Nothing that repeats one of `secrets` is kept.
    pub(crate) fn read(status: u16, headers: &HeaderMap, document: &[u8], secrets: &[&str]) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let shown = |text: &str| shown(text, secrets);
        let asked_delay = asked_delay(headers);
        let seconds = header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let mut fault = Self {
            status,
            request_id: header("x-amz-request-id").map(shown),
            extended_request_id: header("x-amz-id-2").map(shown),
            retry_after: asked_delay.or(seconds),
            region: header("x-amz-bucket-region").and_then(|name| Region::new(name).ok()),
            // Whatever a server says, nobody is made to wait for ever.
            asked_delay: asked_delay.map(|delay| delay.min(LONGEST_DELAY)),
            ..Self::default()
        };
        // An unreadable document still leaves the status.
        if let Ok(details) = Details::read(document) {
            fault.code = details.code.as_deref().map(shown);
            fault.message = details.message.as_deref().map(shown);
            fault.request_id = fault.request_id.or_else(|| details.request_id.as_deref().map(shown));
            fault.extended_request_id = fault.extended_request_id.or_else(|| details.host_id.as_deref().map(shown));
            fault.region = fault.region.or_else(|| Region::new(details.region?).ok());
            if fault.region.is_none() && matches!(status, 301 | 307) {
                fault.region = details.endpoint.as_deref().and_then(region_of_host);
            }
        }
        if fault.region.is_none() && matches!(status, 301 | 307) {
            fault.region = header("location").and_then(region_of_host);
        }
        fault.region = fault.region.filter(|region| !repeats_secret(region.as_str(), secrets));
        fault
    }

    /// The status as it was meant: an error in a 200 has the one that its code usually has.
    pub(crate) fn effective_status(&self) -> u16 {
        if self.status >= 300 {
            return self.status;
        }
        match self.code.as_deref() {
            Some("AccessDenied") => 403,
            Some("NoSuchBucket" | "NoSuchKey" | "NoSuchVersion" | "NoSuchUpload") => 404,
            Some("PreconditionFailed") => 412,
            Some("InternalError" | "ServiceUnavailable" | "OperationAborted") | None => 500,
            Some(_) => 400,
        }
    }

    /// Whether the bucket is elsewhere.
    pub(crate) fn is_wrong_region(&self) -> bool {
        match self.code.as_deref() {
            Some("PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed") => true,
            Some("IllegalLocationConstraintException") => true,
            Some(_) => matches!(self.status, 301 | 307),
            None => matches!(self.status, 301 | 307 | 400),
        }
    }

    /// Whether S3 may not have believed the time of signing.
    pub(crate) fn may_blame_clock(&self) -> bool {
        ClockSkew::may_explain(self.status, self.code.as_deref())
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        match self.code.as_deref() {
            Some("NoSuchBucket" | "NoSuchKey" | "NoSuchVersion" | "NoSuchUpload") => return ErrorKind::NotFound,
            Some("ExpiredToken" | "TokenRefreshRequired" | "InvalidToken" | "RequestTimeTooSkewed") => {
                return ErrorKind::Denied;
            }
            Some("PreconditionFailed" | "ConditionalRequestConflict") => return ErrorKind::PreconditionFailed,
            Some("PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed") => {
                return ErrorKind::WrongRegion;
            }
            _ => {}
        }
        if classify(self.effective_status(), self.code.as_deref()) == Some(Reason::Throttled) {
            return ErrorKind::Throttled;
        }
        match self.effective_status() {
            304 => ErrorKind::NotModified,
            301 | 307 => ErrorKind::WrongRegion,
            401 | 403 => ErrorKind::Denied,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            412 => ErrorKind::PreconditionFailed,
            400..=499 => ErrorKind::Refused,
            _ => ErrorKind::Unavailable,
        }
    }

    /// One line: status, code and S3's own words.
    pub(crate) fn summary(&self) -> Cow<'static, str> {
        let mut text = self.status.to_string();
        let reason = || StatusCode::from_u16(self.status).ok()?.canonical_reason();
        if let Some(name) = self.code.as_deref().or_else(reason) {
            text.push(' ');
            text.push_str(name);
        }
        if let Some(message) = self.message.as_deref().filter(|message| !message.is_empty()) {
            text.push_str(": ");
            text.push_str(message.trim_end_matches('.'));
        }
        text.into()
    }
}

#[derive(Default)]
struct Details {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    host_id: Option<String>,
    region: Option<String>,
    endpoint: Option<String>,
}

impl Details {
    fn read(document: &[u8]) -> Result<Self, Unreadable> {
        let (mut document, root) = Document::open(document)?;
        match root.as_str() {
            "Error" => Self::fields(&mut document),
            // As STS, SQS and some gateways wrap it.
            "ErrorResponse" => {
                let mut found = Self::default();
                let mut request_id = None;
                document.children(|name, document| {
                    match name {
                        "Error" => found = Self::fields(document)?,
                        "RequestId" | "RequestID" => request_id = Some(document.text()?),
                        _ => {}
                    }
                    Ok(())
                })?;
                found.request_id = found.request_id.or(request_id);
                Ok(found)
            }
            _ => Err(Unreadable("is no error document")),
        }
    }

    fn fields(document: &mut Document<'_>) -> Result<Self, Unreadable> {
        let mut found = Self::default();
        document.children(|name, document| {
            let place = match name {
                "Code" => &mut found.code,
                "Message" => &mut found.message,
                "RequestId" => &mut found.request_id,
                "HostId" => &mut found.host_id,
                "Region" => &mut found.region,
                "Endpoint" => &mut found.endpoint,
                _ => return Ok(()),
            };
            *place = Some(document.text()?);
            Ok(())
        })?;
        Ok(found)
    }
}

/// A server's text, fit for one line of a terminal and without secrets.
fn shown(text: &str, secrets: &[&str]) -> String {
    let mut line: String = text.trim().chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    if repeats_secret(&line, secrets) { "[redacted]".to_owned() } else { line }
}

const LONGEST: usize = 500;
const LONGEST_DELAY: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn read(status: u16, headers: &[(&'static str, &'static str)], document: &str) -> Fault {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Fault::read(status, &headers, document.as_bytes(), &[])
    }

    fn check(status: u16, code: &str, kind: ErrorKind) {
        let document = if code.is_empty() { String::new() } else { format!("<Error><Code>{code}</Code></Error>") };
        assert_eq!(read(status, &[], &document).kind(), kind, "{status} {code}");
    }

    #[test]
    fn kinds_come_from_the_code_then_from_the_status() {
        check(404, "NoSuchKey", ErrorKind::NotFound);
        check(404, "", ErrorKind::NotFound);
        check(403, "AccessDenied", ErrorKind::Denied);
        check(400, "ExpiredToken", ErrorKind::Denied);
        check(400, "InvalidToken", ErrorKind::Denied);
        check(503, "SlowDown", ErrorKind::Throttled);
        check(429, "", ErrorKind::Throttled);
        check(503, "ServiceUnavailable", ErrorKind::Unavailable);
        check(500, "", ErrorKind::Unavailable);
        check(409, "BucketNotEmpty", ErrorKind::Conflict);
        check(409, "ConditionalRequestConflict", ErrorKind::PreconditionFailed);
        check(412, "", ErrorKind::PreconditionFailed);
        check(304, "", ErrorKind::NotModified);
        check(416, "InvalidRange", ErrorKind::Refused);
        check(301, "", ErrorKind::WrongRegion);
        check(400, "AuthorizationHeaderMalformed", ErrorKind::WrongRegion);
        check(200, "AccessDenied", ErrorKind::Denied);
        check(200, "NoSuchUpload", ErrorKind::NotFound);
        check(200, "InternalError", ErrorKind::Unavailable);
        check(200, "SlowDown", ErrorKind::Throttled);
        check(200, "InvalidPart", ErrorKind::Refused);
    }

    #[test]
    fn documents_come_wrapped_and_bare_and_not_at_all() {
        let wrapped = "<ErrorResponse><Error><Code>A</Code><Message>a\nb</Message></Error><RequestId>R</RequestId></ErrorResponse>";
        let fault = read(400, &[], wrapped);
        assert_eq!((fault.code.as_deref(), fault.message.as_deref()), (Some("A"), Some("a b")));
        assert_eq!(fault.request_id.as_deref(), Some("R"));
        for document in ["", "<html><Code>A</Code></html>", "<Error><Code>A</Code>", "plain text"] {
            assert_eq!(read(400, &[], document).code, None, "{document}");
        }
        let long = format!("<Error><Message>{}</Message></Error>", "é".repeat(600));
        assert_eq!(read(400, &[], &long).message.unwrap().chars().count(), 501);
        assert_eq!(read(418, &[], "").summary(), "418 I'm a teapot");
    }

    #[test]
    fn nobody_is_made_to_wait_for_ever() {
        let hour = read(503, &[("x-amz-retry-after", "3600000")], "");
        assert_eq!((hour.retry_after, hour.asked_delay), (Some(Duration::from_secs(3600)), Some(LONGEST_DELAY)));
        let seconds = read(503, &[("retry-after", "5")], "");
        assert_eq!((seconds.retry_after, seconds.asked_delay), (Some(Duration::from_secs(5)), None));
        assert_eq!(read(503, &[("retry-after", "soon")], "").retry_after, None);
    }
}
