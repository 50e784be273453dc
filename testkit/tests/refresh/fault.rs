//! The table of faults.

use serde::Deserialize;
use tucuxi_core::HttpErrorKind;

/// One row of `faults/refresh.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) does: Does,
    denies: Vec<String>,
}

/// What a request meets.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    Fail(HttpErrorKind),
    Hang,
    Answer(u16, String),
    Credentials(Odd),
}

/// What is odd about credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    Cut,
    Expired,
    NoKey,
    NoSecret,
    Same,
}

impl Fault {
    pub(crate) fn all() -> Vec<Self> {
        let table: Table = toml::from_str(include_str!("../../faults/refresh.toml")).unwrap();
        table.fault.into_iter().map(Self::from).collect()
    }

    pub(crate) fn is_refusal(&self, source: &str) -> bool {
        self.denies.iter().any(|denies| denies == source)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    fault: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    does: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    denies: Vec<String>,
}

impl From<Row> for Fault {
    fn from(row: Row) -> Self {
        let Row { name, does, body, denies } = row;
        let (what, how) = does.split_once(' ').unwrap_or((&does, ""));
        let does = match (what, how) {
            ("error", "connect") => Does::Fail(HttpErrorKind::Connect),
            ("error", "tls") => Does::Fail(HttpErrorKind::Tls),
            ("error", "timeout") => Does::Fail(HttpErrorKind::Timeout),
            ("error", "closed") => Does::Fail(HttpErrorKind::Closed),
            ("error", "too-large") => Does::Fail(HttpErrorKind::TooLarge),
            ("error", "protocol") => Does::Fail(HttpErrorKind::Protocol),
            ("hang", "") => Does::Hang,
            ("status", code) => Does::Answer(code.parse().unwrap(), body),
            ("credentials", "cut") => Does::Credentials(Odd::Cut),
            ("credentials", "expired") => Does::Credentials(Odd::Expired),
            ("credentials", "no-key") => Does::Credentials(Odd::NoKey),
            ("credentials", "no-secret") => Does::Credentials(Odd::NoSecret),
            ("credentials", "same") => Does::Credentials(Odd::Same),
            _ => panic!("{name}: {does:?} is no fault"),
        };
        Self { name, does, denies }
    }
}
