//! The portal: which accounts and roles a sign-in opens, and the credentials of a role.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::Body;
use serde_json::{Value, json};

use super::Ledger;
use super::oidc::no_operation;
use super::refusal::ERROR_TYPE;
use crate::body::{json_answer, pairs, value};
use crate::keyring::Keyring;
use crate::server::Answer;

/// The portal of one sandbox.
#[derive(Debug)]
pub(crate) struct Portal {
    ledger: Arc<Ledger>,
    keyring: Arc<Keyring>,
    assignments: Vec<Assignment>,
    ttl: Duration,
}

/// An account, and the roles in it that people have.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) account_id: String,
    pub(crate) account_name: String,
    pub(crate) roles: Vec<String>,
}

type Refused = (StatusCode, &'static str, String);

impl Portal {
    pub(crate) fn new(ledger: Arc<Ledger>, keyring: Arc<Keyring>, assignments: Vec<Assignment>, ttl: Duration) -> Self {
        Self { ledger, keyring, assignments, ttl }
    }

    fn credentials(&self, query: &[(String, String)]) -> Result<Value, Refused> {
        let (account_id, role) = (required(query, "account_id")?, required(query, "role_name")?);
        let assignment = self.assignment(&account_id)?;
        if !assignment.roles.contains(&role) {
            return Err(no_access());
        }
        let session = self.keyring.issue_in(&account_id, &permission_set(&role), USER, self.ttl);
        let expires_at = session.expires_at().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        Ok(json!({"roleCredentials": {
            "accessKeyId": session.access_key_id(),
            "secretAccessKey": session.secret_access_key(),
            "sessionToken": session.session_token(),
            "expiration": expires_at.unwrap_or_default().as_millis() as u64,
        }}))
    }

    fn accounts(&self, query: &[(String, String)]) -> Result<Value, Refused> {
        let account = |assignment: &Assignment| {
            json!({
                "accountId": assignment.account_id,
                "accountName": assignment.account_name,
                "emailAddress": format!("{}@example.com", assignment.account_id),
            })
        };
        let accounts: Vec<Value> = self.assignments.iter().map(account).collect();
        page(&accounts, "accountList", query)
    }

    fn roles(&self, query: &[(String, String)]) -> Result<Value, Refused> {
        let account_id = required(query, "account_id")?;
        let assignment = self.assignment(&account_id)?;
        let roles: Vec<Value> =
            assignment.roles.iter().map(|role| json!({"roleName": role, "accountId": account_id})).collect();
        page(&roles, "roleList", query)
    }

    fn assignment(&self, account_id: &str) -> Result<&Assignment, Refused> {
        self.assignments.iter().find(|assignment| assignment.account_id == account_id).ok_or_else(no_access)
    }
}

#[async_trait]
impl Answer for Portal {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let token = request.headers().get("x-amz-sso_bearer_token").and_then(|token| token.to_str().ok());
        let token = token.filter(|token| self.ledger.admits(token));
        let answered = match (request.method(), request.uri().path(), token) {
            (&Method::GET, "/federation/credentials" | "/assignment/accounts" | "/assignment/roles", None)
            | (&Method::POST, "/logout", None) => {
                Err((StatusCode::UNAUTHORIZED, "UnauthorizedException", "Session token not found or invalid".into()))
            }
            (&Method::GET, "/federation/credentials", _) => self.credentials(&query),
            (&Method::GET, "/assignment/accounts", _) => self.accounts(&query),
            (&Method::GET, "/assignment/roles", _) => self.roles(&query),
            (&Method::POST, "/logout", Some(token)) => {
                self.ledger.sign_out(token);
                Ok(json!({}))
            }
            _ => return no_operation(),
        };
        match answered {
            Ok(body) => json_answer(StatusCode::OK, &body),
            Err((status, exception, message)) => {
                let kind = format!("com.amazonaws.switchboard.portal#{exception}");
                let mut answer = json_answer(status, &json!({"message": message, "__type": kind}));
                answer.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(exception));
                answer
            }
        }
    }
}

/// The part of a list that was asked for. The token of the next page is the number of what comes before it.
fn page(items: &[Value], name: &str, query: &[(String, String)]) -> Result<Value, Refused> {
    let start = match value(query, "next_token").map(|token| token.parse::<usize>()) {
        None => 0,
        Some(Ok(start)) if (1..items.len()).contains(&start) => start,
        Some(_) => return Err(invalid("next_token is not one that this list gave")),
    };
    let most = match value(query, "max_result").map(|text| text.parse::<usize>()) {
        None => MOST,
        Some(Ok(most)) if (1..=MOST).contains(&most) => most,
        Some(_) => return Err(invalid("max_result must be between 1 and 100")),
    };
    let end = items.len().min(start + most);
    let next = (end < items.len()).then(|| end.to_string());
    Ok(json!({name: items[start..end], "nextToken": next}))
}

fn required(query: &[(String, String)], name: &str) -> Result<String, Refused> {
    let value = value(query, name).filter(|value| !value.is_empty());
    value.ok_or_else(|| invalid(&format!("{name} is missing")))
}

fn invalid(message: &str) -> Refused {
    (StatusCode::BAD_REQUEST, "InvalidRequestException", message.to_owned())
}

/// The same for an account, a role and an assignment that is not there.
fn no_access() -> Refused {
    (StatusCode::FORBIDDEN, "ForbiddenException", "No access".to_owned())
}

/// The role that IAM Identity Center makes in an account for a permission set.
fn permission_set(role: &str) -> String {
    format!("AWSReservedSSO_{role}_0123456789abcdef")
}

/// Who signs in here.
const USER: &str = "sandbox";
const MOST: usize = 100;
