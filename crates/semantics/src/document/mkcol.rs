//! DAV:mkcol and DAV:mkcol-response (RFC 5689 sections 5.1 and 5.2): properties that a collection
//! has from the beginning.
//!
//! ```dtd
//! <!ELEMENT mkcol (set+) >
//! <!ELEMENT mkcol-response (propstat+) >
//! ```

use super::{
    multistatus::{Outcome, append_outcome},
    propertyupdate::{Instruction, bounded, set},
};
use crate::{
    condition::Condition,
    error::{Error, Result},
    xml::{Document, Prefixes, Writer, decode},
};

/// Reads the content of an extended MKCOL: what is to be set, in its order.
///
/// ```
/// use methodical_semantics::document::mkcol::parse;
/// let text = b"<mkcol xmlns='DAV:'><set><prop><displayname>a</displayname></prop></set></mkcol>";
/// assert_eq!(parse(text).unwrap().len(), 1);
/// ```
///
/// # Errors
/// `UnsupportedType` for another document: those are reserved (section 3). `BadContent` where it is
/// not well formed or too long; as [`decode`] and [`Document::parse`].
pub fn parse(content: &[u8]) -> Result<Vec<Instruction>> {
    let text = decode(content)?;
    let document = Document::parse(&text)?;
    let root = document.root();
    if !root.is_dav("mkcol") {
        let detail = "MKCOL takes a DAV:mkcol element, or no content.";
        return Err(Error::refused(Condition::UnsupportedType, detail));
    }
    let mut instructions = Vec::new();
    for child in root.dav_children("set") {
        set(&child, &mut instructions)?;
    }
    bounded(instructions)
}

/// The document that says why no collection was made.
///
/// ```
/// use http::StatusCode;
/// use methodical_semantics::{
///     document::{mkcol::response, multistatus::Outcome},
///     xml::Name,
/// };
/// let outcome = Outcome::of(StatusCode::FAILED_DEPENDENCY, vec![Name::dav("displayname")]);
/// let text = String::from_utf8(response(&[outcome])).unwrap();
/// assert!(text.contains("<D:mkcol-response xmlns:D=\"DAV:\"><D:propstat><D:prop>"));
/// ```
pub fn response(outcomes: &[Outcome]) -> Vec<u8> {
    let mut out = Writer::default();
    out.begin(ROOT, &Prefixes::default());
    for outcome in outcomes {
        append_outcome(&mut out, outcome);
    }
    out.end(ROOT);
    out.take()
}

const ROOT: &str = "mkcol-response";
