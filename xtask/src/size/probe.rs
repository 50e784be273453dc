//! The programs that are measured.

/// A program that depends on one part and uses it as a real program would.
pub(super) struct Probe<'a> {
    pub(super) name: &'a str,
    /// The `[dependencies]`; `<root>` is the workspace.
    pub(super) dependencies: &'a str,
    pub(super) main: &'a str,
    /// Whether it finds keys in the environment, so that its instructions can be counted.
    pub(super) reads_environment: bool,
    /// Whether it is made of this workspace's packages.
    pub(super) ours: bool,
}

pub(super) const OURS: &[Probe<'_>] = &[
    Probe {
        name: "provider-env",
        dependencies: r#"
tucuxi-core = { path = "<root>/core" }
tucuxi-provider-env = { path = "<root>/provider-env" }
tokio = { version = "1", features = ["rt"] }
"#,
        main: r#"
use tucuxi_core::{Context, Error, ProvideCredentials};
use tucuxi_provider_env::EnvProvider;

async fn run() -> Result<(), Error> {
    let credentials = EnvProvider::new(&Context::local()).provide_credentials().await?;
    println!("{} by {}", credentials.access_key_id(), credentials.provenance());
    Ok(())
}
"#,
        reads_environment: true,
        ours: true,
    },
    Probe {
        name: "provider-profile",
        dependencies: r#"
tucuxi-core = { path = "<root>/core" }
tucuxi-provider-profile = { path = "<root>/provider-profile" }
tokio = { version = "1", features = ["rt"] }
"#,
        main: r#"
use tucuxi_core::{Context, Error, ProvideCredentials};
use tucuxi_provider_profile::ProfileProvider;

async fn run() -> Result<(), Error> {
    let credentials = ProfileProvider::new(&Context::local()).provide_credentials().await?;
    println!("{} by {}", credentials.access_key_id(), credentials.provenance());
    Ok(())
}
"#,
        reads_environment: false,
        ours: true,
    },
    Probe {
        name: "provider-imds",
        dependencies: r#"
tucuxi-core = { path = "<root>/core" }
tucuxi-transport = { path = "<root>/transport" }
tucuxi-provider-imds = { path = "<root>/provider-imds" }
tokio = { version = "1", features = ["rt"] }
"#,
        main: r#"
use tucuxi_core::{Cache, Error};
use tucuxi_provider_imds::ImdsProvider;

async fn run() -> Result<(), Error> {
    let context = tucuxi_transport::system();
    let credentials = Cache::new(&context, ImdsProvider::new(&context)).provide_credentials().await?;
    println!("{} by {}", credentials.access_key_id(), credentials.provenance());
    Ok(())
}
"#,
        reads_environment: false,
        ours: true,
    },
    Probe {
        name: "default chain",
        dependencies: r#"
tucuxi = { path = "<root>/facade", default-features = false, features = ["default-chain", "ring"] }
tokio = { version = "1", features = ["rt"] }
"#,
        main: r#"
use tucuxi::{Error, Session};

async fn run() -> Result<(), Error> {
    let session = Session::load().await?;
    let credentials = session.credentials().provide_credentials().await?;
    println!("{} by {}", credentials.access_key_id(), credentials.provenance());
    Ok(())
}
"#,
        reads_environment: true,
        ours: true,
    },
    Probe {
        name: "chain + S3",
        dependencies: r#"
tucuxi = { path = "<root>/facade", default-features = false, features = ["default-chain", "s3", "ring"] }
tokio = { version = "1", features = ["rt"] }
"#,
        main: r#"
use tucuxi::Session;

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let session = Session::load().await?;
    let s3 = session.s3();
    let mut buckets = s3.buckets();
    while let Some(bucket) = buckets.try_next().await? {
        println!("{}", bucket.name());
    }
    s3.put_object("a-bucket", "a-key").body("hello").await?;
    let text = s3.get_object("a-bucket", "a-key").await?.text().await?;
    println!("{text}");
    Ok(())
}
"#,
        reads_environment: false,
        ours: true,
    },
];

pub(super) const OTHERS: &[Probe<'_>] = &[
    Probe {
        name: "aws-config",
        dependencies: r#"
aws-config = { version = "=1.13.0", features = ["behavior-version-latest"] }
aws-credential-types = "1"
tokio = { version = "1", features = ["rt"] }
"#,
        main: AWS_CONFIG,
        reads_environment: true,
        ours: false,
    },
    // Its default features leave the console sign-in out; with it both have the same sources.
    Probe {
        name: "aws-config with login",
        dependencies: r#"
aws-config = { version = "=1.13.0", features = ["behavior-version-latest", "credentials-login"] }
aws-credential-types = "1"
tokio = { version = "1", features = ["rt"] }
"#,
        main: AWS_CONFIG,
        reads_environment: true,
        ours: false,
    },
    Probe {
        name: "aws-config + aws-sdk-s3",
        dependencies: r#"
aws-config = { version = "=1.13.0", features = ["behavior-version-latest"] }
aws-sdk-s3 = "1"
tokio = { version = "1", features = ["rt"] }
"#,
        main: r#"
use aws_sdk_s3::primitives::ByteStream;

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let s3 = aws_sdk_s3::Client::new(&aws_config::load_from_env().await);
    for bucket in s3.list_buckets().send().await?.buckets() {
        println!("{}", bucket.name().unwrap_or_default());
    }
    s3.put_object().bucket("a-bucket").key("a-key").body(ByteStream::from_static(b"hello")).send().await?;
    let body = s3.get_object().bucket("a-bucket").key("a-key").send().await?.body.collect().await?;
    println!("{}", String::from_utf8(body.to_vec())?);
    Ok(())
}
"#,
        reads_environment: false,
        ours: false,
    },
];

const AWS_CONFIG: &str = r#"
use aws_credential_types::provider::ProvideCredentials;

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_from_env().await;
    let provider = config.credentials_provider().ok_or("no provider")?;
    let credentials = provider.provide_credentials().await?;
    println!("{}", credentials.access_key_id());
    Ok(())
}
"#;

/// What every program begins with: a runtime with everything switched on, on this thread.
pub(super) const MAIN: &str = r#"
fn main() -> std::process::ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match runtime.block_on(run()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}
"#;
