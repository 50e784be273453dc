//! The pages that a person sees. Whoever can reach them may decide: there is nobody to be protected here.

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use s3s::Body;

use crate::server::text;

/// Asks whether a program may sign in; the answer is sent to the same address.
pub(crate) fn question(program: &str, code: Option<&str>) -> Response<Body> {
    let code = code.map_or_else(String::new, |code| format!("<p>Its code is <b>{}</b>.</p>", escaped(code)));
    let program = escaped(program);
    page(
        StatusCode::OK,
        &format!(
            "<p>May <b>{program}</b> use the accounts of this sandbox?</p>{code}\
             <form method=\"post\"><button name=\"decision\" value=\"approve\">Approve</button> \
             <button name=\"decision\" value=\"deny\">Deny</button></form>"
        ),
    )
}

/// Asks for a device's code.
pub(crate) fn code_wanted() -> Response<Body> {
    let form = "<form><label>Code <input name=\"user_code\" autofocus></label> <button>Next</button></form>";
    page(StatusCode::OK, form)
}

pub(crate) fn told(status: StatusCode, text: &str) -> Response<Body> {
    page(status, &format!("<p>{}</p>", escaped(text)))
}

/// Shows a text to take along.
pub(crate) fn to_copy(words: &str, text: &str) -> Response<Body> {
    page(StatusCode::OK, &format!("<p>{}</p><pre><code>{}</code></pre>", escaped(words), escaped(text)))
}

pub(crate) fn redirect(to: &str) -> Response<Body> {
    let Ok(location) = HeaderValue::from_str(to) else {
        return told(StatusCode::BAD_REQUEST, "the redirect_uri holds a character that no header can carry");
    };
    let mut answer = text(StatusCode::FOUND, "");
    answer.headers_mut().insert(LOCATION, location);
    answer
}

fn page(status: StatusCode, body: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html>\n<meta charset=\"utf-8\"><title>tucuxi sandbox</title>\
         <body style=\"font-family: sans-serif; margin: 4em auto; max-width: 40em\"><h1>tucuxi sandbox</h1>{body}\n"
    );
    let mut answer = text(status, html);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
