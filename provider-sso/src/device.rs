//! Signing in with a browser on any device: a code is shown, and entered there.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use tucuxi_core::sign_in::exchange;
use tucuxi_core::{Context, Error, ErrorKind};

use crate::registration::{self, Flow, Registration};
use crate::wire::{self, Authorization};
use crate::{SignInSettings, Token, sign_in};

/// A sign-in under way on any device: show the code and the URL to a person, then [`wait`](Self::wait).
///
/// # Example
/// ```
/// use tucuxi_core::{Context, Error, Region};
/// use tucuxi_provider_sso::{DeviceSignIn, SignInSettings};
///
/// async fn sign_in(context: &Context) -> Result<(), Error> {
///     let settings = SignInSettings::new("https://e.awsapps.com/start", Region::new("us-east-1")?).with_session("corp");
///     let sign_in = DeviceSignIn::start(context, settings).await?;
///     eprintln!("open {} and check that it shows {}", sign_in.verification_uri_complete(), sign_in.user_code());
///     sign_in.wait().await?;
///     Ok(())
/// }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>;
/// RFC 8628.
#[derive(Debug)]
pub struct DeviceSignIn {
    context: Context,
    settings: SignInSettings,
    client: Registration,
    authorization: Authorization,
    expires_at: SystemTime,
}

impl DeviceSignIn {
    /// Asks for a code.
    ///
    /// - Reads and writes: the registration of this program in `~/.aws/sso/cache`, which lasts for 90 days and which
    ///   the AWS CLI uses too.
    /// - Network: the token service once or, to register, up to three times. Connect 3.1 s, read 30 s by default.
    ///
    /// # Errors
    /// - `InvalidConfig`: there is no home directory, or endpoint options contradict each other.
    /// - `Denied`: the start URL or a scope is wrong.
    /// - `Unavailable`: no usable answer.
    pub async fn start(context: &Context, settings: SignInSettings) -> Result<Self, Error> {
        let oidc = settings.endpoints.oidc(&settings.region)?;
        let ask = async |client: &Registration| {
            let request =
                wire::device_authorization(&oidc, &client.client_id, &client.client_secret, &settings.start_url)?;
            Ok::<_, Error>(exchange(context.http().as_ref(), request, settings.limits).await?)
        };
        let kept = registration::kept(context, &settings, Flow::Device).await?;
        let was_kept = kept.is_some();
        let mut client = match kept {
            Some(client) => client,
            None => registration::register(context, &settings, Flow::Device).await?,
        };
        let mut answer = ask(&client).await?;
        // The service may forget a registration before its time.
        if was_kept && answer.status == StatusCode::UNAUTHORIZED {
            client = registration::register(context, &settings, Flow::Device).await?;
            answer = ask(&client).await?;
        }
        let authorization = wire::authorized(&answer).map_err(|error| registration::misplaced(&settings, error))?;
        let expires_at = context.clock().now() + authorization.lifetime;
        Ok(Self { context: context.clone(), settings, client, authorization, expires_at })
    }

    /// What a person enters, or compares with what the page shows.
    pub fn user_code(&self) -> &str {
        &self.authorization.user_code
    }

    /// Where the code is entered: `http` or `https`, printable ASCII.
    pub fn verification_uri(&self) -> &str {
        &self.authorization.verification_uri
    }

    /// The same page with the code in it already.
    pub fn verification_uri_complete(&self) -> &str {
        self.authorization.verification_uri_complete.as_deref().unwrap_or(&self.authorization.verification_uri)
    }

    /// Until when the code counts: 10 minutes, an hour at most.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// Waits until a person has signed in, and keeps the sign-in where the AWS CLI keeps its own.
    ///
    /// - Writes: the cache file of the sign-in, mode 0600.
    /// - Network: the token service, as often as it allows, until the code ends; a poll that fails is repeated.
    ///
    /// # Errors
    /// - `Denied`: the person refused, or did not sign in before the code ended.
    /// - `Unavailable`: the service did not answer to the end, or the sign-in could not be written.
    pub async fn wait(self) -> Result<Token, Error> {
        let Self { context, settings, client, authorization, expires_at } = self;
        let oidc = settings.endpoints.oidc(&settings.region)?;
        let mut interval = authorization.interval;
        let mut waited = Duration::ZERO;
        let mut outage = None;
        // Counted too, since the clock may be set back meanwhile.
        while context.clock().now() < expires_at && waited < authorization.lifetime {
            let request =
                wire::device_code(&oidc, &client.client_id, &client.client_secret, &authorization.device_code)?;
            let granted = match exchange(context.http().as_ref(), request, settings.limits).await {
                Ok(answer) => wire::granted(&answer),
                Err(error) => Err(error.into()),
            };
            let error = match granted {
                Ok(new) => return sign_in::keep(&context, &settings, &client, new).await,
                Err(error) => error,
            };
            outage = None;
            match error.code() {
                Some("authorization_pending" | "AuthorizationPendingException") => {}
                Some("slow_down" | "SlowDownException") => interval += SLOW_DOWN,
                Some("expired_token" | "ExpiredTokenException") => break,
                Some("access_denied" | "AccessDeniedException") => {
                    return Err(Error::denied("the sign-in was refused in the browser")
                        .with_code("access_denied")
                        .with_hint(settings.cure()));
                }
                _ if error.kind() == ErrorKind::Unavailable && !error.is_offline() => {
                    interval += SLOW_DOWN;
                    outage = Some(error);
                }
                _ => return Err(error.with_hint(settings.cure())),
            }
            context.clock().sleep(interval).await;
            waited += interval;
        }
        Err(outage.unwrap_or_else(|| {
            Error::denied("nobody signed in before the code ended")
                .with_code("expired_token")
                .with_hint(settings.cure())
        }))
    }
}

/// RFC 8628 section 3.5.
const SLOW_DOWN: Duration = Duration::from_secs(5);
