//! Sessions of roles in files that the AWS CLI shares.

mod entry;
pub(crate) mod key;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{debug, warn};
use tucuxi_core::sign_in::Files;
use tucuxi_core::{BoxFuture, Context, Credentials, Error, Source};
use zeroize::Zeroizing;

use crate::AssumeRole;

/// Sessions of roles, kept in `~/.aws/cli/cache` as the AWS CLI keeps them, so that processes and both tools share
/// them: one call of the service, and one code of an MFA device, for all. Needs the feature `role-cache`.
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
        let mut path = self.0.env().home().ok_or_else(|| {
            Error::invalid_config("there is no home directory (HOME), so no session of a role can be kept")
                .with_hint("set HOME, or do without the role cache")
        })?;
        for part in [".aws", "cli", "cache", &*name] {
            path.push(part);
        }
        Ok(Some(path))
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
    pub(crate) fn or_fetch<'a>(
        &'a self,
        role: &'a AssumeRole,
        fetch: BoxFuture<'a, Result<Credentials, Error>>,
    ) -> BoxFuture<'a, Result<Credentials, Error>> {
        Box::pin(async move {
            let Some(path) = self.cache.path(role)? else { return fetch.await };
            let mut turn = None;
            for has_waited in [false, true] {
                if let Some(found) = self.found(self.files.read(&path).await, &path, role) {
                    return Ok(found);
                }
                // Looked at once more after the wait: another may have kept one meanwhile.
                if !has_waited {
                    // A process that hangs must not stop all others.
                    let taken = self.files.turn(&path, LOCK_LIMIT).await;
                    turn = taken.map_err(|error| warn_of("no turn with the role cache, going on without", &error)).ok();
                }
            }
            let session = fetch.await?;
            let json = renewed(self.files.read(&path).await, &session);
            if let Err(error) = self.files.write(&path, &json).await {
                warn_of("the session of a role was not kept", &error);
            }
            drop(turn);
            *self.given() = Some(session.access_key_id().to_owned());
            Ok(session)
        })
    }

    /// The session that was read there, if it is of use.
    fn found(&self, read: Contents, path: &Path, role: &AssumeRole) -> Option<Credentials> {
        let found = entry::read(&read.ok()??, self.cache.0.clock().now())?;
        let mut given = self.given();
        if given.as_deref() == Some(found.access_key_id()) {
            return None;
        }
        debug!(path = %path.display(), access_key_id = found.access_key_id(), "took a session that was kept");
        *given = Some(found.access_key_id().to_owned());
        let from = Source::Custom(format!("role cache {}", path.display()).into());
        Some(found.with_source(from).with_source(role.source()))
    }

    fn given(&self) -> MutexGuard<'_, Option<String>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is in a file, if there is one.
type Contents = Result<Option<Zeroizing<Vec<u8>>>, Error>;

/// The file's new text.
fn renewed(old: Contents, session: &Credentials) -> Zeroizing<Vec<u8>> {
    entry::write(old.ok().flatten().as_ref().map(|json| json.as_slice()), session)
}

fn warn_of(what: &str, error: &Error) {
    warn!(%error, "{what}");
}

/// Less than the limit of the whole fetch, so that there is time left to go on without a turn.
const LOCK_LIMIT: Duration = Duration::from_secs(10);
