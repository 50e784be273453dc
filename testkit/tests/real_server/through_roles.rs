//! Profiles that lead through several roles of SeaweedFS's Security Token Service to S3.
//!
//! There, `Deploy` trusts only alice's session of `Staff`, and `Write` only the sessions `deploying` of `Deploy` and
//! `pod` of `Pod`, whose tokens it verifies with the keys of the provider that issued them. No role but `Write` may
//! use S3.

use tucuxi::{Env, ErrorKind, Fs, Session, s3};

use crate::given::{Server, given, untouched};
use crate::plain;
use crate::portal::portal;
use crate::round_trip::read;

const SIGN_IN: &str = "/home/u/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// A session of the profile over these files, with STS and S3 at the server.
async fn session(server: &Server, profile: &str, files: &[(&str, &str)], variables: &[(&str, &str)]) -> Session {
    let env = [("HOME", "/home/u"), ("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL_STS", &server.url)];
    let env = env.into_iter().chain([("AWS_ENDPOINT_URL_S3", server.url.as_str())]).chain(variables.iter().copied());
    let context = untouched().with_env(Env::fake(env)).with_fs(Fs::fake(files.iter().copied()));
    let builder = Session::builder().context(context);
    let builder = if profile.is_empty() { builder } else { builder.profile_name(profile) };
    builder.load().await.unwrap()
}

/// What the role at the end may do: make a bucket, write and read.
async fn writes(session: &Session, bucket: &str) {
    let s3 = session.s3();
    s3.create_bucket(bucket).await.unwrap();
    s3.put_object(bucket, "key").body("by a role").await.unwrap();
    assert_eq!(read(&s3, bucket, "key").await, b"by a role");
}

async fn is_refused(session: &Session, bucket: &str) {
    let error = session.s3().put_object(bucket, "key").body("x").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (s3::ErrorKind::Denied, Some("AccessDenied")), "{}", error.report());
}

/// A signed JWT from the OpenID Connect provider, for the audience that signs in as its client.
fn token(client: &str) -> String {
    let headers = [("authorization", client), ("content-type", "application/x-www-form-urlencoded")];
    let url = format!("{}/token", given("TUCUXI_TEST_OIDC"));
    let (status, body) = plain::send("POST", &url, &headers, b"grant_type=password&username=alice&scope=openid");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    answer["id_token"].as_str().unwrap().to_owned()
}

/// `sts.amazonaws.com:x`.
const STS: &str = "Basic c3RzLmFtYXpvbmF3cy5jb206eA==";
/// `another:x`.
const ANOTHER: &str = "Basic YW5vdGhlcjp4";

#[tokio::test]
async fn from_identity_center_through_two_roles_to_s3() {
    let server = Server::seaweedfs();
    let admin = server.session_with_secret("us-east-1", &server.secret).await;
    let staff = admin.assume_role("arn:aws:iam::role/Staff").session_name("alice").session();
    let staff = staff.credentials().provide_credentials().await.unwrap();
    let portal_url = portal("signed-in-token", "Staff", &staff);
    let config = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n\
        [profile staff]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Staff\n\
        [profile deploy]\nrole_arn = arn:aws:iam::role/Deploy\nrole_session_name = deploying\nsource_profile = staff\n\
        [profile write]\nrole_arn = arn:aws:iam::role/Write\nrole_session_name = writing\nsource_profile = deploy\n";
    let sign_in = r#"{"accessToken": "signed-in-token", "expiresAt": "2099-01-01T00:00:00Z"}"#;
    let files = [("/home/u/.aws/config", config), (SIGN_IN, sign_in)];
    let session = session(&server, "write", &files, &[("AWS_ENDPOINT_URL_SSO", &portal_url)]).await;

    let credentials = session.credentials().provide_credentials().await.unwrap_or_else(|e| panic!("{}", e.report()));
    assert_eq!(
        credentials.provenance().to_string(),
        "profile write > sso-session corp > assume-role Deploy > assume-role Write"
    );
    assert_eq!(session.caller_identity().await.unwrap().arn(), "arn:aws:sts::000000000000:assumed-role/Write/writing");
    writes(&session, "through-sso").await;
}

