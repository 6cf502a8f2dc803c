//! Step 8: the answer to what a method replied or why it did not; the only place where an error
//! becomes a message.
//!
//! A client of WebDAV gets the element that its specification names, a browser that prefers HTML
//! gets a page, everybody else a problem document (RFC 9457): a title for the kind, a detail that
//! says what to do, nothing of the server's insides.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_content::Content;
use methodical_content::body::Body;
use methodical_methods::reply::Reply;
use methodical_semantics::{
    condition::Condition,
    document::{error as dav, multistatus::Multistatus},
    error::{Error, Refusal},
    mount::Mount,
    path::Path,
    xml::Prefixes,
};
use methodical_wire::message::Answer;

use crate::log::say;

/// The answer to what a method replied.
pub(crate) fn of_reply(reply: Reply) -> Answer {
    let Reply { status, mut fields, body, .. } = reply;
    ask_again(status, &mut fields);
    Answer { status, fields, body, close: false }
}

/// The answer to an error, in the form that the client reads best.
pub(crate) fn of_error(error: Error, accept: Option<&str>, mount: &Mount) -> Answer {
    match error {
        Error::Refused(refusal) => of_refusal(&refusal, accept, mount),
        Error::Members(members) => of_members(&members, mount),
        Error::Failed(cause) => {
            say(format_args!("a request failed: {cause}"));
            let title = "The server failed";
            let detail = "The server could not do this; its log says why.";
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            document(
                status,
                HeaderMap::new(),
                &problem("tag:methodical,2026:failed", status, title, detail),
            )
        }
    }
}

/// The answer to what is wrong with the message itself; the connection ends.
pub(crate) fn of_bad_message(condition: Condition, detail: &'static str) -> Answer {
    let mut answer = of_refusal(&Refusal::new(condition, detail), None, &Mount::default());
    answer.close = true;
    answer
}

/// Has caches ask again before they use what they may keep by a guess, which they otherwise do by
/// the status alone (RFC 9110 section 15.1, RFC 9111 section 4.2.2): nobody knows when what is not
/// there will be.
pub(crate) fn ask_again(status: StatusCode, fields: &mut HeaderMap) {
    if KEPT_BY_A_GUESS.contains(&status.as_u16()) && !fields.contains_key(header::CACHE_CONTROL) {
        fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
}

/// The answer to a refusal: the XML of WebDAV where the condition has an element there (RFC 4918
/// section 16) and the client does not ask for JSON, else a problem document or a page.
fn of_refusal(refusal: &Refusal, accept: Option<&str>, mount: &Mount) -> Answer {
    let (row, status) = (refusal.condition.row(), refusal.status());
    let mut fields = refusal.fields.clone();
    if status == StatusCode::SERVICE_UNAVAILABLE && !fields.contains_key(header::RETRY_AFTER) {
        // RFC 9110 section 15.6.4: what is taken now is free in a moment.
        fields.insert(header::RETRY_AFTER, RETRY_SECONDS);
    }
    // RFC 9110 section 12.5.5: Accept chose the form.
    fields.append(header::VARY, HeaderValue::from_static("Accept"));
    if let (Some(element), false) = (row.dav, accept.is_some_and(|accept| accept.contains("json")))
    {
        let document = dav::error(element, &refusal.resources, &refusal.detail, mount);
        return content(status, fields, XML, document);
    }
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return page(status, fields, row.title, &refusal.detail);
    }
    let kind = refusal.condition.problem_type();
    document(status, fields, &problem(&kind, status, row.title, &refusal.detail))
}

/// A problem document (RFC 9457).
fn problem(kind: &str, status: StatusCode, title: &str, detail: &str) -> serde_json::Value {
    serde_json::json!({
        "type": kind,
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    })
}

/// An answer with a problem document, indented for people who look at it in a terminal.
fn document(status: StatusCode, fields: HeaderMap, problem: &serde_json::Value) -> Answer {
    let mut text = format!("{problem:#}");
    text.push('\n');
    content(status, fields, "application/problem+json", text)
}

/// An answer with a text, which browsers must not take for another type.
fn content(
    status: StatusCode,
    mut fields: HeaderMap,
    kind: &'static str,
    text: impl Into<Bytes>,
) -> Answer {
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    ask_again(status, &mut fields);
    let body = Body::Content(Content::Bytes(text.into()));
    Answer { status, fields, body, close: false }
}

/// A page for people who came with a browser.
fn page(status: StatusCode, fields: HeaderMap, title: &str, detail: &str) -> Answer {
    let (title, detail, code) = (escape(title), escape(detail), status.as_u16());
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{code} {title}</title>\
         <body style=\"font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;\
         padding:0 1rem\"><h1 style=\"font-size:1.5rem\">{title}</h1><p>{detail}</p>\
         <p style=\"opacity:.6\">{code} {reason}</p>\n",
        reason = status.canonical_reason().unwrap_or_default(),
    );
    content(status, fields, "text/html; charset=utf-8", text)
}

/// 207: some members refuse (RFC 4918 section 13).
fn of_members(members: &[(Path, Refusal)], mount: &Mount) -> Answer {
    let mut multistatus = Multistatus::begin(&Prefixes::default(), mount);
    for (path, refusal) in members {
        let is_it = |(named, collection): &(Path, bool)| *collection && named == path;
        let collection = refusal.resources.iter().any(is_it);
        let mut response = multistatus.response(path, collection);
        response.status(refusal.status());
        if let Some(condition) = refusal.condition.row().dav {
            response.error(condition, &refusal.resources);
        }
        response.description(&refusal.detail);
        response.end();
    }
    content(StatusCode::MULTI_STATUS, HeaderMap::new(), XML, multistatus.end())
}

/// A text as HTML has it, in content and in attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// Seconds after which there may be room again.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// RFC 9110 section 15.1.
const KEPT_BY_A_GUESS: [u16; 12] = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501];

/// The media type of WebDAV's documents (RFC 4918 section 8.2).
const XML: &str = "application/xml; charset=utf-8";

/// There will be TLS for a year (RFC 6797 section 6.1.1: in seconds), for this name alone: what
/// other names beneath it serve is not ours to say.
pub(crate) const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
