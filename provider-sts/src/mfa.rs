//! Asking for the code of an MFA device.

use std::fmt;

use async_trait::async_trait;
use tucuxi_core::{Error, Secret};

/// Asks a person for the code that an MFA device shows.
///
/// # Example
/// ```
/// use tucuxi_core::{Error, Secret, async_trait};
/// use tucuxi_provider_sts::MfaPrompt;
///
/// #[derive(Debug)]
/// struct Terminal;
///
/// #[async_trait]
/// impl MfaPrompt for Terminal {
///     async fn code(&self, serial: &str) -> Result<Secret, Error> {
///         Err(Error::denied(format!("nobody is there to read the code of {serial}")))
///     }
/// }
/// ```
#[async_trait]
pub trait MfaPrompt: fmt::Debug + Send + Sync {
    /// The 6 digits that the device shows now; asked for at each fetch.
    ///
    /// # Errors
    /// `Denied` when nobody answers.
    async fn code(&self, serial: &str) -> Result<Secret, Error>;
}
