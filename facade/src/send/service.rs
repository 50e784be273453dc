//! What each service is called, and where AWS has it. Pure.
//!
//! Specification: <https://docs.aws.amazon.com/general/latest/gr/rande.html>

use tucuxi_core::{Error, Partition, Region};

/// A service by its name in boto3 and the AWS CLI. A name that the table lacks stands for itself: as host, as what
/// signs, and in the names of settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service<'a> {
    name: &'a str,
    /// What the table says about it.
    words: &'static str,
}

/// A host, and the region that signs requests to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) region: String,
}

/// Which of a service's endpoints is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kind {
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

impl<'a> Service<'a> {
    /// # Errors
    /// `InvalidConfig` for text that could lead a request to another host.
    pub(crate) fn named(name: &'a str) -> Result<Self, Error> {
        let label = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if name.len() > 63 || !name.bytes().all(plain) || !name.split('.').all(label) {
            return Err(Error::invalid_config(format!("{name:?} is not the name of a service"))
                .with_hint("write it as boto3 and the AWS CLI do, such as ec2 or sagemaker-runtime"));
        }
        let words = TABLE.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap_or_default();
        Ok(Self { name, words })
    }

    /// What stands in signatures.
    pub(crate) fn signing_name(&self) -> &'a str {
        self.word("sign").unwrap_or_else(|| self.host())
    }

    /// What settings call it: `AWS_ENDPOINT_URL_<ID>`.
    pub(crate) fn id(&self) -> &'a str {
        self.word("id").unwrap_or(self.name)
    }

    /// Where it is; `None` when that takes a region.
    pub(crate) fn place(&self, region: Option<&Region>, kind: Kind) -> Option<Place> {
        let shape = match region {
            Some(region) => self.shape(region.as_str(), kind),
            None => self.word("at.none").or_else(|| self.shape_without_region())?,
        };
        let region = region.map_or(HOME, Region::as_str);
        let partition = Partition::of_region(region);
        let (host, signs) = shape.split_once('/').unwrap_or((shape, "<region>"));
        let plain = self.is_fips_anyway(partition, kind);
        let fill = |text: &str, suffix: &str| {
            text.replace("<host>", self.host())
                .replace("<fips>", if kind.fips && !plain { "-fips" } else { "" })
                .replace("<region>", region)
                .replace("<home>", partition.global_region())
                .replace("<suffix>", suffix)
                .replace("<ipv6>", partition.dual_stack_suffix())
        };
        // What the table says for IPv6 is the whole truth; otherwise only the end of the name differs.
        let suffix = match kind.dual_stack && self.word("dual").is_none() {
            true => partition.dual_stack_suffix(),
            false => partition.dns_suffix(),
        };
        Some(Place { host: fill(host, suffix), region: fill(signs, suffix) })
    }

    fn host(&self) -> &'a str {
        self.word("host").unwrap_or(self.name)
    }

    fn shape(&self, region: &str, kind: Kind) -> &'a str {
        let special = |key: &str| self.word(&format!("at.{key}"));
        let partition = Partition::of_region(region);
        let of_kind = match kind {
            Kind { dual_stack: true, .. } => self.word("dual"),
            Kind { fips: true, .. } if !self.is_fips_anyway(partition, kind) => self.word("fips"),
            _ => None,
        };
        of_kind
            .or_else(|| special(region))
            .or_else(|| special(partition.id()))
            .or_else(|| self.word("at"))
            .unwrap_or(REGION)
    }

    /// That of a service which is in one place for the whole partition.
    fn shape_without_region(&self) -> Option<&'a str> {
        let shape = self.shape(HOME, Kind::default());
        (!shape.contains("<region>")).then_some(shape)
    }

    /// The value of a word of the table: `host=api.ecr`.
    fn word(&self, key: &str) -> Option<&'a str> {
        let value = self.words.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        value.map(|value| if ["host", "sign", "id"].contains(&key) { value } else { shape_of(value) })
    }

    /// Whether the plain host has FIPS cryptography.
    fn is_fips_anyway(&self, partition: &Partition, kind: Kind) -> bool {
        partition.id() == GOV && !kind.dual_stack && self.words.split(' ').any(|word| word == "plain-fips")
    }
}

fn shape_of(word: &str) -> &str {
    SHAPES.iter().find(|(name, _)| *name == word).map_or(word, |(_, shape)| shape)
}

