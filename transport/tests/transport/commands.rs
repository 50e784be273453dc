//! Helper programs that behave, and those that do not.

use std::future::Future;
use std::time::Duration;

use tucuxi_core::{Command, CommandErrorKind, CommandOutput, RunCommand};
use tucuxi_transport::TokioCommands;

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh", ["-c", script]);
    command.limit = Duration::from_secs(60);
    command
}

async fn run(command: Command) -> Result<CommandOutput, (CommandErrorKind, String)> {
    TokioCommands.run(command).await.map_err(|error| (error.kind(), error.to_string()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_program_that_ends_leaves_output_and_code() {
    let output = run(shell("echo out; echo err >&2; exit 3")).await.unwrap();
    assert_eq!(
        (output.code, text(&output.stdout), text(&output.stderr_tail)),
        (Some(3), "out\n".into(), "err\n".into())
    );
    let output = run(shell("kill -9 $$")).await.unwrap();
    assert_eq!(output.code, None);
}

#[tokio::test]
async fn arguments_and_variables_arrive_as_they_are_and_nothing_on_standard_input() {
    let mut command =
        Command::new("/bin/sh", ["-c", "cat; printf '%s|%s|%s' \"$1\" \"$2\" \"$V\"", "sh", "a b", "$HOME;"]);
    command.variables.push(("V".into(), "x y".into()));
    assert_eq!(text(&run(command).await.unwrap().stdout), "a b|$HOME;|x y");
}

#[tokio::test]
async fn a_program_that_is_not_there_cannot_be_started() {
    let (kind, message) = run(Command::new("/no/such/program", ["SEKRIT"])).await.unwrap_err();
    assert_eq!((kind, message.as_str()), (CommandErrorKind::Start, "program cannot be started"));
}

#[tokio::test]
async fn output_up_to_the_limit_is_kept_and_more_is_too_much() {
    let printing = |bytes: usize, limit: usize| {
        let mut command = shell(&format!("head -c {bytes} /dev/zero"));
        command.output_limit = limit;
        run(command)
    };
    assert_eq!(printing(1000, 1000).await.unwrap().stdout.len(), 1000);
    let (kind, message) = printing(1001, 1000).await.unwrap_err();
    assert_eq!(
        (kind, message.as_str()),
        (CommandErrorKind::TooMuchOutput, "sh printed more than 1000 bytes and was killed")
    );
    assert_eq!(run(shell("yes")).await.unwrap_err().0, CommandErrorKind::TooMuchOutput);
}

#[tokio::test]
async fn only_the_last_words_on_standard_error_are_kept() {
    let output = run(shell("yes | head -c 1000000 >&2; printf end >&2")).await.unwrap();
    assert_eq!(output.stderr_tail.len(), 2048);
    assert!(output.stderr_tail.ends_with(b"end"));
}

/// A pipe whose other end programs inherit, so that its end shows that none of them is left.
struct Witness {
    reader: tokio::net::unix::pipe::Receiver,
    path: std::path::PathBuf,
}

impl Witness {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tucuxi-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        #[expect(clippy::disallowed_methods, reason = "the test itself starts it and waits for it")]
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let reader = tokio::net::unix::pipe::OpenOptions::new().open_receiver(&path).unwrap();
        Self { reader, path }
    }

    /// A script in which the program and one that it starts hold the pipe; the first reports when both run.
    fn script(&self, rest: &str) -> Command {
        shell(&format!("exec 3>'{}'; sleep 1000 & echo running >&3; {rest}", self.path.display()))
    }

    async fn running(&mut self) {
        let mut line = [0; 8];
        let mut got = 0;
        while got < line.len() {
            self.reader.readable().await.unwrap();
            match self.reader.try_read(&mut line[got..]) {
                Ok(0) => tokio::task::yield_now().await,
                Ok(read) => got += read,
                Err(_) => {}
            }
        }
        assert_eq!(&line, b"running\n");
    }

    async fn all_gone(&self) {
        let mut byte = [0];
        loop {
            self.reader.readable().await.unwrap();
            if let Ok(0) = self.reader.try_read(&mut byte) {
                return;
            }
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[tokio::test]
async fn a_program_that_hangs_is_killed_with_all_it_started() {
    let mut witness = Witness::new("hang");
    let mut command = witness.script("wait");
    command.limit = Duration::from_millis(200);
    let (kind, message) = run(command).await.unwrap_err();
    assert_eq!((kind, message.as_str()), (CommandErrorKind::Timeout, "sh did not end within 200ms and was killed"));
    witness.running().await;
    witness.all_gone().await;
}

#[tokio::test]
async fn a_descendant_that_holds_the_output_is_killed() {
    let mut witness = Witness::new("grandchild");
    let mut command = witness.script("exit 0");
    command.limit = Duration::from_millis(200);
    assert_eq!(run(command).await.unwrap_err().0, CommandErrorKind::Timeout);
    witness.running().await;
    witness.all_gone().await;
}

#[tokio::test]
async fn a_flood_is_killed_with_all_that_was_started() {
    let mut witness = Witness::new("flood");
    assert_eq!(run(witness.script("yes")).await.unwrap_err().0, CommandErrorKind::TooMuchOutput);
    witness.running().await;
    witness.all_gone().await;
}

#[tokio::test]
async fn a_program_that_nobody_waits_for_is_killed_with_all_it_started() {
    let mut witness = Witness::new("cancel");
    {
        let mut running = std::pin::pin!(run(witness.script("wait")));
        let mut begun = std::pin::pin!(witness.running());
        std::future::poll_fn(|cx| {
            assert!(running.as_mut().poll(cx).is_pending());
            begun.as_mut().poll(cx)
        })
        .await;
    }
    witness.all_gone().await;
}

#[tokio::test]
async fn a_descendant_that_holds_standard_error_alone_is_not_waited_for() {
    let output = run(shell("sleep 1000 >/dev/null & printf %s $!; printf last >&2")).await.unwrap();
    assert_eq!(text(&output.stderr_tail), "last");
    let left: i32 = text(&output.stdout).parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(left), nix::sys::signal::Signal::SIGKILL).unwrap();
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let mut running = std::pin::pin!(run(shell("exit 0")));
    match running.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(Err((kind, _))) => assert_eq!(kind, CommandErrorKind::Unwired),
        other => panic!("{other:?}"),
    }
}
