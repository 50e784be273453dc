//! What STS can be asked for.

use std::collections::HashMap;
use std::time::Duration;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode, S3Result};
use tucuxi_core::{Credentials, format_rfc3339};

use super::identity::{Identity, Untrusted, verify};
use super::saml::{SAML_ISSUER, SAML_PROVIDER, SAML_SUBJECT};
use super::{Account, Actions, Role};
use crate::keyring::Caller;

type Fields = HashMap<String, String>;

impl Actions {
    pub(super) fn caller_identity(&self, caller: &Caller) -> String {
        let Caller { account_id, arn, user_id, .. } = caller;
        format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account_id}</Account>")
    }

    pub(super) fn assume_role(&self, caller: &Caller, fields: &Fields) -> S3Result<String> {
        let asked = Asked::read(fields, self.ttl)?;
        let external_id = fields.get("ExternalId").map(String::as_str);
        if external_id.is_some_and(|id| !is_external_id(id)) {
            return Err(invalid("ExternalId must be 2 to 1224 of the characters \\w+=,.@:/-"));
        }
        let mfa = self.mfa(fields)?;
        let account_id = self.keyring.account_id();
        let role = self.role(asked.role_arn).filter(|role| role.admits(caller, account_id, external_id, mfa));
        let Some(role) = role else {
            return Err(denied(&format!("User: {} is not authorized to perform: sts:AssumeRole", caller.arn), &asked));
        };
        if caller.assumed && asked.ttl > CHAINED {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            ));
        }
        self.session(role, &asked)
    }

    pub(super) fn assume_role_with_web_identity(&self, fields: &Fields) -> S3Result<String> {
        let asked = Asked::read(fields, self.ttl)?;
        let token = fields.get("WebIdentityToken").filter(|token| (4..=20_000).contains(&token.len()));
        let token = token.ok_or_else(|| invalid("WebIdentityToken must have 4 to 20000 characters"))?;
        let now = self.keyring.clock().now();
        let identity = verify(&self.account.providers, token, now).map_err(|untrusted| match untrusted {
            Untrusted::Expired => refusal(400, "ExpiredTokenException", "Token expired".to_owned()),
            Untrusted::Invalid(message) => refusal(400, "InvalidIdentityToken", message),
        })?;
        let Some(role) = self.role(asked.role_arn).filter(|role| role.admits_subject(&identity.subject)) else {
            return Err(denied("Not authorized to perform sts:AssumeRoleWithWebIdentity", &asked));
        };
        let session = self.session(role, &asked)?;
        let Identity { subject, audience, issuer } = &identity;
        Ok(format!(
            "{session}<SubjectFromWebIdentityToken>{}</SubjectFromWebIdentityToken>\
             <Audience>{}</Audience><Provider>{}</Provider>",
            escaped(subject),
            escaped(audience),
            escaped(issuer)
        ))
    }

    pub(super) fn assume_role_with_saml(&self, fields: &Fields) -> S3Result<String> {
        // The name of the session is the subject of the assertion.
        let named = fields.iter().map(|(name, value)| (name.clone(), value.clone()));
        let named: Fields = named.chain([("RoleSessionName".to_owned(), SAML_SUBJECT.to_owned())]).collect();
        let asked = Asked::read(&named, self.ttl)?;
        let provider = format!("arn:aws:iam::{}:saml-provider/{SAML_PROVIDER}", self.keyring.account_id());
        if fields.get("PrincipalArn") != Some(&provider) {
            return Err(denied("Not authorized to perform sts:AssumeRoleWithSAML", &asked));
        }
        let assertion = fields.get("SAMLAssertion").filter(|text| (4..=100_000).contains(&text.len()));
        let assertion = assertion.ok_or_else(|| invalid("SAMLAssertion must have 4 to 100000 characters"))?;
        self.account.assertions.verify(assertion, asked.role_arn).map_err(|untrusted| match untrusted {
            Untrusted::Expired => refusal(400, "ExpiredTokenException", "Assertion has expired".to_owned()),
            Untrusted::Invalid(message) => refusal(400, "InvalidIdentityToken", message),
        })?;
        let role = self.role(asked.role_arn);
        let role = role.ok_or_else(|| denied("Not authorized to perform sts:AssumeRoleWithSAML", &asked))?;
        Ok(format!(
            "{}<Subject>{SAML_SUBJECT}</Subject><SubjectType>persistent</SubjectType><Issuer>{SAML_ISSUER}</Issuer>",
            self.session(role, &asked)?
        ))
    }

    /// A session of a user, who has been there with a right code of the MFA device or without one.
    pub(super) fn session_token(&self, caller: &Caller, fields: &Fields) -> S3Result<String> {
        if caller.temporary {
            return Err(refusal(
                403,
                "AccessDenied",
                "Cannot call GetSessionToken with session credentials".to_owned(),
            ));
        }
        let ttl = duration(fields, SESSION_TOKEN, 129_600)?;
        self.mfa(fields)?;
        Ok(credentials(&self.keyring.issue_to(Caller { temporary: true, ..caller.clone() }, ttl)))
    }

    /// Whether a code of the MFA device came along; a wrong one ends it.
    fn mfa(&self, fields: &Fields) -> S3Result<bool> {
        let (serial, code) = match (fields.get("SerialNumber"), fields.get("TokenCode")) {
            (None, None) => return Ok(false),
            (Some(serial), Some(code)) => (serial, code),
            _ => return Err(invalid("SerialNumber and TokenCode go together")),
        };
        if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid("TokenCode must be 6 digits"));
        }
        let Account { mfa, mfa_serial, .. } = &self.account;
        match serial == mfa_serial && mfa.admits(code, self.keyring.clock().now()) {
            true => Ok(true),
            false => Err(refusal(
                403,
                "AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code.".to_owned(),
            )),
        }
    }

    fn role(&self, arn: &str) -> Option<&Role> {
        let name = arn.strip_prefix(&format!("arn:aws:iam::{}:role/", self.keyring.account_id()))?;
        self.account.roles.iter().find(|role| role.name() == name)
    }

    fn session(&self, role: &Role, asked: &Asked<'_>) -> S3Result<String> {
        if asked.ttl > role.longest() {
            return Err(invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
        }
        let (account_id, role, name) = (self.keyring.account_id(), role.name(), asked.session_name);
        Ok(format!(
            "{}<AssumedRoleUser><Arn>arn:aws:sts::{account_id}:assumed-role/{role}/{name}</Arn>\
             <AssumedRoleId>AROATUCUXI0SANDBOX00:{name}</AssumedRoleId></AssumedRoleUser>",
            credentials(&self.keyring.issue(role, name, asked.ttl))
        ))
    }
}

