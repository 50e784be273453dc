//! A line for all credentials that are obtained.
#![cfg(feature = "default-chain")]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::io::ErrorKind as Io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use tucuxi::audit::{Audit, AuditFile, Obtained};
use tucuxi::{Context, Credentials, Error, ErrorKind, Session, SessionBuilder, from_fn};
use tucuxi_testkit::{Canary, Exchange, FakeClock, ScriptedHttp, assert_no_leak, block_on};

const LOG: &str = "/var/log/credentials.jsonl";
const VARIABLE: (&str, &str) = ("TUCUXI_AUDIT_LOG", LOG);

fn world(variables: &[(&str, &str)]) -> Context {
    let context = common::context(variables, "", "").with_clock(FakeClock::auto());
    context.fs().set("/etc/hostname", "box\n", std::time::SystemTime::UNIX_EPOCH);
    context
}

fn load(context: &Context, told: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Session {
    block_on(told(Session::builder().context(context.clone())).load()).unwrap()
}

fn text(context: &Context) -> String {
    match block_on(context.fs().read(Path::new(LOG), 1 << 20)) {
        Ok(text) => String::from_utf8(text.to_vec()).unwrap(),
        Err(error) => {
            assert_eq!(error.kind(), Io::NotFound);
            String::new()
        }
    }
}

fn lines(context: &Context) -> Vec<Value> {
    text(context).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_fetch_is_a_line_and_no_use_is() {
    let keys =
        [VARIABLE, ("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_ACCOUNT_ID", "123456789012")];
    let context = world(&keys);
    let session = load(&context, |builder| builder);
    assert!(lines(&context).is_empty(), "loading obtains nothing");
    for _ in 0..3 {
        block_on(session.credentials().provide_credentials()).unwrap();
    }
    let expected = json!({
        "time": "2026-01-01T00:00:00Z", "provenance": "environment AWS_ACCESS_KEY_ID", "access_key_id": "AKID",
        "account_id": "123456789012", "expires_at": null, "process": std::process::id(), "host": "box",
    });
    assert_eq!(lines(&context), std::slice::from_ref(&expected));
    // What a trace asks past the cache was obtained too.
    block_on(session.trace());
    block_on(session.trace_offline());
    assert_eq!(lines(&context), vec![expected; 3]);
}

#[test]
fn roles_are_lines_of_their_own_and_secrets_are_in_none() {
    let [secret, token, role_secret] = ["secret", "token", "role"].map(Canary::new);
    let answer = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
         <SecretAccessKey>{0}</SecretAccessKey><SessionToken>{0}</SessionToken><Expiration>2026-01-01T01:00:00Z\
         </Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        role_secret.value()
    );
    let http = ScriptedHttp::new([Exchange::post("https://sts.amazonaws.com/").answers(200, answer)]);
    let context = world(&[VARIABLE]).with_http(http);
    let session = load(&context, |builder| builder.access_key("AKID", secret.value()).session_token(token.value()));
    let role = session.assume_role("arn:aws:iam::123456789012:role/r").session();
    block_on(role.credentials().provide_credentials()).unwrap();
    let found: Vec<_> = lines(&context)
        .iter()
        .map(|line| format!("{} {} {}", line["access_key_id"], line["provenance"], line["expires_at"]))
        .collect();
    assert_eq!(
        found,
        ["\"AKID\" \"explicit keys\" null", "\"ASIAROLE\" \"explicit keys > assume-role r\" \"2026-01-01T01:00:00Z\""]
    );
    assert_no_leak(&[secret, token, role_secret], "the log", &text(&context));
}

#[derive(Clone, Debug, Default)]
struct Heard(Arc<Mutex<Vec<Obtained>>>);

#[async_trait]
impl Audit for Heard {
    async fn record(&self, _: &Context, obtained: &Obtained) -> Result<(), Error> {
        self.0.lock().unwrap().push(obtained.clone());
        Ok(())
    }
}

#[test]
fn code_beats_the_variable() {
    let context = world(&[VARIABLE]);
    let heard = Heard::default();
    let vault = from_fn("vault", || async { Ok(Credentials::new("AKID", "s")) });
    let session = load(&context, |builder| builder.credentials(vault).audit(heard.clone()));
    block_on(session.credentials().provide_credentials()).unwrap();
    let heard = heard.0.lock().unwrap();
    assert_eq!((heard.len(), heard[0].provenance.as_str(), heard[0].host.as_deref()), (1, "vault", Some("box")));
    assert!(lines(&context).is_empty());
    // A blank variable asks for nothing.
    let context = world(&[("TUCUXI_AUDIT_LOG", " "), ("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s")]);
    block_on(load(&context, |builder| builder).credentials().provide_credentials()).unwrap();
}

#[test]
fn there_are_no_credentials_without_their_line_unless_code_says_so() {
    for (io, kind) in [(Io::PermissionDenied, ErrorKind::InvalidConfig), (Io::StorageFull, ErrorKind::Unavailable)] {
        let context = world(&[VARIABLE]);
        context.fs().set_error(LOG, io);
        let session = load(&context, |builder| builder.access_key("AKID", "s"));
        let error = block_on(session.credentials().provide_credentials()).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(LOG), "{error}");
        assert!(block_on(session.trace()).used().is_some(), "a trace shows what there is");

        let lenient = |builder: SessionBuilder| builder.access_key("AKID", "s").audit(AuditFile::new(LOG).lenient());
        block_on(load(&context, lenient).credentials().provide_credentials()).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn a_real_file_is_private_grows_and_is_no_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = std::env::temp_dir().join(format!("tucuxi-audit-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir(&folder).unwrap();
    let obtain = |path: &Path| {
        let context = world(&[]).with_fs(tucuxi::Fs::real());
        let session = load(&context, |builder| builder.access_key("AKID", "s").audit(AuditFile::new(path)));
        block_on(session.credentials().provide_credentials())
    };
    let path = folder.join("log");
    obtain(&path).unwrap();
    obtain(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let read = |path: &Path| block_on(tucuxi::Fs::real().read(path, 1 << 20)).unwrap().to_vec();
    assert_eq!(String::from_utf8(read(&path)).unwrap().lines().count(), 2);

    let link = folder.join("link");
    symlink(&path, &link).unwrap();
    for bad in [link.as_path(), &folder, Path::new("/dev/null"), &folder.join("none/log")] {
        let error = obtain(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
    }
    assert_eq!(String::from_utf8(read(&path)).unwrap().lines().count(), 2);
    std::fs::remove_dir_all(folder).unwrap();
}
