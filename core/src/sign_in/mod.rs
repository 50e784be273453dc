//! What the sign-ins have in common that live in files of the AWS CLI and that a service renews: IAM Identity Center
//! and the console.
//!
//! A provider of such a sign-in implements [`SignIn`], which says what is special about it; [`Renewals`] decides when
//! it is renewed, by whom, and what becomes of a renewal that cannot be written. A [`Format`] tells how a [`Token`] is
//! kept, and a [`TokenFile`] keeps it among processes that take turns, by [`Files`], which keep
//! the sessions of roles too. [`request_to`] and [`exchange`] ask the service once.
//!
//! What only a person who signs in or out needs comes with the feature `sign-in`: `code_from_callback` reads what the
//! browser brings back at the end of a new sign-in, and a [`TokenFile`] can be written and removed.

mod answer;
#[cfg(feature = "sign-in")]
mod callback;
mod endpoint;
mod files;
mod granted;
mod limits;
mod memory;
mod renewals;
mod request;
mod token;
mod token_file;

pub use answer::{Answer, exchange, is_word};
#[cfg(feature = "sign-in")]
pub use callback::code_from_callback;
pub use endpoint::own_url;
pub use files::{Files, SIZE_LIMIT};
pub use granted::{Texts, Wanted, needed};
pub use limits::{for_a_renewal, time_limit};
pub use renewals::{Renewals, SignIn};
pub use request::request_to;
pub use token::{EXPIRES_AT, Format, Need, Token};
pub use token_file::TokenFile;
