//! A chain of one's own: a vault first, then the usual sources, never the instance's role:
//! `VAULT_KEY_ID=AKID VAULT_SECRET=secret cargo run -p tucuxi --example own_chain`.
//!
//! The provider is an `async fn` with `async-trait = "0.1"`; `ProvideCredentials` tells how it is done without.

use async_trait::async_trait;
use tucuxi::{Chain, Context, Credentials, Env, Error, ProvideCredentials, Session, Settings, default_chain, system};

/// Stands for a provider of the program's own: one async method.
#[derive(Debug)]
struct Vault {
    env: Env,
}

impl Vault {
    fn new(context: &Context) -> Self {
        Self { env: context.env().clone() }
    }
}

#[async_trait]
impl ProvideCredentials for Vault {
    async fn provide_credentials(&self) -> Result<Credentials, Error> {
        match (self.env.var("VAULT_KEY_ID")?, self.env.var("VAULT_SECRET")?) {
            (Some(id), Some(secret)) => Ok(Credentials::new(id, secret)),
            _ => Err(Error::not_configured("no vault here: VAULT_KEY_ID and VAULT_SECRET are not both set")),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it finds")]
async fn main() -> Result<(), Error> {
    let session = session(system()).await?;
    match session.credentials().provide_credentials().await {
        Ok(credentials) => println!("{} ({})", credentials.access_key_id(), credentials.provenance()),
        Err(error) => println!("{}", error.report()),
    }
    Ok(())
}

pub(crate) async fn session(context: Context) -> Result<Session, Error> {
    let settings = Settings::load(&context).await?;
    let chain = Chain::builder()
        .link("vault", Vault::new(&context))
        .chain(default_chain(&context, &settings))
        .without("iam-role")
        .build();
    Session::builder().context(context).credentials(chain).load().await
}
