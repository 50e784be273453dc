//! `tucuxi export`: credentials for a shell, a program or a file.

use clap::ValueEnum;
use tucuxi::profile::{Files, ProfileProvider, Profiles};
use tucuxi::{Context, Credentials, Fs, ProvideCredentials, Session, format_rfc3339};

use crate::failure::Failure;
use crate::output::Output;
use crate::quote;

/// Who is to read the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The document that credential_process helpers print.
    Process,
    /// `export` lines for sh, bash and zsh.
    Env,
    /// The same lines without `export`.
    EnvNoExport,
    /// `set -gx` lines for fish.
    Fish,
    /// `$Env:` lines for PowerShell.
    Powershell,
    /// `set` lines for cmd.exe.
    WindowsCmd,
    /// A .env file.
    Dotenv,
    /// A section of the shared credentials file.
    Ini,
}

/// Prints the session's credentials in the given format.
pub(crate) async fn run(session: &Session, format: Format, output: &mut Output) -> Result<(), Failure> {
    let credentials = session.credentials().provide_credentials().await?;
    let section = session.profile_name();
    let text = render(&credentials, format, section).await?;
    output.print(&text)
}

async fn render(credentials: &Credentials, format: Format, section: &str) -> Result<String, Failure> {
    match format {
        Format::Process => Ok(process(credentials)),
        Format::Ini => ini(credentials, section).await,
        _ => lines(credentials, format),
    }
}

fn process(credentials: &Credentials) -> String {
    let mut document = serde_json::Map::new();
    let mut put = |name: &str, value: serde_json::Value| document.insert(name.to_owned(), value);
    put("Version", 1.into());
    put("AccessKeyId", credentials.access_key_id().into());
    put("SecretAccessKey", credentials.secret_access_key().into());
    if let Some(token) = credentials.session_token() {
        put("SessionToken", token.into());
    }
    if let Some(at) = credentials.expires_at() {
        put("Expiration", format_rfc3339(at).into());
    }
    if let Some(account_id) = credentials.account_id() {
        put("AccountId", account_id.into());
    }
    format!("{}\n", serde_json::Value::Object(document))
}

fn lines(credentials: &Credentials, format: Format) -> Result<String, Failure> {
    let mut text = String::new();
    // What is taken away stands first: in some shells that fails where there is nothing, and the last line is what counts.
    // botocore looks at the older name of the token before the other.
    let mut gone: String = unset(format, "AWS_SECURITY_TOKEN").map(|line| line + "\n").unwrap_or_default();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", Some(credentials.access_key_id().to_owned())),
        ("AWS_SECRET_ACCESS_KEY", Some(credentials.secret_access_key().to_owned())),
        ("AWS_SESSION_TOKEN", credentials.session_token().map(str::to_owned)),
        ("AWS_CREDENTIAL_EXPIRATION", credentials.expires_at().map(format_rfc3339)),
        ("AWS_ACCOUNT_ID", credentials.account_id().map(str::to_owned)),
    ] {
        match value {
            Some(value) => text += &(set(format, name, &value)? + "\n"),
            // A token left over from other credentials would make these fail.
            None => gone.extend(unset(format, name).map(|line| line + "\n")),
        }
    }
    Ok(gone + &text)
}

fn set(format: Format, name: &str, value: &str) -> Result<String, Failure> {
    if value.contains(['\n', '\r', '\0']) {
        return Err(Failure::other(format!("{name} holds a line break, which no shell line can carry")));
    }
    Ok(match format {
        Format::Fish => format!("set -gx {name} {}", quote::fish(value)),
        Format::Powershell => format!("$Env:{name}={}", quote::powershell(value)),
        Format::WindowsCmd => {
            let unquotable = || format!("{name} holds a character that cmd.exe cannot quote; use powershell");
            let value = quote::cmd(value).ok_or_else(|| Failure::other(unquotable()))?;
            format!("set \"{name}={value}\"")
        }
        Format::Dotenv => format!("{name}={}", quote::dotenv(value)),
        Format::EnvNoExport => format!("{name}={}", quote::posix(value)),
        _ => format!("export {name}={}", quote::posix(value)),
    })
}

