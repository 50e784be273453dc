//! MiniStack, which checks signatures, regions and IAM policies of a user and of its sessions.

use tucuxi::s3::ErrorKind;
use tucuxi::sts::{FederationToken, SessionToken, Sts};
use tucuxi::{Credentials, Session};

use crate::given::{Server, untouched};
use crate::keys::odd_keys;
use crate::presigned::presigned;
use crate::round_trip::round_trip;

#[tokio::test]
async fn a_thousand_odd_keys() {
    let s3 = Server::ministack().bucket("odd-keys").await;
    round_trip(&s3, "odd-keys", &odd_keys(2, 1000), str::to_owned).await;
    s3.delete_bucket("odd-keys").await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let server = Server::ministack();
    let s3 = server.client_with_secret("not-the-secret").await;
    let error = s3.buckets().try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("SignatureDoesNotMatch")), "{error}");
}

#[tokio::test]
async fn presigned_urls() {
    let s3 = Server::ministack().bucket("presigned").await;
    for key in ["plain", "a b+c%/ü/日本?x=1&y#h", "a/../b"] {
        presigned(&s3, "presigned", key).await;
    }
}

/// Who one is with a session from STS, or the code of the refusal.
async fn identity(sts: &Sts, credentials: &Credentials) -> Result<String, String> {
    let identity = sts.caller_identity(credentials).await;
    identity.map(|identity| identity.arn().to_owned()).map_err(|error| error.code().unwrap_or("none").to_owned())
}

#[tokio::test]
async fn sessions_of_ones_own() {
    let server = Server::ministack();
    let session = server.session_with_secret("us-east-1", &server.secret).await;
    let (sts, keys) = (session.sts().unwrap(), session.credentials().provide_credentials().await.unwrap());
    let mine = session.session_token().session();
    let temporary = mine.credentials().provide_credentials().await.unwrap();
    assert!(temporary.session_token().is_some() && temporary.expires_at().is_some());
    assert!(identity(&sts, &temporary).await.unwrap().ends_with(":user/tester"));
    mine.s3().buckets().try_next().await.unwrap();
    // The service's own rule, which a session of one's own would not even ask about.
    let error = sts.session_token(&SessionToken::new(), &temporary).await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"), "{error}");
    let signed_with = format!("; signed with {} from {}", temporary.access_key_id(), temporary.provenance());
    assert!(error.to_string().contains(&signed_with), "{error}");
    assert_eq!(sts.account_of_key(keys.access_key_id(), &keys).await.unwrap(), "000000000000");
}

#[tokio::test]
async fn a_federated_session_is_narrowed_by_its_policy() {
    let server = Server::ministack();
    server.bucket("federated").await.put_object("federated", "key").body("text").await.unwrap();
    let session = server.session_with_secret("us-east-1", &server.secret).await;
    let (sts, keys) = (session.sts().unwrap(), session.credentials().provide_credentials().await.unwrap());
    let read = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    let bob = FederationToken::new("bob").policy(read).tag("team", "blue + green");
    let bob = sts.federation_token(&bob, &keys).await.unwrap();
    assert!(identity(&sts, &bob).await.unwrap().ends_with(":federated-user/bob"));
    let builder = Session::builder().context(untouched()).credentials(bob).region("us-east-1");
    let s3 = builder.endpoint_url(&server.url).load().await.unwrap().s3();
    assert_eq!(s3.get_object("federated", "key").await.unwrap().text().await.unwrap(), "text");
    let refused = s3.put_object("federated", "key").body("other").await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Denied, Some("AccessDenied")), "{refused}");
    // Keys of tags do not differ by case alone: the service says so, and so the request is what is wrong.
    let twice = FederationToken::new("bob").tag("team", "a").tag("Team", "b");
    let error = sts.federation_token(&twice, &keys).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (tucuxi::ErrorKind::InvalidConfig, Some("InvalidParameterValue")));
}
