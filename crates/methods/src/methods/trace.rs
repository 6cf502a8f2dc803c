//! TRACE sends the request back as it was received, for finding out what happens to it on its way
//! (RFC 9110 section 9.3.8). It is off unless the operator turns it on, and answered 405 then.
//!
//! The content is the request line and the header section (`message/http`), without
//! `Authorization`, `Cookie`, `Proxy-Authorization` and the fields that the operator keeps secret.
//!
//! ```http
//! > TRACE /notes.txt HTTP/1.1
//! > Host: example.com
//! > Cookie: secret=1
//! > Max-Forwards: 0
//! >
//! < HTTP/1.1 200 OK
//! < Content-Type: message/http
//! < Cache-Control: no-store
//! <
//! < TRACE /notes.txt HTTP/1.1
//! < Host: example.com
//! < Max-Forwards: 0
//! ```
//!
//! A request with content is refused (400). `Max-Forwards` must be a number, and is reflected:
//! whatever it says, an origin server is where the request ends (section 7.6.2).

use http::{StatusCode, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::max_forwards::MaxForwards,
};
use methodical_store::view::View;

use crate::{
    admission::switch::Switch,
    method::{Accepts, Applies, Fit, Method, Unasked},
    reply::{NOSNIFF, Reply},
    request::Request,
};

/// The row of TRACE.
pub const TRACE: Method = Method {
    summary: "Sends the request back as it was received.",
    accepts: Accepts::None(Unasked::Malformed),
    // RFC 9112 section 3.2.4: the asterisk-form is for OPTIONS alone.
    applies: Applies { server: Fit::No, ..Applies::EVERYWHERE },
    switch: Switch::Trace,
    scripts: false,
    spec: &["RFC 9110 section 9.3.8"],
    page: include_str!("trace.rs"),
    ..Method::reading("TRACE", trace)
};

fn trace(_: &View<'_>, request: &Request) -> Result<Reply> {
    if has_content(request) {
        return Err(Error::refused(
            Condition::UnexpectedContent,
            "A request to trace has no content.",
        ));
    }
    // An origin server ends the chain whatever the number says; that it is one is checked.
    MaxForwards::from_headers(&request.fields)
        .map_err(|malformed| Error::refused(Condition::BadField, format!("{malformed}.")))?;
    let mut reply = Reply::bytes(StatusCode::OK, "message/http", reflected(request));
    reply.fields.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    Ok(reply.with(header::CACHE_CONTROL, "no-store"))
}

/// Returns whether the head announces content; the framing of HTTP/2 shows it only where it is
/// received.
fn has_content(request: &Request) -> bool {
    let length = request.fields.get(header::CONTENT_LENGTH);
    request.fields.contains_key(header::TRANSFER_ENCODING)
        || length.is_some_and(|length| length != "0")
}

/// The head without the fields that hold secrets.
fn reflected(request: &Request) -> Vec<u8> {
    let mut reflected = Vec::with_capacity(request.head.len());
    let mut keep = true;
    for (at, line) in request.head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        // A line that begins with a blank continues the field above it.
        if at > 0 && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            keep = !is_secret(line, request);
        }
        if keep {
            reflected.extend_from_slice(line);
        }
    }
    reflected
}

fn is_secret(line: &[u8], request: &Request) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii();
    let omits = request.policy.trace_omits.iter().map(String::as_str);
    SECRETS.into_iter().chain(omits).any(|secret| name.eq_ignore_ascii_case(secret.as_bytes()))
}

/// Fields that are never sent back.
const SECRETS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];
