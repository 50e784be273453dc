//! The default chain is edited by the identifiers that it really has.
#![cfg(feature = "default-chain")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use tucuxi::{Chain, ChainBuilder, Credentials, ErrorKind, ProvideCredentials, Settings, default_chain};
use tucuxi_testkit::block_on;

const IDS: &str = "env, assume-role, assume-role-with-web-identity, sso, shared-credentials-file, login, \
    custom-process, config-file, ec2-credentials-file, boto-config, container-role, iam-role";

fn keys() -> Credentials {
    Credentials::new("MINE", "secret")
}

/// The default chain of a machine with keys in variables, edited.
fn edited(edit: impl FnOnce(ChainBuilder) -> ChainBuilder) -> Chain {
    let variables = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let context = common::context(&variables, "", "");
    let settings = block_on(Settings::load(&context)).unwrap();
    edit(Chain::builder().chain(default_chain(&context, &settings))).build()
}

fn ids(chain: &Chain) -> String {
    chain.ids().collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(edit: impl FnOnce(ChainBuilder) -> ChainBuilder, expected: &str, key: &str) {
    let chain = edited(edit);
    assert_eq!(ids(&chain), expected);
    assert_eq!(block_on(chain.provide_credentials()).unwrap().access_key_id(), key);
}

#[test]
fn each_edit_finds_its_link() {
    check(|chain| chain, IDS, "AKID");
    let vault = IDS.replace("iam-role", "vault, iam-role");
    check(|chain| chain.insert_before("iam-role", "vault", keys()), &vault, "AKID");
    let vault = IDS.replace("env", "env, vault");
    check(|chain| chain.insert_after("env", "vault", keys()), &vault, "AKID");
    check(|chain| chain.replace("env", keys()), IDS, "MINE");
    let first = format!("vault, {}", IDS.trim_start_matches("env, "));
    check(|chain| chain.insert_before("env", "vault", keys()).without("env"), &first, "MINE");
}

#[test]
fn every_link_can_be_taken_out() {
    for id in IDS.split(", ") {
        let left = IDS.split(", ").filter(|other| *other != id).collect::<Vec<_>>().join(", ");
        let chain = edited(|chain| chain.without(id));
        assert_eq!(ids(&chain), left);
        assert!(chain.error().is_none(), "{id}");
    }
}

#[test]
fn an_identifier_that_is_not_there_is_an_error_that_lists_them() {
    let edits: [fn(ChainBuilder) -> ChainBuilder; 4] = [
        |chain| chain.insert_before("imds", "vault", keys()),
        |chain| chain.insert_after("imds", "vault", keys()),
        |chain| chain.replace("imds", keys()),
        |chain| chain.without("imds"),
    ];
    for edit in edits {
        let error = block_on(edited(edit).provide_credentials()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert_eq!(error.to_string(), "the chain has no link \"imds\"");
        assert_eq!(error.hint(), Some(&*format!("use one of its links: {IDS}")));
    }
}
