//! A sign-in that seems to have taken place some time ago.

use std::time::Duration;

use base64ct::{Base64, Encoding};
use ring::signature::KeyPair;
use serde_json::json;
use tucuxi_core::{Error, format_rfc3339};

use super::key::new_key;
use super::proof::Key;
use super::{Client, SESSION_NAME, SignIn};

impl SignIn {
    /// The text of the cache file that `aws login` would have left, with keys that have ended just now.
    pub(crate) fn kept(&self) -> Result<String, Error> {
        let (pair, der) = new_key()?;
        let key = Key::of_point(pair.public_key().as_ref())
            .ok_or_else(|| Error::unavailable("a new key has no point without compression"))?;
        let client = Client::SameDevice;
        let refresh_token = self.ledger.sign_in(client, &key.thumbprint());
        let now = self.ledger.now();
        let ended = self.keyring.issue(&self.role, SESSION_NAME, Duration::ZERO);
        let document = json!({
            "accessToken": {
                "accessKeyId": ended.access_key_id(),
                "secretAccessKey": ended.secret_access_key(),
                "sessionToken": ended.session_token(),
                "accountId": self.keyring.account_id(),
                "expiresAt": format_rfc3339(now),
            },
            "tokenType": "aws_sigv4",
            "clientId": client.id(),
            "refreshToken": refresh_token,
            "idToken": self.statement(client)?,
            "dpopKey": pem(&der),
        });
        Ok(document.to_string())
    }
}

/// PKCS#8 in lines of 64 characters, as RFC 7468 has it.
fn pem(der: &[u8]) -> String {
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    for (at, letter) in Base64::encode_string(der).char_indices() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    pem
}
