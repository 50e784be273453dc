//! Console sign-ins of the AWS CLI v2 and of ours, in one home directory: each tool uses and refreshes what another
//! has kept. The sign-in service is the sandbox, which these clients judge as well.

use std::collections::BTreeSet;
use std::time::Duration;

use tucuxi::Callback;
use tucuxi::login::{EndpointOptions, SignIn, sign_out};
use tucuxi_core::Region;
use tucuxi_sandbox::Service;

use crate::console::{Desk, PROFILE, Tool, approve};

const SAYS: &str = "Updated profile console to use arn:aws:sts::123456789012:assumed-role/sandbox/console credentials.";

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_signs_in_on_another_device() {
    let desk = Desk::new().await;
    let said = desk.aws_login(&["--remote", "--profile", PROFILE]).await;
    assert!(said.contains(SAYS), "{said}");
    let first = check_its_sign_in(&desk, "arn:aws:signin:::devtools/cross-device").await;
    check_turns(&desk, first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_signs_in_on_this_device() {
    let desk = Desk::new().await;
    let said = desk.aws_login(&["--profile", PROFILE]).await;
    assert!(said.contains(SAYS), "{said}");
    let first = check_its_sign_in(&desk, "arn:aws:signin:::devtools/same-device").await;
    desk.age();
    assert_ne!(desk.key_of(Tool::Ours).await, first);
}

/// What the AWS CLI kept is used by it, by botocore and by us. Gives the access key id.
async fn check_its_sign_in(desk: &Desk, client: &str) -> String {
    desk.client().await.create_bucket("seen-by-the-aws-cli").await.unwrap();
    let kept = desk.kept();
    assert_eq!(kept["clientId"], client);
    let first = kept["accessToken"]["accessKeyId"].as_str().unwrap().to_owned();
    for tool in Tool::ALL {
        assert_eq!(desk.key_of(tool).await, first, "{tool:?}");
    }
    let listed = desk.aws(&["s3", "ls", "--profile", PROFILE]);
    assert!(listed.contains("seen-by-the-aws-cli"), "{listed}");
    first
}

/// Whoever comes first after the keys have ended refreshes them, and all others use what it kept.
async fn check_turns(desk: &Desk, first: String) {
    let mut keys = BTreeSet::from([first]);
    let before = desk.kept();
    for (round, first) in [Tool::Ours, Tool::AwsCli, Tool::Botocore, Tool::Ours].into_iter().enumerate() {
        desk.age();
        let asked = desk.sandbox.count(Service::SignIn);
        let fresh = desk.key_of(first).await;
        assert!(keys.insert(fresh.clone()), "round {round}: {first:?} did not refresh {fresh}");
        for other in Tool::ALL.into_iter().filter(|tool| *tool != first) {
            assert_eq!(desk.key_of(other).await, fresh, "round {round}: {other:?} after {first:?}");
        }
        assert_eq!(desk.sandbox.count(Service::SignIn), asked + 1, "round {round}: one refresh for all");
    }
    let after = desk.kept();
    for field in ["tokenType", "clientId", "idToken", "dpopKey"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_ne!(after["refreshToken"], before["refreshToken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_and_botocore_use_our_sign_in() {
    let desk = Desk::new().await;
    let callback = Callback::listen().await.unwrap();
    let mut endpoints = EndpointOptions::default();
    endpoints.url = Some(desk.sandbox.signin_endpoint());
    let region = Region::new("us-east-1").unwrap();
    let sign_in = SignIn::same_device(&region, &endpoints, callback.port()).unwrap();
    let url = sign_in.authorize_url();
    let (query, shown) = tokio::join!(callback.query(sign_in.state(), Duration::from_secs(60)), approve(&url));
    assert!(shown.contains("You can close this page"), "{shown}");
    let code = sign_in.code_from_callback(query.unwrap().expose()).unwrap();
    let machine = desk.machine();
    let signed_in = sign_in.redeem(&machine, &code).await.unwrap();
    signed_in.keep(&machine).await.unwrap();
    desk.write_config(&format!("[profile {PROFILE}]\nlogin_session = {}\n", signed_in.session));

    let first = signed_in.token.text("accessKeyId").unwrap().expose().to_owned();
    for tool in Tool::ALL {
        assert_eq!(desk.key_of(tool).await, first, "{tool:?}");
    }
    check_turns(&desk, first).await;

    assert!(sign_out(&machine, &signed_in.session).await.unwrap());
    let said = desk.aws_fails(&["s3", "ls", "--profile", PROFILE]);
    assert!(said.contains("Please reauthenticate with 'aws login'"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_signs_out_for_us_too() {
    let desk = Desk::new().await;
    desk.aws_login(&["--remote", "--profile", PROFILE]).await;
    desk.key_of(Tool::Ours).await;
    desk.aws(&["logout", "--profile", PROFILE]);
    assert!(!desk.cache_file().exists());
}
