//! Operations that no chain asks for.

use tucuxi_provider_sts::{AssumeRoleWithSaml, AssumeRoot, FederationToken, SessionToken};

use super::*;

#[test]
fn a_role_by_assertion_is_not_signed() {
    let role = AssumeRoleWithSaml::new("R", "P").policy("{}").policy_arn("p").duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.assume_role_with_saml(&role, &Secret::from("PHNhbWw+")).await,
        session("AssumeRoleWithSAML", ASSUMED),
        false,
        "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=R&PrincipalArn=P&SAMLAssertion=PHNhbWw%2B\
         &Policy=%7B%7D&PolicyArns.member.1.arn=p&DurationSeconds=900",
    );
    check_session(&found, Some("123456789012"), "assume-role-with-saml R");
}

#[test]
fn sessions_of_ones_own_and_for_others() {
    let asked = SessionToken::new().duration(Duration::from_secs(900)).mfa("serial", "123456");
    let found = check_sent(
        async |sts: Sts| sts.session_token(&asked, &keys().with_account_id("123456789012")).await,
        session("GetSessionToken", ""),
        true,
        "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900&SerialNumber=serial&TokenCode=123456",
    );
    check_session(&found, Some("123456789012"), "profile dev > get-session-token");

    let user = "<FederatedUser><Arn>arn:aws:sts::123456789012:federated-user/bob</Arn></FederatedUser>";
    let asked =
        FederationToken::new("bob").policy("{}").policy_arn("p").tag("k", "v").duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.federation_token(&asked, &keys()).await,
        session("GetFederationToken", user),
        true,
        "Action=GetFederationToken&Version=2011-06-15&Name=bob&DurationSeconds=900&Policy=%7B%7D\
         &PolicyArns.member.1.arn=p&Tags.member.1.Key=k&Tags.member.1.Value=v",
    );
    check_session(&found, Some("123456789012"), "profile dev > get-federation-token");

    let asked = AssumeRoot::new("210987654321", "p").duration(Duration::from_secs(900));
    let found = check_sent(
        async |sts: Sts| sts.assume_root(&asked, &keys()).await,
        session("AssumeRoot", "<SourceIdentity>alice</SourceIdentity>"),
        true,
        "Action=AssumeRoot&Version=2011-06-15&TargetPrincipal=210987654321&TaskPolicyArn.arn=p&DurationSeconds=900",
    );
    check_session(&found, Some("210987654321"), "profile dev > assume-root");
}

#[test]
fn questions_for_a_doctor() {
    let account = check_sent(
        async |sts: Sts| sts.account_of_key("AKIAOTHER", &keys()).await,
        result("GetAccessKeyInfo", "<Account>123456789012</Account>"),
        true,
        "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAOTHER",
    );
    assert_eq!(account, "123456789012");
    let message = check_sent(
        async |sts: Sts| sts.decode_authorization_message("abc", &keys()).await,
        result("DecodeAuthorizationMessage", "<DecodedMessage>{&quot;allowed&quot;:false}</DecodedMessage>"),
        true,
        "Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage=abc",
    );
    assert_eq!(message, "{\"allowed\":false}");
}

#[test]
fn a_root_task_that_cannot_be_is_not_sent() {
    let http = ScriptedHttp::new([]);
    let sts = sts(&http);
    let long = AssumeRoot::new("1", "p").duration(Duration::from_secs(901));
    assert_eq!(block_on(sts.assume_root(&long, &keys())).unwrap_err().kind(), ErrorKind::InvalidConfig);
    for global in [StsSettings::default(), settings().with_global_endpoint(true)] {
        let sts = Sts::new(&world(&http), global);
        let error = block_on(sts.assume_root(&AssumeRoot::new("1", "p"), &keys())).unwrap_err();
        assert!(error.to_string().contains("regional"), "{error}");
    }
    http.assert_done();
}