#[tokio::test]
async fn the_roles_trust_only_whom_they_name() {
    let server = Server::seaweedfs();
    let admin = server.session_with_secret("us-east-1", &server.secret).await;
    let staff = admin.assume_role("arn:aws:iam::role/Staff").session_name("alice").session();
    server.bucket("not-for-staff").await;
    is_refused(&staff, "not-for-staff").await;
    // Nobody skips a role, and nobody takes it on under another name.
    let bob = admin.assume_role("arn:aws:iam::role/Staff").session_name("bob").session();
    for (session, role) in [(&admin, "Write"), (&staff, "Write"), (&bob, "Deploy")] {
        let role = session.assume_role(format!("arn:aws:iam::role/{role}")).session_name("deploying").session();
        let error = role.credentials().provide_credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("AccessDenied")), "{}", error.report());
    }
}

#[tokio::test]
async fn from_a_web_identity_through_a_role_to_s3() {
    let server = Server::seaweedfs();
    let file = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
    let token = token(STS);
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file),
        ("AWS_ROLE_ARN", "arn:aws:iam::role/Pod"),
        ("AWS_ROLE_SESSION_NAME", "pod"),
    ];
    let pod = session(&server, "", &[(file, &token)], &variables).await;
    let credentials = pod.credentials().provide_credentials().await.unwrap_or_else(|e| panic!("{}", e.report()));
    assert_eq!(credentials.provenance().to_string(), "assume-role-with-web-identity Pod");
    server.bucket("not-for-pods").await;
    is_refused(&pod, "not-for-pods").await;

    let write = pod.assume_role("arn:aws:iam::role/Write").session_name("writing").session();
    let credentials = write.credentials().provide_credentials().await.unwrap_or_else(|e| panic!("{}", e.report()));
    assert_eq!(credentials.provenance().to_string(), "assume-role-with-web-identity Pod > assume-role Write");
    writes(&write, "through-a-pod").await;
}

#[tokio::test]
async fn from_the_web_identity_of_a_profile_through_a_role_to_s3() {
    let server = Server::seaweedfs();
    let token = token(STS);
    let config = "[profile pod]\nrole_arn = arn:aws:iam::role/Pod\nrole_session_name = pod\n\
        web_identity_token_file = /token\n\
        [profile write]\nrole_arn = arn:aws:iam::role/Write\nrole_session_name = writing\nsource_profile = pod\n";
    let session = session(&server, "write", &[("/home/u/.aws/config", config), ("/token", &token)], &[]).await;

    let credentials = session.credentials().provide_credentials().await.unwrap_or_else(|e| panic!("{}", e.report()));
    assert_eq!(
        credentials.provenance().to_string(),
        "profile write > assume-role-with-web-identity Pod > assume-role Write"
    );
    assert_eq!(session.caller_identity().await.unwrap().arn(), "arn:aws:sts::000000000000:assumed-role/Write/writing");
    writes(&session, "through-the-profile-of-a-pod").await;
}

#[tokio::test]
async fn a_web_identity_that_proves_nothing_is_refused() {
    let server = Server::seaweedfs();
    let good = token(STS);
    let cut = good[..good.len() - 8].to_owned();
    for (what, token) in
        [("another audience", token(ANOTHER)), ("half a signature", cut), ("no token", "not-a-token".to_owned())]
    {
        let role = "arn:aws:iam::role/Pod";
        let context = untouched().with_fs(Fs::fake([("/token", token.as_str())]));
        let builder = Session::builder().web_identity(role, "/token").region("us-east-1").endpoint_url(&server.url);
        let session = builder.context(context).load().await.unwrap();
        let error = session.credentials().provide_credentials().await.unwrap_err();
        // Which of the two it is depends on the code that SeaweedFS takes.
        assert!(matches!(error.kind(), ErrorKind::Denied | ErrorKind::InvalidConfig), "{what}: {}", error.report());
        assert!(error.code().is_some(), "{what}: {}", error.report());
        assert!(!error.report().contains(&token), "{what}");
    }
}
