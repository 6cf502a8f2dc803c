//! The reason for which what came is no request.
//!
//! A head that could be read in two ways is a way to smuggle a second request past a proxy (RFC
//! 9112 section 11.2), so nothing behind it is read either.

use methodical_semantics::condition::Condition;

/// The reason for which a head is refused, with one sentence for the client. The connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadHead(pub Condition, pub &'static str);
