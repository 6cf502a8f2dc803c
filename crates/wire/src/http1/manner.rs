//! What the head of a request says of its answer and of the connection behind it.

use super::head::Head;
use crate::message::Protocol;

/// What a head says of its answer and of the connection behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Whether this is HTTP/1.0.
    pub(super) old: bool,
    pub(super) keeps_alive: bool,
}

impl Manner {
    /// What holds where there is no head.
    pub(super) const NONE: Self = Self { old: false, keeps_alive: false };

    /// What this head says.
    pub(super) fn of(head: &Head) -> Self {
        Self { old: head.old, keeps_alive: head.keeps_alive() }
    }

    /// The protocol, as the log has it.
    pub(super) const fn protocol(self) -> Protocol {
        if self.old { Protocol::Http10 } else { Protocol::Http11 }
    }
}
