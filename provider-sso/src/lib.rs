//! AWS credentials from IAM Identity Center (formerly AWS SSO).
//!
//! [`SsoProvider`] uses the sign-in that `aws sso login` keeps in `~/.aws/sso/cache`, refreshes it where the
//! session allows, and asks the portal for the credentials of a role. [`BrowserSignIn`] and [`DeviceSignIn`] make a
//! sign-in, in a browser on this machine or on any other; [`Portal`] lists what it opens; [`sign_out`] ends it.
//!
//! Everything is kept in the AWS CLI's own files and formats, so that either can go on where the other stopped.
//!
//! Features: `sign-in` (default) is all but [`SsoProvider`] and the files: what people do, and a program need not that
//! only uses a sign-in.

mod bearer;
#[cfg(feature = "sign-in")]
mod browser;
#[cfg(feature = "sign-in")]
mod device;
mod endpoint;
mod kept;
#[cfg(feature = "sign-in")]
mod portal;
mod provider;
#[cfg(feature = "sign-in")]
mod random;
#[cfg(feature = "sign-in")]
mod registration;
mod settings;
#[cfg(feature = "sign-in")]
mod sign_in;
#[cfg(feature = "sign-in")]
mod sign_out;
mod token_file;
mod wire;

#[cfg(feature = "sign-in")]
pub use browser::BrowserSignIn;
#[cfg(feature = "sign-in")]
pub use device::DeviceSignIn;
pub use endpoint::EndpointOptions;
#[cfg(feature = "sign-in")]
pub use portal::{Account, Accounts, Pages, Portal, Role, Roles};
pub use provider::{SsoProvider, SsoSettings};
pub use settings::SignInSettings;
#[cfg(feature = "sign-in")]
pub use sign_out::sign_out;
pub use token_file::token_file;
pub use tucuxi_core::sign_in::{Token, TokenFile};