fn credentials(session: &Credentials) -> String {
    format!(
        "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>",
        session.access_key_id(),
        session.secret_access_key(),
        session.session_token().unwrap_or_default(),
        session.expires_at().map(format_rfc3339).unwrap_or_default(),
    )
}

/// The same for a role that is not there and one that does not trust.
fn denied(what: &str, asked: &Asked<'_>) -> S3Error {
    refusal(403, "AccessDenied", format!("{what} on resource: {}", asked.role_arn))
}

/// What every way to assume a role has in common.
struct Asked<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    ttl: Duration,
}

impl<'a> Asked<'a> {
    fn read(fields: &'a Fields, default: Duration) -> S3Result<Self> {
        let field = |name: &str| fields.get(name).map(String::as_str);
        let role_arn = field("RoleArn").ok_or_else(|| invalid("RoleArn is missing"))?;
        let session_name = field("RoleSessionName").filter(|name| is_session_name(name));
        let session_name =
            session_name.ok_or_else(|| invalid("RoleSessionName must be 2 to 64 of the characters \\w+=,.@-"))?;
        Ok(Self { role_arn, session_name, ttl: duration(fields, default, 43_200)? })
    }
}

fn duration(fields: &Fields, default: Duration, most: u64) -> S3Result<Duration> {
    match fields.get("DurationSeconds").map(|text| text.parse()) {
        None => Ok(default),
        Some(Ok(seconds)) if (900..=most).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        Some(_) => Err(invalid(&format!("DurationSeconds must be between 900 and {most}"))),
    }
}

fn is_external_id(id: &str) -> bool {
    (2..=1224).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b))
}

/// What an issuer says of a subject is anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn is_session_name(name: &str) -> bool {
    (2..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

fn invalid(message: &str) -> S3Error {
    refusal(400, "ValidationError", message.to_owned())
}

pub(super) fn refusal(status: u16, code: &str, message: String) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    error
}

const CHAINED: Duration = Duration::from_secs(3600);
const SESSION_TOKEN: Duration = Duration::from_secs(12 * 3600);
