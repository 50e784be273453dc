//! Partitions: the separate clouds, each with its own host names.

/// One of AWS's separate clouds.
///
/// Specification: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    id: &'static str,
    dns_suffix: &'static str,
    dual_stack_suffix: &'static str,
    global_region: &'static str,
    prefixes: &'static [&'static str],
}

impl Partition {
    /// The name in ARNs: `aws`, `aws-cn`, `aws-us-gov`, ...
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The end of host names, for example `amazonaws.com`.
    pub fn dns_suffix(&self) -> &'static str {
        self.dns_suffix
    }

    /// The end of host names that also answer over IPv6, for example `api.aws`.
    pub fn dual_stack_suffix(&self) -> &'static str {
        self.dual_stack_suffix
    }

    /// The region that signs requests to services without regions.
    pub fn global_region(&self) -> &'static str {
        self.global_region
    }

    /// The partition of a region, by the form of its name; unknown forms belong to `aws`.
    pub fn of_region(region: &str) -> &'static Self {
        PARTITIONS
            .iter()
            .find(|partition| {
                partition.id.len() + "-global".len() == region.len()
                    && region.starts_with(partition.id)
                    && region.ends_with("-global")
                    || partition.prefixes.iter().any(|prefix| region.starts_with(prefix))
            })
            .unwrap_or(&PARTITIONS[0])
    }

    /// The partition with this name.
    #[inline]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PARTITIONS.iter().find(|partition| partition.id == id)
    }
}

const PARTITIONS: [Partition; 8] = [
    Partition {
        id: "aws",
        dns_suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        global_region: "us-east-1",
        prefixes: &[],
    },
    Partition {
        id: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
        global_region: "cn-northwest-1",
        prefixes: &["cn-"],
    },
    Partition {
        id: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
        global_region: "eusc-de-east-1",
        prefixes: &["eusc-"],
    },
    Partition {
        id: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
        global_region: "us-iso-east-1",
        prefixes: &["us-iso-"],
    },
    Partition {
        id: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
        global_region: "us-isob-east-1",
        prefixes: &["us-isob-"],
    },
    Partition {
        id: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
        global_region: "eu-isoe-west-1",
        prefixes: &["eu-isoe-"],
    },
    Partition {
        id: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
        global_region: "us-isof-south-1",
        prefixes: &["us-isof-"],
    },
    Partition {
        id: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        global_region: "us-gov-west-1",
        prefixes: &["us-gov-"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_fall_into_their_partition() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("mars-1", "aws"),
            ("aws-global", "aws"),
            ("cn-north-1", "aws-cn"),
            ("aws-cn-global", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-gov-east-1", "aws-us-gov"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-east-1", "aws-iso-f"),
        ] {
            assert_eq!(Partition::of_region(region).id(), partition, "{region}");
        }
    }
}
