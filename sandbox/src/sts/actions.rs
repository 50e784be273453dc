//! What STS can be asked for.

use std::collections::HashMap;
use std::time::Duration;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode, S3Result};
use tucuxi_core::format_rfc3339;

use super::Actions;
use crate::keyring::{Caller, Refusal};

type Fields = HashMap<String, String>;

impl Actions {
    pub(super) fn caller_identity(&self, caller: &Caller) -> String {
        let Caller { account_id, arn, user_id, .. } = caller;
        format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account_id}</Account>")
    }

    pub(super) fn assume_role(&self, caller: &Caller, fields: &Fields) -> S3Result<String> {
        let asked = Asked::read(fields, self.ttl)?;
        if caller.assumed && asked.ttl > CHAINED {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            ));
        }
        self.session(&asked, &format!("User: {} is not authorized to perform: sts:AssumeRole", caller.arn))
    }

    pub(super) fn assume_role_with_web_identity(&self, fields: &Fields) -> S3Result<String> {
        let asked = Asked::read(fields, self.ttl)?;
        let token = fields.get("WebIdentityToken").ok_or_else(|| invalid("WebIdentityToken is missing"))?;
        self.keyring.admit_identity(token).map_err(|refused| match refused {
            Refusal::Expired => refusal(400, "ExpiredTokenException", "Token expired".to_owned()),
            _ => refusal(400, "InvalidIdentityToken", "The token was not issued by this sandbox".to_owned()),
        })?;
        let session = self.session(&asked, "Not authorized to perform sts:AssumeRoleWithWebIdentity")?;
        Ok(format!(
            "{session}<SubjectFromWebIdentityToken>sandbox</SubjectFromWebIdentityToken>\
             <Audience>sts.amazonaws.com</Audience><Provider>sandbox</Provider>"
        ))
    }

    fn session(&self, asked: &Asked<'_>, refused: &str) -> S3Result<String> {
        let account_id = self.keyring.account_id();
        let prefix = format!("arn:aws:iam::{account_id}:role/");
        let role = asked.role_arn.strip_prefix(&prefix).filter(|role| self.roles.iter().any(|known| known == role));
        let Some(role) = role else {
            return Err(refusal(403, "AccessDenied", format!("{refused} on resource: {}", asked.role_arn)));
        };
        let name = asked.session_name;
        let session = self.keyring.issue(role, name, asked.ttl);
        Ok(format!(
            "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
             <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>\
             <AssumedRoleUser><Arn>arn:aws:sts::{account_id}:assumed-role/{role}/{name}</Arn>\
             <AssumedRoleId>AROATUCUXI0SANDBOX00:{name}</AssumedRoleId></AssumedRoleUser>",
            session.access_key_id(),
            session.secret_access_key(),
            session.session_token().unwrap_or_default(),
            session.expires_at().map(format_rfc3339).unwrap_or_default(),
        ))
    }
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
        let ttl = match field("DurationSeconds").map(str::parse) {
            None => default,
            Some(Ok(seconds @ 900..=43_200)) => Duration::from_secs(seconds),
            Some(_) => return Err(invalid("DurationSeconds must be between 900 and 43200")),
        };
        Ok(Self { role_arn, session_name, ttl })
    }
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
