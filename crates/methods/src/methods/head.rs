//! HEAD is GET without the content (RFC 9110 section 9.3.2): the same status and the same fields,
//! `Content-Length` among them, which says how long the content of GET would be.
//!
//! ```http
//! > HEAD /notes.txt HTTP/1.1
//! > Host: example.com
//! >
//! < HTTP/1.1 200 OK
//! < Content-Type: text/plain; charset=utf-8
//! < Accept-Ranges: bytes
//! < Content-Length: 14
//! ```
//!
//! Preconditions count as they do for GET. `Range` is ignored: GET is the only method for which
//! ranges are defined (section 14.2).

use methodical_semantics::error::Result;
use methodical_store::view::View;

use crate::{
    content::selecting::{answer, or_gone},
    method::{AnswerContent, Applies, Asks, Class, Method, Preconditions},
    reply::Reply,
    request::Request,
};

/// The row of HEAD.
pub const HEAD: Method = Method {
    summary: "As GET, without the content.",
    applies: Applies::EXISTING,
    conditions: Preconditions::Selected,
    asks: Asks::Representation,
    answer: AnswerContent::Omitted,
    classes: &[Class::One, Class::Three],
    spec: &["RFC 9110 section 9.3.2"],
    page: include_str!("head.rs"),
    ..Method::reading("HEAD", head)
};

fn head(view: &View<'_>, request: &Request) -> Result<Reply> {
    or_gone(view, request, answer(view, request, |found, _, _| Ok(found.without_content())))
}
