//! Everything that the token service remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tucuxi_core::{Clock, format_rfc3339};

use super::IdentityCenter;
use super::client::{Client, DEVICE_CODE, Registration};
use super::device::Device;
use super::grant::{Authorization, Grant, Pkce};
use super::refusal::{Reason, Refusal};
use crate::keyring::random;

/// Programs, sign-ins under way, and the tokens of those that are done.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) center: IdentityCenter,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: HashMap<String, Client>,
    /// By device code.
    devices: HashMap<String, Device>,
    /// By authorization code.
    codes: HashMap<String, Authorization>,
    sign_ins: HashMap<u64, SignIn>,
    /// By access token.
    access: HashMap<String, Access>,
    count: u64,
}

/// A person's session with a program.
#[derive(Debug)]
struct SignIn {
    client_id: String,
    ends_at: SystemTime,
    /// The only one that counts: each use makes another one.
    refresh_token: Option<String>,
}

#[derive(Debug)]
struct Access {
    sign_in: u64,
    expires_at: SystemTime,
}

/// What a program is given.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) lifetime: Duration,
    pub(super) refresh_token: Option<String>,
}

/// What a device shows.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) device_code: String,
    pub(super) user_code: String,
}

impl Ledger {
    pub(crate) fn new(clock: Arc<dyn Clock>, center: IdentityCenter) -> Self {
        Self { clock, center, state: Mutex::default() }
    }

    /// The id of a new program, and what is known of it.
    pub(super) fn register(&self, asked: Registration) -> Result<(String, Client), Refusal> {
        let now = self.clock.now();
        let client = Client::register(asked, &self.center, now)?;
        let id = random();
        let mut state = self.lock();
        state.forget(now);
        state.clients.insert(id.clone(), client.clone());
        Ok((id, client))
    }

    pub(super) fn begin_device(&self, id: &str, secret: &str, start_url: &str) -> Result<Shown, Refusal> {
        let now = self.clock.now();
        let mut state = self.lock();
        if !state.client(id, secret, now)?.may_use(DEVICE_CODE) {
            return Err(Reason::UnauthorizedClient.because("this client did not register for device codes"));
        }
        if start_url != self.center.start_url {
            return Err(Reason::InvalidRequest.because("the startUrl is not the one of this sandbox"));
        }
        state.forget(now);
        let device = Device::new(id.to_owned(), self.center.poll_interval, now + self.center.device_code_ttl);
        let shown = Shown { device_code: random(), user_code: device.user_code.clone() };
        state.devices.insert(shown.device_code.clone(), device);
        Ok(shown)
    }

    /// The name of the program on the device that shows this code and still waits.
    pub(super) fn waiting(&self, user_code: &str) -> Option<String> {
        let state = self.lock();
        let now = self.clock.now();
        let device = state.devices.values().find(|device| device.user_code == user_code && device.is_open(now))?;
        state.clients.get(&device.client_id).map(|client| client.name.clone())
    }

    /// Whether a device waited for it.
    pub(super) fn decide(&self, user_code: &str, approved: bool) -> bool {
        let now = self.clock.now();
        let mut state = self.lock();
        let device = state.devices.values_mut().find(|device| device.user_code == user_code);
        device.is_some_and(|device| device.decide(approved, now))
    }

    /// The name of the program that asks for a code, if it may.
    pub(super) fn may_authorize(&self, authorization: &Authorization) -> Result<String, Refusal> {
        let state = self.lock();
        let client = state.clients.get(&authorization.client_id);
        let client = client.filter(|client| self.clock.now() < client.expires_at);
        let client = client.ok_or_else(|| Reason::InvalidClient.because("there is no such client_id"))?;
        authorization.check(client)?;
        Ok(client.name.clone())
    }

    /// A code for a browser to bring back.
    pub(super) fn issue_code(&self, authorization: Authorization) -> String {
        let code = random();
        let authorization = authorization.until(self.clock.now() + self.center.authorization_code_ttl);
        self.lock().codes.insert(code.clone(), authorization);
        code
    }

    pub(super) fn token(&self, client_id: &str, client_secret: &str, grant: &Grant) -> Result<Granted, Refusal> {
        let now = self.clock.now();
        let mut state = self.lock();
        let client = state.client(client_id, client_secret, now)?;
        if !client.may_use(grant.name()) {
            return Err(Reason::UnauthorizedClient.because("this client did not register for this grant type"));
        }
        match grant {
            Grant::Device(code) => state.redeem_device(client_id, code, now)?,
            Grant::Code { code, pkce } => state.redeem_code(client_id, code, pkce, now)?,
            Grant::Refresh(token) => return state.refresh(client_id, token, &self.center, now),
        }
        Ok(state.sign_in(client_id.to_owned(), client.may_refresh(), &self.center, now))
    }

