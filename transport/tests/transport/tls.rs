//! TLS, the certificates behind it, and tunnels.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tucuxi_core::{Env, Fs, HttpClient, HttpError, HttpErrorKind, HttpOptions};
use tucuxi_transport::{HyperClient, TransportOptions};

use crate::server::{Server, echo_head, fetch, get, put, read_head};

/// A certificate with its key, good for the given names.
struct Identity {
    pem: String,
    acceptor: TlsAcceptor,
}

impl Identity {
    fn new<const N: usize>(names: [&str; N]) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names.map(str::to_owned)).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        Self { pem: certificate.pem(), acceptor: Arc::new(config).into() }
    }

    /// A server that tells each client its own words, after the name that it asked for.
    async fn serve(&self) -> Server {
        let acceptor = self.acceptor.clone();
        Server::start(move |_, socket| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(socket).await else { return };
                let name = stream.get_ref().1.server_name().unwrap_or("no name").to_owned();
                while let Some(head) = read_head(&mut stream).await {
                    let seen = format!("{name} {head}");
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{seen}", seen.len());
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        })
        .await
    }
}

fn client(variables: &[(&str, &str)], bundle: &str, options: TransportOptions) -> HyperClient {
    HyperClient::new(&Env::fake(variables.iter().copied()), &Fs::fake([("/ca.pem", bundle)]), options)
}

fn trusting(identity: &Identity) -> HyperClient {
    client(&[("AWS_CA_BUNDLE", "/ca.pem")], &identity.pem, TransportOptions::default())
}

fn at(address: SocketAddr) -> HttpOptions {
    HttpOptions::default().with_connect_to(address)
}

#[tokio::test]
async fn a_trusted_certificate_is_accepted_and_the_connection_kept() {
    let identity = Identity::new(["s3.test"]);
    let server = identity.serve().await;
    let client = trusting(&identity);
    for _ in 0..3 {
        let (_, seen) = fetch(&client, get("https://s3.test/key?q"), at(server.address)).await.unwrap();
        assert!(seen.starts_with("s3.test GET /key?q HTTP/1.1\r\n") && seen.contains("host: s3.test\r\n"), "{seen}");
    }
    assert_eq!(server.connections(), 1);
    assert!(CryptoProvider::get_default().is_none(), "the process default is not ours to set");
}

#[tokio::test]
async fn an_address_can_be_certified_too() {
    let identity = Identity::new(["127.0.0.1"]);
    let server = identity.serve().await;
    let url = format!("https://{}/", server.address);
    let (_, seen) = fetch(&trusting(&identity), get(url), HttpOptions::default()).await.unwrap();
    assert!(seen.starts_with("no name GET / "), "{seen}");
}

#[tokio::test]
async fn an_early_answer_counts_through_tls_too() {
    let identity = Identity::new(["s3.test"]);
    let acceptor = identity.acceptor.clone();
    let server = Server::start(move |_, socket| {
        let acceptor = acceptor.clone();
        async move {
            // Or the answer waits behind the session ticket and is thrown away with the connection.
            socket.set_nodelay(true).unwrap();
            let mut stream = acceptor.accept(socket).await.unwrap();
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").await.unwrap();
            stream.flush().await.unwrap();
        }
    })
    .await;
    let client = trusting(&identity);
    for _ in 0..20 {
        let request = put("https://s3.test/", vec![0; 5_000_000]);
        assert_eq!(fetch(&client, request, at(server.address)).await.unwrap(), (403, "no".to_owned()));
    }
}

#[tokio::test]
async fn a_large_body_passes_through_tls() {
    let identity = Identity::new(["s3.test"]);
    let acceptor = identity.acceptor.clone();
    let server = Server::start(move |_, socket| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(socket).await.unwrap();
            read_head(&mut stream).await;
            let mut body = vec![0; 3_000_000];
            stream.read_exact(&mut body).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n").await.unwrap();
            stream.write_all(&body).await.unwrap();
            stream.flush().await.unwrap();
        }
    })
    .await;
    let sent = "0123456789".repeat(300_000);
    let options = at(server.address).with_body_limit(3_000_000);
    let (_, got) = fetch(&trusting(&identity), put("https://s3.test/key", sent.clone()), options).await.unwrap();
    assert!(got == sent);
}

