//! What a PATCH makes of a representation (RFC 5789), one engine for each patch format.
//!
//! | media type | engine | specification |
//! |---|---|---|
//! | `application/json-patch+json` | [`json`] | RFC 6902, RFC 6901 |
//! | `application/merge-patch+json` | [`merge`] | RFC 7396 |
//! | `text/x-diff` | [`diff`] | unified format of POSIX `diff -u` |
//! | `message/byterange` and two more | [`byterange`] | draft-ietf-httpapi-patch-byterange |
//! | `application/x-sabredav-partialupdate` | [`partial_update`] | sabre/dav, de facto |
//!
//! An engine computes; it never changes what it was given. Either the whole result comes back or a
//! [`PatchError`] that says which status fits, where the fault lies and, in one sentence, what it
//! is (RFC 5789 section 2: the entire set of changes, or none of it).
//!
//! The JSON engines keep every byte that no operation touches: the order of members, the spelling
//! of numbers and the blanks between them (see [`crate::json`]).

pub mod byterange;
pub mod diff;
mod error;
pub mod json;
pub mod merge;
mod operation;
pub mod partial_update;
mod pointer;

pub use error::{At, PatchError};
