//! Sessions of roles in files that the AWS CLI shares.

mod entry;
pub(crate) mod key;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::{debug, warn};
use tucuxi_core::sign_in::Files;
use tucuxi_core::{BoxFuture, Context, Credentials, Error, Source};

use crate::AssumeRole;

/// Sessions of roles, kept in `~/.aws/cli/cache` as the AWS CLI keeps them, so that processes and both tools share
/// them: one call of the service, and one code of an MFA device, for all.
///
/// - A session is used until a quarter of an hour before its end, as the AWS CLI does.
/// - Its file is named after what is asked of the role, not after whose credentials ask: whoever can read the file
///   can use the session.
/// - Files are replaced as a whole, mode 0600; fields of other tools stay. Processes take turns by a lock beside the
///   file, which is waited for 10 s at most; the AWS CLI takes none. A file that cannot be read is as good as absent,
///   one that cannot be written is a warning in the log.
/// - Roles with a given MFA code or with provided contexts are not kept.
///
/// Specification: botocore's `CachedCredentialFetcher`.
#[derive(Clone, Debug)]
pub struct RoleCache(Context);

impl RoleCache {
    /// The cache in the home directory. Does no I/O.
    pub fn new(context: &Context) -> Self {
        Self(context.clone())
    }

    /// Where sessions of this role are kept; `None` when they are not.
    ///
    /// # Errors
    /// `InvalidConfig` without a home directory.
    pub fn path(&self, role: &AssumeRole) -> Result<Option<PathBuf>, Error> {
        let Some(name) = key::file_name(role) else { return Ok(None) };
        let home = self.0.env().home().ok_or_else(|| {
            Error::invalid_config("there is no home directory (HOME), so no session of a role can be kept")
                .with_hint("set HOME, or do without the role cache")
        })?;
        Ok(Some(home.join(".aws").join("cli").join("cache").join(name)))
    }
}

/// The file for one role, as one provider uses it.
pub(crate) struct Kept {
    cache: RoleCache,
    files: Files,
    /// The key that was given last. Whoever asks again wants another.
    given: Mutex<Option<String>>,
}

impl Kept {
    pub(crate) fn new(cache: RoleCache) -> Self {
        Self { files: Files::new(&cache.0), cache, given: Mutex::default() }
    }

    /// The session in the file, or a new one from `fetch`, which is kept.
    pub(crate) async fn or_fetch(
        &self,
        role: &AssumeRole,
        fetch: BoxFuture<'_, Result<Credentials, Error>>,
    ) -> Result<Credentials, Error> {
        let Some(path) = self.cache.path(role)? else { return fetch.await };
        let (mut turn, mut has_waited) = (None, false);
        loop {
            if let Ok(Some(json)) = self.files.read(&path).await
                && let Some(found) = self.found(&json, &path, role)
            {
                return Ok(self.give(found));
            }
            if has_waited {
                break;
            }
            // Looked at once more after the wait: another may have kept one meanwhile.
            has_waited = true;
            match self.files.turn(&path, LOCK_LIMIT).await {
                Ok(taken) => turn = Some(taken),
                // A process that hangs must not stop all others.
                Err(error) => warn!(%error, "no turn with the role cache, going on without"),
            }
        }
        let session = fetch.await?;
        let old = self.files.read(&path).await.ok().flatten();
        let json = entry::write(old.as_ref().map(|old| old.as_slice()), &session);
        if let Err(error) = self.files.write(&path, &json).await {
            warn!(%error, "the session of a role was not kept");
        }
        drop(turn);
        Ok(self.give(session))
    }

    fn found(&self, json: &[u8], path: &Path, role: &AssumeRole) -> Option<Credentials> {
        let found = entry::read(json, self.cache.0.clock().now())?;
        if self.given.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(found.access_key_id()) {
            return None;
        }
        debug!(path = %path.display(), access_key_id = found.access_key_id(), "took a session that was kept");
        let from = Source::Custom(format!("role cache {}", path.display()).into());
        Some(found.with_source(from).with_source(Source::AssumeRole(role.role_arn().trim().to_owned())))
    }

    fn give(&self, session: Credentials) -> Credentials {
        *self.given.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.access_key_id().to_owned());
        session
    }
}

/// Less than the limit of the whole fetch, so that there is time left to go on without a turn.
const LOCK_LIMIT: Duration = Duration::from_secs(10);
