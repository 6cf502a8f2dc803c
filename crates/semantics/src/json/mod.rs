//! A JSON text (RFC 8259) that can be changed while every untouched byte stays as it was.
//!
//! The text is validated once (`Text`) and then opened lazily: an object or array becomes a list
//! of byte spans only when an operation reaches into it, and one level at a time (`Tree`).
//! Whatever was not opened is written back by copying its span.
//!
//! # Choices that RFC 8259 leaves open
//!
//! * An object may hold one name several times. Such members are kept as they are, but a reference
//!   to that name fails (RFC 6901 section 4), and such an object equals no object.
//! * A lone surrogate (`"\ud800"`) is kept, and equals the same lone surrogate.
//! * A byte order mark before the text is ignored and kept (section 8.1).
//!
//! # Bounds
//!
//! With n the bytes of the document and the patch together: opening costs O(n) in all, a lookup of
//! a name of length k costs O(k log n), an element O(n / 4096) steps over block headers, a copy
//! what it copies (and all copies together are bounded), a comparison what the patch's value is
//! long. Memory is a small multiple of n, 12 bytes an opened element and 36 a member, and whatever
//! the tree takes is charged to a [`Room`] before it is taken.

mod arena;
mod blank;
mod charge;
mod copy;
mod equal;
mod number;
mod object;
mod open;
mod refusal;
mod scan;
mod sequence;
mod string;
mod text;
mod texts;
mod tree;
mod value;
mod write;

pub use charge::Room;
pub(crate) use charge::{Charge, Unshared, entry};
pub(crate) use object::Found;
pub(crate) use refusal::Refusal;
pub(crate) use scan::{Fault, NESTING_MAX, validate};
pub(crate) use string::{decode, sort_names};
pub(crate) use text::{Head, Source, Span, TEXT_BYTES_CEILING, Text};
pub(crate) use tree::Tree;
pub(crate) use value::{Node, Slot};
