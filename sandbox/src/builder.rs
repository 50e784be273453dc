//! What a sandbox is made of.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tucuxi_core::{Clock, Error, Region, Secret, SystemClock};

use crate::Sandbox;
use crate::container::Container;
use crate::imds::Imds;
use crate::keyring::{Keyring, random};
use crate::rotation::Rotation;
use crate::sandbox::{ACCOUNT_ID, MFA_SERIAL, OTHER_ACCOUNT_ID, READER};
use crate::seen::{Journal, Service};
use crate::server::{Answer, House, bind, serve};
use crate::signin::SignIn;
use crate::sso::{Assignment, IdentityCenter, Ledger, Oidc, Portal};
use crate::sts::{AUDIENCE, Account, Assertions, ISSUER, IdentityProvider, Issuer, MFA_ROLE, Mfa, Role, Sts};

/// Chooses what a [`Sandbox`] is like.
#[derive(Debug)]
#[must_use = "nothing runs until `start` is awaited"]
pub struct SandboxBuilder {
    region: String,
    role: String,
    roles: Vec<Role>,
    role_attached: bool,
    providers: Vec<(String, String, String)>,
    session_ttl: Duration,
    identity_center: IdentityCenter,
    clock: Arc<dyn Clock>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            role: "sandbox".to_owned(),
            roles: Vec::new(),
            role_attached: true,
            providers: Vec::new(),
            session_ttl: Duration::from_secs(3600),
            identity_center: IdentityCenter::default(),
            clock: Arc::new(SystemClock::default()),
        }
    }
}

impl SandboxBuilder {
    /// The only region there is. Default `us-east-1`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The name of the role that the instance has and that `AssumeRole` gives. Default `sandbox`.
    pub fn role(mut self, name: impl Into<String>) -> Self {
        self.role = name.into();
        self
    }

    /// Another role of the account, for `AssumeRole` and `AssumeRoleWithWebIdentity`. A role `mfa`, which asks for the
    /// code of the MFA device, is there anyway.
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Another issuer of web identity tokens for this audience, and its keys: a JSON web key set with keys for RS256
    /// or ES256. Nothing is fetched.
    pub fn with_identity_provider(
        mut self,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        jwks: impl Into<String>,
    ) -> Self {
        self.providers.push((issuer.into(), audience.into(), jwks.into()));
        self
    }

    /// No role is attached to the instance: instance metadata has no credentials.
    pub fn without_instance_role(mut self) -> Self {
        self.role_attached = false;
        self
    }

    /// How long a session lives when nobody asks STS for another time. Default one hour.
    pub fn session_ttl(mut self, ttl: Duration) -> Self {
        self.session_ttl = ttl;
        self
    }

    /// What IAM Identity Center is like.
    pub fn identity_center(mut self, center: IdentityCenter) -> Self {
        self.identity_center = center;
        self
    }

