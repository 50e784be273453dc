//! A value and where it was found.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use tucuxi_core::{Error, Location};

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Given in code.
    Code,
    /// A variable, by name.
    Variable(Cow<'static, str>),
    /// A line of a shared file.
    File(Location),
    /// EC2 instance metadata, asked because the program said so.
    Imds,
    /// Nobody said anything: what tucuxi takes then.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("given in code"),
            Self::Variable(name) => f.write_str(name),
            Self::File(location) => write!(f, "{location}"),
            Self::Imds => f.write_str("instance metadata"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it was found.
///
/// # Example
/// ```
/// use tucuxi::{Context, Env, Fs, Settings};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), tucuxi::Error> {
/// let context = Context::local()
///     .with_env(Env::fake([("AWS_REGION", "eu-west-1")]))
///     .with_fs(Fs::fake([("/none", "")]));
/// let settings = Settings::load(&context).await?;
/// let region = settings.region()?.ok_or_else(|| tucuxi::Error::invalid_config("no region"))?;
/// assert_eq!((region.value().as_str(), region.origin().to_string().as_str()), ("eu-west-1", "AWS_REGION"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    value: T,
    // Shared, since the code to drop an origin would stand wherever a setting is dropped.
    origin: Arc<Origin>,
}

impl<T> Setting<T> {
    /// A value with its origin.
    #[inline]
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin: shared(origin) }
    }

    /// The value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Where it was found.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), origin: self.origin }
    }
}

#[inline(never)]
fn shared(origin: Origin) -> Arc<Origin> {
    Arc::new(origin)
}

impl Setting<String> {
    /// The same origin with what `read` makes of the text; a complaint names origin and `key`.
    #[inline]
    pub(crate) fn read<T>(self, key: &str, read: fn(&str) -> Result<T, Error>) -> Result<Setting<T>, Error> {
        match read(&self.value) {
            Ok(value) => Ok(Setting { value, origin: self.origin }),
            Err(complaint) => Err(complain(&self.origin, key, &complaint)),
        }
    }
}

/// `AWS_USE_FIPS_ENDPOINT, endpoint_url at config:3`: where two keys were found.
#[cfg(any(feature = "sts", all(feature = "profile", any(feature = "sso", feature = "login"))))]
#[cold]
pub(super) fn both(one: (&str, &Origin), other: (&str, &Origin)) -> String {
    let mut text = String::new();
    for (key, origin) in [one, other] {
        if !text.is_empty() {
            text.push_str(", ");
        }
        if !matches!(origin, Origin::Variable(_)) {
            text.push_str(key);
            text.push_str(if matches!(origin, Origin::File(_)) { " at " } else { " " });
        }
        text.push_str(&origin.to_string());
    }
    text
}

/// `AWS_REGION: "x y" is not a region name`, or `config:3: region: "x y" is not a region name`.
#[cold]
pub(super) fn complain(origin: &Origin, key: &str, complaint: &Error) -> Error {
    let message = match origin {
        Origin::File(location) => format!("{location}: {key}: {complaint}"),
        Origin::Variable(name) => format!("{name}: {complaint}"),
        Origin::Code | Origin::Imds | Origin::Default => format!("{key} {origin}: {complaint}"),
    };
    let error = Error::new(complaint.kind(), message);
    match complaint.hint() {
        Some(hint) => error.with_hint(hint.to_owned()),
        None => error,
    }
}
