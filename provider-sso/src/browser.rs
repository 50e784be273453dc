//! Signing in with a browser on this machine, which comes back with a code.

use std::fmt;

use sha2::{Digest, Sha256};
use tucuxi_core::encode::{base64url, escape};
use tucuxi_core::sign_in::{code_from_callback, exchange};
use tucuxi_core::{Context, Error, Secret};

use crate::random::random;
use crate::registration::{self, DEFAULT_SCOPE, Flow, Registration};
use crate::{SignInSettings, Token, sign_in, wire};

/// A sign-in under way in a browser on this machine: open [`authorize_url`](Self::authorize_url), and listen where
/// the browser comes back to.
///
/// Whoever starts the sign-in listens, on 127.0.0.1 only, before it starts; `tucuxi::Callback` does.
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Error, Region};
/// use tucuxi_provider_sso::{BrowserSignIn, SignInSettings};
///
/// async fn sign_in(context: &Context, port: u16, query: impl AsyncFnOnce(&str) -> String) -> Result<(), Error> {
///     let settings = SignInSettings::new("https://e.awsapps.com/start", Region::new("us-east-1")?).with_session("corp");
///     let sign_in = BrowserSignIn::start(context, settings, port).await?;
///     let code = sign_in.code_from_callback(&query(&sign_in.authorize_url()).await)?;
///     sign_in.redeem(&code).await?;
///     Ok(())
/// }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>; RFC 7636
/// (PKCE), RFC 8252 section 7.3 (loopback).
pub struct BrowserSignIn {
    context: Context,
    settings: SignInSettings,
    client: Registration,
    oidc: String,
    redirect_uri: String,
    state: Secret,
    verifier: Secret,
}

impl BrowserSignIn {
    /// A sign-in that comes back to `http://127.0.0.1:PORT/oauth/callback`.
    ///
    /// - Reads and writes: the registration of this program in `~/.aws/sso/cache`, which lasts for 90 days and which
    ///   the AWS CLI uses too.
    /// - Network: nothing, or the token service once to register. Connect 3.1 s, read 30 s by default.
    ///
    /// # Errors
    /// - `InvalidConfig`: there is no home directory, or endpoint options contradict each other.
    /// - `Denied`: the start URL or a scope is wrong.
    /// - `Unavailable`: no usable answer, or the system gives no random numbers.
    pub async fn start(context: &Context, settings: SignInSettings, port: u16) -> Result<Self, Error> {
        let oidc = settings.endpoints.oidc(&settings.region)?;
        let client = match registration::kept(context, &settings, Flow::Browser).await? {
            Some(client) => client,
            None => registration::register(context, &settings, Flow::Browser).await?,
        };
        let redirect_uri = format!("http://127.0.0.1:{port}/oauth/callback");
        let (state, verifier) = (random::<16>()?, random::<48>()?);
        Ok(Self { context: context.clone(), settings, client, oidc, redirect_uri, state, verifier })
    }

    /// What to open in the browser.
    pub fn authorize_url(&self) -> String {
        let scopes = match self.settings.scopes.as_slice() {
            [] => DEFAULT_SCOPE.to_owned(),
            scopes => scopes.join(" "),
        };
        let challenge = base64url(&Sha256::digest(self.verifier.expose().as_bytes()));
        let query = [
            ("response_type", "code"),
            ("client_id", &self.client.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("state", self.state.expose()),
            ("code_challenge_method", "S256"),
            ("scopes", &scopes),
            ("code_challenge", &challenge),
        ];
        let query = query.map(|(name, value)| format!("{name}={}", escape(value)));
        format!("{}/authorize?{}", self.oidc, query.join("&"))
    }

    /// Where the browser goes with the code.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What comes back unchanged with the code.
    pub fn state(&self) -> &str {
        self.state.expose()
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
        code_from_callback(query, self.state.expose(), &self.settings.cure())
    }

    /// Makes a sign-in of the code, which counts once, and keeps it where the AWS CLI keeps its own.
    ///
    /// - Writes: the cache file of the sign-in, mode 0600.
    /// - Network: one request to the token service. Connect 3.1 s, read 30 s by default.
    ///
    /// # Errors
    /// - `Denied`: the code has ended or was used.
    /// - `Unavailable`: no usable answer, or the sign-in could not be written.
    pub async fn redeem(&self, code: &Secret) -> Result<Token, Error> {
        let Self { context, settings, client, .. } = self;
        let request = wire::redeem(
            &self.oidc,
            &client.client_id,
            &client.client_secret,
            code,
            &self.redirect_uri,
            &self.verifier,
        )?;
        let answer = exchange(context.http().as_ref(), request, settings.limits).await?;
        match wire::granted(&answer) {
            Ok(new) => sign_in::keep(context, settings, client, new).await,
            Err(error) => {
                // The service may forget a registration before its time; the next sign-in then makes a new one.
                if answer.status == http::StatusCode::UNAUTHORIZED {
                    registration::forget(context, settings).await?;
                }
                Err(error.with_hint(settings.cure()))
            }
        }
    }
}

impl fmt::Debug for BrowserSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserSignIn")
            .field("settings", &self.settings)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
