//! `tucuxi-sandbox serve`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tucuxi_core::{Env, Error, Region};
use tucuxi_sandbox::Sandbox;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell to print variables for.
    #[arg(long, value_enum, default_value = "posix", conflicts_with = "json")]
    shell: Syntax,
    /// Print the variables as a JSON object; null means that a variable must not be set.
    #[arg(long)]
    json: bool,
    /// The region.
    #[arg(long, default_value = "us-east-1", value_parser = region)]
    region: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Syntax {
    /// sh, bash, zsh
    Posix,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

pub(crate) async fn serve(options: Options) -> Result<ExitCode, Error> {
    let sandbox = Sandbox::builder().region(options.region).start().await?;
    let unset = Sandbox::variables_to_unset();
    let folder = config_folder(&sandbox).await?;
    let config = folder.path().join(CONFIG);
    let mut set = sandbox.environment();
    set.push(("AWS_CONFIG_FILE".to_owned(), config.display().to_string()));
    // Not there, so that no profile of the user's own has a part in those of the sandbox.
    set.push(("AWS_SHARED_CREDENTIALS_FILE".to_owned(), folder.path().join(CREDENTIALS).display().to_string()));
    keep_no_proxy(&mut set, &Env::real())?;
    let text = match options.json {
        true => json(set, unset),
        false => options.shell.script(&set, unset),
    };
    crate::print(&text)?;
    let message = "tucuxi-sandbox: serving on 127.0.0.1 until Ctrl-C; objects are kept in a temporary folder\n\
                   for IAM Identity Center: aws sso login --profile sso\n\
                   for the console sign-in: aws login --profile console";
    let _ = writeln!(io::stderr(), "{message}");
    interrupted().await.map_err(|error| Error::unavailable("cannot wait for Ctrl-C").with_source(error))?;
    sandbox.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

fn region(text: &str) -> Result<String, String> {
    Region::new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// Hosts that the user's programs reach without a proxy stay so.
fn keep_no_proxy(set: &mut [(String, String)], env: &Env) -> Result<(), Error> {
    let [lower, upper] = [env.var("no_proxy")?, env.var("NO_PROXY")?];
    for (name, value) in set {
        let own = match name.as_str() {
            "no_proxy" => lower.as_ref().or(upper.as_ref()),
            "NO_PROXY" => upper.as_ref().or(lower.as_ref()),
            _ => None,
        };
        value.extend(own.map(|own| format!(",{own}")));
    }
    Ok(())
}

/// A folder with the config file, which goes when the sandbox does.
async fn config_folder(sandbox: &Sandbox) -> Result<TempDir, Error> {
    let failed = |error: io::Error| {
        Error::unavailable("cannot write a config file to a temporary folder")
            .with_source(error)
            .with_hint("set TMPDIR")
    };
    let folder = tempfile::Builder::new().prefix("tucuxi-sandbox-config-").tempdir().map_err(failed)?;
    let config = folder.path().join(CONFIG);
    tucuxi::system().fs().replace(&config, sandbox.profiles().as_bytes()).await.map_err(failed)?;
    Ok(folder)
}

impl Syntax {
    fn script(self, set: &[(String, String)], unset: &[&str]) -> String {
        let unset = unset.iter().map(|name| match self {
            Self::Posix => format!("unset {name}\n"),
            Self::Fish => format!("set -e {name}\n"),
            Self::PowerShell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n"),
        });
        let set = set.iter().map(|(name, value)| match self {
            Self::Posix => format!("export {name}='{}'\n", value.replace('\'', r"'\''")),
            Self::Fish => format!("set -gx {name} '{}'\n", value.replace('\\', r"\\").replace('\'', r"\'")),
            Self::PowerShell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
        });
        unset.chain(set).collect()
    }
}

fn json(set: Vec<(String, String)>, unset: &[&str]) -> String {
    let unset = unset.iter().map(|name| ((*name).to_owned(), Value::Null));
    let set = set.into_iter().map(|(name, value)| (name, Value::String(value)));
    format!("{:#}\n", Value::Object(unset.chain(set).collect::<Map<_, _>>()))
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

const CONFIG: &str = "config";
const CREDENTIALS: &str = "credentials";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shell: Syntax, expected: &str) {
        let set = [("A".to_owned(), r"it's\".to_owned())];
        assert_eq!(shell.script(&set, &["B"]), expected);
    }

    #[test]
    fn hosts_without_a_proxy_stay_so() {
        let check = |env: &[(&str, &str)], expected: [&str; 2]| {
            let mut set = ["NO_PROXY", "no_proxy", "A"].map(|name| (name.to_owned(), "localhost".to_owned()));
            keep_no_proxy(&mut set, &Env::fake(env.iter().copied())).unwrap();
            assert_eq!([&*set[0].1, &*set[1].1, &*set[2].1], [expected[0], expected[1], "localhost"]);
        };
        check(&[], ["localhost", "localhost"]);
        check(&[("NO_PROXY", ".corp")], ["localhost,.corp", "localhost,.corp"]);
        check(&[("NO_PROXY", ".corp"), ("no_proxy", "a,b")], ["localhost,.corp", "localhost,a,b"]);
    }

    #[test]
    fn every_shell_has_its_words() {
        check(Syntax::Posix, "unset B\nexport A='it'\\''s\\'\n");
        check(Syntax::Fish, "set -e B\nset -gx A 'it\\'s\\\\'\n");
        check(Syntax::PowerShell, "Remove-Item Env:B -ErrorAction SilentlyContinue\n$env:A = 'it''s\\'\n");
        let set = vec![("A".to_owned(), "1".to_owned())];
        assert_eq!(json(set, &["B"]), "{\n  \"A\": \"1\",\n  \"B\": null\n}\n");
    }
}
