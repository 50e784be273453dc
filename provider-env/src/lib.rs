//! AWS credentials from environment variables.
//!
//! # Example
//! ```
//! use tucuxi_core::{Context, Env, ProvideCredentials};
//! use tucuxi_provider_env::EnvProvider;
//!
//! # tucuxi_testkit::block_on(async {
//! let env = Env::fake([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")]);
//! let credentials = EnvProvider::new(&Context::local().with_env(env)).provide_credentials().await?;
//! assert_eq!(credentials.provenance().to_string(), "environment AWS_ACCESS_KEY_ID");
//! # Ok::<(), tucuxi_core::Error>(())
//! # }).unwrap();
//! ```

mod provider;
mod value;

pub use provider::EnvProvider;