    /// The clock by which tokens, codes and sessions end. The 15 minutes that a signature may be off are
    /// always measured by the system's clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts the sandbox on the current tokio runtime, which needs I/O and time enabled.
    ///
    /// # Errors
    /// `InvalidConfig` for a region or role name that cannot be one, or for keys that are none; `Unavailable` when no loopback port or
    /// no temporary folder can be had.
    pub async fn start(self) -> Result<Sandbox, Error> {
        Region::new(&*self.region)?;
        let mut roles = vec![Role::new(&*self.role)];
        roles.extend(self.roles);
        // The last, so that a role of one's own by this name counts.
        roles.push(Role::new(MFA_ROLE).with_mfa());
        if let Some(role) = roles.iter().find(|role| !role.is_well_named()) {
            return Err(Error::invalid_config(format!("{:?} is not a role name", role.name()))
                .with_hint("use letters, digits and _+=,.@-"));
        }
        let issuer = Arc::new(Issuer::new()?);
        let mut providers = vec![IdentityProvider::new(ISSUER.into(), AUDIENCE.into(), &issuer.jwks())?];
        for (issuer, audience, jwks) in self.providers {
            providers.push(IdentityProvider::new(issuer, audience, &jwks)?);
        }
        let mfa = Arc::new(Mfa::new(random().as_bytes()));
        let objects = tempfile::Builder::new().prefix("tucuxi-sandbox-").tempdir().map_err(|error| {
            Error::unavailable("cannot make a temporary folder for objects").with_source(error).with_hint("set TMPDIR")
        })?;
        let credentials = Sandbox::static_credentials();
        let keyring = Arc::new(Keyring::new(Arc::clone(&self.clock), ACCOUNT_ID, &credentials));
        let house = Arc::new(House {
            clock: Arc::clone(&self.clock),
            journal: Journal::default(),
            faults: Mutex::new(HashMap::new()),
            requests: AtomicU64::new(1),
            stop: watch::Sender::new(false),
        });
        let (container_listener, container) = listener().await?;
        let (imds_listener, imds) = listener().await?;
        let (s3_listener, s3) = listener().await?;
        let (sign_in_listener, sign_in_address) = listener().await?;
        let (sso_listener, sso) = listener().await?;
        let (sso_oidc_listener, sso_oidc) = listener().await?;
        let (sts_listener, sts) = listener().await?;

        let container_token = Secret::from(random());
        let rotation = Rotation::new(Arc::clone(&keyring), self.role.clone(), "container", self.session_ttl);
        let task = Container::new(rotation, ACCOUNT_ID, container_token.clone());
        let attached = self.role_attached.then(|| self.role.clone());
        let metadata = Imds::new(Arc::clone(&keyring), attached, &self.region, self.session_ttl);
        let storage = crate::s3::endpoint(&keyring, &self.region, objects.path(), s3.port())?;
        let assertions = Arc::new(Assertions::new(Arc::clone(&self.clock)));
        let account = Account {
            roles,
            providers,
            assertions: Arc::clone(&assertions),
            mfa_serial: MFA_SERIAL.to_owned(),
            mfa: Arc::clone(&mfa),
        };
        let tokens = Sts::new(&keyring, &self.region, account, self.session_ttl);
        let ledger = Arc::new(Ledger::new(self.clock, self.identity_center));
        let oidc = Oidc::new(Arc::clone(&ledger), format!("http://{sso_oidc}"));
        let portal = Portal::new(Arc::clone(&ledger), Arc::clone(&keyring), assignments(&self.role), self.session_ttl);
        let people = (Arc::clone(&keyring), Arc::clone(&issuer), self.role.clone());
        let sign_in = Arc::new(SignIn::new(people, self.session_ttl, sign_in_address.port()));
        let run = |listener: TcpListener, service: Service, answer: Arc<dyn Answer>| {
            tokio::spawn(serve(listener, service, answer, Arc::clone(&house)))
        };
        let tasks = vec![
            run(container_listener, Service::Container, Arc::new(task)),
            run(imds_listener, Service::Imds, Arc::new(metadata)),
            run(s3_listener, Service::S3, Arc::new(storage)),
            run(sign_in_listener, Service::SignIn, Arc::clone(&sign_in) as Arc<dyn Answer>),
            run(sso_listener, Service::Sso, Arc::new(portal)),
            run(sso_oidc_listener, Service::SsoOidc, Arc::new(oidc)),
            run(sts_listener, Service::Sts, Arc::new(tokens)),
        ];
        let (region, role) = (self.region, self.role);
        Ok(Sandbox {
            house,
            keyring,
            credentials,
            region,
            role,
            container,
            container_token,
            imds,
            s3,
            ledger,
            sign_in,
            sign_in_address,
            sso,
            sso_oidc,
            sts,
            issuer,
            assertions,
            mfa,
            tasks,
            _objects: objects,
        })
    }
}

/// What people find in the portal: the account of the sandbox, and another one.
fn assignments(role: &str) -> Vec<Assignment> {
    let assignment = |account_id: &str, account_name: &str, roles: &[&str]| Assignment {
        account_id: account_id.to_owned(),
        account_name: account_name.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    vec![assignment(ACCOUNT_ID, "Sandbox", &[READER, role]), assignment(OTHER_ACCOUNT_ID, "Archive", &[READER])]
}

async fn listener() -> Result<(TcpListener, SocketAddr), Error> {
    bind().await.map_err(|error| Error::unavailable("cannot listen on 127.0.0.1").with_source(error))
}
