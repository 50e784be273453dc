//! Signing in: a browser does it, on this device or on another one.

use std::fmt;
use std::time::SystemTime;

use tucuxi_core::encode::{base64url, escape};
use tucuxi_core::sign_in::{code_from_callback, exchange};
use tucuxi_core::{Context, Error, HttpOptions, Region, Secret};
use zeroize::Zeroizing;

use crate::encode::decode;
use crate::endpoint::{EndpointOptions, Service};
use crate::new_key::NewKey;
use crate::token::{ACCOUNT_ID, CLIENT_ID, DPOP_KEY, FORMAT, SIGN_IN_AGAIN, renewed};
use crate::token_file::token_file;
use crate::wire::{self, Grant};
use crate::{Token, backend, dpop};

/// A sign-in under way: a URL to open, and what it takes to make keys of the code that comes back.
///
/// The code comes by one of two ways. On the same device the browser is sent to a port of this machine, where
/// whoever started the sign-in listens (`tucuxi::Callback` does). On another device the page shows a text to copy and paste.
///
/// # Example
/// ```
/// use tucuxi_core::Region;
/// use tucuxi_provider_login::{EndpointOptions, SignIn};
///
/// # #[cfg(any(feature = "ring", feature = "aws-lc-rs"))] {
/// let sign_in = SignIn::cross_device(&Region::new("us-east-1")?, &EndpointOptions::default())?;
/// println!("open {} and paste what it shows", sign_in.authorize_url());
/// assert!(sign_in.code_from_paste("not from that page").is_err());
/// // let signed_in = sign_in.redeem(&context, &sign_in.code_from_paste(&pasted)?).await?;
/// // signed_in.keep(&context).await?;
/// # }
/// # Ok::<(), tucuxi_core::Error>(())
/// ```
///
/// Specification: <https://docs.aws.amazon.com/signin/latest/userguide/command-line-sign-in.html>; RFC 7636 (PKCE),
/// whose `S256` the service calls `SHA-256`.
pub struct SignIn {
    base: String,
    client_id: &'static str,
    redirect_uri: String,
    state: String,
    verifier: Secret,
    key: NewKey,
    limits: HttpOptions,
}

/// A sign-in that came to its end; [`keep`](Self::keep) it, or it is lost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignedIn {
    /// The ARN of whoever signed in: what a profile names as `login_session`.
    pub session: String,
    /// What to keep.
    pub token: Token,
}

impl SignedIn {
    /// Keeps the sign-in where the AWS CLI keeps its own: mode 0600, whole or not at all. Waits for its turn, 20 s at
    /// most. A profile that names the [`session`](Self::session) as its `login_session` then uses it.
    ///
    /// # Errors
    /// - `InvalidConfig`: there is no home directory.
    /// - `Unavailable`: the file cannot be written.
    pub async fn keep(&self, context: &Context) -> Result<(), Error> {
        token_file(context, &self.session).write(&self.token).await
    }
}

impl SignIn {
    /// A sign-in in a browser on this machine, which comes back to `http://127.0.0.1:PORT/oauth/callback`. No
    /// I/O; draws random numbers.
    ///
    /// # Errors
    /// - `InvalidConfig`: endpoint options that contradict each other, or a build without P-256.
    /// - `Unavailable`: the system gives no random numbers.
    pub fn same_device(region: &Region, endpoints: &EndpointOptions, port: u16) -> Result<Self, Error> {
        let base = endpoints.base_url(Service::SignIn, Some(region))?;
        Self::new(base, SAME_DEVICE, format!("http://127.0.0.1:{port}{CALLBACK}"))
    }

    /// A sign-in in a browser anywhere, which shows a text to paste. No I/O; draws random numbers.
    ///
    /// # Errors
    /// Those of [`same_device`](Self::same_device).
    pub fn cross_device(region: &Region, endpoints: &EndpointOptions) -> Result<Self, Error> {
        let base = endpoints.base_url(Service::SignIn, Some(region))?;
        let redirect_uri = format!("{base}/v1/sessions/confirmation");
        Self::new(base, CROSS_DEVICE, redirect_uri)
    }

