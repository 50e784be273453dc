//! Processes that share a sign-in to IAM Identity Center whose refresh token works once.
#![cfg(all(unix, feature = "default-chain"))]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tucuxi::{Clock, Env, Fs, Session};
use tucuxi_core::{BoxFuture, SystemClock, format_rfc3339};
use tucuxi_testkit::{child, task, times};

const PROCESSES: usize = 8;
const FILE: &str = ".aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
const PROFILE: &str = "[profile dev]\nregion = eu-west-1\nsso_session = my-sso\nsso_account_id = 123456789012\n\
    sso_role_name = r\n[sso-session my-sso]\nsso_start_url = https://e.awsapps.com/start\nsso_region = us-east-1\n";
/// A refreshed sign-in lasts an hour, of which a round leaves 200 s: too little for any process to go on with it.
const ROUND: Duration = Duration::from_secs(3400);

fn first_round() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

/// The time that the test tells; waiting takes its time all the same.
#[derive(Clone, Debug)]
struct Told(Arc<Mutex<SystemTime>>);

impl Clock for Told {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock::default().sleep(duration)
    }
}

/// The token service and the portal: each refresh token works once, and its second use ends the sign-in.
#[derive(Debug, Default)]
struct Center {
    refreshes: u32,
    reused: u32,
    ended: bool,
    now: Duration,
}

impl Center {
    fn answer(&mut self, head: &str, body: &str) -> (u16, String) {
        if head.starts_with("POST /token ") {
            let current = format!(r#""refreshToken":"RT{}""#, self.refreshes);
            if self.ended || !body.contains(&current) {
                self.reused += 1;
                self.ended = true;
                return (400, r#"{"error":"invalid_grant"}"#.to_owned());
            }
            self.refreshes += 1;
            let number = self.refreshes;
            let token = format!(
                r#"{{"accessToken":"AT{number}","tokenType":"Bearer","expiresIn":3600,"refreshToken":"RT{number}"}}"#
            );
            return (200, token);
        }
        let current = format!("x-amz-sso_bearer_token: at{}\r\n", self.refreshes);
        if self.ended || !head.to_ascii_lowercase().contains(&current) {
            return (401, r#"{"message":"Session token not found or invalid"}"#.to_owned());
        }
        let ends = (self.now + Duration::from_secs(1200)).as_millis();
        let number = self.refreshes;
        (
            200,
            format!(
                r#"{{"roleCredentials":{{"accessKeyId":"ASIA{number}","secretAccessKey":"s","sessionToken":"t","expiration":{ends}}}}}"#
            ),
        )
    }
}

fn serve(mut stream: TcpStream, center: &Mutex<Center>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let (status, answer) = center.lock().unwrap().answer(&head, &String::from_utf8_lossy(&body));
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    )
}

fn listen() -> (String, Arc<Mutex<Center>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let center = Arc::<Mutex<Center>>::default();
    let served = Arc::clone(&center);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let center = Arc::clone(&served);
            std::thread::spawn(move || serve(stream, &center));
        }
    });
    (url, center)
}

/// Asks for credentials once for each time that it is told.
#[expect(clippy::print_stdout, reason = "its standard output goes to the test that started it")]
fn ask_when_told(task: &str) {
    let (url, home) = task.split_once(' ').unwrap();
    let clock = Told(Arc::new(Mutex::new(first_round())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let env = [("HOME", home), ("AWS_ENDPOINT_URL_SSO", url), ("AWS_ENDPOINT_URL_SSO_OIDC", url)];
        let context = tucuxi::system().with_env(Env::fake(env)).with_clock(clock.clone());
        let session = Session::builder().context(context).profile_name("dev").load().await.unwrap();
        for line in std::io::stdin().lines() {
            let seconds = line.unwrap().parse().unwrap();
            *clock.0.lock().unwrap() = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let answer = match session.credentials().provide_credentials().await {
                Ok(credentials) => credentials.access_key_id().to_owned(),
                Err(error) => error.report().replace('\n', " "),
            };
            println!("\nANSWER {answer}");
        }
    });
}

struct Asker {
    process: Child,
    tell: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Asker {
    fn start(url: &str, home: &Path) -> Self {
        let mut command = child("a_refresh_token_is_used_once_by_all", &format!("{url} {}", home.display()));
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let (tell, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, tell, answers }
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        while self.answers.read_line(&mut line).unwrap() > 0 {
            if let Some(answer) = line.strip_prefix("ANSWER ") {
                return answer.trim().to_owned();
            }
            line.clear();
        }
        panic!("a process ended");
    }
}

#[test]
fn a_refresh_token_is_used_once_by_all() {
    if let Some(task) = task() {
        return ask_when_told(&task);
    }
    let home: PathBuf = std::env::temp_dir().join(format!("tucuxi-turns-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&home));
    let sign_in = format!(
        r#"{{"startUrl":"https://e.awsapps.com/start","region":"us-east-1","accessToken":"AT0","expiresAt":"{}",
        "clientId":"C","clientSecret":"CS","registrationExpiresAt":"2030-01-01T00:00:00Z","refreshToken":"RT0","theirs":1}}"#,
        format_rfc3339(first_round())
    );
    let write = |name: &str, text: &str| {
        tucuxi_testkit::block_on(Fs::real().replace(&home.join(name), text.as_bytes())).unwrap();
    };
    write(FILE, &sign_in);
    write(".aws/config", PROFILE);

    let (url, center) = listen();
    let mut askers: Vec<Asker> = (0..PROCESSES).map(|_| Asker::start(&url, &home)).collect();
    let rounds = times(20, 100);
    for round in 1..=rounds {
        let now = (first_round() + ROUND * (round - 1)).duration_since(SystemTime::UNIX_EPOCH).unwrap();
        center.lock().unwrap().now = now;
        for asker in &mut askers {
            writeln!(asker.tell, "{}", now.as_secs()).unwrap();
        }
        for asker in &mut askers {
            assert_eq!(asker.answer(), format!("ASIA{round}"), "round {round}");
        }
        let center = center.lock().unwrap();
        assert_eq!((center.refreshes, center.reused, center.ended), (round, 0, false), "round {round}");
    }
    for Asker { mut process, tell, mut answers } in askers {
        drop(tell);
        answers.read_to_end(&mut Vec::new()).unwrap();
        assert!(process.wait().unwrap().success());
    }
    println!("NOTE: {PROCESSES} processes shared {rounds} refresh tokens, each used once");
    let kept = tucuxi_testkit::block_on(Fs::real().read(&home.join(FILE), 1 << 16)).unwrap();
    let kept = String::from_utf8(kept.to_vec()).unwrap();
    assert!(kept.contains(&format!("\"RT{rounds}\"")) && kept.contains("\"theirs\""), "{kept}");
    std::fs::remove_dir_all(home).unwrap();
}
