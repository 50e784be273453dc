//! Files of tools that came before the shared ones.

mod boto_config;
mod ec2_file;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tucuxi_core::{
    BoxFuture, Context, Credentials, Env, Error, Fs, Location, ProvideCredentials, SharedProvider, Source,
};
use zeroize::Zeroizing;

use crate::value::Said;
use crate::wrong::{absent, wrong};
use crate::{location, open, static_keys};

/// Keys in the file of an older tool: [`ec2`](Self::ec2) or [`boto`](Self::boto).
///
/// - Reads: at each call, a variable that names the file (`~` and variables in it stand for what they mean), and the
///   file.
/// - Network: none.
/// - Lifetime: no expiry.
///
/// # Errors
/// - `NotConfigured`: there is no such file, or it has neither key.
/// - `InvalidConfig`: a file that cannot be read, or half a key pair (with its line).
#[derive(Clone, Debug)]
pub struct LegacyFileProvider {
    env: Env,
    fs: Fs,
    tool: Tool,
}

#[derive(Clone, Copy, Debug)]
enum Tool {
    Ec2,
    Boto,
}

impl LegacyFileProvider {
    /// Keys in the file that `AWS_CREDENTIAL_FILE` names: lines `AWSAccessKeyId=...` and `AWSSecretKey=...`. Reads
    /// nothing yet.
    ///
    /// What the first EC2 command line tools read, and botocore still does.
    ///
    /// # Errors
    /// When asked:
    /// - `NotConfigured`: the variable is not set, or the file has neither key.
    /// - `InvalidConfig`: the file is not there or cannot be read, or it has half a key pair (with its line).
    ///
    /// # Example
    /// ```
    /// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
    /// use tucuxi_provider_profile::LegacyFileProvider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tucuxi_core::Error> {
    /// let context = Context::local()
    ///     .with_env(Env::fake([("AWS_CREDENTIAL_FILE", "/ec2")]))
    ///     .with_fs(Fs::fake([("/ec2", "AWSAccessKeyId=AKID\nAWSSecretKey=secret\n")]));
    /// let credentials = LegacyFileProvider::ec2(&context).provide_credentials().await?;
    /// assert_eq!(credentials.provenance().to_string(), "ec2-credentials-file /ec2:1");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Specification: botocore's `OriginalEC2Provider`,
    /// <https://docs.aws.amazon.com/boto3/latest/guide/credentials.html>, checked 2026-11-24.
    pub fn ec2(context: &Context) -> Self {
        Self::of(Tool::Ec2, context)
    }

    /// Keys in a configuration file of Boto 2: `aws_access_key_id` and `aws_secret_access_key` under
    /// `[Credentials]`. Reads nothing yet.
    ///
    /// The file is the one that `BOTO_CONFIG` names; without it `/etc/boto.cfg`, then `~/.boto`. A file that is not
    /// there is skipped.
    ///
    /// # Errors
    /// When asked:
    /// - `NotConfigured`: no file has either key.
    /// - `InvalidConfig`: a file has half a key pair (with its line), or a section or one of the keys twice (with both
    ///   lines), or is no INI file, or the one that `BOTO_CONFIG` names cannot be read.
    ///
    /// # Example
    /// ```
    /// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
    /// use tucuxi_provider_profile::LegacyFileProvider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tucuxi_core::Error> {
    /// let file = "[Credentials]\naws_access_key_id = AKID\naws_secret_access_key = secret\n";
    /// let context = Context::local()
    ///     .with_env(Env::fake([("HOME", "/home/u")]))
    ///     .with_fs(Fs::fake([("/home/u/.boto", file)]));
    /// let credentials = LegacyFileProvider::boto(&context).provide_credentials().await?;
    /// assert_eq!(credentials.provenance().to_string(), "boto-config /home/u/.boto:2");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Specification: <https://docs.aws.amazon.com/boto3/latest/guide/credentials.html>, "Boto2 configuration file
    /// support", checked 2026-11-24.
    pub fn boto(context: &Context) -> Self {
        Self::of(Tool::Boto, context)
    }

    fn of(tool: Tool, context: &Context) -> Self {
        Self { env: context.env().clone(), fs: context.fs().clone(), tool }
    }

