//! A strict loopback AWS: instance metadata, the container endpoint, STS, IAM Identity Center, console sign-in and S3 for
//! the tour, for tests, and for anyone who wants to try any SDK's credential chain without an account.
//!
//! - **S3** is the crates `s3s`, which checks every signature, and `s3s-fs`, which keeps the bytes in a
//!   temporary folder. Around them: session tokens, the region and the signed headers are checked, any key
//!   comes back as it was put, and lists are as S3 gives them.
//! - **Instance metadata** is version 2 only, with tokens that end.
//! - **The container endpoint** of ECS and EKS Pod Identity gives credentials to who has its token.
//! - **STS** answers `GetCallerIdentity`, `AssumeRole`, `AssumeRoleWithWebIdentity`, `AssumeRoleWithSAML` and `GetSessionToken`; signatures
//!   are checked by `s3s` as well. Roles say whom they trust, may want an external id or a code of the MFA device, and
//!   web identity tokens are JSON web tokens, verified by the keys of their issuer.
//! - **IAM Identity Center** lets programs register and sign in, with a code on a device or by a browser (PKCE) whose
//!   pages ask a person to approve, rotates refresh tokens, and its portal gives sessions of roles.
//! - **The sign-in service** of the console does what `aws login` asks: pages on which a person approves, on this device
//!   or on another one, and tokens for codes (PKCE) and refresh tokens, for whoever proves to hold their key (DPoP).
//!
//! It listens on 127.0.0.1 only, on ports that the system chooses. It is not a model of IAM: who has a live
//! key may do everything. Versions, tags, access control lists and encryption keys are not there.
//!
//! # Example
//! ```
//! use tucuxi_sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tucuxi_core::Error> {
//! let sandbox = Sandbox::start().await?;
//! for (name, value) in sandbox.environment() {
//!     assert!(!name.is_empty() && !value.is_empty());
//! }
//! assert!(sandbox.s3_endpoint().starts_with("http://127.0.0.1:"));
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod body;
mod builder;
mod container;
mod imds;
mod keyring;
mod page;
mod profiles;
mod rotation;
mod s3;
mod sandbox;
mod seen;
mod server;
mod signin;
mod sso;
mod sts;
#[cfg(feature = "tour")]
mod tour;

pub use builder::SandboxBuilder;
pub use sandbox::Sandbox;
pub use seen::{Seen, Service};
pub use server::Fault;
pub use signin::SignInRefusal;
pub use sso::IdentityCenter;
pub use sts::Role;
#[cfg(feature = "tour")]
pub use tour::Tour;
