//! Fakes, contract checks, secret-leak canaries and a scenario runner, for the tests of every crate here.
//!
//! # Fakes
//! [`context`] is a [`Context`] in which nothing is real: no variables, no files, a
//! [`FakeClock`], and HTTP and commands that fail the test when they are used. Replace what a test needs:
//!
//! ```
//! use tucuxi_core::Env;
//! use tucuxi_testkit::{Exchange, ScriptedHttp, context};
//!
//! let http = ScriptedHttp::new([Exchange::get("http://169.254.170.2/role").answers(200, "{}")]);
//! let context = context().with_env(Env::fake([("AWS_REGION", "eu-west-1")])).with_http(http.clone());
//! # assert!(http.problems().len() == 1, "the exchange was not used");
//! ```
//!
//! [`block_on`] drives a future on the calling thread, without a runtime.
//!
//! # Secrets
//! A [`Canary`] is a secret that can be recognised: it is found in a text as it is, in part, and encoded.
//! [`capture`] collects everything that is logged through `tracing` meanwhile.
//!
//! # Contract
//! [`contract`] checks what holds for every provider; every provider crate runs it.
//!
//! # Scenarios
//! A folder is a case; [`scenarios`] runs every case of a folder. The format:
//!
//! | file | what |
//! |---|---|
//! | `case.toml` | what the case proves, what is given, what is expected |
//! | `env.toml` | variables: `NAME = "value"`; `HOME` is `/home/user` unless set here |
//! | `home/` | files, seen at `/home/user/` |
//! | `root/` | files, seen at `/`, for example `root/etc/boto.cfg` |
//! | `http.json` | exchanges in the order in which they must happen |
//! | `commands.json` | programs in the order in which they must run |
//!
//! `case.toml`; everything but `proves` and one of `access_key_id` and `error` is optional:
//!
//! ```toml
//! proves = "a role on an SSO profile signs with the SSO keys"
//! covers = ["assume-role:success"]        # for the table of [`covers`]
//!
//! [given]
//! profile = "dev"                         # given in code, as are region and settings
//! region = "eu-west-1"
//! now = "2026-01-01T00:00:00Z"
//! offline = false                         # with the offline HTTP client and command runner
//! unreadable = ["/home/user/.aws/config"] # reading it fails with permission denied
//! settings = { anything = "for the closure" }
//! addresses = { "localhost" = ["127.0.0.1"] }
//!
//! [expect]
//! access_key_id = "ASIAROLE"
//! secret_access_key = "SEKRIT"
//! session_token = "SEKRIT"                # "" for none
//! account_id = "123456789012"
//! expires_at = "2026-01-01T01:00:00Z"
//! provenance = ["profile dev", "sso-session corp", "assume-role deploy"]
//! facts = { region = "eu-west-1" }        # what the closure noted by `Case::note`
//!
//! # or, when it must fail:
//! error = "InvalidConfig"
//! message = ["AWS_PROFILE", "config:3"]   # each is in the error's report
//! attempts = ["env", "iam-role"]          # the links that the error lists
//! ```
//!
//! `http.json`: `headers` are those that must be there, with these values (a value of `null` means that the
//! header must not be there); `pieces` are headers whose value must hold this text; `body` lists pieces that the
//! request's body must hold. The answer is either a
//! `response` (its `body` is text, or JSON to be written out) or an `error`: `connect`, `tls`, `timeout`,
//! `closed`, `too-large`, `protocol`.
//!
//! ```json
//! [
//!   {"request": {"method": "PUT", "url": "http://169.254.169.254/latest/api/token",
//!                "headers": {"x-aws-ec2-metadata-token-ttl-seconds": "21600"}, "pieces": {"user-agent": "x/"},
//!                "body": []},
//!    "response": {"status": 200, "headers": {}, "body": "token"}},
//!   {"request": {"method": "GET", "url": "http://169.254.169.254/"}, "error": "connect"}
//! ]
//! ```
//!
//! `commands.json`: `[{"program": "helper", "arguments": ["a"], "code": 0, "stdout": {}, "stderr": ""}]`; a program
//! that does not come to its end has, instead of a code, an `error`: `start`, `timeout` or `too-much-output`.
//!
//! After each case: every exchange and command was used and none other, and no secret is in a log, a
//! `Debug` text, an error or a fact. Secrets are the secret and token of the credentials, and every word in
//! any file of the case that begins with `SEKRIT`; each must have at least 8 characters.

mod block;
mod canary;
mod children;
mod clock;
mod commands;
mod contract;
mod http;
mod logs;
mod scenario;
mod script;
mod spawn;
mod turns;
mod vectors;

pub use block::block_on;
pub use canary::{Canary, assert_no_leak, find_leak};
pub use children::{child, end_with_parent, task, times};
pub use clock::FakeClock;
pub use commands::FakeCommands;
pub use contract::{Contract, contract};
pub use http::{ScriptedHttp, Seen, response};
pub use logs::capture;
pub use scenario::{Case, Cover, covers, scenario, scenarios};
pub use script::Exchange;
pub use spawn::FakeSpawn;
pub use turns::{StandStill, TurnHolder};
pub use vectors::shared_vectors;

use tucuxi_core::{Context, Env, Fs};

/// A context in which nothing is real: no variables, no files, a [`FakeClock`] that sleeps without
/// waiting, HTTP that knows no exchange and commands that know no program.
pub fn context() -> Context {
    Context::local()
        .with_env(Env::fake::<String, String>([]))
        .with_fs(Fs::fake::<String, String>([]))
        .with_clock(FakeClock::auto())
        .with_http(ScriptedHttp::new([]))
        .with_commands(FakeCommands::none())
}
