//! Blanks around texts.

/// The text without the blanks around it, those of Unicode too.
///
/// The same as [`str::trim`], whose code every crate repeats that uses it.
///
/// # Example
/// ```
/// use tucuxi_core::trimmed;
///
/// assert_eq!(trimmed(" eu-west-1\u{a0}\n"), "eu-west-1");
/// ```
pub fn trimmed(text: &str) -> &str {
    text.trim()
}
