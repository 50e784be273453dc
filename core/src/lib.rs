//! What every tucuxi crate shares: credentials and where they came from, errors sorted by what happens
//! next, the one provider trait, the chain, the refreshing cache, retries, regions, and the capabilities
//! (environment, files, clock, HTTP, commands) that providers use.
//!
//! There is no runtime and no HTTP stack here; `tucuxi-transport` brings both. Nothing reads a clock, a
//! variable or a file except through [`Context`]. [`manual`] tells how credentials stay fresh.
//!
//! # Example
//! ```
//! use tucuxi_core::{Cache, Chain, Context, Credentials, Error, ProvideCredentials, from_fn};
//!
//! # async fn example() -> Result<(), Error> {
//! let chain = Chain::builder()
//!     .link("vault", from_fn("vault", || async { Ok(Credentials::new("AKID", "secret")) }))
//!     .build();
//! let credentials = Cache::new(&Context::local(), chain).provide_credentials().await?;
//! assert_eq!(credentials.provenance().to_string(), "vault");
//! # Ok(())
//! # }
//! ```

mod attempt;
pub mod audit;
mod cache;
mod chain;
mod context;
mod credentials;
mod cures;
#[cfg(feature = "document")]
pub mod document;
pub mod encode;
mod error;
mod failure;
#[cfg(feature = "document")]
pub mod json;
mod links;
pub mod manual;
mod number;
mod partition;
mod parts;
mod provenance;
mod provide;
mod random;
mod region;
mod rejected;
pub mod retry;
mod secret;
#[cfg(all(feature = "document", feature = "lock"))]
pub mod sign_in;
mod skew;
mod sync;
mod timestamp;
mod trim;

pub use attempt::{Attempt, Trace, Verdict};
pub use cache::{Cache, CacheOptions, Windows};
pub use chain::{Chain, ChainBuilder};
#[cfg(feature = "lock")]
pub use context::FileLock;
pub use context::{
    Body, BoxError, Clock, Command, CommandError, CommandErrorKind, CommandOutput, Context, Env, FileInfo, Fs,
    HttpClient, HttpError, HttpErrorKind, HttpOptions, Offline, PollBody, Request, Response, RunCommand, Spawn,
    SystemClock, WholeAnswer, ask, ask_and_look, ask_at, header, in_time, on_a_thread, request, secret_header,
    set_header,
};
pub use credentials::{Credentials, key_fault};
pub use error::{Error, ErrorKind};
pub use failure::{failure, failure_of_request, failure_of_system};
pub use links::{Links, chain_of};
pub use number::whole_number;
pub use partition::Partition;
pub use parts::with_parts;
pub use provenance::{Location, Provenance, Source};
pub use provide::{BoxFuture, ProvideCredentials, SharedProvider, from_fn};
pub use random::uniform;
pub use region::Region;
pub use secret::{Secret, repeats_secret};
pub use skew::ClockSkew;
pub use timestamp::{format_rfc3339, parse_timestamp};
pub use trim::trimmed;
