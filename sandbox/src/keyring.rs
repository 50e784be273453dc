//! The keys that are alive, and whose they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tucuxi_core::{Clock, Credentials, Secret};
use uuid::Uuid;

/// The live keys of one sandbox: the static pair and every session that it has issued.
#[derive(Debug)]
pub(crate) struct Keyring {
    clock: Arc<dyn Clock>,
    account_id: String,
    keys: Mutex<HashMap<String, Key>>,
}

#[derive(Clone, Debug)]
struct Key {
    secret: Secret,
    session: Option<Session>,
    caller: Caller,
}

#[derive(Clone, Debug)]
struct Session {
    token: Secret,
    expires_at: SystemTime,
}

/// Whom a key belongs to, as `GetCallerIdentity` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account_id: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// Whether the key is itself a role's session.
    pub(crate) assumed: bool,
    /// Whether the key ends.
    pub(crate) temporary: bool,
}

impl Caller {
    /// The role that a session is one of.
    pub(crate) fn role_arn(&self) -> Option<String> {
        let (_, rest) = self.arn.split_once(":assumed-role/")?;
        let (role, _) = rest.split_once('/')?;
        Some(format!("arn:aws:iam::{}:role/{role}", self.account_id))
    }
}

/// Why a key with a right signature is turned away all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody has this key, or it is a session's key without its token.
    UnknownKey,
    /// The token is not the one that belongs to the key.
    WrongToken,
    /// The session has ended.
    Expired,
}

impl Keyring {
    pub(crate) fn new(clock: Arc<dyn Clock>, account_id: &str, static_pair: &Credentials) -> Self {
        let caller = Caller {
            account_id: account_id.to_owned(),
            arn: format!("arn:aws:iam::{account_id}:user/sandbox"),
            user_id: "AIDATUCUXI0SANDBOX00".to_owned(),
            assumed: false,
            temporary: false,
        };
        let key = Key { secret: static_pair.secret_access_key().into(), session: None, caller };
        let keys = Mutex::new(HashMap::from([(static_pair.access_key_id().to_owned(), key)]));
        Self { clock, account_id: account_id.to_owned(), keys }
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The secret that a signature is checked with, also of a session that has ended.
    pub(crate) fn secret(&self, access_key_id: &str) -> Option<Secret> {
        self.lock().get(access_key_id).map(|key| key.secret.clone())
    }

    /// Lets a signed request in, or says why not.
    pub(crate) fn admit(&self, access_key_id: &str, token: Option<&str>) -> Result<Caller, Refusal> {
        let keys = self.lock();
        let key = keys.get(access_key_id).ok_or(Refusal::UnknownKey)?;
        match (&key.session, token) {
            (None, None) => {}
            (None, Some(_)) => return Err(Refusal::WrongToken),
            (Some(_), None) => return Err(Refusal::UnknownKey),
            (Some(session), Some(token)) if session.token.expose() != token => return Err(Refusal::WrongToken),
            (Some(session), Some(_)) if session.expires_at <= self.clock.now() => return Err(Refusal::Expired),
            (Some(_), Some(_)) => {}
        }
        Ok(key.caller.clone())
    }

    /// A new session of a role.
    pub(crate) fn issue(&self, role: &str, session_name: &str, ttl: Duration) -> Credentials {
        self.issue_in(&self.account_id, role, session_name, ttl)
    }

    /// A new session of a role of any account.
    pub(crate) fn issue_in(&self, account_id: &str, role: &str, session_name: &str, ttl: Duration) -> Credentials {
        let caller = Caller {
            account_id: account_id.to_owned(),
            arn: format!("arn:aws:sts::{account_id}:assumed-role/{role}/{session_name}"),
            user_id: format!("{ROLE_ID}:{session_name}"),
            assumed: true,
            temporary: true,
        };
        self.issue_to(caller, ttl)
    }

    /// A new session of whoever it is.
    pub(crate) fn issue_to(&self, caller: Caller, ttl: Duration) -> Credentials {
        let now = self.clock.now();
        let expires_at = now + ttl;
        let access_key_id = format!("ASIA{}", &random()[..16]);
        let token = Secret::from(format!("FwoGZXIvYXdz{}{}", random(), random()));
        let secret = Secret::from(format!("{}{}", random(), &random()[..8]));
        let credentials = Credentials::new(&*access_key_id, secret.clone())
            .with_session_token(token.clone())
            .with_expires_at(expires_at)
            .with_account_id(&*caller.account_id);
        let mut keys = self.lock();
        keys.retain(|_, key| key.session.as_ref().is_none_or(|session| session.expires_at + REMEMBERED > now));
        keys.insert(access_key_id, Key { secret, session: Some(Session { token, expires_at }), caller });
        credentials
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 32 characters that nobody can guess.
pub(crate) fn random() -> String {
    Uuid::new_v4().simple().to_string().to_ascii_uppercase()
}

/// The unique id of every role here.
const ROLE_ID: &str = "AROATUCUXI0SANDBOX00";

/// How long the sandbox still knows an ended session, to say that it has expired.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use tucuxi_core::SystemClock;

    use super::*;

    #[test]
    fn a_key_is_as_good_as_its_token_and_its_time() {
        let pair = Credentials::new("AKIA", "secret");
        let keyring = Keyring::new(Arc::new(SystemClock::default()), "123456789012", &pair);
        let live = keyring.issue("r", "s", Duration::from_secs(60));
        let ended = keyring.issue("r", "s", Duration::ZERO);
        let check = |credentials: &Credentials, token: Option<&str>, expected: Result<(), Refusal>| {
            assert_eq!(keyring.admit(credentials.access_key_id(), token).map(drop), expected, "{credentials:?}");
        };
        check(&pair, None, Ok(()));
        check(&pair, Some("stale"), Err(Refusal::WrongToken));
        check(&live, live.session_token(), Ok(()));
        check(&live, None, Err(Refusal::UnknownKey));
        check(&live, ended.session_token(), Err(Refusal::WrongToken));
        check(&ended, ended.session_token(), Err(Refusal::Expired));
        check(&Credentials::new("AKIB", "secret"), None, Err(Refusal::UnknownKey));
    }
}
