use serde_json::Value;

use super::*;

/// What a request to this bucket would begin with, and the region that signs it.
fn resolve(options: &Options, region: &str, bucket: Option<&str>) -> Result<(String, String), Error> {
    let region = Region::new(region)?;
    options.check(&region)?;
    let endpoint = match bucket {
        Some(bucket) => options.bucket(&region, bucket, false)?,
        None => options.service(&region)?,
    };
    let scheme = if endpoint.https { "https" } else { "http" };
    let url = format!("{scheme}://{}{}", endpoint.authority, endpoint.path);
    Ok((url, signing_region(&region).to_owned()))
}

fn check(options: &Options, region: &str, bucket: Option<&str>, expected: Result<&str, &str>) {
    let found = resolve(options, region, bucket).map(|(url, _)| url).map_err(|error| error.to_string());
    assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{region} {bucket:?} {options:?}");
}

fn at(url: &str) -> Options {
    Options { custom: Some(Custom::parse(url).unwrap()), ..Options::default() }
}

#[test]
fn the_bucket_is_in_the_host_on_aws_and_in_the_path_elsewhere() {
    let aws = Options::default();
    check(&aws, "eu-west-1", None, Ok("https://s3.eu-west-1.amazonaws.com"));
    check(&aws, "eu-west-1", Some("bucket"), Ok("https://bucket.s3.eu-west-1.amazonaws.com"));
    check(&aws, "cn-north-1", Some("bucket"), Ok("https://bucket.s3.cn-north-1.amazonaws.com.cn"));
    check(&aws, "us-gov-west-1", Some("bucket"), Ok("https://bucket.s3.us-gov-west-1.amazonaws.com"));
    check(&aws, "us-iso-east-1", Some("bucket"), Ok("https://bucket.s3.us-iso-east-1.c2s.ic.gov"));
    check(&aws, "eusc-de-east-1", Some("bucket"), Ok("https://bucket.s3.eusc-de-east-1.amazonaws.eu"));
    check(&aws, GLOBAL, Some("bucket"), Ok("https://bucket.s3.amazonaws.com"));
    check(&aws, "eu-west-1", Some("my.bucket"), Ok("https://s3.eu-west-1.amazonaws.com/my.bucket"));
    check(&aws, "eu-west-1", Some("Upper"), Ok("https://s3.eu-west-1.amazonaws.com/Upper"));
    check(&aws, "eu-west-1", Some("10.0.0.1"), Ok("https://s3.eu-west-1.amazonaws.com/10.0.0.1"));
    check(&at("http://localhost:9000"), "x", Some("bucket"), Ok("http://localhost:9000/bucket"));
    check(&at("http://localhost:9000/"), "x", None, Ok("http://localhost:9000"));
    check(&at("https://h/base/"), "x", Some("b u"), Ok("https://h/base/b%20u"));
    let virtually = |url| Options { addressing: Addressing::Virtual, ..at(url) };
    check(&virtually("http://s3.test:81"), "x", Some("my.bucket"), Ok("http://my.bucket.s3.test:81"));
    check(&virtually("https://s3.test"), "x", Some("my.bucket"), Ok("https://s3.test/my.bucket"));
    check(&virtually("http://[::1]:9000"), "x", Some("bucket"), Ok("http://[::1]:9000/bucket"));
}

#[test]
fn what_makes_and_removes_buckets_is_never_accelerated() {
    let options = Options { accelerate: true, ..Options::default() };
    let region = Region::new("eu-west-1").unwrap();
    let host = |control| options.bucket(&region, "bucket", control).unwrap().authority.to_string();
    assert_eq!(host(false), "bucket.s3-accelerate.amazonaws.com");
    assert_eq!(host(true), "bucket.s3.eu-west-1.amazonaws.com");
}

#[test]
fn an_endpoint_must_be_a_plain_url() {
    for (url, expected) in [
        ("https://u:SEKRIT@h", "the S3 endpoint URL holds a user name"),
        ("localhost:9000", "the S3 endpoint URL is neither http nor https"),
        ("ftp://h", "the S3 endpoint URL is neither http nor https"),
        ("https://h/?x=SEKRIT", "the S3 endpoint URL holds a query"),
        ("https://h h", "the S3 endpoint URL is no URL"),
        ("", "the S3 endpoint URL is no URL"),
        ("/path", "the S3 endpoint URL is neither http nor https"),
    ] {
        let error = Custom::parse(url).unwrap_err();
        assert_eq!(error.to_string(), expected, "{url}");
        assert!(!error.report().contains("SEKRIT"), "{url}");
    }
}

