//! Keys given in code.

use std::borrow::Cow;

use tucuxi_core::{Credentials, Error, Secret};

/// What a builder was told of keys, in any order.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) pair: Option<(String, Secret)>,
    pub(crate) session_token: Option<Secret>,
    pub(crate) account_id: Option<String>,
}

impl Keys {
    /// The credentials, if any were given.
    pub(crate) fn check(self) -> Result<Option<Credentials>, Error> {
        let Some((access_key_id, secret)) = self.pair else {
            return match (self.session_token, self.account_id) {
                (None, None) => Ok(None),
                (Some(_), _) => Err(incomplete("a session token was given in code without an access key".into())),
                (None, Some(_)) => Err(incomplete("an account id was given in code without an access key".into())),
            };
        };
        let mut credentials = Credentials::new(access_key_id, secret);
        if let Some(token) = self.session_token.filter(|token| !token.expose().is_empty()) {
            credentials = credentials.with_session_token(token);
        }
        if let Some(account_id) = self.account_id.filter(|id| !id.is_empty()) {
            credentials = credentials.with_account_id(account_id);
        }
        match credentials.fault() {
            None => Ok(Some(credentials)),
            Some((part, fault)) => Err(incomplete(format!("the {part} given in code {fault}").into())),
        }
    }
}

#[cold]
fn incomplete(message: Cow<'static, str>) -> Error {
    Error::invalid_config(message).with_hint("give access_key(id, secret), or nothing to use the default chain")
}
