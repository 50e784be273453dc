//! The portal: accounts, roles, credentials, the end of a session.

use std::time::{Duration, SystemTime};

use http::{HeaderName, Method};
use tucuxi_core::encode::push_escaped;
use tucuxi_core::json::{Member, Object, member};
use tucuxi_core::sign_in::Answer;
use tucuxi_core::{Body, Credentials, Error, Request, Secret};

use super::{LAST_SECOND, bearer, read, refused, uri};
use crate::portal::{Account, Role};

#[derive(Default)]
struct AccountItem {
    id: String,
    name: Option<String>,
    email: Option<String>,
}

impl Object for AccountItem {
    fn members(&mut self) -> Vec<Member<'_>> {
        vec![
            member("accountId", &mut self.id),
            member("accountName", &mut self.name),
            member("emailAddress", &mut self.email),
        ]
    }
}

#[derive(Default)]
struct RoleItem {
    name: String,
}

impl Object for RoleItem {
    fn members(&mut self) -> Vec<Member<'_>> {
        vec![member("roleName", &mut self.name)]
    }
}

/// One page of a list, and what leads to the next one.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// `GET {portal}/federation/credentials` for a role in an account.
pub(crate) fn role_credentials(
    portal: &str,
    account_id: &str,
    role_name: &str,
    token: &Secret,
) -> Result<Request, Error> {
    let query = [("role_name", Some(role_name)), ("account_id", Some(account_id))];
    ask(Method::GET, portal, "/federation/credentials", &query, token)
}

/// Reads the answer to [`role_credentials`].
pub(crate) fn credentials(answer: &Answer) -> Result<Credentials, Error> {
    let (mut id, mut secret, mut token, mut expiration) = (String::new(), None::<Secret>, None::<Secret>, 0);
    let role = vec![
        member("accessKeyId", &mut id),
        member("secretAccessKey", &mut secret),
        member("sessionToken", &mut token),
        member("expiration", &mut expiration),
    ];
    read(answer, vec![member("roleCredentials", role)])?;
    let secret = secret.ok_or_else(|| answer.lacking("secretAccessKey"))?;
    let token = token.ok_or_else(|| answer.lacking("sessionToken"))?;
    // Milliseconds since 1970.
    if expiration / 1000 > LAST_SECOND {
        return Err(answer.senseless("an expiration that is no time"));
    }
    let expiry = SystemTime::UNIX_EPOCH + Duration::from_millis(expiration);
    let credentials = Credentials::new(id, secret).with_session_token(token).with_expires_at(expiry);
    match credentials.fault() {
        None => Ok(credentials),
        Some((part, fault)) => Err(answer.senseless(&format!("no usable keys: the {part} {fault}"))),
    }
}

/// `GET {portal}/assignment/accounts`.
pub(crate) fn accounts(portal: &str, next: Option<&str>, token: &Secret) -> Result<Request, Error> {
    let query = [("max_result", Some(PAGE)), ("next_token", next)];
    ask(Method::GET, portal, "/assignment/accounts", &query, token)
}

/// Reads the answer to [`accounts`].
pub(crate) fn accounts_page(answer: &Answer) -> Result<Page<Account>, Error> {
    let (items, next) = list::<AccountItem>(answer, "accountList")?;
    let account = |item: AccountItem| Account { id: item.id, name: item.name, email: item.email };
    Ok(Page { items: items.into_iter().map(account).collect(), next })
}

/// `GET {portal}/assignment/roles`.
pub(crate) fn roles(portal: &str, account_id: &str, next: Option<&str>, token: &Secret) -> Result<Request, Error> {
    let query = [("account_id", Some(account_id)), ("max_result", Some(PAGE)), ("next_token", next)];
    ask(Method::GET, portal, "/assignment/roles", &query, token)
}

/// Reads the answer to [`roles`] of an account.
pub(crate) fn roles_page(answer: &Answer, account_id: &str) -> Result<Page<Role>, Error> {
    let (items, next) = list::<RoleItem>(answer, "roleList")?;
    let role = |item: RoleItem| Role { name: item.name, account_id: account_id.to_owned() };
    Ok(Page { items: items.into_iter().map(role).collect(), next })
}

/// `POST {portal}/logout`.
pub(crate) fn log_out(portal: &str, token: &Secret) -> Result<Request, Error> {
    ask(Method::POST, portal, "/logout", &[], token)
}

/// Reads the answer to [`log_out`].
pub(crate) fn logged_out(answer: &Answer) -> Result<(), Error> {
    if answer.status.is_success() { Ok(()) } else { Err(refused(answer)) }
}

fn ask(
    method: Method,
    portal: &str,
    path: &str,
    query: &[(&str, Option<&str>)],
    token: &Secret,
) -> Result<Request, Error> {
    let mut url = format!("{portal}{path}");
    let mut mark = '?';
    for (name, value) in query {
        if let Some(value) = value {
            url.push(mark);
            url.push_str(name);
            url.push('=');
            push_escaped(&mut url, value, "");
            mark = '&';
        }
    }
    Ok(tucuxi_core::request(method, uri(&url, portal)?, vec![(BEARER, bearer(token)?)], Body::empty()))
}

