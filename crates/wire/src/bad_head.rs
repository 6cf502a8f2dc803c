//! Why what came is no request.

use methodical_semantics::condition::Condition;

/// Why a head is refused, with one sentence for the client. The connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadHead(pub Condition, pub &'static str);
