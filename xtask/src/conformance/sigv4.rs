//! Signatures against botocore's.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use http::request::Parts;
use serde::Deserialize;
use tucuxi_core::Credentials;
use tucuxi_sigv4::{Payload, Signer};

use super::random::Random;
use super::sigv4_case::{Case, Keys, Sign};
use super::worker::Worker;
use crate::arguments::Failure;
use crate::command::root;
use crate::venv::Venv;

const BOTOCORE: (&str, &[&str]) = ("botocore", &["botocore==1.43.11"]);
const BATCH: usize = 500;
const SHOWN: usize = 3;

/// What one side would send because it signed.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
struct Sent {
    /// `authorization` and the `x-amz-` headers that signing sets.
    headers: BTreeMap<String, String>,
    /// For a URL, its query in order.
    query: Vec<String>,
    /// For whoever looks into a difference.
    #[serde(default)]
    canonical_request: String,
}

pub(super) fn run(words: &[String]) -> Result<(), Failure> {
    let (seed, count) = options(words)?;
    match differences(seed, count)? {
        0 => Ok(()),
        different => Err(Failure::new(format!("{different} of {count} signatures differ from botocore's"))),
    }
}

/// Signs `count` requests on both sides; how many came out differently.
pub(super) fn differences(seed: u64, count: usize) -> Result<usize, Failure> {
    let venv = Venv::install(BOTOCORE)?;
    let script = root().join("xtask/src/conformance/sigv4_worker.py");
    let mut worker = Worker::start(Command::new(venv.program("python")).arg("-I").arg(script))?;
    let mut random = Random::new(seed);
    let keys: Vec<Keys> = (0..50).map(|_| Keys::new(&mut random)).collect();
    let mut ours = Ours::default();
    let (start, mut done, mut presigned, mut differences) = (Instant::now(), 0, 0, 0);
    while done < count {
        let cases: Vec<Case> = (0..BATCH.min(count - done)).map(|_| Case::new(&mut random, &keys)).collect();
        worker.ask(&serde_json::to_string(&cases).map_err(|error| Failure::new(error.to_string()))?)?;
        let signed: Vec<Sent> = cases.iter().map(|case| ours.sign(case)).collect::<Result<_, _>>()?;
        let theirs: Vec<Sent> = serde_json::from_str(&worker.answer()?)
            .map_err(|error| Failure::new(format!("botocore's answer is unreadable: {error}")))?;
        if theirs.len() != cases.len() {
            return Err(Failure::new("botocore answered a different number of requests"));
        }
        for ((case, ours_sent), theirs) in cases.iter().zip(&signed).zip(&theirs) {
            presigned += usize::from(case.expires_in.is_some());
            if (&ours_sent.headers, &ours_sent.query) != (&theirs.headers, &theirs.query) {
                differences += 1;
                if differences <= SHOWN {
                    print_difference(case, ours_sent, theirs, &ours.explain(case)?);
                }
            }
        }
        done += cases.len();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "sigv4: {done} random requests (seed {seed}, {presigned} of them presigned) signed here and by botocore: \
         {differences} differences, {seconds:.1} s"
    );
    Ok(differences)
}

fn options(words: &[String]) -> Result<(u64, usize), Failure> {
    let (mut seed, mut count) = (1, 100_000);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let number = words
            .next()
            .and_then(|number| number.parse::<u64>().ok())
            .ok_or_else(|| Failure::usage(format!("{word} takes a number")))?;
        match word.as_str() {
            "--seed" => seed = number,
            "--count" => count = usize::try_from(number).unwrap_or(usize::MAX),
            _ => return Err(Failure::usage(format!("{word} is not an option here; known: --seed --count"))),
        }
    }
    Ok((seed, count))
}

/// One signer for each service and region, as a program would have.
#[derive(Default)]
struct Ours(BTreeMap<(&'static str, &'static str), Signer>);

impl Ours {
    fn signer(&mut self, case: &Case) -> &Signer {
        self.0.entry((case.service, case.region)).or_insert_with(|| match case.service {
            "s3" => Signer::s3(case.region),
            service => Signer::new(case.region, service),
        })
    }

