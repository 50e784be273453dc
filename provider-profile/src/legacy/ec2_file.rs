//! The file of the first EC2 command line tools.

use std::sync::Arc;

use tucuxi_core::{
    Context, Credentials, Env, Error, Fs, Location, ProvideCredentials, SharedProvider, Source, async_trait,
};

use super::pair;
use crate::{Value, location, open};

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
        let Some(named) = location::named(&self.env, VARIABLE) else {
            return Err(Error::not_configured(format!("{VARIABLE} is not set")));
        };
        let path = named?;
        let Some(bytes) = open::read(&self.fs, &path, "EC2 credential file", Some(VARIABLE)).await? else {
            return Err(Error::invalid_config(format!("{VARIABLE} names {}, which is not there", path.display()))
                .with_hint(format!("write the file, or unset {VARIABLE}")));
        };
        let start = Location::new(&path, 1);
        let text = open::text(&bytes, &start)?;
        pair(value(text, ID, &start), value(text, SECRET, &start), [ID, SECRET], Source::Ec2CredentialsFile)?
            .ok_or_else(|| Error::not_configured(format!("{} has no {ID} ({VARIABLE})", path.display())))
    }
}

impl From<Ec2CredentialsFileProvider> for SharedProvider {
    fn from(provider: Ec2CredentialsFileProvider) -> Self {
        Arc::new(provider)
    }
}

/// The last value of a key, whose case counts.
fn value(text: &str, key: &str, start: &Location) -> Option<Value> {
    let mut found = None;
    for (line, number) in open::lines(text).zip(1..) {
        match line.split_once('=') {
            Some((name, value)) if name.trim() == key => found = Some(Value::new(value.trim(), start.at_line(number))),
            _ => {}
        }
    }
    found
}

const VARIABLE: &str = "AWS_CREDENTIAL_FILE";
const ID: &str = "AWSAccessKeyId";
const SECRET: &str = "AWSSecretKey";
