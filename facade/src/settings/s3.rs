//! What is special to S3.

use tucuxi_core::Error;

use super::lookup::{flag, one_of};
use super::{Lookup, Setting};

/// What the `s3` section of the profile and the S3 variables say. Needs the feature `s3`.
///
/// Specification: <https://docs.aws.amazon.com/cli/latest/topic/s3-config.html>
#[derive(Clone, Debug, Default)]
pub struct S3Settings {
    addressing_style: Option<Setting<AddressingStyle>>,
    use_accelerate_endpoint: Option<Setting<bool>>,
    use_dualstack_endpoint: Option<Setting<bool>>,
}

/// Where the bucket's name goes. Needs the feature `s3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressingStyle {
    /// Into the host name where that is possible.
    Auto,
    /// Into the host name.
    Virtual,
    /// Into the path.
    Path,
}

impl S3Settings {
    pub(super) fn read(lookup: Lookup<'_>) -> Result<Self, Error> {
        Ok(Self {
            addressing_style: lookup.nested("s3", "addressing_style", AddressingStyle::read)?,
            use_accelerate_endpoint: lookup.nested("s3", "use_accelerate_endpoint", flag)?,
            use_dualstack_endpoint: lookup.nested("s3", "use_dualstack_endpoint", flag)?,
        })
    }

    /// `addressing_style` of the `s3` section.
    pub fn addressing_style(&self) -> Option<&Setting<AddressingStyle>> {
        self.addressing_style.as_ref()
    }

    /// `use_accelerate_endpoint` of the `s3` section.
    pub fn use_accelerate_endpoint(&self) -> Option<&Setting<bool>> {
        self.use_accelerate_endpoint.as_ref()
    }

    /// `use_dualstack_endpoint` of the `s3` section; beats that of the profile.
    pub fn use_dualstack_endpoint(&self) -> Option<&Setting<bool>> {
        self.use_dualstack_endpoint.as_ref()
    }
}

impl AddressingStyle {
    fn read(text: &str) -> Result<Self, Error> {
        Ok(match one_of(text, &["auto", "virtual", "path"])? {
            0 => Self::Auto,
            1 => Self::Virtual,
            _ => Self::Path,
        })
    }
}
