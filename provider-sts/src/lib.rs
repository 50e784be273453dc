//! The AWS Security Token Service: who a key belongs to, roles, and temporary sessions.
//!
//! [`Sts`] is the client, one method for each operation. [`AssumeRoleProvider`], [`WebIdentityProvider`],
//! [`SamlProvider`] and [`SessionTokenProvider`] are sources of credentials; put a
//! [`Cache`](tucuxi_core::Cache) in front.
//!
//! # Example
//! ```
//! use std::sync::Arc;
//! use tucuxi_core::{Credentials, ProvideCredentials};
//! use tucuxi_provider_sts::{AssumeRole, AssumeRoleProvider, Sts, StsSettings};
//! # use tucuxi_testkit::{Exchange, ScriptedHttp};
//!
//! # let answer = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
//! #     <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
//! #     <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
//! # let http = ScriptedHttp::new([Exchange::post("https://sts.eu-west-1.amazonaws.com/").answers(200, answer)]);
//! # let context = tucuxi_testkit::context().with_http(http);
//! # tucuxi_testkit::block_on(async {
//! let sts = Sts::new(&context, StsSettings::in_region("eu-west-1".parse()?));
//! let keys = Arc::new(Credentials::new("AKIDEXAMPLE", "secret"));
//! let role = AssumeRole::new("arn:aws:iam::123456789012:role/reader").external_id("x");
//! let credentials = AssumeRoleProvider::new(&context, sts, role, keys).provide_credentials().await?;
//! assert_eq!(credentials.provenance().to_string(), "explicit keys > assume-role reader");
//! # Ok::<(), tucuxi_core::Error>(())
//! # }).unwrap();
//! ```
//!
//! # Features
//! Roles, by credentials or by a token, and the caller's identity are always there.
//! - `operations`, on by default: every other operation, [`SamlProvider`], [`SessionTokenProvider`]
//! - `role-cache`: `RoleCache`, sessions of roles in files that the AWS CLI shares
//!
//! Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

mod assume_role_provider;
mod call;
mod client;
mod endpoint;
mod failure;
mod mfa;
mod operations;
mod reading;
#[cfg(feature = "role-cache")]
mod role_cache;
#[cfg(feature = "operations")]
mod saml_provider;
mod session_name;
#[cfg(feature = "operations")]
mod session_token_provider;
mod settings;
mod token_source;
mod web_identity_provider;
mod wire;
mod xml;

pub use assume_role_provider::AssumeRoleProvider;
pub use client::Sts;
pub use mfa::{MfaPrompt, mfa_from_fn};
pub use operations::{AssumeRole, AssumeRoleWithWebIdentity, CallerIdentity};
#[cfg(feature = "operations")]
pub use operations::{AssumeRoleWithSaml, AssumeRoot, FederationToken, SessionToken};
#[cfg(feature = "role-cache")]
pub use role_cache::RoleCache;
#[cfg(feature = "operations")]
pub use saml_provider::SamlProvider;
#[cfg(feature = "operations")]
pub use session_token_provider::SessionTokenProvider;
pub use settings::StsSettings;
pub use token_source::TokenSource;
pub use web_identity_provider::WebIdentityProvider;
