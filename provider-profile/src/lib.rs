//! AWS credentials from the shared config and credentials files, `~/.aws/config` and `~/.aws/credentials`.
//!
//! Three layers, each of use by itself:
//!
//! - [`Profiles`] reads both files and answers with a [`ProfileSet`]: every key with its file and line, the
//!   profile in use and who chose it, and warnings where other tools read the same files otherwise or where a key
//!   does not count because another one does.
//! - [`plan()`] turns a profile into the steps to its credentials: a [`Base`], then [`Role`]s. [`build`] makes
//!   a provider of a [`Plan`], with an [`Assemble`] that knows the providers this crate does not.
//! - [`ProfileProvider`] is a whole profile in one, or one [`Part`] of it; [`chain()`] has all parts as links.
//!
//! This is the only crate that reads the two files. [`LegacyFileProvider`] reads those of the oldest tools.
//!
//! # Example
//! ```
//! use tucuxi_core::{Context, Env, Fs, ProvideCredentials};
//! use tucuxi_provider_profile::{ProfileProvider, Profiles, WarningKind};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tucuxi_core::Error> {
//! let context = Context::local().with_env(Env::fake([("HOME", "/home/u"), ("AWS_PROFILE", "dev")])).with_fs(Fs::fake([
//!     ("/home/u/.aws/config", "[profile dev]\nregion = eu-west-1 # near\n[prod]\n"),
//!     ("/home/u/.aws/credentials", "[dev]\naws_access_key_id = AKID\naws_secret_access_key = secret\n"),
//! ]));
//! let profiles = Profiles::new(&context);
//!
//! let credentials = ProfileProvider::of(&profiles).provide_credentials().await?;
//! let way = credentials.provenance().to_string();
//! assert_eq!(way, "profile dev > shared-credentials-file /home/u/.aws/credentials:2");
//!
//! let set = profiles.load().await?;
//! let kinds: Vec<_> = set.warnings().iter().map(|warning| warning.kind()).collect();
//! assert_eq!(kinds, [WarningKind::ReadOtherwise, WarningKind::IgnoredSection]);
//! # Ok(())
//! # }
//! ```

mod assemble;
mod header;
mod legacy;
mod location;
mod near;
mod open;
mod parse;
mod plan;
mod profile;
mod profiles;
mod provider;
mod section;
mod sections;
mod selected;
mod set;
mod static_keys;
mod text;
mod value;
mod warning;
mod wrong;

pub use assemble::{Assemble, build};
pub use legacy::LegacyFileProvider;
pub use location::{FileKind, FileState, Files};
pub use plan::{Asked, Base, Login, Part, Plan, Process, Role, Sso, WebIdentity, plan};
pub use profile::Profile;
pub use profiles::Profiles;
pub use provider::{ProfileProvider, chain};
pub use section::Section;
pub use selected::{Origin, Selected};
pub use set::ProfileSet;
pub use value::Value;
pub use warning::{Warning, WarningKind};
