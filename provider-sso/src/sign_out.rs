//! The end of a sign-in, here and at the portal.

use std::path::Path;

use tracing::debug;
use tucuxi_core::json::{self, member};
use tucuxi_core::sign_in::{SIZE_LIMIT, exchange};
use tucuxi_core::{Context, Error, ErrorKind, Fs, Secret};

use crate::token_file::{self, ACCESS_TOKEN, token_file};
use crate::{SignInSettings, wire};

/// Signs out: at the portal, in `~/.aws/sso/cache`, and in `~/.aws/cli/cache`, from which every set of credentials
/// that the AWS CLI had of any sign-in like this is removed. True when somebody was signed in.
///
/// Credentials that were handed out live on until they end. What is kept here is removed even where the portal does
/// not answer.
///
/// - Network: one request to the portal, if somebody is signed in. Connect 3.1 s, read 30 s by default.
///
/// # Errors
/// - `InvalidConfig`: there is no home directory, or endpoint options contradict each other.
/// - `Unavailable`: the portal did not answer, or a file could not be removed.
///
/// # Example
/// ```
/// use tucuxi_core::Region;
/// use tucuxi_provider_sso::{SignInSettings, sign_out};
///
/// # tucuxi_testkit::block_on(async {
/// # let env = tucuxi_core::Env::fake([("HOME", "/home/u")]);
/// # let context = tucuxi_testkit::context().with_env(env);
/// let settings = SignInSettings::new("https://e.awsapps.com/start", Region::new("us-east-1")?).with_session("corp");
/// assert!(!sign_out(&context, &settings).await?, "nobody was signed in");
/// # Ok::<(), tucuxi_core::Error>(())
/// # }).unwrap();
/// ```
///
/// Specification: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html>
pub async fn sign_out(context: &Context, settings: &SignInSettings) -> Result<bool, Error> {
    let portal = settings.endpoints.portal(&settings.region)?;
    let file = token_file(context, settings.key());
    file.path()?;
    let _turn = file.turn().await;
    let (signed_in, access_token) = match file.read().await {
        Ok(Some(token)) => (true, token.text(ACCESS_TOKEN).cloned()),
        Ok(None) => (false, None),
        // What makes no sense is removed all the same.
        Err(error) => {
            debug!(%error, "the sign-in cannot be read");
            (true, None)
        }
    };
    let told = match &access_token {
        Some(token) => log_out(context, settings, &portal, token).await,
        None => Ok(()),
    };
    file.forget().await?;
    forget_credentials(context).await?;
    told.map(|()| signed_in)
}

/// A refusal is fine: the portal knows nothing of this sign-in.
async fn log_out(context: &Context, settings: &SignInSettings, portal: &str, token: &Secret) -> Result<(), Error> {
    let answer = exchange(context.http().as_ref(), wire::log_out(portal, token)?, settings.limits).await?;
    match wire::logged_out(&answer) {
        Err(error) if error.kind() == ErrorKind::Denied => {
            debug!(%error, "the portal knows nothing of this sign-in");
            Ok(())
        }
        told => told,
    }
}

/// Removes what the AWS CLI keeps of credentials that came by a sign-in; it does not say by which.
async fn forget_credentials(context: &Context) -> Result<(), Error> {
    let directory = token_file::home(context.env())?.join(".aws").join("cli").join("cache");
    let paths = match context.fs().list(&directory).await {
        Ok(paths) => paths,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(());
        }
        Err(error) => {
            let message = format!("{} cannot be listed: {}", directory.display(), error.kind());
            return Err(Error::unavailable(message).with_source(error));
        }
    };
    for path in paths {
        if came_by_sign_in(context.fs(), &path).await {
            context.fs().remove(&path).await.map_err(|error| {
                Error::unavailable(format!("{} cannot be removed: {}", path.display(), error.kind())).with_source(error)
            })?;
        }
    }
    Ok(())
}

async fn came_by_sign_in(fs: &Fs, path: &Path) -> bool {
    let mut provider = String::new();
    match fs.read(path, SIZE_LIMIT).await {
        Ok(entry) => json::read(&entry, vec![member("ProviderType", &mut provider)]).is_ok() && provider == "sso",
        Err(_) => false,
    }
}