    /// A sign-in of a new program, as if a person had just approved it, in the format of the AWS CLI.
    pub(crate) fn cached_sign_in(&self, region: &str) -> Value {
        let now = self.clock.now();
        let (id, client) = (random(), Client::device("tour", &self.center, now));
        let mut state = self.lock();
        let granted = state.sign_in(id.clone(), client.may_refresh(), &self.center, now);
        state.clients.insert(id.clone(), client.clone());
        json!({
            "startUrl": self.center.start_url,
            "region": region,
            "accessToken": granted.access_token,
            "expiresAt": format_rfc3339(now + granted.lifetime),
            "clientId": id,
            "clientSecret": client.secret.expose(),
            "registrationExpiresAt": format_rfc3339(client.expires_at),
            "refreshToken": granted.refresh_token,
        })
    }

    pub(crate) fn start_url(&self) -> &str {
        &self.center.start_url
    }

    /// Whether the portal takes this access token now.
    pub(super) fn admits(&self, access_token: &str) -> bool {
        let now = self.clock.now();
        let state = self.lock();
        let access = state.access.get(access_token).filter(|access| now < access.expires_at);
        access.is_some_and(|access| state.sign_ins.contains_key(&access.sign_in))
    }

    /// Ends the sign-in of an access token, with everything that came of it.
    pub(super) fn sign_out(&self, access_token: &str) {
        let mut state = self.lock();
        if let Some(access) = state.access.remove(access_token) {
            state.sign_ins.remove(&access.sign_in);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn client(&self, id: &str, secret: &str, now: SystemTime) -> Result<Client, Refusal> {
        let client = self.clients.get(id).filter(|client| client.secret.expose() == secret && now < client.expires_at);
        client.cloned().ok_or_else(|| Reason::InvalidClient.because("the client or its secret is not known"))
    }

    fn redeem_device(&mut self, client_id: &str, code: &str, now: SystemTime) -> Result<(), Refusal> {
        let device = self.devices.get_mut(code).filter(|device| device.client_id == client_id);
        let device = device.ok_or_else(|| Reason::InvalidGrant.because("the device code is not known"))?;
        device.poll(now)?;
        self.devices.remove(code);
        Ok(())
    }

    fn redeem_code(&mut self, client_id: &str, code: &str, pkce: &Pkce, now: SystemTime) -> Result<(), Refusal> {
        let unknown = || Reason::InvalidGrant.because("the authorization code is not known");
        self.codes.get(code).filter(|authorization| authorization.client_id == client_id).ok_or_else(unknown)?;
        // A code counts once, and whoever fails with it may have stolen it.
        self.codes.remove(code).ok_or_else(unknown)?.redeem(pkce, now)
    }

    fn refresh(
        &mut self,
        client_id: &str,
        token: &str,
        center: &IdentityCenter,
        now: SystemTime,
    ) -> Result<Granted, Refusal> {
        let found = self.sign_ins.iter_mut().find(|(_, sign_in)| sign_in.refresh_token.as_deref() == Some(token));
        let found = found.filter(|(_, sign_in)| sign_in.client_id == client_id && now < sign_in.ends_at);
        let Some((&id, sign_in)) = found else {
            return Err(Reason::InvalidGrant.because("the refresh token is not known, was used or has ended"));
        };
        let refresh_token = refresh_token();
        sign_in.refresh_token = Some(refresh_token.clone());
        let ends_at = sign_in.ends_at;
        Ok(self.grant(id, Some(refresh_token), ends_at, center, now))
    }

    fn sign_in(&mut self, client_id: String, refreshable: bool, center: &IdentityCenter, now: SystemTime) -> Granted {
        let refresh_token = refreshable.then(refresh_token);
        let ends_at = now + center.session_ttl;
        self.count += 1;
        self.sign_ins.insert(self.count, SignIn { client_id, ends_at, refresh_token: refresh_token.clone() });
        self.grant(self.count, refresh_token, ends_at, center, now)
    }

    fn grant(
        &mut self,
        sign_in: u64,
        refresh_token: Option<String>,
        ends_at: SystemTime,
        center: &IdentityCenter,
        now: SystemTime,
    ) -> Granted {
        let lifetime = ends_at.duration_since(now).unwrap_or_default().min(center.access_token_ttl);
        let access_token = format!("aoa{}{}", random(), random());
        self.access.insert(access_token.clone(), Access { sign_in, expires_at: now + lifetime });
        Granted { access_token, lifetime, refresh_token }
    }

    /// What ended a day ago answers as if it had never been.
    fn forget(&mut self, now: SystemTime) {
        let Some(then) = now.checked_sub(REMEMBERED) else { return };
        self.clients.retain(|_, client| client.expires_at >= then);
        self.devices.retain(|_, device| !device.ended_before(then));
        self.codes.retain(|_, code| !code.ended_before(then));
        self.access.retain(|_, access| access.expires_at >= then);
        self.sign_ins.retain(|_, sign_in| sign_in.ends_at >= then);
    }
}

fn refresh_token() -> String {
    format!("aor{}{}", random(), random())
}

const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
