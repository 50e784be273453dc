//! The signing cases that AWS publishes, each in its folder: request and context, and for header and query
//! signing the canonical request, the string to sign, the signature and the signed request.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the cases are files, and a broken one fails the test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use http::request::Parts;
use serde_json::Value;
use tucuxi_core::{Credentials, parse_timestamp};
use tucuxi_sigv4::{Explanation, Payload, Rules, Signer};

/// Obsolete line folding, which `http::HeaderValue` cannot carry.
const SKIPPED: &str = "get-header-value-multiline";

#[test]
fn every_published_case_signs_as_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/sigv4/v4");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("NOT RUN: {} comparisons of sigv4/v4 (38 folders), which is not beside the workspace", 38 * 8);
        return;
    };
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let found = cases.len();
    cases.retain(|case| !case.ends_with(SKIPPED));
    assert_eq!((found, cases.len()), (38, 37));
    let compared: usize = cases.iter().map(|case| Case::read(case).check()).sum();
    assert_eq!(compared, 37 * 8);
    println!("NOT RUN: 8 comparisons of sigv4/v4/{SKIPPED}: a folded header line, which no header value holds");
}

struct Case {
    folder: PathBuf,
    name: String,
    request: Message,
    signer: Signer,
    credentials: Credentials,
    at: SystemTime,
    expires_in: Duration,
}

impl Case {
    fn read(folder: &Path) -> Self {
        let context: Value = serde_json::from_slice(&std::fs::read(folder.join("context.json")).unwrap()).unwrap();
        let word = |name: &str| context[name].as_str().unwrap().to_owned();
        let keys = &context["credentials"];
        let mut credentials =
            Credentials::new(keys["access_key_id"].as_str().unwrap(), keys["secret_access_key"].as_str().unwrap());
        if let Some(token) = keys["token"].as_str() {
            credentials = credentials.with_session_token(token);
        }
        let request = Message::parse(&std::fs::read_to_string(folder.join("request.txt")).unwrap());
        let mut rules = Rules::GENERAL;
        rules.normalize_path = context["normalize"].as_bool().unwrap();
        rules.content_sha256_header = context["sign_body"].as_bool().unwrap();
        rules.omit_session_token = context["omit_session_token"].as_bool().unwrap_or(false);
        // A URI cannot hold a blank: it is escaped there, and must not be escaped again.
        rules.double_encode = !request.target.contains(' ');
        Self {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            folder: folder.to_owned(),
            request,
            signer: Signer::new(&word("region"), &word("service")).with_rules(rules),
            credentials,
            at: parse_timestamp(&word("timestamp")).unwrap(),
            expires_in: Duration::from_secs(context["expiration_in_seconds"].as_u64().unwrap()),
        }
    }

    fn check(&self) -> usize {
        let payload = Payload::Bytes(self.request.body.as_bytes());
        let mut parts = self.request.parts();
        let explained = self.signer.explain(&parts, payload, &self.credentials, self.at).unwrap();
        let signature = self.signer.sign(&mut parts, payload, &self.credentials, self.at).unwrap();
        self.compare("header", &explained, signature.hex(), &parts);

        let mut parts = self.request.parts();
        let presign = (&self.credentials, self.at, self.expires_in);
        let explained = self.signer.explain_presigned(&parts, payload, presign.0, presign.1, presign.2).unwrap();
        let signature = self.signer.presign(&mut parts, payload, presign.0, presign.1, presign.2).unwrap();
        self.compare("query", &explained, signature.hex(), &parts);
        8
    }

    fn compare(&self, how: &str, explained: &Explanation, signature: &str, signed: &Parts) {
        let file = |what: &str| {
            std::fs::read_to_string(self.folder.join(format!("{how}-{what}.txt"))).unwrap().replace("\r\n", "\n")
        };
        let name = format!("{}/{how}", self.name);
        assert_eq!(explained.canonical_request, self.redact(&file("canonical-request")), "{name} canonical request");
        assert_eq!(explained.string_to_sign, file("string-to-sign"), "{name} string to sign");
        assert_eq!(signature, file("signature"), "{name} signature");
        let expected = Message::parse(&file("signed-request"));
        assert_eq!(signed.uri.to_string(), expected.target.replace(' ', "%20"), "{name} target");
        assert_eq!(sent(signed), sent(&expected.parts()), "{name} headers");
    }

    /// The published texts hold the token, ours do not; the string to sign has the digest of the full one.
    fn redact(&self, text: &str) -> String {
        let Some(token) = self.credentials.session_token() else { return text.to_owned() };
        let escaped = token.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        text.replace(token, "[redacted]").replace(&escaped, "[redacted]")
    }
}

struct Message {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Message {
    fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or_else(|| (text.trim_end(), ""));
        let mut lines = head.lines();
        let first = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let (method, target) = first.split_once(' ').unwrap();
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.to_owned(),
        }
    }

    fn parts(&self) -> Parts {
        let mut request = http::Request::builder().method(&*self.method).uri(self.target.replace(' ', "%20"));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }
}

fn sent(parts: &Parts) -> BTreeMap<String, Vec<String>> {
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &parts.headers {
        sent.entry(name.to_string()).or_default().push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    sent
}
