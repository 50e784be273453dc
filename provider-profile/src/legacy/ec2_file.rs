//! The file of the first EC2 command line tools.

use std::path::Path;
use std::sync::Arc;

use tucuxi_core::{
    Context, Credentials, Env, Error, Fs, Location, ProvideCredentials, SharedProvider, Source, async_trait,
};

use super::pair;
use crate::wrong::{absent, wrong};
use crate::{location, open};

/// Keys in the file that `AWS_CREDENTIAL_FILE` names: lines `AWSAccessKeyId=...` and `AWSSecretKey=...`.
///
/// What the first EC2 command line tools read, and botocore still does.
///
/// - Reads: `AWS_CREDENTIAL_FILE` (`~` and variables in it stand for what they mean) and that file.
/// - Network: none.
/// - Lifetime: no expiry.
///
/// # Errors
/// - `NotConfigured`: the variable is not set, or the file has neither key.
/// - `InvalidConfig`: the file is not there or cannot be read, or it has half a key pair (with its line).
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
/// use tucuxi_provider_profile::Ec2CredentialsFileProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tucuxi_core::Error> {
/// let context = Context::local()
///     .with_env(Env::fake([("AWS_CREDENTIAL_FILE", "/ec2")]))
///     .with_fs(Fs::fake([("/ec2", "AWSAccessKeyId=AKID\nAWSSecretKey=secret\n")]));
/// let credentials = Ec2CredentialsFileProvider::new(&context).provide_credentials().await?;
/// assert_eq!(credentials.provenance().to_string(), "ec2-credentials-file /ec2:1");
/// # Ok(())
/// # }
/// ```
///
/// Specification: botocore's `OriginalEC2Provider`,
/// <https://docs.aws.amazon.com/boto3/latest/guide/credentials.html>, checked 2026-11-24.
#[derive(Clone, Debug)]
pub struct Ec2CredentialsFileProvider {
    env: Env,
    fs: Fs,
}

impl Ec2CredentialsFileProvider {
    /// Reads nothing yet.
    pub fn new(context: &Context) -> Self {
        Self { env: context.env().clone(), fs: context.fs().clone() }
    }
}

#[async_trait]
impl ProvideCredentials for Ec2CredentialsFileProvider {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        let Some(path) = location::named(&self.env, VARIABLE)? else {
            return Err(absent(format_args!("{VARIABLE} is not set")));
        };
        let contents = self.fs.read(&path, open::SIZE_LIMIT).await;
        let Some(bytes) = open::found(contents, &path, "EC2 credential file", Some(VARIABLE))? else {
            return Err(wrong(
                format_args!("{VARIABLE} names {}, which is not there", path.display()),
                format_args!("write the file, or unset {VARIABLE}"),
            ));
        };
        keys(&bytes, &path)?.ok_or_else(|| absent(format_args!("{} has no {ID} ({VARIABLE})", path.display())))
    }
}

impl From<Ec2CredentialsFileProvider> for SharedProvider {
    fn from(provider: Ec2CredentialsFileProvider) -> Self {
        Arc::new(provider)
    }
}

/// The last value of each key, whose case counts.
fn keys(bytes: &[u8], path: &Path) -> Result<Option<Credentials>, Error> {
    let start = Location::new(path, 1);
    let mut found = [None; 2];
    for (line, number) in open::lines(open::text(bytes, &start)?).zip(1..) {
        let Some((name, text)) = line.split_once('=') else { continue };
        match name.trim() {
            ID => found[0] = Some((text.trim(), number)),
            SECRET => found[1] = Some((text.trim(), number)),
            _ => {}
        }
    }
    pair(&start, [ID, SECRET], found, Source::Ec2CredentialsFile)
}

const VARIABLE: &str = "AWS_CREDENTIAL_FILE";
const ID: &str = "AWSAccessKeyId";
const SECRET: &str = "AWSSecretKey";
