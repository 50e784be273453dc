//! The shared vectors of all AWS SDKs: how the two files become profiles.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tucuxi_core::{Context, Env, Fs};
use tucuxi_provider_profile::{Profiles, Section};
use tucuxi_testkit::shared_vectors;

type Names = BTreeMap<String, BTreeMap<String, String>>;

#[tokio::test(flavor = "current_thread")]
async fn profile_parser_tests() {
    let Some(text) = shared_vectors(env!("CARGO_MANIFEST_DIR"), "files/profile-parser-tests.json", 65) else { return };
    let vectors: Json = serde_json::from_str(&text).unwrap();
    let cases = vectors["tests"].as_array().unwrap();
    for case in cases {
        check(case).await;
    }
    println!("profile-parser-tests.json: {} cases run", cases.len());
    assert_eq!(cases.len(), 65);
}

async fn check(case: &Json) {
    let name = case["name"].as_str().unwrap();
    let files = ["configFile", "credentialsFile"].into_iter().filter_map(|key| {
        let text = case["input"][key].as_str()?;
        Some((if key == "configFile" { "/h/.aws/config" } else { "/h/.aws/credentials" }, text))
    });
    let context = Context::local().with_env(Env::fake([("HOME", "/h")])).with_fs(Fs::fake(files));
    let answer = Profiles::new(&context).load().await;
    if let Some(expected) = case["output"]["errorContaining"].as_str() {
        let error = answer.expect_err(name).to_string();
        assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{name}: {error}");
        return;
    }
    let set = answer.expect(name);
    let profiles: Names = set
        .profile_names()
        .map(|name| {
            let profile = set.profile(name).unwrap();
            let values = profile.keys().map(|key| (key.to_owned(), profile.value(key).unwrap().text().to_owned()));
            (name.to_owned(), values.collect())
        })
        .collect();
    let expected = &case["output"]["config"];
    assert_eq!(profiles, names(&expected["profiles"]), "{name}");
    if expected.get("sso_sessions").is_some() {
        let sessions: Names =
            set.sso_session_names().map(|name| (name.to_owned(), texts(set.sso_session(name).unwrap()))).collect();
        assert_eq!(sessions, names(&expected["sso_sessions"]), "{name}");
    }
}

fn texts(section: &Section) -> BTreeMap<String, String> {
    section.keys().map(|key| (key.to_owned(), section.value(key).unwrap().text().to_owned())).collect()
}

fn names(json: &Json) -> Names {
    serde_json::from_value(json.clone()).unwrap()
}