    fn sign(&mut self, case: &Case) -> Result<Sent, Failure> {
        let signer = self.signer(case);
        let mut parts = parts(case)?;
        let digest = digest(case)?;
        let (payload, credentials, at) = (payload(case, &digest), credentials(case), at(case));
        let outcome = match case.expires_in {
            Some(seconds) => signer.presign(&mut parts, payload, &credentials, at, Duration::from_secs(seconds)),
            None => signer.sign(&mut parts, payload, &credentials, at),
        };
        outcome.map_err(|error| Failure::new(format!("cannot sign {case:?}: {error}")))?;
        Ok(sent(case, &parts))
    }

    fn explain(&mut self, case: &Case) -> Result<String, Failure> {
        let signer = self.signer(case);
        let parts = parts(case)?;
        let digest = digest(case)?;
        let (payload, credentials, at) = (payload(case, &digest), credentials(case), at(case));
        let explained = match case.expires_in {
            Some(seconds) => signer.explain_presigned(&parts, payload, &credentials, at, Duration::from_secs(seconds)),
            None => signer.explain(&parts, payload, &credentials, at),
        };
        Ok(explained.map_err(|error| Failure::new(error.to_string()))?.canonical_request)
    }
}

fn parts(case: &Case) -> Result<Parts, Failure> {
    let uri = match case.query.is_empty() {
        true => case.url.clone(),
        false => format!("{}?{}", case.url, case.query),
    };
    let mut request = http::Request::builder().method(case.method).uri(&uri);
    for (name, value) in &case.headers {
        request = request.header(name, value.as_bytes());
    }
    let request = request.body(()).map_err(|error| Failure::new(format!("{uri} is no request: {error}")))?;
    Ok(request.into_parts().0)
}

fn credentials(case: &Case) -> Credentials {
    let credentials = Credentials::new(case.access_key_id.as_str(), case.secret_access_key.as_str());
    match &case.session_token {
        Some(token) => credentials.with_session_token(token.as_str()),
        None => credentials,
    }
}

fn at(case: &Case) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(case.at)
}

/// The body's SHA-256 where it is to be handed over, by way of a request that sends it.
fn digest(case: &Case) -> Result<String, Failure> {
    if case.payload != Sign::Digest {
        return Ok(String::new());
    }
    let request = http::Request::get("https://example.com/").body(()).map_err(|e| Failure::new(e.to_string()))?;
    let mut parts = request.into_parts().0;
    Signer::s3("us-east-1")
        .sign(&mut parts, Payload::Bytes(&case.body), &Credentials::new("AKID", "secret"), at(case))
        .map_err(|error| Failure::new(error.to_string()))?;
    Ok(header(&parts, "x-amz-content-sha256"))
}

fn payload<'a>(case: &'a Case, digest: &'a str) -> Payload<'a> {
    match case.payload {
        Sign::Body => Payload::Bytes(&case.body),
        Sign::Digest => Payload::Sha256Hex(digest),
        Sign::Unsigned => Payload::Unsigned,
        Sign::UnsignedTrailer => Payload::StreamingUnsignedTrailer,
    }
}

fn sent(case: &Case, parts: &Parts) -> Sent {
    let mut sent = Sent::default();
    if case.expires_in.is_some() {
        let pairs = parts.uri.query().unwrap_or_default().split('&');
        sent.query = pairs.map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") }).collect();
        sent.query.sort();
        return sent;
    }
    for name in ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"] {
        if parts.headers.contains_key(name) {
            sent.headers.insert(name.to_owned(), header(parts, name));
        }
    }
    sent
}

fn header(parts: &Parts, name: &str) -> String {
    let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.collect::<Vec<_>>().join(", ")
}

fn print_difference(case: &Case, ours: &Sent, theirs: &Sent, explained: &str) {
    println!("--- a difference\nrequest: {case:#?}");
    println!("here: {:#?}\n{:#?}\n{explained}\n", ours.headers, ours.query);
    println!("botocore: {:#?}\n{:#?}\n{}\n", theirs.headers, theirs.query, theirs.canonical_request);
}
