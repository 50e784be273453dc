//! The instance identity document.

use tucuxi_core::json::{self, member};
use tucuxi_core::{Error, Region};

use crate::wire::Answer;

/// Which instance this is. The document is not verified: its signature is not looked at.
///
/// Specification: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceIdentity {
    account_id: String,
    instance_id: String,
    region: Region,
    availability_zone: Option<String>,
}

impl InstanceIdentity {
    /// The account that the instance belongs to.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The instance, for example `i-1234567890abcdef0`.
    pub fn instance_id(&self) -> &str {
        &self.instance_id
    }

    /// The region that the instance is in.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The availability zone that the instance is in.
    pub fn availability_zone(&self) -> Option<&str> {
        self.availability_zone.as_deref()
    }

    // Compiled by whoever asks for it, which most programs do not.
    #[inline]
    pub(crate) fn parse(answer: &Answer<'_>) -> Result<Self, Error> {
        answer.expect_ok("the instance identity document")?;
        let unreadable = || answer.unreadable("an instance identity document");
        let (mut account_id, mut instance_id, mut region) = (String::new(), String::new(), String::new());
        let mut availability_zone = None;
        let members = vec![
            member("accountId", &mut account_id),
            member("instanceId", &mut instance_id),
            member("region", &mut region),
            member("availabilityZone", &mut availability_zone),
        ];
        json::read(answer.body, members).ok().ok_or_else(unreadable)?;
        let region = Region::new(region).ok().ok_or_else(unreadable)?;
        Ok(Self { account_id, instance_id, region, availability_zone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<(&str, &str, &str, Option<&str>)>) {
        let answer = Answer { host: "imds", status: http::StatusCode::OK, body: body.as_bytes() };
        let identity = InstanceIdentity::parse(&answer);
        let row = identity
            .as_ref()
            .ok()
            .map(|id| (id.account_id(), id.instance_id(), id.region().as_str(), id.availability_zone()));
        assert_eq!(row, expected, "{identity:?}");
    }

    #[test]
    fn documents() {
        check(
            r#"{"accountId":"123456789012","instanceId":"i-1","region":"us-west-2","availabilityZone":"us-west-2b",
                "privateIp":"10.0.0.1","devpayProductCodes":null}"#,
            Some(("123456789012", "i-1", "us-west-2", Some("us-west-2b"))),
        );
        check(r#"{"accountId":"1","instanceId":"i-1","region":"local"}"#, Some(("1", "i-1", "local", None)));
        for bad in ["", "{}", "[]", r#"{"accountId":1,"instanceId":"i","region":"r"}"#] {
            check(bad, None);
        }
        check(r#"{"accountId":"1","instanceId":"i-1","region":"evil.example/"}"#, None);
    }
}
