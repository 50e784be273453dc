//! Where credentials came from.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A line of a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    path: Arc<Path>,
    line: u32,
}

impl Location {
    /// The given line, counted from 1, of the file at `path`.
    pub fn new(path: impl Into<PathBuf>, line: u32) -> Self {
        Self { path: Arc::from(path.into()), line }
    }

    /// Another line of the same file; shares the path.
    #[must_use]
    pub fn at_line(&self, line: u32) -> Self {
        Self { path: Arc::clone(&self.path), line }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// One source that took part in making credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Keys given in code or by flag.
    Explicit,
    /// Variables; the name is that of the access key id.
    Environment {
        /// The variable that held the access key id.
        variable: Cow<'static, str>,
    },
    /// A profile of the shared files asked for what follows.
    Profile(String),
    /// Keys in the shared credentials file.
    CredentialsFile(Location),
    /// Keys in the shared config file.
    ConfigFile(Location),
    /// The file named by `AWS_CREDENTIAL_FILE`.
    Ec2CredentialsFile(Location),
    /// A Boto2 configuration file.
    BotoConfig(Location),
    /// A `credential_process` helper.
    Process,
    /// IAM Identity Center, by session name or start URL.
    Sso(String),
    /// Console sign-in.
    Login(String),
    /// `AssumeRole`, by role ARN or name.
    AssumeRole(String),
    /// `AssumeRoleWithWebIdentity`, by role ARN or name.
    WebIdentity(String),
    /// `AssumeRoleWithSAML`, by role ARN or name.
    Saml(String),
    /// `GetSessionToken`, `GetFederationToken` or `AssumeRoot`, by operation.
    Sts(&'static str),
    /// The container endpoint, by host.
    Container(String),
    /// EC2 instance metadata, by role name.
    Imds(String),
    /// A provider of the program's own.
    Custom(Cow<'static, str>),
}

impl Source {
    /// Whether the old credentials are still served after they expired when this source cannot be reached.
    ///
    /// AWS keeps such sessions alive through an outage of the service that renews them; a helper program or
    /// a provider of the program's own makes no such promise.
    ///
    /// True for IAM Identity Center, console sign-in, every operation of the Security Token Service, the container
    /// endpoint and instance metadata.
    pub fn is_static_stable(&self) -> bool {
        matches!(
            self,
            Self::Sso(_)
                | Self::Login(_)
                | Self::AssumeRole(_)
                | Self::WebIdentity(_)
                | Self::Saml(_)
                | Self::Sts(_)
                | Self::Container(_)
                | Self::Imds(_)
        )
    }

    /// Where static keys stand in a file.
    pub(crate) fn location(&self) -> Option<&Location> {
        match self {
            Self::CredentialsFile(at) | Self::ConfigFile(at) | Self::Ec2CredentialsFile(at) | Self::BotoConfig(at) => {
                Some(at)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A table and one place that writes, not a `write!` for each.
        let (kind, name) = match self {
            Self::Explicit => ("explicit keys", ""),
            Self::Environment { variable } => ("environment ", &**variable),
            Self::Profile(name) => ("profile ", &**name),
            Self::CredentialsFile(_) => ("shared-credentials-file ", ""),
            Self::ConfigFile(_) => ("config-file ", ""),
            Self::Ec2CredentialsFile(_) => ("ec2-credentials-file ", ""),
            Self::BotoConfig(_) => ("boto-config ", ""),
            Self::Process => ("custom-process", ""),
            Self::Sso(session) => ("sso-session ", &**session),
            Self::Login(session) => ("login ", &**session),
            Self::AssumeRole(role) => ("assume-role ", role_name(role)),
            Self::WebIdentity(role) => ("assume-role-with-web-identity ", role_name(role)),
            Self::Saml(role) => ("assume-role-with-saml ", role_name(role)),
            Self::Sts(operation) => ("", *operation),
            Self::Container(host) => ("container-role ", &**host),
            Self::Imds(role) => ("iam-role ", &**role),
            Self::Custom(name) => ("", &**name),
        };
        f.write_str(kind)?;
        match self.location() {
            Some(at) => at.fmt(f),
            None => f.write_str(name),
        }
    }
}

/// The sources that acted, in order: `profile dev > sso-session corp > assume-role deploy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    sources: Vec<Source>,
    /// The lines that asked for some of the sources, by the places of these.
    asked_at: Vec<(usize, Location)>,
    past_expiry: bool,
}

impl Provenance {
    /// The sources in the order they acted.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The line that holds the keys of a source, or that of the profile which asked for it; by its place in
    /// [`sources`](Self::sources).
    pub fn location(&self, place: usize) -> Option<&Location> {
        let asked = self.asked_at.iter().find(|(asked, _)| *asked == place);
        asked.map(|(_, at)| at).or_else(|| self.sources.get(place)?.location())
    }

    /// The source that made the credentials, after whatever led to it.
    pub fn last(&self) -> Option<&Source> {
        self.sources.last()
    }

    /// Whether the credentials are handed out although they expired, because their source cannot be reached and AWS
    /// keeps such sessions alive meanwhile. `Display` then ends with ` (past expiry)`.
    pub fn is_past_expiry(&self) -> bool {
        self.past_expiry
    }

    pub(crate) fn mark_past_expiry(&mut self) {
        self.past_expiry = true;
    }

    /// The last source was asked for there.
    pub(crate) fn mark_asked_at(&mut self, location: Location) {
        // Keys of a file have a line of their own.
        if self.sources.last().is_some_and(|source| source.location().is_none()) {
            self.asked_at.push((self.sources.len() - 1, location));
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, source: Source) {
        self.sources.push(source);
    }

    #[inline]
    pub(crate) fn push_front(&mut self, source: Source) {
        self.asked_at.iter_mut().for_each(|(place, _)| *place += 1);
        self.sources.insert(0, source);
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sources.is_empty() {
            return f.write_str("explicit keys");
        }
        for (index, source) in self.sources.iter().enumerate() {
            if index > 0 {
                f.write_str(" > ")?;
            }
            source.fmt(f)?;
        }
        if self.past_expiry {
            f.write_str(" (past expiry)")?;
        }
        Ok(())
    }
}

fn role_name(arn: &str) -> &str {
    match last_part(arn, b':').strip_prefix("role/") {
        Some(path) if path.len() < arn.len() - "role/".len() => last_part(path, b'/'),
        _ => arn,
    }
}

/// What stands behind the last of these ASCII characters, by hand: the search of std is many times its size.
fn last_part(text: &str, end: u8) -> &str {
    text.bytes().rposition(|byte| byte == end).map_or(text, |at| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provenance_reads_as_a_path() {
        let mut provenance = Provenance::default();
        assert_eq!(provenance.to_string(), "explicit keys");
        provenance.push(Source::Sso("corp".into()));
        provenance.push(Source::AssumeRole("arn:aws:iam::123456789012:role/team/deploy".into()));
        provenance.push_front(Source::Profile("dev".into()));
        assert_eq!(provenance.to_string(), "profile dev > sso-session corp > assume-role deploy");
        provenance.mark_past_expiry();
        assert_eq!(provenance.to_string(), "profile dev > sso-session corp > assume-role deploy (past expiry)");
    }
}
