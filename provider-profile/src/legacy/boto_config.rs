//! The configuration file of Boto 2.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use configparser::ini::Ini;
use tucuxi_core::{
    Context, Credentials, Env, Error, Fs, Location, ProvideCredentials, SharedProvider, Source, async_trait,
};
use zeroize::Zeroizing;

use super::pair;
use crate::{Value, location, open};

/// Keys in a configuration file of Boto 2: `aws_access_key_id` and `aws_secret_access_key` under
/// `[Credentials]`.
///
/// - Reads: the file that `BOTO_CONFIG` names (`~` and variables in it stand for what they mean); without it
///   `/etc/boto.cfg`, then `~/.boto`. A file that is not there is skipped.
/// - Network: none.
/// - Lifetime: no expiry.
///
/// # Errors
/// - `NotConfigured`: no file has either key.
/// - `InvalidConfig`: a file has half a key pair (with its line) or is no INI file, or the one that
///   `BOTO_CONFIG` names cannot be read.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_profile::BotoConfigProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let file = "[Credentials]\naws_access_key_id = AKID\naws_secret_access_key = secret\n";
/// let context = Context::local()
///     .with_env(Env::fake([("HOME", "/home/u")]))
///     .with_fs(Fs::fake([("/home/u/.boto", file)]));
/// let credentials = BotoConfigProvider::new(&context).provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "boto-config /home/u/.boto:2");
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/boto3/latest/guide/credentials.html>, "Boto2 configuration file
/// support", checked 2026-11-24.
#[derive(Clone, Debug)]
pub struct BotoConfigProvider {
    env: Env,
    fs: Fs,
}

impl BotoConfigProvider {
    /// Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        Self { env: context.env().clone(), fs: context.fs().clone() }
    }

    async fn named(&self, path: &Path) -> Result<Option<Credentials>, Error> {
        let Some(bytes) = open::read(&self.fs, path, "Boto configuration file", Some(VARIABLE)).await? else {
            return Ok(None);
        };
        keys(&bytes, path)
    }

    /// A file that nobody named and that cannot be read counts as absent, as in botocore.
    async fn usual(&self, path: &Path) -> Result<Option<Credentials>, Error> {
        match open::read(&self.fs, path, "Boto configuration file", None).await {
            Ok(Some(bytes)) => keys(&bytes, path),
            Ok(None) | Err(_) => Ok(None),
        }
    }
}

#[async_trait]
impl ProvideCredentials for BotoConfigProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let absent = |places: &str| Error::not_configured(format!("no [Credentials] with {ID} in {places}"));
        if let Some(named) = location::named(&self.env, VARIABLE) {
            let path = named?;
            let found = self.named(&path).await?;
            return found.ok_or_else(|| absent(&format!("{} ({VARIABLE})", path.display())));
        }
        let home = self.env.home().map(|home| home.join(".boto"));
        for path in [Some(PathBuf::from("/etc/boto.cfg")), home].into_iter().flatten() {
            if let Some(credentials) = self.usual(&path).await? {
                return Ok(credentials);
            }
        }
        Err(absent("/etc/boto.cfg or ~/.boto"))
    }
}

impl From<BotoConfigProvider> for SharedProvider {
    fn from(provider: BotoConfigProvider) -> Self {
        Arc::new(provider)
    }
}

fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let text = open::text(bytes, &start)?;
    let mut ini = dialect();
    ini.read(plain_headers(text)).map_err(|error| not_ini(&error, &start))?;
    let mut value = |key| {
        let line = line_of(text, key)?;
        let text = Zeroizing::new(ini.remove_key(SECTION, key)??);
        Some(Value::new(&text, start.at_line(line)))
    };
    pair(value(ID), value(SECRET), [ID, SECRET], Source::BotoConfig)
}

/// Python's: keys in any case, `=` or `:`, comments on lines of their own, indented lines continue a value.
fn dialect() -> Ini {
    let mut defaults = Ini::new().defaults();
    defaults.comment_symbols = vec!['#', ';'];
    defaults.delimiters = vec!['=', ':'];
    defaults.enable_inline_comments = false;
    defaults.multiline = true;
    Ini::new_from_defaults(defaults)
}

/// Without what stands behind a header's last bracket, which Python passes over.
fn plain_headers(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    for line in text.lines() {
        plain.push_str(header(line).unwrap_or(line));
        plain.push('\n');
    }
    plain
}

fn header(line: &str) -> Option<&str> {
    line.starts_with('[').then(|| line.rfind(']').map(|end| &line[..=end]))?
}

/// The last line of a key in the section, whose name's case counts.
fn line_of(text: &str, key: &str) -> Option<u32> {
    let (mut inside, mut found) = (false, None);
    for (line, number) in text.lines().zip(1..) {
        if let Some(header) = header(line) {
            inside = header[1..header.len() - 1] == *SECTION;
        } else if inside && line.split(['=', ':']).next().is_some_and(|name| name.trim().eq_ignore_ascii_case(key)) {
            found = Some(number);
        }
    }
    found
}

/// The parser's own words may quote the file; its line number may not be missed.
fn not_ini(error: &str, start: &Location) -> Error {
    let digits = error.trim_start_matches("line ").split(|c: char| !c.is_ascii_digit()).next();
    let line = digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| start.line());
    Error::invalid_config(format!("{}: not a line of an INI file", start.at_line(line)))
        .with_hint("write [section] headers and key = value lines")
}

const VARIABLE: &str = "BOTO_CONFIG";
const SECTION: &str = "Credentials";
const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
