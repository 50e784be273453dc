//! What a refusal means for whoever asked.

use tucuxi_core::{Credentials, Error, ErrorKind, failure, repeats_secret};

use crate::xml::Answer;

/// An answer that is not a success.
pub(crate) struct Refusal<'a> {
    pub(crate) host: &'a str,
    pub(crate) action: &'static str,
    /// The role that was to be taken on, or nothing.
    pub(crate) role_arn: &'a str,
    /// Who asked, where the request was signed.
    pub(crate) signed_by: Option<&'a Credentials>,
    pub(crate) status: u16,
    /// The code and message that the service gave, in its own shape or in that of S3.
    pub(crate) answer: Option<&'a Answer>,
}

impl Refusal<'_> {
    #[inline]
    pub(crate) fn code(&self) -> Option<&str> {
        let code = self.answer?.text("Error/Code")?;
        // A code is a word; anything else may be anything.
        (code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))).then_some(code)
    }

    /// The error with the code, showing none of the secrets.
    #[cold]
    pub(crate) fn error(&self, code: Option<&str>, secrets: &[&str]) -> Error {
        let Self { host, action, role_arn, status, .. } = self;
        let of = if role_arn.is_empty() { "" } else { " of " };
        let kind = kind(*status, code);
        let signed = self.signed_by.filter(|_| kind == ErrorKind::Denied).map(signed_with).unwrap_or_default();
        let Some(code) = code else {
            return failure(
                kind,
                format_args!("{host} answered {action}{of}{role_arn} with status {status}{signed}"),
                Some(format_args!("check that the endpoint is that of STS")),
            );
        };
        let said = self.answer.and_then(|answer| answer.text("Error/Message"));
        let said = said.map(|said| shown(said, secrets)).unwrap_or_default();
        let colon = if said.is_empty() { "" } else { ": " };
        let error = failure(
            kind,
            format_args!("{host} refused {action}{of}{role_arn}: {code} (status {status}){colon}{said}{signed}"),
            None,
        )
        .with_code(code.to_owned());
        match hint(code, action) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

#[inline(never)]
fn signed_with(credentials: &Credentials) -> String {
    format!("; signed with {} from {}", credentials.access_key_id(), credentials.provenance())
}

fn kind(status: u16, code: Option<&str>) -> ErrorKind {
    match (status, code) {
        (_, Some(code)) if tucuxi_core::retry::classify(status, Some(code)).is_some() => ErrorKind::Unavailable,
        (400..=499, Some(code)) if is_one_of(CONFIGURED_WRONGLY, plain(code)) => ErrorKind::InvalidConfig,
        (400..=499, Some(_)) | (401 | 403, None) => ErrorKind::Denied,
        _ => ErrorKind::Unavailable,
    }
}

#[inline(never)]
fn is_one_of(words: &[&str], word: &str) -> bool {
    words.contains(&word)
}

/// Codes come with and without `Exception` at their end.
#[inline(never)]
fn plain(code: &str) -> &str {
    code.strip_suffix("Exception").unwrap_or(code)
}

fn hint(code: &str, action: &str) -> Option<&'static str> {
    let code = plain(code);
    for (known, whose, hint) in HINTS {
        if *known == code && whose.includes(action) {
            return Some(hint);
        }
    }
    None
}

/// Which actions a hint is for.
enum Whose {
    Any,
    Roles,
    Unsigned,
}

impl Whose {
    fn includes(&self, action: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Roles => action.starts_with("AssumeRole"),
            Self::Unsigned => action.starts_with("AssumeRoleWith"),
        }
    }
}

/// One short line of what the service said, without secrets or parts of them.
#[inline(never)]
fn shown(said: &str, secrets: &[&str]) -> String {
    let mut text = String::new();
    for character in said.chars().take(LONGEST) {
        text.push(if character.is_control() { ' ' } else { character });
    }
    // The key may follow.
    text.truncate(text.trim_end_matches(['.', ' ']).len());
    match repeats_secret(&text, secrets) {
        true => "[redacted]".to_owned(),
        false => text,
    }
}

const LONGEST: usize = 400;

// Tables, as the comparisons of a `match` of texts are code, each its own. The first that fits counts.
const HINTS: &[(&str, Whose, &str)] = &[
    (
        "ExpiredToken",
        Whose::Unsigned,
        "get a new token from the identity provider; what renews the token file may have stopped",
    ),
    (
        "ExpiredToken",
        Whose::Any,
        "sign in again, or get new temporary credentials: those that signed the request have expired",
    ),
    ("InvalidClientTokenId", Whose::Any, UNKNOWN_KEY),
    ("InvalidAccessKeyId", Whose::Any, UNKNOWN_KEY),
    ("UnrecognizedClient", Whose::Any, UNKNOWN_KEY),
    ("SignatureDoesNotMatch", Whose::Any, "check the secret access key, and that this machine's clock is right"),
    ("RequestExpired", Whose::Any, CLOCK),
    ("RequestTimeTooSkewed", Whose::Any, CLOCK),
    (
        "AccessDenied",
        Whose::Roles,
        "check the role's ARN, that its trust policy admits the caller, and the external id and MFA it asks for",
    ),
    ("RegionDisabled", Whose::Any, "use another region, or activate STS in this one in the account settings"),
    ("InvalidIdentityToken", Whose::Any, AUDIENCE),
    ("IDPRejectedClaim", Whose::Any, AUDIENCE),
];

