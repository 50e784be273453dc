//! The operations of STS that tucuxi has, with every parameter: what botocore would send is what goes out, and the
//! session that botocore reads of the answer, or the answer to a question, is what is read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};
use tucuxi::sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, FederationToken, SessionToken, Sts,
    StsSettings,
};
use tucuxi::{Credentials, Region, Secret};
use tucuxi_testkit::{ScriptedHttp, block_on, response};

use crate::given::Server;
use crate::python::python;

/// What was asked, as botocore is asked for it, and what became of it here.
struct Asked {
    operation: &'static str,
    parameters: Value,
    answer: String,
    sent: String,
    signed: bool,
    read: Value,
}

/// A client that keeps the body of its request and answers as told.
fn ask<F>(operation: &'static str, result: &str, parameters: Value, call: F) -> Asked
where
    F: AsyncFnOnce(Sts, Credentials) -> Value,
{
    let answer = format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{result}\
         </{operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
    );
    let seen: Arc<Mutex<Option<(String, bool)>>> = Arc::default();
    let (keep, body) = (Arc::clone(&seen), answer.clone());
    let http = ScriptedHttp::from_fn(move |request| {
        let sent = String::from_utf8(request.body.to_vec()).unwrap();
        let signed = request.header("authorization").is_some();
        *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some((sent, signed));
        Ok(response(200, &body))
    });
    let context = tucuxi_testkit::context().with_http(http);
    let mut settings = StsSettings::default();
    settings.region = Some(Region::new("eu-west-1").unwrap());
    let keys = Credentials::new("AKIDEXAMPLE", "secret");
    let read = block_on(call(Sts::new(&context, settings), keys));
    let (sent, signed) = seen.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap();
    Asked { operation, parameters, answer, sent, signed, read }
}

fn session(credentials: &Credentials) -> Value {
    let ends = credentials.expires_at().unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let session = json!({
        "AccessKeyId": credentials.access_key_id(), "SecretAccessKey": credentials.secret_access_key(),
        "SessionToken": credentials.session_token(), "Expiration": ends,
    });
    json!({ "answer": session, "account": credentials.account_id() })
}

fn managed() -> Value {
    json!([{ "arn": MANAGED[0] }, { "arn": MANAGED[1] }])
}

fn roles() -> Vec<Asked> {
    let result = format!("{KEYS}{USER}");
    let assume = json!({
        "RoleArn": ROLE, "RoleSessionName": "me+you=us,@-.", "DurationSeconds": 3600, "ExternalId": "x:/+=,.@-",
        "MinimumSessionTokenSize": SIZE, "SerialNumber": DEVICE, "TokenCode": "012345", "SourceIdentity": "Alice", "Policy": POLICY,
        "PolicyArns": managed(), "Tags": [{ "Key": "team", "Value": ODD }, { "Key": "cost centre", "Value": "" }],
        "TransitiveTagKeys": ["team", "cost centre"],
        "ProvidedContexts": [{ "ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter",
                               "ContextAssertion": "context==" }],
    });
    let role = AssumeRole::new(ROLE)
        .session_name("me+you=us,@-.")
        .duration(HOUR)
        .minimum_session_token_size(SIZE)
        .external_id("x:/+=,.@-");
    let role = role.mfa_serial(DEVICE).token_code("012345").source_identity("Alice").policy(POLICY);
    let role = role.policy_arn(MANAGED[0]).policy_arn(MANAGED[1]).tag("team", ODD).tag("cost centre", "");
    let role = role.transitive_tag_key("team").transitive_tag_key("cost centre");
    let role = role.provided_context("arn:aws:iam::aws:contextProvider/IdentityCenter", "context==");
    let web = json!({
        "RoleArn": ROLE, "RoleSessionName": "me", "WebIdentityToken": "a.b-_.c", "ProviderId": "www.amazon.com",
        "DurationSeconds": 3600, "MinimumSessionTokenSize": SIZE, "Policy": POLICY, "PolicyArns": managed(),
    });
    let by_web = AssumeRoleWithWebIdentity::new(ROLE)
        .session_name("me")
        .provider_id("www.amazon.com")
        .duration(HOUR)
        .minimum_session_token_size(SIZE);
    let by_web = by_web.policy(POLICY).policy_arn(MANAGED[0]).policy_arn(MANAGED[1]);
    let saml = json!({
        "RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": "PHNhbWw+Lz4=", "DurationSeconds": 3600,
        "MinimumSessionTokenSize": SIZE, "Policy": POLICY, "PolicyArns": managed(),
    });
    let by_saml =
        AssumeRoleWithSaml::new(ROLE, PROVIDER).duration(HOUR).minimum_session_token_size(SIZE).policy(POLICY);
    let by_saml = by_saml.policy_arn(MANAGED[0]).policy_arn(MANAGED[1]);
    vec![
        ask("AssumeRole", &result, assume, async |sts, keys| session(&sts.assume_role(&role, &keys).await.unwrap())),
        ask("AssumeRoleWithWebIdentity", &result, web, async |sts, _| {
            session(&sts.assume_role_with_web_identity(&by_web, &Secret::new("a.b-_.c")).await.unwrap())
        }),
        ask("AssumeRoleWithSAML", &result, saml, async |sts, _| {
            session(&sts.assume_role_with_saml(&by_saml, &Secret::new("PHNhbWw+Lz4=")).await.unwrap())
        }),
    ]
}

fn sessions() -> Vec<Asked> {
    let mine = json!({
        "DurationSeconds": 3600, "MinimumSessionTokenSize": SIZE, "SerialNumber": DEVICE, "TokenCode": "012345",
    });
    let for_me = SessionToken::new().duration(HOUR).minimum_session_token_size(SIZE).mfa(DEVICE, "012345");
    let theirs = json!({
        "Name": "bob", "DurationSeconds": 3600, "MinimumSessionTokenSize": SIZE, "Policy": POLICY,
        "PolicyArns": managed(), "Tags": [{ "Key": "team", "Value": ODD }],
    });
    let for_bob = FederationToken::new("bob")
        .duration(HOUR)
        .minimum_session_token_size(SIZE)
        .policy(POLICY)
        .policy_arn(MANAGED[0]);
    let for_bob = for_bob.policy_arn(MANAGED[1]).tag("team", ODD);
    let task = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
    let root = json!({
        "TargetPrincipal": "210987654321", "TaskPolicyArn": { "arn": task }, "DurationSeconds": 900,
        "MinimumSessionTokenSize": SIZE,
    });
    let as_root =
        AssumeRoot::new("210987654321", task).duration(Duration::from_secs(900)).minimum_session_token_size(SIZE);
    vec![
        ask("GetSessionToken", KEYS, mine, async |sts, keys| {
            session(&sts.session_token(&for_me, &keys).await.unwrap())
        }),
        ask("GetFederationToken", &format!("{KEYS}{FEDERATED}"), theirs, async |sts, keys| {
            session(&sts.federation_token(&for_bob, &keys).await.unwrap())
        }),
        ask("AssumeRoot", KEYS, root, async |sts, keys| session(&sts.assume_root(&as_root, &keys).await.unwrap())),
    ]
}

fn questions() -> Vec<Asked> {
    let arn = "arn:aws:iam::123456789012:user/me";
    let who = format!("<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>123456789012</Account>");
    let decoded =
        "<DecodedMessage>{&quot;allowed&quot;:false,&quot;x&quot;:&quot;&lt;&amp;&gt;&quot;}</DecodedMessage>";
    vec![
        ask("GetCallerIdentity", &who, json!({}), async |sts, keys| {
            let identity = sts.caller_identity(&keys).await.unwrap();
            json!({ "answer": { "Arn": identity.arn(), "UserId": identity.user_id(), "Account": identity.account() } })
        }),
        ask(
            "GetAccessKeyInfo",
            "<Account>123456789012</Account>",
            json!({ "AccessKeyId": "AKIAIOSFODNN7EXAMPLE" }),
            async |sts, keys| {
                let account = sts.account_of_key("AKIAIOSFODNN7EXAMPLE", &keys).await.unwrap();
                json!({ "answer": { "Account": account } })
            },
        ),
        ask("DecodeAuthorizationMessage", decoded, json!({ "EncodedMessage": "a-_B==" }), async |sts, keys| {
            let decoded = sts.decode_authorization_message("a-_B==", &keys).await.unwrap();
            json!({ "answer": { "DecodedMessage": decoded } })
        }),
    ]
}

#[test]
fn operations_are_sent_and_read_as_by_botocore() {
    let asked: Vec<Asked> = roles().into_iter().chain(sessions()).chain(questions()).collect();
    let rows: Vec<Value> =
        asked.iter().map(|asked| json!([asked.operation, asked.parameters, asked.answer, asked.sent])).collect();
    // Nothing is sent to this server: it stands for keys, which botocore wants before it signs.
    let judged = python(&Server::seaweedfs(), JUDGE, &Value::from(rows), &[]);
    let (rows, operations) = (judged[0].as_array().unwrap(), judged[1].as_array().unwrap());
    assert_eq!(rows.len(), asked.len());
    for (asked, judged) in asked.iter().zip(rows) {
        let operation = asked.operation;
        assert_eq!(judged["ours"], judged["theirs"], "{operation}");
        assert_eq!(json!(asked.signed), judged["signed"], "{operation}");
        assert_eq!(judged["left_out"], json!([]), "{operation}");
        let read = judged["read"].get("Credentials").unwrap_or_else(|| &judged["read"]);
        assert_eq!(&asked.read["answer"], read, "{operation}");
        let user = ["AssumedRoleUser", "FederatedUser"].iter().find_map(|user| judged["read"][user]["Arn"].as_str());
        if let Some(arn) = user {
            assert_eq!(asked.read["account"], json!(arn.split(':').nth(4)), "{operation}");
        }
    }
    let here = |operation: &&Value| asked.iter().any(|asked| json!(asked.operation) == **operation);
    let elsewhere: Vec<&Value> = operations.iter().filter(|operation| !here(operation)).collect();
    assert_eq!(json!(elsewhere), json!(NOT_HERE));
}

/// For each `[operation, parameters, answer, body that was sent]`: the pairs of both bodies in order, whether botocore
/// signs, what it reads of the answer, and which parameters were not given; then all operations that there are.
const JUDGE: &str = r#"
import sys, json, botocore.session
from urllib.parse import parse_qsl
from botocore.awsrequest import AWSResponse
rows = []
class Raw:
    def __init__(self, body): self.body = body
    def stream(self, **_): yield self.body
for operation, parameters, answer, ours in json.load(sys.stdin):
    session, sent = botocore.session.Session(), []
    client = session.create_client("sts", region_name="eu-west-1", endpoint_url="https://sts.eu-west-1.amazonaws.com")
    def keep(request, **_):
        sent.append(request)
        return AWSResponse(request.url, 200, {"content-type": "text/xml"}, Raw(answer.encode()))
    client.meta.events.register("before-send.sts", keep)
    read = getattr(client, botocore.xform_name(operation))(**parameters)
    read.pop("ResponseMetadata")
    if "Credentials" in read: read["Credentials"]["Expiration"] = int(read["Credentials"]["Expiration"].timestamp())
    body = sent[0].body
    pairs = lambda text: sorted(parse_qsl(text, keep_blank_values=True, strict_parsing=True))
    known = client.meta.service_model.operation_model(operation).input_shape
    left_out = sorted(set(known.members if known else ()) - set(parameters))
    rows.append({"theirs": pairs(body.decode() if isinstance(body, bytes) else body), "ours": pairs(ours),
                 "signed": "Authorization" in sent[0].headers, "read": read, "left_out": left_out})
print(json.dumps([rows, client.meta.service_model.operation_names]))
"#;

/// Credentials for a token that AWS gives to partners, and a token for others than AWS: no source asks for them.
const NOT_HERE: [&str; 2] = ["GetDelegatedAccessToken", "GetWebIdentityToken"];

const ROLE: &str = "arn:aws:iam::123456789012:role/path/reader";
const POLICY: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}"#;
const MANAGED: [&str; 2] = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/a+b"];
const DEVICE: &str = "arn:aws:iam::123456789012:mfa/me";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/corp";
const ODD: &str = "ü & =+% /~*-._日本";
const HOUR: Duration = Duration::from_secs(3600);
const SIZE: u16 = 2048;
const KEYS: &str = "<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s/+=&amp;x</SecretAccessKey>\
                    <SessionToken>token//==</SessionToken><Expiration>2030-01-02T03:04:05Z</Expiration></Credentials>\
                    <PackedPolicySize>6</PackedPolicySize>";
const USER: &str = "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/reader/me</Arn>\
                    <AssumedRoleId>AROA:me</AssumedRoleId></AssumedRoleUser>";
const FEDERATED: &str = "<FederatedUser><Arn>arn:aws:sts::123456789012:federated-user/bob</Arn>\
                         <FederatedUserId>123456789012:bob</FederatedUserId></FederatedUser>";
