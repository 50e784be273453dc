//! Asking for the code of an MFA device.

use std::fmt;
use std::future::Future;

use tucuxi_core::{BoxFuture, Error, Secret};

/// Asks a person for the code that an MFA device shows.
///
/// Its method is implemented in the two ways of [`ProvideCredentials`](tucuxi_core::ProvideCredentials), or by a
/// closure: [`mfa_from_fn`].
///
/// # Example
/// ```
/// use async_trait::async_trait;
/// use tucuxi_core::{Error, Secret};
/// use tucuxi_provider_sts::MfaPrompt;
///
/// struct Terminal;
///
/// #[async_trait]
/// impl MfaPrompt for Terminal {
///     async fn code(&self, serial: &str) -> Result<Secret, Error> {
///         Err(Error::denied(format!("nobody is there to read the code of {serial}")))
///     }
/// }
/// ```
pub trait MfaPrompt: Send + Sync {
    /// The 6 digits that the device shows now; asked for at each fetch.
    ///
    /// # Errors
    /// `Denied` when nobody answers.
    fn code<'a, 'b, 'f>(&'a self, serial: &'b str) -> BoxFuture<'f, Result<Secret, Error>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f;
}

impl fmt::Debug for dyn MfaPrompt + '_ {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn MfaPrompt")
    }
}

/// A prompt from a closure, which is given the serial number or ARN of the device.
///
/// # Example
/// ```
/// use tucuxi_core::Secret;
/// use tucuxi_provider_sts::{MfaPrompt, mfa_from_fn};
///
/// let prompt = mfa_from_fn(|serial| async move {
///     assert_eq!(serial, "arn:aws:iam::123456789012:mfa/me");
///     Ok(Secret::new("123456"))
/// });
/// # tucuxi_testkit::block_on(async {
/// assert_eq!(prompt.code("arn:aws:iam::123456789012:mfa/me").await?.expose(), "123456");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
pub fn mfa_from_fn<F, Fut>(ask: F) -> impl MfaPrompt + 'static
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Secret, Error>> + Send + 'static,
{
    FromFn(ask)
}

struct FromFn<F>(F);

impl<F, Fut> MfaPrompt for FromFn<F>
where
    F: Fn(String) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Secret, Error>> + Send,
{
    fn code<'a, 'b, 'f>(&'a self, serial: &'b str) -> BoxFuture<'f, Result<Secret, Error>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { (self.0)(serial.to_owned()).await })
    }
}