#[test]
fn hosts_tell_their_region() {
    for (host, expected) in [
        ("bucket.s3.eu-west-1.amazonaws.com", Some("eu-west-1")),
        ("bucket.s3-eu-west-1.amazonaws.com", Some("eu-west-1")),
        ("https://bucket.s3-us-west-2.amazonaws.com/key", Some("us-west-2")),
        ("s3.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
        ("bucket.s3.amazonaws.com", None),
        ("s3.amazonaws.com", None),
        ("example.com", None),
    ] {
        assert_eq!(region_of_host(host).as_ref().map(Region::as_str), expected, "{host}");
    }
}

/// Why a case of the shared vectors is about something this crate does not do.
fn beyond(params: &Value) -> Option<&'static str> {
    let bucket = params["Bucket"].as_str().unwrap_or_default();
    let on = |name: &str| params[name].as_bool() == Some(true);
    if bucket.starts_with("arn:") {
        return Some("ARNs of access points, Object Lambda, Outposts and multi-region access points");
    }
    if on("UseS3ExpressControlEndpoint") || bucket.ends_with("--x-s3") || bucket.ends_with("--xa-s3") {
        return Some("S3 Express");
    }
    if bucket.ends_with("--op-s3") || bucket.contains("--op-s3") {
        return Some("aliases of access points on Outposts");
    }
    on("UseObjectLambdaEndpoint").then_some("WriteGetObjectResponse of Object Lambda")
}

#[test]
fn shared_vectors_resolve_as_aws_has_it() {
    let Some(text) = tucuxi_testkit::shared_vectors(env!("CARGO_MANIFEST_DIR"), "endpoints/s3.json", 197) else {
        return;
    };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let mut left_out = std::collections::BTreeMap::<&str, usize>::new();
    let mut run = 0;
    for case in vectors["testCases"].as_array().unwrap() {
        let params = &case["params"];
        match beyond(params) {
            Some(what) => *left_out.entry(what).or_default() += 1,
            None => {
                check_vector(&case["documentation"], params, &case["expect"]);
                run += 1;
            }
        }
    }
    for (what, cases) in &left_out {
        eprintln!("NOT RUN: {cases} cases of endpoints/s3.json, out of scope: {what}");
    }
    assert_eq!(run + left_out.values().sum::<usize>(), 197);
    assert!(run >= 84, "{run}");
}

fn check_vector(name: &Value, params: &Value, expected: &Value) {
    let on = |name: &str| params[name].as_bool() == Some(true);
    let bucket = params["Bucket"].as_str();
    let mut region = params["Region"].as_str().unwrap();
    // The legacy option means what the pseudo-region means, where it means anything.
    let special = on("UseFIPS") || on("UseDualStack") || on("Accelerate") && bucket.is_some();
    if on("UseGlobalEndpoint") && region == "us-east-1" && !special {
        region = GLOBAL;
    }
    let custom = params["Endpoint"].as_str().map(|url| Custom::parse(url).unwrap());
    let addressing = if on("ForcePathStyle") { Addressing::Path } else { Addressing::Virtual };
    let options = Options {
        custom,
        addressing,
        dual_stack: on("UseDualStack"),
        fips: on("UseFIPS"),
        accelerate: on("Accelerate"),
    };
    let found = resolve(&options, region, bucket);
    match (expected["endpoint"]["url"].as_str(), found) {
        (Some(url), Ok((found, signs_as))) => {
            assert_eq!(found, url, "{name}");
            let scheme = &expected["endpoint"]["properties"]["authSchemes"][0];
            assert_eq!(Some(signs_as.as_str()), scheme["signingRegion"].as_str(), "{name}");
        }
        (None, Err(error)) => assert_eq!(error.kind(), tucuxi_core::ErrorKind::InvalidConfig, "{name}"),
        (expected, found) => panic!("{name}: expected {expected:?}, found {found:?}"),
    }
}
