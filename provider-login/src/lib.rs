//! AWS credentials from a console sign-in (`aws login`).
//!
//! [`LoginProvider`] uses the sign-in that `aws login` keeps in `~/.aws/login/cache` and refreshes it with a
//! proof of possession of its key (DPoP, RFC 9449). [`SignIn`] makes a new one, in a browser on this machine
//! or on another one; [`sign_out`] forgets it. All of them take turns with other processes of this library.
//!
//! Features: `sign-in` (default) is [`SignIn`] and [`sign_out`], what people do, and a program need not that only uses a
//! sign-in. `ring` (default) and `aws-lc-rs` say where P-256 comes from.

mod backend;
mod der;
mod dpop;
mod encode;
mod endpoint;
mod kept;
mod key;
#[cfg(feature = "sign-in")]
mod new_key;
mod provider;
mod settings;
#[cfg(feature = "sign-in")]
mod sign_in;
#[cfg(feature = "sign-in")]
mod sign_out;
mod token;
mod token_file;
mod wire;

pub use endpoint::{EndpointOptions, Service};
pub use provider::LoginProvider;
pub use settings::LoginSettings;
#[cfg(feature = "sign-in")]
pub use sign_in::{SignIn, SignedIn};
#[cfg(feature = "sign-in")]
pub use sign_out::sign_out;
pub use token_file::token_file;
pub use tucuxi_core::sign_in::{Token, TokenFile};
