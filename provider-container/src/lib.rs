//! AWS credentials from the container endpoint: ECS, EKS Pod Identity, Greengrass.
//!
//! # Example
//! ```
//! use tucuxi_core::{Env, ProvideCredentials};
//! use tucuxi_provider_container::ContainerProvider;
//! # use tucuxi_testkit::{Exchange, ScriptedHttp, block_on, context};
//! # let document = r#"{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"token",
//! #     "Expiration":"2026-01-01T06:00:00Z"}"#;
//! # let http = ScriptedHttp::new([Exchange::get("http://169.254.170.2/v2/credentials/1").answers(200, document)]);
//! # let context = context().with_http(http);
//!
//! # block_on(async {
//! let env = Env::fake([("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1")]);
//! let credentials = ContainerProvider::new(&context.with_env(env)).provide_credentials().await?;
//! assert_eq!(credentials.provenance().to_string(), "container-role 169.254.170.2");
//! # Ok::<(), tucuxi_core::Error>(())
//! # }).unwrap();
//! ```

mod authorization;
mod place;
mod provider;
mod wire;

pub use provider::ContainerProvider;