/// The rows of a page, and what leads to the next one.
fn list<T: Object + Default>(answer: &Answer, name: &'static str) -> Result<(Vec<T>, Option<String>), Error> {
    let (mut rows, mut next) = (Vec::new(), None::<String>);
    read(answer, vec![member(name, &mut rows), member("nextToken", &mut next)])?;
    Ok((rows, next.filter(|token| !token.is_empty())))
}

/// The most that the portal puts on a page.
const PAGE: &str = "100";

const BEARER: HeaderName = HeaderName::from_static("x-amz-sso_bearer_token");

#[cfg(test)]
mod tests {
    use tucuxi_core::ErrorKind::{Denied, Unavailable};

    use super::super::tests::{answer, check};
    use super::*;

    const GOOD: &str = r#"{"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"SEKRIT","sessionToken":"SEKRIT","expiration":1767225600000}}"#;

    #[test]
    fn answers_of_the_portal() {
        check(credentials, 200, GOOD, Ok("ASIA"));
        check(credentials, 401, r#"{"message":"Session token not found or invalid"}"#, Err((Denied, "401")));
        check(
            credentials,
            403,
            r#"{"__type":"ForbiddenException","message":"SEKRIT"}"#,
            Err((Denied, "ForbiddenException")),
        );
        check(credentials, 429, "", Err((Unavailable, "429")));
        check(credentials, 503, "<html>SEKRIT", Err((Unavailable, "503")));
        check(credentials, 200, "SEKRIT", Err((Unavailable, "not JSON")));
        check(credentials, 200, &GOOD.replace("secretAccessKey", "x"), Err((Unavailable, "no secretAccessKey")));
        check(credentials, 200, &GOOD.replace("sessionToken", "x"), Err((Unavailable, "no sessionToken")));
        for (field, value) in [("accessKeyId", "ASIA"), ("secretAccessKey", "SEKRIT"), ("sessionToken", "SEKRIT")] {
            let empty = GOOD.replace(&format!(r#"{field}":"{value}"#), &format!("{field}\":\""));
            check(credentials, 200, &empty, Err((Unavailable, "is empty")));
        }
        check(credentials, 200, &GOOD.replace("expiration", "x"), Err((Unavailable, "lacks a field")));
        check(credentials, 200, &GOOD.replace("1767225600000", "18446744073709551615"), Err((Unavailable, "no time")));
    }

    #[test]
    fn the_expiration_is_in_milliseconds() {
        let credentials = credentials(&answer(200, GOOD)).unwrap();
        assert_eq!(credentials.expires_at(), tucuxi_core::parse_timestamp("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn names_are_escaped_in_the_query() {
        let request = role_credentials("https://p", "123456789012", "Read Only/+&", &"AT".into()).unwrap();
        assert_eq!(request.uri().query(), Some("role_name=Read%20Only%2F%2B%26&account_id=123456789012"));
        assert!(request.headers()["x-amz-sso_bearer_token"].is_sensitive());
        assert!(role_credentials("https://p", "1", "r", &"A\nT".into()).is_err());
    }

    #[test]
    fn lists() {
        let accounts = r#"{"accountList":[{"accountId":"1","accountName":"dev","emailAddress":"a@b"},{"accountId":"2"}],"nextToken":"N"}"#;
        let page = accounts_page(&answer(200, accounts)).unwrap();
        let names: Vec<_> = page.items.iter().map(|account| (account.id.as_str(), account.name.as_deref())).collect();
        assert_eq!((names, page.next.as_deref()), (vec![("1", Some("dev")), ("2", None)], Some("N")));
        let roles = r#"{"roleList":[{"roleName":"Admin","accountId":"1"}],"nextToken":""}"#;
        let page = roles_page(&answer(200, roles), "1").unwrap();
        assert_eq!((page.items[0].name.as_str(), page.next), ("Admin", None));
        check(accounts_page, 200, r#"{"accountList":[{}]}"#, Err((Unavailable, "lacks a field")));
        check(accounts_page, 200, "{}", Err((Unavailable, "lacks a field")));
    }

    #[test]
    fn what_the_portal_is_asked() {
        let token = Secret::from("AT");
        let check = |request: Result<Request, Error>, expected: &str| {
            let request = request.unwrap();
            assert_eq!(format!("{} {}", request.method(), request.uri()), expected);
            assert_eq!(request.headers()["x-amz-sso_bearer_token"], "AT");
        };
        check(accounts("https://p", None, &token), "GET https://p/assignment/accounts?max_result=100");
        check(
            accounts("https://p", Some("a/+"), &token),
            "GET https://p/assignment/accounts?max_result=100&next_token=a%2F%2B",
        );
        check(roles("https://p", "1", None, &token), "GET https://p/assignment/roles?account_id=1&max_result=100");
        check(log_out("https://p", &token), "POST https://p/logout");
    }
}
