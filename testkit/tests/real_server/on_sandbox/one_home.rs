//! One home, several tools: a sign-in of one is used and refreshed by the others.

use std::time::Duration;

use serde_json::{Value, json};
use tucuxi::sso::{BrowserSignIn, DeviceSignIn, EndpointOptions, Portal, SignInSettings, sign_out};
use tucuxi::{Callback, Region, Session};
use tucuxi_sandbox::{IdentityCenter, Sandbox, SandboxBuilder};

use super::person::decide;
use super::{ARN, BUCKET, World};

/// Access tokens that every tool takes for about to end.
fn restless() -> SandboxBuilder {
    let mut center = IdentityCenter::default();
    center.access_token_ttl = Duration::from_secs(200);
    Sandbox::builder().identity_center(center)
}

impl World {
    /// Credentials of the profile `sso` by our chain, and a list of buckets with them.
    async fn we_are_signed_in(&self) {
        self.we_are_signed_in_by("sso-session sandbox").await;
    }

    async fn we_are_signed_in_by(&self, source: &str) {
        let session = Session::builder().context(self.context()).profile_name("sso").load().await.unwrap();
        let credentials = session.credentials().provide_credentials().await.unwrap();
        assert_eq!(credentials.provenance().to_string(), format!("profile sso > {source}"));
        let bucket = session.s3().buckets().try_next().await.unwrap().unwrap();
        assert_eq!(bucket.name(), BUCKET);
    }

    /// The same by botocore.
    #[track_caller]
    fn botocore_is_signed_in(&self) {
        let said = self.python(BOTOCORE, &Value::Null);
        assert_eq!(said, json!({"method": "sso", "arn": ARN, "buckets": [BUCKET]}));
    }

    fn settings(&self) -> SignInSettings {
        let mut endpoints = EndpointOptions::default();
        endpoints.portal_url = Some(self.sandbox.sso_endpoint());
        endpoints.oidc_url = Some(self.sandbox.sso_oidc_endpoint());
        SignInSettings::new(START_URL, Region::new("us-east-1").unwrap())
            .with_session("sandbox")
            .with_scopes(["sso:account:access"])
            .with_endpoints(endpoints)
    }

    /// The tokens before and after, which must differ: somebody has refreshed them once.
    async fn assert_refreshed(&self, before: &Value, refreshes: usize) -> Value {
        let after = self.sign_in().await;
        assert_ne!(after["accessToken"], before["accessToken"]);
        assert_ne!(after["refreshToken"], before["refreshToken"]);
        for field in ["clientId", "clientSecret", "registrationExpiresAt", "startUrl", "region"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        // One more for the sign-in itself.
        assert_eq!(self.granted("/token"), refreshes + 1);
        after
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_of_the_aws_cli_is_used_and_refreshed_by_us_and_back() {
    let world = World::start(restless()).await;
    let (done, complaint) = world.aws_signs_in_by_device_code("approve").await;
    assert!(done, "{complaint}");
    let theirs = world.sign_in().await;
    world.we_are_signed_in().await;
    let ours = world.assert_refreshed(&theirs, 1).await;
    world.aws_prints(&["configure", "export-credentials"]);
    let theirs = world.assert_refreshed(&ours, 2).await;
    world.botocore_is_signed_in();
    let theirs = world.assert_refreshed(&theirs, 3).await;
    world.we_are_signed_in().await;
    world.assert_refreshed(&theirs, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_of_ours_by_device_code_is_used_by_the_aws_cli_and_botocore() {
    let world = World::start(Sandbox::builder()).await;
    let sign_in = DeviceSignIn::start(&world.context(), world.settings()).await.unwrap();
    assert_eq!(decide(sign_in.verification_uri_complete(), "approve").await, 200);
    sign_in.wait().await.unwrap();
    world.aws_is_signed_in();
    world.botocore_is_signed_in();
    world.we_are_signed_in().await;
    assert_eq!((world.granted("/token"), world.granted("/client/register")), (1, 1));
    let (done, complaint) = world.aws_signs_in_by_device_code("approve").await;
    assert!(done, "{complaint}");
    assert_eq!(world.granted("/client/register"), 1, "the AWS CLI finds our registration");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_aws_cli_signed_in_we_show_around_and_sign_out() {
    let world = World::start(Sandbox::builder()).await;
    let (done, complaint) = world.aws_signs_in_by_browser("approve").await;
    assert!(done, "{complaint}");
    world.aws_prints(&["configure", "export-credentials"]);
    let portal = Portal::new(&world.context(), world.settings());
    let (mut accounts, mut found) = (portal.accounts(), Vec::new());
    while let Some(account) = accounts.try_next().await.unwrap() {
        let mut roles = portal.roles(&account.id);
        while let Some(role) = roles.try_next().await.unwrap() {
            found.push((account.id.clone(), role.name));
        }
    }
    let pair = |account: &str, role: &str| (account.to_owned(), role.to_owned());
    let (ours, other) = ("123456789012", "210987654321");
    assert_eq!(found, [pair(ours, "ReadOnly"), pair(ours, "sandbox"), pair(other, "ReadOnly")]);

    assert!(sign_out(&world.context(), &world.settings()).await.unwrap());
    assert_eq!(world.granted("/logout"), 1);
    let refused = world.aws(&["configure", "export-credentials", "--profile", "sso"]);
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && complaint.contains("SSO"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_of_ours_by_browser_is_used_by_the_aws_cli_and_botocore() {
    let world = World::start(restless()).await;
    let callback = Callback::listen().await.unwrap();
    let sign_in = BrowserSignIn::start(&world.context(), world.settings(), callback.port()).await.unwrap();
    let url = sign_in.authorize_url();
    let (query, shown) = tokio::join!(callback.query(sign_in.state(), LONG), decide(&url, "approve"));
    assert_eq!(shown, 200);
    let code = sign_in.code_from_callback(query.unwrap().expose()).unwrap();
    sign_in.redeem(&code).await.unwrap();
    let again = sign_in.redeem(&code).await.unwrap_err();
    assert_eq!(again.code(), Some("invalid_grant"));
    let ours = world.sign_in().await;
    world.aws_prints(&["configure", "export-credentials"]);
    let theirs = world.assert_refreshed(&ours, 1).await;
    world.botocore_is_signed_in();
    world.assert_refreshed(&theirs, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_of_the_aws_cli_without_a_session_is_used_and_never_refreshed() {
    let world = World::start(restless()).await;
    let legacy = format!(
        "[profile sso]\nsso_start_url = {START_URL}\nsso_region = us-east-1\nsso_account_id = 123456789012\n\
         sso_role_name = ReadOnly\nregion = us-east-1\n"
    );
    world.write(".aws/config", &legacy).await;
    let (done, complaint) = world.aws_signs_in_by_device_code("approve").await;
    assert!(done, "{complaint}");
    world.we_are_signed_in_by(&format!("sso-session {START_URL}")).await;
    world.botocore_is_signed_in();
    assert_eq!((world.granted("/token"), world.granted("/federation/credentials")), (1, 2));
}

const LONG: Duration = Duration::from_secs(60);
const START_URL: &str = "https://sandbox.awsapps.com/start";

const BOTOCORE: &str = r#"
import json, botocore.session
session = botocore.session.Session(profile="sso")
method = session.get_credentials().method
arn = session.create_client("sts").get_caller_identity()["Arn"]
buckets = [bucket["Name"] for bucket in session.create_client("s3").list_buckets()["Buckets"]]
print(json.dumps({"method": method, "arn": arn, "buckets": buckets}))
"#;
