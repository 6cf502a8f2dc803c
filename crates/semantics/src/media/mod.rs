//! Media types by name: what a file's name implies, and what kinds of types there are.

mod beginning;
mod extension;
mod kind;
mod name;

pub use beginning::{BEGINNING_BYTES, Beginning, named, needs_a_look};
pub use extension::extension_of;
pub use kind::{is_active, is_json, is_range, is_text, same_type, says_nothing};
pub use name::{OCTET_STREAM, implied_by, is_implied_by};
