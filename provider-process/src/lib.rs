//! AWS credentials from a helper program (`credential_process`).
//!
//! # Example
//! ```
//! use tucuxi_core::ProvideCredentials;
//! use tucuxi_provider_process::ProcessProvider;
//! # use tucuxi_testkit::{FakeCommands, block_on, context};
//! # let context = context().with_commands(FakeCommands::printing(
//! #     r#"{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"secret"}"#,
//! # ));
//!
//! # block_on(async {
//! let provider = ProcessProvider::new(&context, r#"/opt/bin/helper --profile "my profile""#);
//! let credentials = provider.provide_credentials().await?;
//! assert_eq!(credentials.provenance().to_string(), "custom-process");
//! # Ok::<(), tucuxi_core::Error>(())
//! # }).unwrap();
//! ```

mod provider;
mod redact;
mod split;
mod wire;

pub use provider::ProcessProvider;
