//! GET asks for the current representation of a resource (RFC 9110 section 9.3.1).
//!
//! A file is answered with its bytes, its media type, a strong `ETag` that changes with every
//! change of the bytes, and `Last-Modified`. A collection is answered with its `index.html`, else
//! with the list of its members: HTML for browsers, `application/json` and `text/plain` for those
//! who ask for it, and plain text for curl. A collection that is named without its final slash is
//! redirected (301) to the name with the slash.
//!
//! ```http
//! > GET /notes.txt HTTP/1.1
//! > Host: example.com
//! > Range: bytes=0-4
//! >
//! < HTTP/1.1 206 Partial Content
//! < Content-Type: text/plain; charset=utf-8
//! < Content-Range: bytes 0-4/14
//! < Content-Length: 5
//! <
//! < Hello
//! ```
//!
//! * The media type is the one that was given with the content, else the one that the name implies.
//!   Text is said to be UTF-8 where its first 64 KiB are; `.ts` and `.mts` are TypeScript or
//!   `video/mp2t`, as their first bytes say; `.svgz` in gzip has `Content-Encoding: gzip`.
//! * Preconditions (section 13): `If-None-Match` and `If-Modified-Since` are answered 304,
//!   `If-Match` and `If-Unmodified-Since` that do not hold 412, in the order of section 13.2.2.
//! * Ranges (section 14): one range or several (`multipart/byteranges`), with `If-Range`. Where no
//!   range lies in the content the answer is 416 with the length in `Content-Range`; so it is for
//!   more than 64 ranges. Units other than `bytes` are ignored.
//!   An empty file has no parts: it is sent as it is, with 200. Neither has a list of members of
//!   more than 256 KiB, which is written while it is sent.
//! * `Cache-Control: no-cache`: caches may keep it, and ask whether it is still so before they use
//!   it, which `ETag` makes cheap (304).
//! * HTML, SVG and XML have `Content-Security-Policy: sandbox` where somebody can write or log in:
//!   one person's page cannot act with another's login. `--trust-content` says that all of it is
//!   the operator's own, as what can only be read, and without login, always is.
//! * Nothing there: 404, or 410 where something was deleted (section 15.5.11), to who names
//!   `text/html` in `Accept`: libraries that look whether a thing is there often know no other no
//!   than 404. Other methods than GET and HEAD never say 410.

use methodical_semantics::error::Result;
use methodical_store::view::View;

use crate::{
    content::{
        representation::Representation,
        selecting::{answer, or_gone},
    },
    method::{Applies, Asks, Class, Method, Preconditions},
    reply::Reply,
    request::Request,
};

/// The row of GET.
pub const GET: Method = Method {
    summary: "Transfers the current representation of a resource.",
    applies: Applies::EXISTING,
    conditions: Preconditions::Selected,
    asks: Asks::Representation,
    classes: &[Class::One, Class::Three],
    spec: &["RFC 9110 section 9.3.1"],
    page: include_str!("get.rs"),
    ..Method::reading("GET", get)
};

fn get(view: &View<'_>, request: &Request) -> Result<Reply> {
    or_gone(view, request, answer(view, request, Representation::ranged))
}