fn unset(format: Format, name: &str) -> Option<String> {
    match format {
        Format::Env => Some(format!("unset {name}")),
        Format::Fish => Some(format!("set -e {name}")),
        Format::Powershell => Some(format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue")),
        Format::WindowsCmd => Some(format!("set \"{name}=\"")),
        _ => None,
    }
}

/// A section that the shared files' own reader reads back as what it was; with any other somebody else would be found.
async fn ini(credentials: &Credentials, section: &str) -> Result<String, Failure> {
    if !is_read_back(&Credentials::new("AKID", "secret"), section).await {
        return Err(Failure::other(format!(
            "no credentials file can have a section for the profile {section:?}\n  try: set AWS_PROFILE to a name of letters, digits and -_/.%@:+"
        )));
    }
    if !is_read_back(credentials, section).await {
        return Err(Failure::other(
            "the credentials hold text that a credentials file cannot carry\n  try: another --format, such as process",
        ));
    }
    Ok(section_of(credentials, section))
}

fn section_of(credentials: &Credentials, section: &str) -> String {
    let mut text = format!("[{section}]\n");
    for (key, value) in [
        ("aws_access_key_id", Some(credentials.access_key_id())),
        ("aws_secret_access_key", Some(credentials.secret_access_key())),
        ("aws_session_token", credentials.session_token()),
        ("aws_account_id", credentials.account_id()),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    text
}

async fn is_read_back(credentials: &Credentials, section: &str) -> bool {
    let fs = Fs::fake([("/file", section_of(credentials, section))]);
    let files = Files::new().with_config("/none").with_credentials("/file");
    let profiles = Profiles::new(&Context::local().with_fs(fs)).with_files(files);
    let provider = ProfileProvider::of(&profiles).with_profile_name(section);
    provider
        .provide_credentials()
        .await
        .is_ok_and(|read| read.signs_like(credentials) && read.account_id() == credentials.account_id())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tucuxi_testkit::block_on;

    use super::*;

    fn ugly() -> Credentials {
        Credentials::new("AKID", "a'b\\c\"d$e`f")
            .with_session_token("t/+=")
            .with_expires_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
            .with_account_id("123456789012")
    }

    fn rendered(credentials: &Credentials, format: Format) -> Result<String, Failure> {
        block_on(render(credentials, format, "dev"))
    }

    fn check(format: Format, expected: &[&str]) {
        let text = rendered(&ugly(), format).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{format:?}");
    }

    #[test]
    fn every_format_quotes_its_own_way() {
        check(
            Format::Process,
            &[
                r#"{"AccessKeyId":"AKID","AccountId":"123456789012","Expiration":"2026-01-01T00:00:00Z","SecretAccessKey":"a'b\\c\"d$e`f","SessionToken":"t/+=","Version":1}"#,
            ],
        );
        check(
            Format::Env,
            &[
                "unset AWS_SECURITY_TOKEN",
                "export AWS_ACCESS_KEY_ID='AKID'",
                r#"export AWS_SECRET_ACCESS_KEY='a'\''b\c"d$e`f'"#,
                "export AWS_SESSION_TOKEN='t/+='",
                "export AWS_CREDENTIAL_EXPIRATION='2026-01-01T00:00:00Z'",
                "export AWS_ACCOUNT_ID='123456789012'",
            ],
        );
        check(
            Format::Fish,
            &[
                "set -e AWS_SECURITY_TOKEN",
                "set -gx AWS_ACCESS_KEY_ID 'AKID'",
                r#"set -gx AWS_SECRET_ACCESS_KEY 'a\'b\\c"d$e`f'"#,
                "set -gx AWS_SESSION_TOKEN 't/+='",
                "set -gx AWS_CREDENTIAL_EXPIRATION '2026-01-01T00:00:00Z'",
                "set -gx AWS_ACCOUNT_ID '123456789012'",
            ],
        );
        check(
            Format::Ini,
            &[
                "[dev]",
                "aws_access_key_id = AKID",
                r#"aws_secret_access_key = a'b\c"d$e`f"#,
                "aws_session_token = t/+=",
                "aws_account_id = 123456789012",
            ],
        );
        let line = |format| {
            rendered(&ugly(), format).unwrap().lines().find(|line| line.contains("SECRET")).unwrap().to_owned()
        };
        assert_eq!(line(Format::EnvNoExport), r#"AWS_SECRET_ACCESS_KEY='a'\''b\c"d$e`f'"#);
        assert_eq!(line(Format::Powershell), r#"$Env:AWS_SECRET_ACCESS_KEY='a''b\c"d$e`f'"#);
        assert_eq!(line(Format::Dotenv), r#"AWS_SECRET_ACCESS_KEY="a'b\\c\"d\$e\`f""#);
        assert!(rendered(&ugly(), Format::WindowsCmd).is_err());
    }

    #[test]
    fn what_these_credentials_lack_is_unset() {
        let text = rendered(&Credentials::new("AKID", "s"), Format::Env).unwrap();
        assert!(text.contains("unset AWS_SESSION_TOKEN\n") && text.contains("unset AWS_CREDENTIAL_EXPIRATION\n"));
        let text = rendered(&Credentials::new("AKID", "s"), Format::WindowsCmd).unwrap();
        assert!(text.contains("set \"AWS_SESSION_TOKEN=\"\n"), "{text}");
        assert!(text.starts_with("set \"AWS_SECURITY_TOKEN=\"\n"), "{text}");
        assert!(rendered(&ugly(), Format::Powershell).unwrap().contains("Remove-Item Env:AWS_SECURITY_TOKEN "));
    }

    #[test]
    fn a_section_that_would_be_read_otherwise_is_refused() {
        let refused = |secret: &str, section: &str| {
            let ini = block_on(render(&Credentials::new("AKID", secret), Format::Ini, section));
            ini.err().map(|failure| failure.to_string().lines().next().unwrap_or_default().to_owned())
        };
        for (secret, section) in [("a#b;c=[d]", "default"), ("#", "a/b.c%d@e:f+g-h_i")] {
            assert_eq!(refused(secret, section).is_some(), secret == "#", "{secret} {section}");
        }
        for secret in ["#abc", ";abc", "a\t#b", "a b", " a", "a\n[default]", "\"quoted\"", "é"] {
            let message = refused(secret, "default").unwrap();
            assert_eq!(message, "the credentials hold text that a credentials file cannot carry", "{secret:?}");
        }
        for section in ["my prof", "x]\n[default", "", "a]", "[a", "a#b", "profile a", "'a'"] {
            let message = refused("s", section).unwrap();
            assert!(message.ends_with(&format!("section for the profile {section:?}")), "{message}");
        }
    }

    #[test]
    fn a_line_break_is_refused() {
        for format in [Format::Env, Format::Fish, Format::Powershell, Format::Dotenv, Format::Ini] {
            assert!(rendered(&Credentials::new("AKID", "a\nb"), format).is_err(), "{format:?}");
        }
    }
}
