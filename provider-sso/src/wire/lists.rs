//! The portal: accounts, roles, the end of a session.

use http::Method;
use tucuxi_core::json::{Member, Object, member};
use tucuxi_core::sign_in::Answer;
use tucuxi_core::{Error, Request, Secret};

use super::portal::ask;
use super::{read, refused};
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

/// The rows of a page, and what leads to the next one.
fn list<T: Object + Default>(answer: &Answer, name: &'static str) -> Result<(Vec<T>, Option<String>), Error> {
    let (mut rows, mut next) = (Vec::new(), None::<String>);
    read(answer, vec![member(name, &mut rows), member("nextToken", &mut next)])?;
    Ok((rows, next.filter(|token| !token.is_empty())))
}

/// The most that the portal puts on a page.
const PAGE: &str = "100";

#[cfg(test)]
mod tests {
    use tucuxi_core::ErrorKind::Unavailable;

    use super::super::tests::{answer, check};
    use super::*;

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
