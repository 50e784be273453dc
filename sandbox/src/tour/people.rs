//! Sources that a person takes part in: signing in on this device or another, and typing a code.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{Request, Response};
use tucuxi::login::SignIn;
use tucuxi::sso::{BrowserSignIn, DeviceSignIn, EndpointOptions, SignInSettings};
use tucuxi::{Body, Callback, Context, Error, Region, Secret, Session};
use tucuxi_core::HttpOptions;

use super::sources::{CONFIG_FILE, CREDENTIALS_FILE, Source, context, keys_file};
use crate::Sandbox;
use crate::sts::MFA_ROLE;

/// The code is typed when the role asks for it; it counts once.
pub(super) fn role_with_mfa(sandbox: &Sandbox) -> Source {
    let (account, device) = (sandbox.account_id(), sandbox.mfa_serial());
    let role = format!("arn:aws:iam::{account}:role/{MFA_ROLE}");
    let config = format!("[profile mfa]\nrole_arn = {role}\nsource_profile = default\nmfa_serial = {device}\n");
    let files = [(CONFIG_FILE, config.as_str()), (CREDENTIALS_FILE, &keys_file(sandbox))];
    let session = Session::builder().context(context(sandbox, vec![("AWS_PROFILE", "mfa".to_owned())], &files));
    let (mfa, keyring) = (Arc::clone(&sandbox.mfa), Arc::clone(&sandbox.keyring));
    let session = session.mfa(move |_| {
        let code = mfa.unused_code(keyring.clock().now());
        std::future::ready(Ok(Secret::from(code)))
    });
    Source::new("role with MFA", session).asked_once()
}

/// `aws sso login --use-device-code`.
pub(super) fn by_code(sandbox: &Sandbox) -> Source {
    let (here, settings) = identity_center(sandbox);
    let source = Source::new("sign-in by code", Session::builder().context(here.clone()));
    source.after(async move {
        let sign_in = DeviceSignIn::start(&here, settings?).await?;
        approve(&here, sign_in.verification_uri_complete()).await?;
        sign_in.wait().await.map(drop)
    })
}

/// `aws sso login`.
pub(super) fn in_browser(sandbox: &Sandbox) -> Source {
    let (here, settings) = identity_center(sandbox);
    let source = Source::new("sign-in in a browser", Session::builder().context(here.clone()));
    source.after(async move {
        let callback = Callback::listen().await?;
        let sign_in = BrowserSignIn::start(&here, settings?, callback.port()).await?;
        let back = approve(&here, &sign_in.authorize_url()).await?;
        let (query, _) = tokio::try_join!(callback.query(sign_in.state(), PATIENCE), follow(&here, &back))?;
        sign_in.redeem(&sign_in.code_from_callback(query.expose())?).await.map(drop)
    })
}

/// `aws login --remote`: what the page shows at the end is pasted.
pub(super) fn on_another_device(sandbox: &Sandbox) -> Source {
    let config = format!("[default]\nlogin_session = {}\n", sandbox.login_session());
    let here = context(sandbox, vec![], &[(CONFIG_FILE, &config)]);
    let mut endpoints = tucuxi::login::EndpointOptions::default();
    endpoints.url = Some(sandbox.signin_endpoint());
    let region = sandbox.region().to_owned();
    let source = Source::new("console by code", Session::builder().context(here.clone()));
    source.after(async move {
        let sign_in = SignIn::cross_device(&Region::new(region)?, &endpoints)?;
        let back = approve(&here, &sign_in.authorize_url()).await?;
        let page = follow(&here, &back).await?;
        let code = page.split_once("<code>").and_then(|(_, rest)| rest.split_once("</code>"));
        let (code, _) = code.ok_or_else(|| Error::unavailable("the page shows no code"))?;
        let signed_in = sign_in.redeem(&here, &sign_in.code_from_paste(code)?).await?;
        signed_in.keep(&here).await
    })
}

/// A machine where nobody is signed in, and what signs in there.
fn identity_center(sandbox: &Sandbox) -> (Context, Result<SignInSettings, Error>) {
    let variables = vec![("AWS_PROFILE", "sso".to_owned())];
    let here = context(sandbox, variables, &[(CONFIG_FILE, &sandbox.profiles())]);
    let mut endpoints = EndpointOptions::default();
    endpoints.oidc_url = Some(sandbox.sso_oidc_endpoint());
    endpoints.portal_url = Some(sandbox.sso_endpoint());
    (here, sandbox.sso_settings().map(|settings| settings.with_endpoints(endpoints)))
}

/// Presses the button of a page, and gives where the browser is sent then, if it is.
async fn approve(here: &Context, page: &str) -> Result<String, Error> {
    let request = Request::post(page).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = send(here, request.body(Body::from("decision=approve"))).await?;
    let back = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    Ok(back.unwrap_or_default().to_owned())
}

/// Goes where the browser is sent, and reads the page there.
async fn follow(here: &Context, url: &str) -> Result<String, Error> {
    let answer = send(here, Request::get(url).body(Body::empty())).await?;
    let page = answer.into_body().collect(64 * 1024).await?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

async fn send(here: &Context, request: http::Result<Request<Body>>) -> Result<Response<Body>, Error> {
    let request = request.map_err(|error| Error::unavailable("the page has no address").with_source(error))?;
    let options = HttpOptions::within(Duration::from_secs(3), Duration::from_secs(10));
    let page = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let answer = here.http().send(request, options).await?;
    match answer.status() {
        status if status.is_success() || status.is_redirection() => Ok(answer),
        status => Err(Error::unavailable(format!("the page of {page} answered with status {status}"))),
    }
}

/// How long a sign-in may take, with all that belongs to it.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
