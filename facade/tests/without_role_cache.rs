//! What a program says that cannot share sessions of roles.
#![cfg(all(feature = "sts", not(feature = "role-cache")))]

mod common;

use tucuxi::Session;
use tucuxi_testkit::block_on;

#[test]
fn whoever_asks_for_what_is_not_built_in_is_told() {
    for (variables, told) in [
        (&[("TUCUXI_ROLE_CACHE", "true")][..], true),
        (&[("TUCUXI_ROLE_CACHE", "maybe")], true),
        (&[("TUCUXI_ROLE_CACHE", " False ")], false),
        (&[], false),
    ] {
        let context = common::context(variables, "", "");
        let session = block_on(Session::builder().context(context).access_key("A", "s").load()).unwrap();
        assert_eq!(session.warnings().iter().any(|line| line.starts_with("TUCUXI_ROLE_CACHE is set")), told);
    }
}
