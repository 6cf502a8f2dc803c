//! XML as WebDAV uses it (RFC 4918 sections 8.2, 14 and 17): read within bounds, with namespaces
//! exact and the source at hand; written straight into a buffer.
//!
//! What is read has no document type declaration, no entities of its own, and no more of anything
//! than the limits say, so that a small request cannot cost much (section 20.6).

mod bounds;
mod decode;
mod fragment;
mod lexer;
mod limits;
mod name;
mod prefixes;
mod reader;
mod refusal;
mod writer;

pub use self::{
    decode::decode,
    limits::{XML_ATTRIBUTES_MAX, XML_BYTES_MAX, XML_DEPTH_MAX, XML_NODES_MAX, XML_PREFIXES_MAX},
    name::{DAV, Name},
    prefixes::{Prefixes, Tag},
    reader::{Document, Element},
    writer::Writer,
};
pub(crate) use refusal::refused;
