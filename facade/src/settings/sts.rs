//! What is special to the Security Token Service.

use tucuxi_core::Error;

use super::lookup::one_of;

/// Which endpoints of the Security Token Service are asked.
///
/// Specification: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StsEndpoints {
    /// That of the region.
    Regional,
    /// `sts.amazonaws.com` for the regions that are older than regional endpoints.
    Legacy,
}

impl StsEndpoints {
    pub(super) fn read(text: &str) -> Result<u32, Error> {
        one_of(text, &["regional", "legacy"])
    }

    /// The choice of this place among the words.
    pub(super) fn numbered(number: u32) -> Self {
        if number == 0 { Self::Regional } else { Self::Legacy }
    }
}
