//! What the head of a request says of its answer and of the connection behind it.

use methodical_methods::{method::Method, table};

use super::head::Head;

/// What a head says of its answer and of the connection behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Whether this is HTTP/1.0.
    pub(super) old: bool,
    pub(super) keeps_alive: bool,
    /// Whether the answer has no content, whatever it is.
    pub(super) omits_content: bool,
}

impl Manner {
    /// What holds where there is no head.
    pub(super) const NONE: Self = Self { old: false, keeps_alive: false, omits_content: false };

    /// What this head says.
    pub(super) fn of(head: &Head) -> Self {
        Self {
            old: head.old,
            keeps_alive: head.keeps_alive(),
            omits_content: table::find(&head.method).is_some_and(Method::omits_content),
        }
    }

    /// The protocol in the log.
    pub(super) const fn protocol(self) -> &'static str {
        if self.old { "HTTP/1.0" } else { "HTTP/1.1" }
    }
}