    fn new(base: String, client_id: &'static str, redirect_uri: String) -> Result<Self, Error> {
        let mut verifier = Zeroizing::new([0; 48]);
        backend::draw(verifier.as_mut())?;
        let verifier = Secret::new(base64url(verifier.as_ref()));
        let (state, key, limits) = (dpop::new_id()?, NewKey::generate()?, HttpOptions::default());
        Ok(Self { base, client_id, redirect_uri, state, verifier, key, limits })
    }

    /// The same sign-in, whose code is redeemed within these limits; an answer is never larger than 64 KiB.
    #[must_use]
    pub fn with_limits(mut self, limits: HttpOptions) -> Self {
        self.limits = limits;
        self
    }

    /// What to open in the browser.
    pub fn authorize_url(&self) -> String {
        let challenge = base64url(backend::sha256(self.verifier.expose().as_bytes()).as_ref());
        let query = [
            ("response_type", "code"),
            ("client_id", self.client_id),
            ("state", &self.state),
            ("code_challenge_method", "SHA-256"),
            ("scope", "openid"),
            ("redirect_uri", &self.redirect_uri),
            ("code_challenge", &challenge),
        ];
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        format!("{}/v1/authorize?{}", self.base, query.join("&"))
    }

    /// Where the browser goes with the code.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What comes back unchanged with the code.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// What proves that whoever redeems the code also asked for it.
    pub fn verifier(&self) -> &Secret {
        &self.verifier
    }

    /// The code in the query of the URL that the browser came back to: `code=..&state=..`. A parameter that is there
    /// twice counts as absent.
    ///
    /// # Errors
    /// `Denied` when the sign-in was refused, or belongs to another one.
    pub fn code_from_callback(&self, query: &str) -> Result<Secret, Error> {
        code_from_callback(query, &self.state, SIGN_IN_AGAIN)
    }

    /// The code in the text that the page of a sign-in on another device shows: `state=..&code=..` in base64.
    ///
    /// # Errors
    /// `InvalidConfig` for a text that is not from such a page, else those of
    /// [`code_from_callback`](Self::code_from_callback).
    pub fn code_from_paste(&self, text: &str) -> Result<Secret, Error> {
        // Terminals break lines.
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let query = decode(&text)
            .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
            .filter(|query| query.contains("state="))
            .ok_or_else(|| {
                Error::invalid_config("the text is not the one that the page of the sign-in shows")
                    .with_hint("copy the whole text from the page, and paste it again")
            })?;
        self.code_from_callback(&query)
    }

    /// Makes keys of the code, which counts once. One request to the sign-in service; connect 3.1 s, read
    /// 30 s by default.
    ///
    /// # Errors
    /// - `Denied`: the code has ended or was used, or `signin:CreateOAuth2Token` is not allowed.
    /// - `Unavailable`: no usable answer.
    pub async fn redeem(&self, context: &Context, code: &Secret) -> Result<SignedIn, Error> {
        let url = wire::token_url(&self.base);
        let proof = dpop::proof(&self.key.key()?, &url, context.clock().now(), &dpop::new_id()?)?;
        let request = wire::redeem(&url, self.client_id, &self.redirect_uri, code, &self.verifier, &proof)?;
        let grant = wire::grant(&exchange(context.http().as_ref(), request, self.limits).await?)?;
        let host = self.base.split_once("://").map_or(self.base.as_str(), |(_, host)| host);
        let identity = wire::identity(host, grant.id_token())?;
        let token = granted(self.client_id, &identity.account_id, self.key.to_pem()?, grant, context.clock().now());
        Ok(SignedIn { session: identity.session, token })
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("base", &self.base)
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// The sign-in that a first grant makes.
fn granted(client_id: &str, account_id: &str, key: Secret, grant: Grant, now: SystemTime) -> Token {
    let fixed = vec![(ACCOUNT_ID, Some(account_id.into())), (CLIENT_ID, Some(client_id.into())), (DPOP_KEY, Some(key))];
    renewed(&Token::new(&FORMAT, fixed), grant, now)
}

const SAME_DEVICE: &str = "arn:aws:signin:::devtools/same-device";
const CROSS_DEVICE: &str = "arn:aws:signin:::devtools/cross-device";
const CALLBACK: &str = "/oauth/callback";
