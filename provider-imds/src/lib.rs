//! AWS credentials from EC2 instance metadata, version 2; also the instance's region and identity.
//!
//! # Example
//! ```
//! use tucuxi_core::ProvideCredentials;
//! use tucuxi_provider_imds::ImdsProvider;
//! # use tucuxi_testkit::Exchange;
//! # let base = "http://169.254.169.254/latest";
//! # let roles = format!("{base}/meta-data/iam/security-credentials/");
//! # let document = r#"{"Code":"Success","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"token",
//! #     "Expiration":"2026-01-01T06:00:00Z"}"#;
//! # let context = tucuxi_testkit::context().with_http(tucuxi_testkit::ScriptedHttp::new([
//! #     Exchange::put(format!("{base}/api/token")).answers(200, "token"),
//! #     Exchange::get(roles.clone()).answers(200, "web-server"),
//! #     Exchange::get(format!("{roles}web-server")).answers(200, document),
//! # ]));
//!
//! # tucuxi_testkit::block_on(async {
//! let credentials = ImdsProvider::new(&context).provide_credentials().await?;
//! assert_eq!(credentials.provenance().to_string(), "iam-role web-server");
//! # Ok::<(), tucuxi_core::Error>(())
//! # }).unwrap();
//! ```

mod client;
mod endpoint;
mod exchange;
mod identity;
mod provider;
mod session;
mod settings;
mod wire;

pub use client::ImdsClient;
pub use endpoint::EndpointMode;
pub use identity::InstanceIdentity;
pub use provider::ImdsProvider;
