//! Real servers on the loopback address, started for the tests and ended with them.

mod held;
mod ministack;
mod moto;
mod oidc;
mod seaweedfs;

use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use held::Held;

use crate::arguments::Failure;
use crate::aws_cli;
use crate::command::{run, target, without_aws_settings};
use crate::venv::{BOTOCORE, CLIENTS, Venv};

/// Servers that run until this is dropped.
pub(crate) struct Servers {
    /// What the tests are told, as environment variables.
    pub(crate) variables: Vec<(&'static str, String)>,
    #[expect(dead_code, reason = "held until the tests are done")]
    held: Vec<Held>,
}

/// Installs what is missing, starts the servers and waits until they answer.
pub(crate) fn start() -> Result<Servers, Failure> {
    let clients = Venv::install(CLIENTS)?;
    let aws_cli_v2 = aws_cli::install(&clients)?;
    let botocore = Venv::install(BOTOCORE)?;
    let (oidc, issuer) = oidc::start()?;
    let (seaweedfs, short) = (seaweedfs::start(&issuer)?, seaweedfs::start_short()?);
    let started = [oidc, seaweedfs, short, ministack::start(&clients)?, moto::start(&clients)?];
    let mut variables = vec![
        ("TUCUXI_TEST_PYTHON", clients.program("python").display().to_string()),
        ("TUCUXI_TEST_PYTHON_CRT", botocore.program("python").display().to_string()),
        ("TUCUXI_TEST_AWS_CLI", clients.program("aws").display().to_string()),
        ("TUCUXI_TEST_AWS_CLI_V2", aws_cli_v2.display().to_string()),
        ("TUCUXI_TEST_COMMAND", target().join("debug/tucuxi").display().to_string()),
    ];
    let mut held = Vec::new();
    for server in started {
        variables.extend(server.variables);
        held.push(server.held);
    }
    Ok(Servers { variables, held })
}

pub(crate) const HELP: &str = "\
usage: cargo xtask servers COMMAND [ARGUMENTS]

Starts SeaweedFS, MiniStack, moto and an OpenID Connect provider, runs the command with the variables that tell where
they are and whose keys they know, and ends them with it. For example:

  cargo xtask servers cargo test -p tucuxi-testkit --features servers --test real_server on_seaweedfs
  cargo xtask servers env";

pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::usage("name the command to run"));
    };
    let servers = start()?;
    let mut command = Command::new(program);
    without_aws_settings(command.args(arguments)).envs(servers.variables.iter().map(|(name, value)| (name, value)));
    run(&mut command)
}

/// One server that answers.
struct Started {
    variables: Vec<(&'static str, String)>,
    held: Held,
}

/// A new, empty folder for a server's data and log.
fn fresh_folder(name: &str) -> Result<PathBuf, Failure> {
    let folder = target().join("servers").join(name);
    let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(fail)?;
    }
    std::fs::create_dir_all(&folder).map_err(fail)?;
    Ok(folder)
}

/// Ports that nobody listens on now. They lie below those that systems give to outgoing connections: one of these, the
/// servers' own among them, could otherwise take a port before its server does.
fn free_ports<const N: usize>() -> Result<[u16; N], Failure> {
    let span = usize::from(PORTS.end - PORTS.start);
    let start = (RandomState::new().hash_one(std::process::id()) % span as u64) as usize;
    let mut candidates = PORTS.cycle().skip(start).take(span);
    let mut listeners = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let mut open =
            candidates.by_ref().filter_map(|port| Some((port, TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?)));
        let (free, listener) = open.next().ok_or_else(|| Failure::new("no free port on 127.0.0.1"))?;
        *port = free;
        listeners.push(listener);
    }
    Ok(ports)
}

const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// Asks until the answer is 200, for at most a minute.
fn wait_until_ready(name: &str, held: &mut Held, port: u16, path: &str, log: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        if held.has_ended() {
            return Err(Failure::new(format!("{name} ended at once; its log ends:\n{}", last_lines(log))));
        }
        if answers(port, path) {
            println!("{name} answers on 127.0.0.1:{port} after {:.1} s", start.elapsed().as_secs_f64());
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Failure::new(format!("{name} does not answer on 127.0.0.1:{port}; its log ends:\n{}", last_lines(log))))
}

fn answers(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_different_and_below_those_of_outgoing_connections() {
        let mut ports = free_ports::<40>().unwrap().to_vec();
        assert!(ports.iter().all(|port| PORTS.contains(port)), "{ports:?}");
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 40);
    }
}
