//! Numbers that nobody can guess, and their text.

use tucuxi_core::encode::base64url;
use tucuxi_core::{Error, Secret};
use zeroize::Zeroizing;

/// `N` random bytes of the system's, as text for URLs.
pub(crate) fn random<const N: usize>() -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::getrandom(bytes.as_mut())
        .map_err(|error| Error::unavailable(format!("the system gives no random numbers: {error}")))?;
    Ok(Secret::new(base64url(bytes.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike() {
        let drawn: std::collections::HashSet<String> =
            (0..100).map(|_| random::<48>().unwrap().expose().to_owned()).collect();
        assert_eq!(drawn.len(), 100);
        assert!(drawn.iter().all(|text| text.len() == 64));
    }
}
