//! Where services differ.

/// How a service wants its requests signed.
///
/// # Example
/// ```
/// use tucuxi_sigv4::{Rules, Signer};
///
/// let mut rules = Rules::GENERAL;
/// rules.content_sha256_header = true;
/// let signer = Signer::new("us-east-1", "glacier").with_rules(rules);
/// # assert!(signer.rules().content_sha256_header);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// Whether the path of the URI, escaped already, is escaped once more for signing.
    pub double_encode: bool,
    /// Whether `.`, `..` and empty segments are taken out of the path for signing.
    pub normalize_path: bool,
    /// Whether the payload's digest is sent in `x-amz-content-sha256`.
    pub content_sha256_header: bool,
    /// Whether the session token is sent without being signed.
    pub omit_session_token: bool,
}

impl Rules {
    /// Every service but S3.
    pub const GENERAL: Self =
        Self { double_encode: true, normalize_path: true, content_sha256_header: false, omit_session_token: false };

    /// S3: a key is signed as it stands, `a//b` and `../c` included.
    pub const S3: Self =
        Self { double_encode: false, normalize_path: false, content_sha256_header: true, omit_session_token: false };
}

impl Default for Rules {
    fn default() -> Self {
        Self::GENERAL
    }
}