const UNKNOWN_KEY: &str = "check the access key id: it is unknown, switched off, or lacks its session token";
const CLOCK: &str = "set this machine's clock";
const AUDIENCE: &str = "check issuer and audience of the token against the identity provider in IAM";

/// Whoever asked has to change what is asked.
const CONFIGURED_WRONGLY: &[&str] = &[
    "ValidationError",
    "Validation",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RegionDisabled",
    "InvalidParameterValue",
    "InvalidParameterCombination",
    "MissingParameter",
    "InvalidAction",
];

#[cfg(test)]
mod tests {
    use tucuxi_core::{Location, Source};

    use super::*;

    fn refusal(status: u16, xml: &str, secrets: &[&str]) -> Error {
        refusal_of(None, status, xml, secrets)
    }

    fn refusal_of(signed_by: Option<&Credentials>, status: u16, xml: &str, secrets: &[&str]) -> Error {
        let answer = Answer::parse(xml.as_bytes()).ok();
        let role_arn = "arn:aws:iam::1:role/r";
        let refusal =
            Refusal { host: "sts.example", action: "AssumeRole", role_arn, signed_by, status, answer: answer.as_ref() };
        refusal.error(refusal.code(), secrets)
    }

    #[track_caller]
    fn check(status: u16, xml: &str, kind: ErrorKind, code: Option<&str>, message: &str) {
        let error = refusal(status, xml, &[]);
        assert_eq!((error.kind(), error.code(), error.to_string().as_str()), (kind, code, message));
    }

    #[test]
    fn both_shapes_are_read() {
        check(
            403,
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no &amp; no</Message></Error>\
             <RequestId>1</RequestId></ErrorResponse>",
            ErrorKind::Denied,
            Some("AccessDenied"),
            "sts.example refused AssumeRole of arn:aws:iam::1:role/r: AccessDenied (status 403): no & no",
        );
        check(
            403,
            "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code></Error>",
            ErrorKind::Denied,
            Some("SignatureDoesNotMatch"),
            "sts.example refused AssumeRole of arn:aws:iam::1:role/r: SignatureDoesNotMatch (status 403)",
        );
        let other = "sts.example answered AssumeRole of arn:aws:iam::1:role/r with status 404";
        check(404, "<html><p>not here</p></html>", ErrorKind::Unavailable, None, other);
        check(404, "not XML", ErrorKind::Unavailable, None, other);
        check(403, "", ErrorKind::Denied, None, &other.replace("404", "403"));
    }

    #[test]
    fn a_denial_names_the_keys_that_signed() {
        let keys =
            Credentials::new("AKID", "secret").with_source(Source::BotoConfig(Location::new("/etc/boto.cfg", 3)));
        let check = |signed_by: Option<&Credentials>, status: u16, code: &str, end: &str| {
            let said = "The security token included in the request is invalid.";
            let xml = match code {
                "" => String::new(),
                code => format!("<Error><Code>{code}</Code><Message>{said}</Message></Error>"),
            };
            let message = refusal_of(signed_by, status, &xml, &[]).to_string();
            assert!(message.ends_with(end), "{message}");
        };
        let signed = "; signed with AKID from boto-config /etc/boto.cfg:3";
        check(Some(&keys), 403, "InvalidClientTokenId", &format!("request is invalid{signed}"));
        check(Some(&keys), 403, "", &format!("with status 403{signed}"));
        check(None, 403, "AccessDenied", "request is invalid");
        for (status, code) in [(400, "ValidationError"), (400, "Throttling"), (503, "ServiceUnavailable")] {
            check(Some(&keys), status, code, "request is invalid");
        }
        check(Some(&keys), 404, "", "with status 404");
    }

    #[track_caller]
    fn check_kind(status: u16, code: &str, kind: ErrorKind) {
        let xml = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        assert_eq!(refusal(status, &xml, &[]).kind(), kind, "{status} {code}");
    }

    #[test]
    fn kinds_follow_from_what_happens_next() {
        for code in
            ["AccessDenied", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "IDPRejectedClaim"]
        {
            check_kind(403, code, ErrorKind::Denied);
        }
        for code in
            ["ValidationError", "MalformedPolicyDocument", "PackedPolicyTooLargeException", "RegionDisabledException"]
        {
            check_kind(400, code, ErrorKind::InvalidConfig);
        }
        for (status, code) in
            [(400, "IDPCommunicationError"), (400, "Throttling"), (503, "x"), (500, "InternalFailure"), (302, "x")]
        {
            check_kind(status, code, ErrorKind::Unavailable);
        }
    }

    #[test]
    fn what_the_service_said_is_shown_without_secrets() {
        let shown = |said: &str| {
            refusal(
                400,
                &format!("<Error><Code>X</Code><Message>{said}</Message></Error>"),
                &["SEKRIT-TOKEN-0123456789"],
            )
            .report()
        };
        assert!(shown("bad role").contains("bad role"));
        for said in ["got SEKRIT-TOKEN-0123456789", "starts with SEKRIT-T...", "ends with ...23456789"] {
            assert!(shown(said).ends_with("[redacted]"), "{}", shown(said));
        }
        assert!(shown(&"x".repeat(100_000)).len() < 600);
        assert!(!shown("a\nb").contains("a\nb"));
    }

    #[test]
    fn a_code_is_a_word() {
        let error = refusal(400, "<Error><Code>SEKRIT=1 or a text</Code></Error>", &[]);
        assert_eq!((error.code(), error.to_string().contains("SEKRIT")), (None, false));
    }
}
