//! The end of a sign-in.

use tucuxi_core::{Context, Error};

use crate::token_file::token_file;

/// Signs out: forgets the sign-in `session`, an ARN, in `~/.aws/login/cache`. True when somebody was signed in.
///
/// Nothing is revoked: the service has no such call for who only has this sign-in. Keys that were handed out live on
/// until they end, 15 minutes at most.
///
/// - Writes: removes the cache file, in a turn of its own (20 s at most), so that a refresh that is under way does not
///   bring it back.
/// - Network: none.
///
/// # Errors
/// - `InvalidConfig`: there is no home directory.
/// - `Unavailable`: the file could not be removed.
///
/// # Example
/// ```
/// use tucuxi_provider_login::sign_out;
///
/// # tucuxi_testkit::block_on(async {
/// # let env = tucuxi_core::Env::fake([("HOME", "/home/u")]);
/// # let fs = tucuxi_core::Fs::fake::<&str, &str>([]);
/// # let context = tucuxi_testkit::context().with_env(env).with_fs(fs);
/// assert!(!sign_out(&context, "arn:aws:iam::123456789012:user/me").await?, "nobody was signed in");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/signin/latest/userguide/command-line-sign-in.html>
pub async fn sign_out(context: &Context, session: &str) -> Result<bool, Error> {
    let file = token_file(context, session);
    let there = context.fs().info(&file.path()?).await.is_ok();
    file.remove().await?;
    Ok(there)
}
