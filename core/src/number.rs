//! Numbers in variables, keys and headers.

/// The number that a text is: digits and nothing else, but for one plus sign in front.
///
/// The same as [`str::parse`], whose code every crate repeats that uses it, once for each type.
///
/// # Example
/// ```
/// use tucuxi_core::whole_number;
///
/// assert_eq!(whole_number("21600"), Some(21_600));
/// assert_eq!(whole_number("1.5"), None);
/// ```
pub fn whole_number(text: &str) -> Option<u64> {
    text.parse().ok()
}
