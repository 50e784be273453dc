//! AWS credentials from every source, a [`Session`], and a small S3 client.
//!
//! A program that runs on a laptop, in CI, on ECS, EKS or EC2 gets the right identity from one line, and
//! can tell where it came from:
//!
//! ```
//! use tucuxi::Session;
//! # use tucuxi::{Context, Env, Fs};
//!
//! # #[cfg(feature = "default-chain")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let context = Context::local()
//! #     .with_env(Env::fake([("HOME", "/home/u"), ("AWS_PROFILE", "dev")]))
//! #     .with_fs(Fs::fake([("/home/u/.aws/credentials", "[dev]\naws_access_key_id = AKID\naws_secret_access_key = s")]));
//! let session = Session::builder().context(context).load().await?; // or just `Session::load().await?`
//! let credentials = session.credentials().provide_credentials().await?;
//! assert_eq!(
//!     credentials.provenance().to_string(),
//!     "profile dev > shared-credentials-file /home/u/.aws/credentials:2",
//! );
//! println!("{}", session.trace_offline().await); // every source, in order, with the reason
//! # Ok(()) }
//! # #[cfg(not(feature = "default-chain"))] fn main() {}
//! ```
//!
//! List buckets:
//!
//! ```no_run
//! # #[cfg(all(feature = "default-chain", feature = "s3"))]
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let session = tucuxi::Session::load().await?;
//!     let mut buckets = session.s3().buckets();
//!     while let Some(bucket) = buckets.try_next().await? {
//!         println!("{}", bucket.name());
//!     }
//!     Ok(())
//! }
//! # #[cfg(not(all(feature = "default-chain", feature = "s3")))] fn main() {}
//! ```
//!
//! # Features
//! | feature | default | brings |
//! |---|---|---|
//! | `default-chain` | yes | every source, all or nothing: [`default_chain`], [`Session::load`] |
//! | `s3` | yes | [`s3`], [`Session::s3`], [`Settings::s3`] |
//! | `send` | yes | [`Session::send`]: signed requests to any service |
//! | `sts-operations` | yes | SAML, sessions of one's own ([`Session::session_token`]), and what else [`sts::Sts`] can ask |
//! | `sign-in` | yes | what people do with `sso` and `login`: signing in and out, listing accounts and roles, [`Callback`] |
//! | `role-cache` | yes | sessions of roles shared with the AWS CLI, where code or `TUCUXI_ROLE_CACHE` asks for it |
//! | `ring` | yes | TLS by ring |
//! | `aws-lc-rs` | | TLS by aws-lc-rs (FIPS 140) |
//! | `env`, `profile`, `process`, `container`, `imds`, `sts`, `sso`, `login` | | one source each, for a chain that the program builds itself, and for [`profile_chain`] |
//!
//! Features never change which identity is chosen: a profile that names a source which is not built in is
//! an error that names the feature.
//!
//! # No surprises
//! Nothing is read before `load().await`; nothing is global, so two sessions never share state; every wait
//! has a limit; secrets are wiped when dropped and are in no log, error or `Debug` text.

mod assemble;
#[cfg(feature = "sts")]
mod assume;
mod builder;
#[cfg(feature = "profile")]
mod default_chain;
#[cfg(feature = "sts")]
mod federation;
#[cfg(feature = "sts-operations")]
mod federation_operations;
#[cfg_attr(not(feature = "profile"), path = "no_files.rs")]
mod files;
mod keys;
mod load;
#[cfg(feature = "sts")]
mod roles;
#[cfg(feature = "s3")]
mod s3_client;
#[cfg(feature = "send")]
mod send;
mod session;
mod settings;
mod source;
#[cfg(feature = "sts")]
mod sts_client;

pub use builder::SessionBuilder;
#[cfg(feature = "default-chain")]
pub use default_chain::default_chain;
#[cfg(feature = "profile")]
pub use default_chain::profile_chain;
#[cfg(feature = "sts-operations")]
pub use federation_operations::SessionTokenBuilder;
#[cfg(feature = "sts")]
pub use roles::RoleBuilder;
#[cfg(feature = "send")]
pub use send::SendRequest;
pub use session::Session;
#[cfg(feature = "s3")]
pub use settings::{AddressingStyle, S3Settings};
pub use settings::{Origin, RetryMode, Setting, Settings, StsEndpoints};

/// The types of requests and answers.
#[cfg(feature = "send")]
pub use http;
pub use tucuxi_core::audit;
pub use tucuxi_core::{
    Attempt, Body, BoxFuture, Cache, CacheOptions, Chain, ChainBuilder, Clock, Context, Credentials, Env, Error,
    ErrorKind, Fs, HttpError, HttpErrorKind, HttpOptions, Location, PollBody, Provenance, ProvideCredentials, Region,
    Request, Response, Secret, SharedProvider, Source, Trace, Verdict, Windows, format_rfc3339, from_fn, manual,
    parse_timestamp,
};
#[cfg(feature = "sign-in")]
pub use tucuxi_transport::Callback;
pub use tucuxi_transport::{TransportOptions, system, system_with};

/// The container endpoint.
#[cfg(feature = "container")]
pub use tucuxi_provider_container as container;
/// The environment provider.
#[cfg(feature = "env")]
pub use tucuxi_provider_env as env;
/// Instance metadata.
#[cfg(feature = "imds")]
pub use tucuxi_provider_imds as imds;
/// Console sign-in.
#[cfg(feature = "login")]
pub use tucuxi_provider_login as login;
/// Helper programs.
#[cfg(feature = "process")]
pub use tucuxi_provider_process as process;
/// The shared config and credentials files.
#[cfg(feature = "profile")]
pub use tucuxi_provider_profile as profile;
/// IAM Identity Center.
#[cfg(feature = "sso")]
pub use tucuxi_provider_sso as sso;
/// The Security Token Service.
#[cfg(feature = "sts")]
pub use tucuxi_provider_sts as sts;
/// The S3 client.
#[cfg(feature = "s3")]
pub use tucuxi_s3_lite as s3;

/// The programs of the README run as tests.
#[cfg(all(doctest, feature = "default-chain", feature = "s3", feature = "send"))]
#[doc = include_str!("../../README.md")]
mod readme {}