    /// Where the file may be: where it was named, or the usual places in order.
    fn path(&self, named: Option<&PathBuf>, attempt: u32) -> Option<PathBuf> {
        match (named, self.tool, attempt) {
            (Some(path), _, 0) => Some(path.clone()),
            (None, Tool::Boto, 0) => Some(PathBuf::from("/etc/boto.cfg")),
            (None, Tool::Boto, 1) => Some(self.env.home()?.join(".boto")),
            _ => None,
        }
    }

    fn read(
        &self,
        contents: io::Result<Zeroizing<Vec<u8>>>,
        path: &Path,
        is_named: bool,
    ) -> Result<Option<Credentials>, Error> {
        let variable = self.tool.variable();
        match (open::found(contents, path, self.tool.file(), Some(variable)), self.tool) {
            (Ok(Some(bytes)), Tool::Ec2) => ec2_file::keys(&bytes, path),
            (Ok(Some(bytes)), Tool::Boto) => boto_config::keys(&bytes, path),
            (Ok(None), Tool::Ec2) => Err(wrong(
                format_args!("{variable} names {}, which is not there", path.display()),
                format_args!("write the file, or unset {variable}"),
            )),
            (Err(error), _) if is_named => Err(error),
            // A file that nobody named and that cannot be read counts as absent, as in botocore.
            (Ok(None) | Err(_), _) => Ok(None),
        }
    }

    fn nothing(&self, named: Option<PathBuf>, is_there: bool) -> Error {
        let variable = self.tool.variable();
        match (self.tool, named) {
            (Tool::Ec2, None) => absent(format_args!("{variable} {}", self.env.absence(variable))),
            (Tool::Ec2, Some(path)) => {
                absent(format_args!("{} has no {} ({variable})", path.display(), ec2_file::KEYS[0]))
            }
            (Tool::Boto, None) => {
                absent(format_args!("no [Credentials] with {} in /etc/boto.cfg or ~/.boto", boto_config::KEYS[0]))
            }
            (Tool::Boto, Some(path)) if !is_there => {
                absent(format_args!("{variable} names {}, which is not there", path.display()))
            }
            (Tool::Boto, Some(path)) => absent(format_args!(
                "no [Credentials] with {} in {} ({variable})",
                boto_config::KEYS[0],
                path.display()
            )),
        }
    }
}

impl Tool {
    fn variable(self) -> &'static str {
        match self {
            Self::Ec2 => "AWS_CREDENTIAL_FILE",
            Self::Boto => "BOTO_CONFIG",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2 credential file",
            Self::Boto => "Boto configuration file",
        }
    }
}

impl From<LegacyFileProvider> for SharedProvider {
    fn from(provider: LegacyFileProvider) -> Self {
        Arc::new(provider)
    }
}

impl ProvideCredentials for LegacyFileProvider {
    fn provide_credentials<'a, 'f>(&'a self) -> BoxFuture<'f, Result<Credentials, Error>>
    where
        'a: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let named = location::named(&self.env, self.tool.variable())?;
            let (mut attempt, mut is_there) = (0, false);
            while let Some(path) = self.path(named.as_ref(), attempt) {
                let contents = self.fs.read(&path, open::SIZE_LIMIT).await;
                is_there |= contents.is_ok();
                if let Some(credentials) = self.read(contents, &path, named.is_some())? {
                    return Ok(credentials);
                }
                attempt += 1;
            }
            Err(self.nothing(named, is_there))
        })
    }
}

/// A pair of which a half or both may be missing.
///
/// `start` is the first line of the file, `found` the texts of the keys with their lines.
fn pair(
    start: &Location,
    keys: [&str; 2],
    found: [Option<(&str, u32)>; 2],
    source: fn(Location) -> Source,
) -> Result<Option<Credentials>, Error> {
    let (line, has, lacks) = match found {
        [None, None] => return Ok(None),
        [Some((_, line)), None] => (line, keys[0], keys[1]),
        [None, Some((_, line))] => (line, keys[1], keys[0]),
        [Some((id, id_line)), Some((secret, line))] => {
            let id = Said { key: keys[0], text: id, location: &start.at_line(id_line) };
            let secret = Said { key: keys[1], text: secret, location: &start.at_line(line) };
            return static_keys::pair(id, secret, source).map(Some);
        }
    };
    Err(wrong(
        format_args!("{}: {has} without {lacks}", start.at_line(line)),
        format_args!("add {lacks}, or take {has} away"),
    ))
}
