//! Ctrl-C and its kin end the command wherever it is, and take everything with them that it started.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{Home, Run};

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_pipe_in_place_of_a_file() {
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG", "AWS_WEB_IDENTITY_TOKEN_FILE"] {
        let home = Home::new().var("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r").var("AWS_REGION", "eu-west-1");
        let path = home.join("pipe");
        pipe(&path);
        let home = home.var(variable, path.display().to_string());
        let child = start(&mut home.command(&["export"]));
        // Opened as soon as the command reads it, and nothing comes.
        let writer = File::options().write(true).open(&path).unwrap();
        send(&child, "-INT");
        Run::of(child.wait_with_output().unwrap()).expect(130, &["interrupted"]);
        drop(writer);
    }
}

#[test]
fn text_from_a_pipe_is_read() {
    let home = Home::new();
    let text = "[default]\naws_access_key_id = AKIDPIPE\naws_secret_access_key = s\n";
    std::fs::write(home.join("text"), text).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat text | AWS_SHARED_CREDENTIALS_FILE=/dev/fd/0 \"$0\" whoami", env!("CARGO_BIN_EXE_tucuxi")]);
    let command = home.command(&[]);
    shell.current_dir(home.path()).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", "/usr/bin:/bin");
    let run = Run::of(shell.output().unwrap());
    run.expect(0, &[]);
    assert!(run.stdout.contains("AKIDPIPE"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_helper_ends_with_the_command() {
    for (signal, code, word) in [("-INT", 130, "interrupted"), ("-TERM", 143, "terminated"), ("-HUP", 129, "terminal")]
    {
        let helper = "exec 3>up\necho up >&3\nsleep 60\necho orphan >&3\n";
        let home = Home::new().file("helper", helper).var("PATH", "/usr/bin:/bin");
        let process = format!("sh {}", home.join("helper").display());
        let home = home.file(".aws/config", format!("[default]\ncredential_process = {process}\n"));
        pipe(&home.join("up"));
        // Whatever runs the tests may have switched the hang-up off, as `nohup` does.
        let command = home.command(&["export"]);
        let mut env = Command::new("env");
        env.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_tucuxi"), "export"]).env_clear().stdin(Stdio::null());
        env.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(home.path());
        let child = start(&mut env);
        let mut up = BufReader::new(File::open(home.join("up")).unwrap());
        let mut said = String::new();
        up.read_line(&mut said).unwrap();
        send(&child, signal);
        Run::of(child.wait_with_output().unwrap()).expect(code, &[word]);
        // The other end closes when the helper is gone.
        up.read_to_string(&mut said).unwrap();
        assert_eq!(said, "up\n");
    }
}

/// What `nohup` does.
#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_that_is_switched_off_stays_so() {
    let home = Home::new();
    let path = home.join("pipe");
    pipe(&path);
    let home = home.var("AWS_CONFIG_FILE", path.display().to_string());
    let command = home.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" explain", env!("CARGO_BIN_EXE_tucuxi")]).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = start(&mut shell);
    let writer = File::options().write(true).open(&path).unwrap();
    send(&child, "-HUP");
    send(&child, "-INT");
    Run::of(child.wait_with_output().unwrap()).expect(130, &["interrupted"]);
    drop(writer);
}