/// Sends, and expects a failure of this kind.
async fn fails(client: &HyperClient, address: SocketAddr, kind: HttpErrorKind) -> String {
    let error: HttpError = client.send(get("https://s3.test/SEKRIT?SEKRIT"), at(address)).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!format!("{error:?}").contains("SEKRIT"), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn another_authority_is_refused_with_the_roots_that_were_used() {
    let (identity, other) = (Identity::new(["s3.test"]), Identity::new(["s3.test"]));
    let server = identity.serve().await;
    let message = fails(&trusting(&other), server.address, HttpErrorKind::Tls).await;
    assert!(message.contains("TLS with s3.test failed: invalid peer certificate"), "{message}");
    assert!(message.contains("/ca.pem (AWS_CA_BUNDLE)"), "{message}");
}

#[tokio::test]
async fn another_name_is_refused() {
    let identity = Identity::new(["s3.other.test"]);
    let server = identity.serve().await;
    let message = fails(&trusting(&identity), server.address, HttpErrorKind::Tls).await;
    assert!(message.contains("not valid for name"), "{message}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused() {
    let identity = Identity::new(["s3.test"]);
    let server = Server::start(|_, mut socket| async move {
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    fails(&trusting(&identity), server.address, HttpErrorKind::Tls).await;
}

#[tokio::test]
async fn a_handshake_that_breaks_off_is_a_connect_error() {
    let identity = Identity::new(["s3.test"]);
    let server = Server::start(|_, mut socket| async move {
        let mut hello = [0; 16];
        socket.read_exact(&mut hello).await.unwrap();
        socket.set_zero_linger().unwrap();
    })
    .await;
    let message = fails(&trusting(&identity), server.address, HttpErrorKind::Connect).await;
    assert_eq!(message, "s3.test broke off the TLS handshake");
}

#[tokio::test]
async fn a_bundle_that_cannot_be_used_is_named() {
    let identity = Identity::new(["s3.test"]);
    let server = identity.serve().await;
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let torn = "-----BEGIN CERTIFICATE-----\nAA*A\n-----END CERTIFICATE-----\n";
    for (path, bundle, expected) in [
        ("/missing.pem", "", "AWS_CA_BUNDLE: cannot read /missing.pem"),
        ("/ca.pem", "", "AWS_CA_BUNDLE: there is no certificate in /ca.pem"),
        ("/ca.pem", "just words", "AWS_CA_BUNDLE: there is no certificate in /ca.pem"),
        ("/ca.pem", torn, "AWS_CA_BUNDLE: /ca.pem is not PEM"),
        ("/ca.pem", garbage, "no certificate of /ca.pem (AWS_CA_BUNDLE) can be used as a root"),
    ] {
        let client = client(&[("AWS_CA_BUNDLE", path)], bundle, TransportOptions::default());
        let message = fails(&client, server.address, HttpErrorKind::Request).await;
        assert!(message.starts_with(expected), "{message}");
    }
}

#[tokio::test]
async fn the_setting_beats_the_variable_which_beats_that_of_python() {
    let identity = Identity::new(["s3.test"]);
    let server = identity.serve().await;
    let setting = TransportOptions::default().with_ca_bundle("/ca.pem");
    let none = TransportOptions::default();
    for (variables, options, expected) in [
        (&[("AWS_CA_BUNDLE", "/no.pem"), ("REQUESTS_CA_BUNDLE", "/ca.pem")][..], &none, Some("AWS_CA_BUNDLE: ")),
        (&[("AWS_CA_BUNDLE", "/no.pem")][..], &setting, None),
        (&[("AWS_CA_BUNDLE", " "), ("REQUESTS_CA_BUNDLE", "/no.pem")][..], &setting, None),
        (&[("REQUESTS_CA_BUNDLE", "/no.pem")][..], &none, Some("REQUESTS_CA_BUNDLE: ")),
        (&[("REQUESTS_CA_BUNDLE", "/ca.pem")][..], &none, None),
        (&[][..], &TransportOptions::default().with_ca_bundle("/no.pem"), Some("ca_bundle: ")),
    ] {
        let client = client(variables, &identity.pem, options.clone());
        match (client.send(get("https://s3.test/"), at(server.address)).await, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(message)) => assert!(error.to_string().starts_with(message), "{error}"),
            (answer, _) => panic!("{variables:?}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn the_bundle_is_read_at_the_first_tls_connection_and_no_sooner() {
    let identity = Identity::new(["s3.test"]);
    let server = identity.serve().await;
    let plain = Server::start(|_, mut socket| async move { while echo_head(&mut socket).await.is_some() {} }).await;
    let fs = Fs::fake([] as [(&str, &str); 0]);
    let client = HyperClient::new(&Env::fake([("AWS_CA_BUNDLE", "/ca.pem")]), &fs, TransportOptions::default());
    fetch(&client, get(plain.url("/")), HttpOptions::default()).await.unwrap();
    fails(&client, server.address, HttpErrorKind::Request).await;
    // A bundle that appears later is found, and one that was read is not read again.
    let set = |text: &str| fs.set(Path::new("/ca.pem"), text, std::time::SystemTime::UNIX_EPOCH);
    set(&identity.pem);
    fetch(&client, get("https://s3.test/"), at(server.address)).await.unwrap();
    set("");
    let again = identity.serve().await;
    fetch(&client, get("https://s3.test/"), at(again.address)).await.unwrap();
}

/// A proxy that opens tunnels to one address whatever it is asked for, with or without TLS to itself.
async fn tunnelling(
    to: SocketAddr,
    tls: Option<TlsAcceptor>,
    asked: tokio::sync::mpsc::UnboundedSender<String>,
) -> Server {
    Server::start(move |_, socket| {
        let (asked, tls) = (asked.clone(), tls.clone());
        async move {
            let mut near: Box<dyn Stream> = match tls {
                Some(acceptor) => Box::new(acceptor.accept(socket).await.unwrap()),
                None => Box::new(socket),
            };
            asked.send(read_head(&mut near).await.unwrap()).unwrap();
            near.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").await.unwrap();
            let mut far = TcpStream::connect(to).await.unwrap();
            let _ = copy_bidirectional(&mut near, &mut far).await;
        }
    })
    .await
}

trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Stream for T {}

#[tokio::test]
async fn tls_passes_a_proxy_through_a_tunnel() {
    let identity = Identity::new(["s3.test", "127.0.0.1"]);
    let server = identity.serve().await;
    for secure in [false, true] {
        let (asked, mut questions) = tokio::sync::mpsc::unbounded_channel();
        let proxy = tunnelling(server.address, secure.then(|| identity.acceptor.clone()), asked).await;
        let scheme = if secure { "https" } else { "http" };
        let url = format!("{scheme}://user:pass@{}", proxy.address);
        let variables = [("HTTPS_PROXY", url.as_str()), ("AWS_CA_BUNDLE", "/ca.pem")];
        let client = client(&variables, &identity.pem, TransportOptions::default());
        for _ in 0..2 {
            let (_, seen) = fetch(&client, get("https://s3.test/key"), HttpOptions::default()).await.unwrap();
            assert!(seen.starts_with("s3.test GET /key HTTP/1.1\r\n"), "{seen}");
            assert!(!seen.contains("proxy-authorization"), "{seen}");
        }
        let question = questions.recv().await.unwrap();
        assert!(question.starts_with("CONNECT s3.test:443 HTTP/1.1\r\nHost: s3.test:443\r\n"), "{question}");
        assert!(question.contains("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n"), "{question}");
        assert_eq!(proxy.connections(), 1);
    }
}
