//! What the task that started the servers tells.

use tucuxi::{Context, Env, Fs, Session};

/// A server, and keys that it knows.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) secret: String,
}

impl Server {
    pub(crate) fn seaweedfs() -> Self {
        Self::at("TUCUXI_TEST_SEAWEEDFS")
    }

    pub(crate) fn ministack() -> Self {
        Self::at("TUCUXI_TEST_MINISTACK")
    }

    /// SeaweedFS with sessions of 4 seconds.
    pub(crate) fn short() -> Self {
        Self::at("TUCUXI_TEST_SHORT")
    }

    pub(crate) fn moto() -> Self {
        Self::at("TUCUXI_TEST_MOTO")
    }

    fn at(variable: &str) -> Self {
        Self {
            url: given(variable),
            key: given(&format!("{variable}_KEY")),
            secret: given(&format!("{variable}_SECRET")),
        }
    }

    /// A client with the keys that the server knows.
    pub(crate) async fn client(&self) -> tucuxi::s3::Client {
        self.client_with_secret(&self.secret).await
    }

    pub(crate) async fn client_with_secret(&self, secret: &str) -> tucuxi::s3::Client {
        self.session_with_secret("us-east-1", secret).await.s3()
    }

    /// A session with the key that the server knows.
    pub(crate) async fn session_with_secret(&self, region: &str, secret: &str) -> Session {
        let session = Session::builder().context(untouched()).access_key(&self.key, secret).region(region);
        session.endpoint_url(&self.url).load().await.unwrap()
    }

    /// A client with a new, empty bucket.
    pub(crate) async fn bucket(&self, name: &str) -> tucuxi::s3::Client {
        let s3 = self.client().await;
        s3.create_bucket(name).await.unwrap();
        s3
    }
}

/// A network and a clock, but none of this machine's variables and files.
pub(crate) fn untouched() -> Context {
    tucuxi::system().with_env(Env::fake([("HOME", "/nobody")])).with_fs(Fs::fake::<String, String>([]))
}

/// A variable that whoever started the servers must have set.
#[expect(clippy::disallowed_methods, reason = "this is how the servers' addresses come in")]
pub(crate) fn given(variable: &str) -> String {
    match std::env::var(variable) {
        Ok(value) => value,
        Err(_) => panic!(
            "{variable} is not set: run `cargo xtask test`, \
             or `cargo xtask servers cargo test -p tucuxi-testkit --features servers`"
        ),
    }
}
