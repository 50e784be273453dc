//! A portal of IAM Identity Center that hands out one session, whoever asks with the right token.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::SystemTime;

use tucuxi::Credentials;

/// Answers one request, in a thread that ends with it; gives the URL to ask.
pub(crate) fn portal(token: &'static str, role: &'static str, credentials: &Credentials) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let expires = credentials.expires_at().unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let document = format!(
        r#"{{"roleCredentials":{{"accessKeyId":"{}","secretAccessKey":"{}","sessionToken":"{}","expiration":{expires}}}}}"#,
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().unwrap()
    );
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        answer(stream, token, role, &document);
    });
    url
}

fn answer(stream: TcpStream, token: &str, role: &str, document: &str) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let path = format!("GET /federation/credentials?role_name={role}&account_id=");
    let known = head.contains(&format!("x-amz-sso_bearer_token: {token}\r\n"));
    let (status, body) = match known && head.starts_with(&path) {
        true => ("200 OK", document),
        false => ("401 Unauthorized", r#"{"message":"no such session"}"#),
    };
    let length = body.len();
    let stream = reader.get_mut();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
}
