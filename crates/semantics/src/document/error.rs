//! DAV:error (RFC 4918 sections 14.5 and 16): the condition that does not hold.
//!
//! ```dtd
//! <!ELEMENT error ANY >
//! ```

use super::append_condition;
use crate::{
    mount::Mount,
    path::Path,
    xml::{Prefixes, Writer},
};

/// The document: the condition, with the resources that stand in the way, and a sentence for people
/// in an element of our own, which programs leave aside.
///
/// ```
/// use methodical_semantics::{document::error::error, mount::Mount};
/// let text = error("propfind-finite-depth", &[], "Ask less.", &Mount::default());
/// let text = String::from_utf8(text).unwrap();
/// assert!(text.contains("<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/>"));
/// ```
pub fn error(
    condition: &'static str,
    resources: &[(Path, bool)],
    sentence: &str,
    mount: &Mount,
) -> Vec<u8> {
    let mut out = Writer::at(mount);
    out.begin(ROOT, &Prefixes::default());
    append_condition(&mut out, condition, resources);
    out.markup("<detail xmlns=\"tag:methodical,2026:\">");
    out.text(sentence);
    out.markup("</detail>");
    out.end(ROOT);
    out.take()
}

const ROOT: &str = "error";