/// The shapes that have a name; after the slash stands the region that signs, where it is another one.
const SHAPES: [(&str, &str); 6] = [
    ("region", REGION),
    ("ipv6", "<host><fips>.<region>.<ipv6>"),
    ("home", "<host><fips>.<home>.<suffix>/<home>"),
    ("home-ipv6", "<host><fips>.<home>.<ipv6>/<home>"),
    ("world", "<host><fips>.<suffix>/<home>"),
    ("world-ipv6", "<host><fips>.global.<ipv6>/<home>"),
];
const REGION: &str = "<host><fips>.<region>.<suffix>";
/// The region of a program that knows none.
const HOME: &str = "us-east-1";
const GOV: &str = "aws-us-gov";
const TABLE: &str = include_str!("services.txt");

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Kind = Kind { fips: false, dual_stack: false };
    const FIPS: Kind = Kind { fips: true, dual_stack: false };
    const DUAL: Kind = Kind { fips: false, dual_stack: true };

    #[track_caller]
    fn check(name: &str, region: &str, kind: Kind, expected: Option<(&str, &str)>) {
        let region = (!region.is_empty()).then(|| Region::new(region).unwrap());
        let place = Service::named(name).unwrap().place(region.as_ref(), kind);
        let found = place.as_ref().map(|place| (place.host.as_str(), place.region.as_str()));
        assert_eq!(found, expected, "{name} in {region:?}");
    }

    #[test]
    fn the_region_its_partition_and_the_flags_make_the_host() {
        check("ec2", "eu-west-1", PLAIN, Some(("ec2.eu-west-1.amazonaws.com", "eu-west-1")));
        check("ec2", "cn-north-1", PLAIN, Some(("ec2.cn-north-1.amazonaws.com.cn", "cn-north-1")));
        check("ec2", "eu-west-1", FIPS, Some(("ec2-fips.eu-west-1.amazonaws.com", "eu-west-1")));
        check("ec2", "eu-west-1", DUAL, Some(("ec2.eu-west-1.api.aws", "eu-west-1")));
        check("ec2", "us-gov-west-1", FIPS, Some(("ec2.us-gov-west-1.amazonaws.com", "us-gov-west-1")));
        check("s3", "eu-west-1", DUAL, Some(("s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1")));
        check("ecr", "eu-west-1", PLAIN, Some(("api.ecr.eu-west-1.amazonaws.com", "eu-west-1")));
        check("ecr", "eu-west-1", DUAL, Some(("ecr.eu-west-1.api.aws", "eu-west-1")));
        check("dsql", "eu-west-1", PLAIN, Some(("dsql.eu-west-1.api.aws", "eu-west-1")));
        check("not-yet-known", "eu-west-1", PLAIN, Some(("not-yet-known.eu-west-1.amazonaws.com", "eu-west-1")));
    }

    #[test]
    fn some_services_are_in_one_place() {
        check("iam", "eu-west-1", PLAIN, Some(("iam.amazonaws.com", "us-east-1")));
        check("iam", "us-gov-east-1", PLAIN, Some(("iam.us-gov.amazonaws.com", "us-gov-west-1")));
        check("organizations", "eu-west-1", PLAIN, Some(("organizations.us-east-1.amazonaws.com", "us-east-1")));
        check("networkmanager", "eu-west-1", PLAIN, Some(("networkmanager.us-west-2.amazonaws.com", "us-west-2")));
        check("sdb", "us-east-1", PLAIN, Some(("sdb.amazonaws.com", "us-east-1")));
        check("sdb", "eu-west-1", PLAIN, Some(("sdb.eu-west-1.amazonaws.com", "eu-west-1")));
    }

    #[test]
    fn without_a_region_only_those_have_a_place() {
        check("iam", "", PLAIN, Some(("iam.amazonaws.com", "us-east-1")));
        check("sts", "", PLAIN, Some(("sts.amazonaws.com", "us-east-1")));
        check("ec2", "", PLAIN, None);
    }

    #[test]
    fn a_service_has_up_to_three_names() {
        let names = |name| {
            let service = Service::named(name).unwrap();
            (service.signing_name(), service.id())
        };
        assert_eq!(names("ec2"), ("ec2", "ec2"));
        assert_eq!(names("stepfunctions"), ("states", "sfn"));
        assert_eq!(names("bedrock-runtime"), ("bedrock", "bedrock-runtime"));
        assert_eq!(names("not-yet-known"), ("not-yet-known", "not-yet-known"));
    }

    #[test]
    fn text_that_is_no_host_label_is_refused() {
        for name in ["", "EC2", "ec2/x", "ec2.evil.example/", "a..b", "-a", "a-", "a b", "é", "a@b", "a:80"] {
            let error = Service::named(name).unwrap_err();
            assert!(error.to_string().contains("is not the name of a service"), "{name:?}: {error}");
        }
    }
}
