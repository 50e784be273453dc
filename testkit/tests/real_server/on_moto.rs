//! moto, which checks signatures and IAM policies of a user: services that have no client here.

use tucuxi::http;

use crate::given::{Server, given};

#[path = "../../../facade/examples/describe_instances.rs"]
#[expect(dead_code, reason = "its own main is for a terminal")]
mod describe_instances;

const DESCRIBE: &str = "Action=DescribeInstances&Version=2016-11-15";

/// Status and document of a form sent to EC2.
async fn ec2(server: &Server, secret: &str, form: &'static str) -> (u16, String) {
    let session = server.session_with_secret("eu-west-1", secret).await;
    let response = session.send("ec2", http::Request::post("/").body(form).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let document = response.into_body().collect(1024 * 1024).await.unwrap();
    (status, String::from_utf8(document.to_vec()).unwrap())
}

/// By the example of the documentation.
#[tokio::test]
async fn instances_are_described() {
    let server = Server::moto();
    let session = server.session_with_secret("eu-west-1", &server.secret).await;
    let found = describe_instances::run(&session).await.unwrap();
    assert_eq!(found, [given("TUCUXI_TEST_MOTO_INSTANCE")]);
    // Nowhere else is an instance.
    let elsewhere = server.session_with_secret("us-west-2", &server.secret).await;
    assert!(describe_instances::run(&elsewhere).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_and_a_forbidden_action_are_the_answer() {
    let server = Server::moto();
    let (status, document) = ec2(&server, "not-the-secret", DESCRIBE).await;
    assert_eq!(status, 401, "{document}");
    assert!(document.contains("<Code>AuthFailure</Code>"), "{document}");
    let (status, document) = ec2(&server, &server.secret, "Action=DescribeVpcs&Version=2016-11-15").await;
    assert_eq!(status, 403, "{document}");
    assert!(document.contains("<Code>AccessDenied</Code>"), "{document}");
}

#[tokio::test]
async fn one_session_asks_services_of_every_protocol() {
    let server = Server::moto();
    let session = server.session_with_secret("eu-west-1", &server.secret).await;
    let json = |target: &str| {
        let request = http::Request::post("/").header("content-type", "application/x-amz-json-1.0");
        request.header("x-amz-target", target).body("{}").unwrap()
    };
    // The user may do none of this, and the refusal shows that the signature was believed. Services with JSON in REST
    // are not here: moto takes no signature of theirs, boto3's included.
    for (service, request) in [
        ("dynamodb", json("DynamoDB_20120810.ListTables")),
        ("stepfunctions", json("AWSStepFunctions.ListStateMachines")),
        ("s3", http::Request::get("/").body("").unwrap()),
        ("iam", http::Request::post("/").body("Action=ListUsers&Version=2010-05-08").unwrap()),
        ("sqs", json("AmazonSQS.ListQueues")),
    ] {
        let response = session.send(service, request).await.unwrap();
        let status = response.status();
        let document = response.into_body().collect(1024 * 1024).await.unwrap();
        let said = String::from_utf8_lossy(&document);
        assert_eq!(status, 403, "{service}: {said}");
        assert!(said.contains("AccessDenied"), "{service}: {said}");
    }
}
