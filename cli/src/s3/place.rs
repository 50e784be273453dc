//! `s3://bucket/key`, as it is typed.

use std::fmt;
use std::str::FromStr;

/// A bucket with a key or prefix; the key is taken byte for byte, nothing in it is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl Place {
    /// The key, which must be there.
    pub(crate) fn object(&self) -> Result<&str, String> {
        if self.key.is_empty() {
            Err(format!("{self} names a bucket; write s3://{}/KEY", self.bucket))
        } else {
            Ok(&self.key)
        }
    }

    /// The bucket, without a key.
    pub(crate) fn only_bucket(&self) -> Result<&str, String> {
        if self.key.is_empty() {
            Ok(&self.bucket)
        } else {
            Err(format!("{self} names an object; write s3://{}", self.bucket))
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").ok_or_else(|| format!("{text:?} is no s3://BUCKET/KEY"))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("{text:?} names no bucket; write s3://BUCKET/KEY"));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_byte_for_byte() {
        for (text, bucket, key) in [
            ("s3://b", "b", ""),
            ("s3://b/", "b", ""),
            ("s3://b/k", "b", "k"),
            ("s3://b//k", "b", "/k"),
            ("s3://b/a%2Fb+c ?#d/../e", "b", "a%2Fb+c ?#d/../e"),
        ] {
            assert_eq!(text.parse(), Ok(Place { bucket: bucket.into(), key: key.into() }), "{text}");
        }
        for bad in ["", "b/k", "s3:/b", "s3://", "s3:///k", "S3://b"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
