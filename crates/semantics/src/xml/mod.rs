//! XML as WebDAV uses it (RFC 4918 sections 8.2, 14 and 17): read within bounds, with namespaces
//! exact and the source at hand; written straight into a buffer.
//!
//! What is read has no document type declaration, no entities of its own, and no more of anything
//! than the limits here say, so that a small request cannot cost much (section 20.6).

mod bounds;
mod decode;
mod fragment;
mod lexer;
mod name;
mod prefixes;
mod reader;
mod writer;

pub use self::{
    name::Name,
    prefixes::{Prefixes, Tag},
    reader::{Document, Element},
    writer::Writer,
};
pub use decode::decode;

use crate::{condition::Condition, error::Error};

/// The namespace of WebDAV's own elements and properties.
pub const DAV: &str = "DAV:";

/// Bytes (1 MiB) of a document that is read, whatever the method takes: it is held in memory, as a
/// tree several times as large.
pub const XML_BYTES_MAX: usize = 1024 * 1024;

/// Elements inside each other. Documents of WebDAV nest ten deep; the rest is for dead properties.
pub const XML_DEPTH_MAX: usize = 128;

/// Nodes of a document, elements, comments and pieces of text alike: some 60 bytes each.
pub const XML_NODES_MAX: u32 = 50_000;

/// Attributes and declarations of one element, since each is compared with all others.
pub const XML_ATTRIBUTES_MAX: usize = 256;

/// Namespace declarations in force at one place, since elements that declare one more carry them
/// all.
pub const XML_PREFIXES_MAX: usize = 256;

/// The refusal of a document, for the reason given as one sentence.
pub(crate) fn refused(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::refused(Condition::BadContent, detail)
}
