//! Whose signature a request bore.

use tucuxi_core::Credentials;

/// Whose signature it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Nobody's.
    Anonymous,
    /// That of a key from a source.
    Key { access_key_id: String, provenance: String },
}

impl Identity {
    pub(crate) fn of(credentials: Option<&Credentials>) -> Self {
        match credentials {
            None => Self::Anonymous,
            Some(credentials) => Self::Key {
                access_key_id: credentials.access_key_id().to_owned(),
                provenance: credentials.provenance().to_string(),
            },
        }
    }
}
