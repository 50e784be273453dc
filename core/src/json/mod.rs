//! JSON objects, member by member: answers of services, and files that hold secrets.
//!
//! Everything goes through one reader and one writer on `serde_json` that are not generic, so that a program holds
//! them once, however many kinds of objects it knows. What is read goes straight to its place, a [`Secret`] where it
//! is one; what is written leaves no copy in memory that is given back. No value is built in between: a member that
//! somebody else knows stays the text that it is, and numbers with fractions are nobody's business here.
//!
//! [`Secret`]: crate::Secret
//!
//! # Example
//! ```
//! use tucuxi_core::Secret;
//! use tucuxi_core::json::{self, Writer, member};
//!
//! let (mut id, mut secret, mut seconds) = (String::new(), Secret::new(""), None::<u64>);
//! let members = vec![member("id", &mut id), member("secret", &mut secret), member("expiresIn", &mut seconds)];
//! json::read(br#"{"id": "A", "secret": "S", "more": []}"#, members)?;
//! assert_eq!((id.as_str(), secret.expose(), seconds), ("A", "S", None));
//!
//! let mut object = Writer::default();
//! object.text("id", &id).optional("nickname", None);
//! assert_eq!(object.finish().as_slice(), br#"{"id":"A"}"#);
//! # Ok::<(), json::Fault>(())
//! ```

mod depth;
mod fault;
mod member;
mod python;
mod read;
mod rest;
mod write;

pub(crate) use depth::MAX_DEPTH;
pub use depth::is_too_deep;
pub use fault::Fault;
use fault::FaultKind;
#[cfg(any(test, feature = "sign-in"))]
pub use member::Object;
pub use member::{Member, Place, member, member_of_any_type, rest};
pub use python::push_python;
pub use read::read;
pub use rest::Rest;
pub use write::Writer;
