//! What the portal gives, refuses and lists.

use super::*;

#[tokio::test]
async fn the_portal_gives_live_sessions_to_whoever_signed_in() {
    let world = world().await;
    let sign_in = sign_in(&world.sandbox);
    let token = sign_in["accessToken"].as_str();
    let role = "/federation/credentials?role_name=ReadOnly&account_id=123456789012";
    let granted = World::granted(&world.portal(role, token).await)["roleCredentials"].clone();
    assert_eq!(granted["expiration"], json!((1_767_225_600_u64 + 3600) * 1000));
    let field = |name: &str| granted[name].as_str().unwrap();
    let session =
        Credentials::new(field("accessKeyId"), field("secretAccessKey")).with_session_token(field("sessionToken"));
    let ask = async || {
        let identity = Request::post(format!("{}/", world.sandbox.sts_endpoint()))
            .header("content-type", "application/x-www-form-urlencoded");
        let body = "Action=GetCallerIdentity&Version=2011-06-15";
        let identity =
            send_to(&http(), signed(&Signer::new("us-east-1", "sts"), identity, body, &session, now())).await;
        let list = Request::get(format!("{}/", world.sandbox.s3_endpoint()));
        let list = send_to(&http(), signed(&Signer::s3("us-east-1"), list, "", &session, now())).await;
        (identity.status, list.status, identity.element("Arn").to_owned())
    };
    let arn = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/sandbox";
    assert_eq!(ask().await, (200, 200, arn.to_owned()));
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(ask().await, (403, 400, String::new()), "the session has ended");
    assert_eq!(world.portal(role, token).await.status, 401, "the access token as well");
}

#[tokio::test]
async fn the_portal_refuses_with_the_words_of_aws() {
    let world = world().await;
    let sign_in = sign_in(&world.sandbox);
    let token = sign_in["accessToken"].as_str();
    let unauthorized = (401, "UnauthorizedException", "Session token not found or invalid");
    let forbidden = (403, "ForbiddenException", "No access");
    let check = |answer: &Answer, (status, exception, message): (u16, &str, &str)| {
        let found: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (status, exception), "{}", answer.body);
        assert!(found["message"].as_str().unwrap().contains(message), "{}", answer.body);
        assert_eq!(found["__type"], format!("com.amazonaws.switchboard.portal#{exception}"));
    };
    let role = |role: &str, account: &str| format!("/federation/credentials?role_name={role}&account_id={account}");
    for token in [None, Some(""), Some("x"), sign_in["refreshToken"].as_str()] {
        check(&world.portal(&role("ReadOnly", "123456789012"), token).await, unauthorized);
    }
    for (name, account) in [("Nobody", "123456789012"), ("ReadOnly", "1"), ("sandbox", "210987654321")] {
        check(&world.portal(&role(name, account), token).await, forbidden);
    }
    let invalid = |message| (400, "InvalidRequestException", message);
    check(&world.portal("/federation/credentials?account_id=123456789012", token).await, invalid("role_name"));
    check(&world.portal("/assignment/roles", token).await, invalid("account_id"));
    check(&world.portal("/assignment/roles?account_id=1", token).await, forbidden);
    for query in ["max_result=0", "max_result=101", "max_result=x"] {
        check(&world.portal(&format!("/assignment/accounts?{query}"), token).await, invalid("max_result"));
    }
    check(&world.portal("/assignment/accounts?next_token=9", token).await, invalid("next_token"));
    let lost = world.portal("/elsewhere", token).await;
    assert_eq!((lost.status, lost.header("x-amzn-errortype")), (404, "UnknownOperationException"));
}

#[tokio::test]
async fn the_portal_lists_page_by_page() {
    let world = world().await;
    let sign_in = sign_in(&world.sandbox);
    let token = sign_in["accessToken"].as_str();
    let list = async |path: &str| World::granted(&world.portal(path, token).await);
    let first = list("/assignment/accounts?max_result=1").await;
    assert_eq!(first["accountList"][0]["accountId"], "123456789012");
    let rest = list(&format!("/assignment/accounts?next_token={}", first["nextToken"].as_str().unwrap())).await;
    assert_eq!((&rest["accountList"][0]["accountId"], &rest["nextToken"]), (&json!("210987654321"), &Value::Null));
    let roles = list("/assignment/roles?account_id=123456789012&max_result=100").await;
    let names: Vec<&Value> = roles["roleList"].as_array().unwrap().iter().map(|role| &role["roleName"]).collect();
    assert_eq!(names, ["ReadOnly", "sandbox"]);
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let world = world().await;
    let (sign_in, other) = (sign_in(&world.sandbox), sign_in(&world.sandbox));
    let out = async |token: &Value| {
        let request = Request::post(format!("{}/logout", world.sandbox.sso_endpoint()));
        send(request.header("x-amz-sso_bearer_token", token.as_str().unwrap()), "").await.status
    };
    assert_eq!((out(&sign_in["accessToken"]).await, out(&sign_in["accessToken"]).await), (200, 401));
    assert_eq!(world.portal("/assignment/accounts", sign_in["accessToken"].as_str()).await.status, 401);
    let client = Client(sign_in.clone());
    check_grant(&world.token(&client, by_refresh(&sign_in)).await);
    assert_eq!(world.portal("/assignment/accounts", other["accessToken"].as_str()).await.status, 200);
    assert_eq!(world.sandbox.count(Service::Sso), 4);
    let shown = format!("{:?}{:?}", world.sandbox, world.sandbox.requests());
    assert!(!shown.contains(sign_in["accessToken"].as_str().unwrap()), "{shown}");
}
