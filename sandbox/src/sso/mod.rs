//! IAM Identity Center: the token service (OIDC) that people sign in to, and the portal that it opens.
//!
//! Specifications: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html>,
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/Welcome.html>, RFC 6749, RFC 7636 (PKCE),
//! RFC 8252 (loopback redirects), RFC 8628 (device code).

mod client;
mod device;
mod grant;
mod identity_center;
mod ledger;
mod oidc;
mod portal;
mod refusal;

pub use identity_center::IdentityCenter;
pub(crate) use ledger::Ledger;
pub(crate) use oidc::Oidc;
pub(crate) use portal::{Assignment, Portal};
