//! AWS credentials from IAM Identity Center (formerly AWS SSO).
//!
//! [`SsoProvider`] uses the sign-in that `aws sso login` keeps in `~/.aws/sso/cache`, refreshes it where the
//! session allows, and asks the portal for the credentials of a role. [`BrowserSignIn`] and [`DeviceSignIn`] make a
//! sign-in, in a browser on this machine or on any other; [`Portal`] lists what it opens; [`sign_out`] ends it.
//!
//! Everything is kept in the AWS CLI's own files and formats, so that either can go on where the other stopped.

mod bearer;
mod browser;
mod device;
mod endpoint;
mod kept;
mod portal;
mod provider;
mod random;
mod registration;
mod settings;
mod sign_in;
mod sign_out;
mod token_file;
mod wire;

pub use browser::BrowserSignIn;
pub use device::DeviceSignIn;
pub use endpoint::EndpointOptions;
pub use portal::{Account, Accounts, Pages, Portal, Role, Roles};
pub use provider::{SsoProvider, SsoSettings};
pub use settings::SignInSettings;
pub use sign_out::sign_out;
pub use token_file::token_file;
pub use tucuxi_core::sign_in::{Token, TokenFile};
