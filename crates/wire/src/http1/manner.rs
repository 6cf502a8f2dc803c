//! The consequences of a head for its answer and for the connection behind it.

use super::head::Head;
use crate::message::Protocol;

/// The two things that are still needed of a head once the request was given away: the answer is
/// framed and the connection goes on by them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// True if this is HTTP/1.0.
    pub(super) old: bool,
    /// True if the client lets the connection go on (RFC 9112 section 9.3).
    pub(super) keeps_alive: bool,
}

impl Manner {
    /// The manner where there is no head: as HTTP/1.1, and for the last time.
    pub(super) const NONE: Self = Self { old: false, keeps_alive: false };

    /// Returns what this head says.
    pub(super) fn of(head: &Head) -> Self {
        Self { old: head.old, keeps_alive: head.keeps_alive() }
    }

    /// The protocol, as the log has it.
    pub(super) const fn protocol(self) -> Protocol {
        if self.old { Protocol::Http10 } else { Protocol::Http11 }
    }
}
