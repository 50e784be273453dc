//! The signing key, derived once a day.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use sha2::Sha256;
use tucuxi_core::{Credentials, Error};
use zeroize::Zeroizing;

use crate::encode::hex;
use crate::sign::{concat, text};

/// The keys of the credentials that signed last.
#[derive(Default)]
pub(crate) struct KeyCache(RwLock<Option<Arc<DerivedKey>>>);

/// What signs for one day, region and service.
pub(crate) struct DerivedKey {
    date: [u8; 8],
    credentials: Credentials,
    scope: String,
    mac: Hmac<Sha256>,
    token: Option<HeaderValue>,
}

impl KeyCache {
    pub(crate) fn derive(
        &self,
        credentials: &Credentials,
        date: [u8; 8],
        region: &str,
        service: &str,
    ) -> Result<Arc<DerivedKey>, Error> {
        if let Some(key) = &*self.0.read().unwrap_or_else(PoisonError::into_inner)
            && key.serves(credentials, date)
        {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(DerivedKey::new(credentials, date, region, service)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&key));
        Ok(key)
    }
}

impl fmt::Debug for KeyCache {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyCache")
    }
}

impl DerivedKey {
    fn new(credentials: &Credentials, date: [u8; 8], region: &str, service: &str) -> Result<Self, Error> {
        if credentials.access_key_id().is_empty() || credentials.secret_access_key().is_empty() {
            return Err(Error::invalid_config("the access key id or the secret access key is empty"));
        }
        let token = credentials.session_token().map(token_header).transpose()?;
        let mut seed = Zeroizing::new(Vec::with_capacity(4 + credentials.secret_access_key().len()));
        seed.extend_from_slice(b"AWS4");
        seed.extend_from_slice(credentials.secret_access_key().as_bytes());
        let day = text(&date);
        let mac = [day, region, service, LAST].into_iter().fold(keyed(&seed), next);
        let length = day.len() + region.len() + service.len() + LAST.len() + 3;
        let scope = concat(length, &[day, "/", region, "/", service, "/", LAST]);
        Ok(Self { date, credentials: credentials.clone(), scope, mac, token })
    }

    fn serves(&self, credentials: &Credentials, date: [u8; 8]) -> bool {
        self.date == date
            && self.credentials.secret_access_key() == credentials.secret_access_key()
            && self.credentials.session_token() == credentials.session_token()
    }

    /// `20150830/us-east-1/s3/aws4_request`
    pub(crate) fn scope(&self) -> &str {
        &self.scope
    }

    /// The session token as a header.
    pub(crate) fn token(&self) -> Option<&HeaderValue> {
        self.token.as_ref()
    }

    /// The signature of a string to sign, in hexadecimal.
    #[inline(never)]
    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
        hex(&sign(&self.mac, text))
    }
}

impl fmt::Debug for DerivedKey {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn token_header(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(token).map_err(|error| {
        Error::invalid_config("the session token holds a character that no header can carry")
            .with_source(error)
            .with_hint("look for a line break or a control character in the token")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::new_from_slice(key).expect("a key of any length")
}

/// The key for a part of the scope, from that for the parts before.
// Once a day, so that one copy of it is enough.
#[inline(never)]
fn next(mac: Hmac<Sha256>, part: &str) -> Hmac<Sha256> {
    keyed(&*sign(&mac, part.as_bytes()))
}

fn sign(mac: &Hmac<Sha256>, text: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(mac.clone().chain_update(text).finalize().into_bytes().into())
}

/// What ends a scope.
const LAST: &str = "aws4_request";

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(cache: &KeyCache, credentials: &Credentials, date: &[u8; 8]) -> Arc<DerivedKey> {
        cache.derive(credentials, *date, "us-east-1", "iam").unwrap()
    }

    #[test]
    fn the_documentations_key_signs_as_published() {
        let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let key = derive(&KeyCache::default(), &credentials, b"20150830");
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                    f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(
            std::str::from_utf8(&key.sign(text.as_bytes())).unwrap(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn the_key_is_kept_until_day_or_credentials_change() {
        let cache = KeyCache::default();
        let credentials = Credentials::new("AKID", "secret");
        let first = derive(&cache, &credentials, b"20150830");
        assert!(Arc::ptr_eq(&first, &derive(&cache, &credentials.clone(), b"20150830")));
        for (credentials, date) in [
            (credentials.clone(), b"20150831"),
            (Credentials::new("AKID", "other"), b"20150830"),
            (credentials.with_session_token("token"), b"20150830"),
        ] {
            assert!(!Arc::ptr_eq(&first, &derive(&cache, &credentials, date)));
        }
    }

    #[test]
    fn half_a_key_pair_signs_nothing() {
        for credentials in [Credentials::new("", "secret"), Credentials::new("AKID", "")] {
            assert!(KeyCache::default().derive(&credentials, *b"20150830", "us-east-1", "s3").is_err());
        }
    }
}
