//! The faults, one by one, each with the probe that must see it.

mod connecting;
mod general;
mod measured;
mod patching;
mod reading;
mod sharing;
mod webdav;
mod writing;

use crate::server::{Fault, NONE, Reply, Req};

/// A fault and the probe that it must turn red.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    /// What the server must be like for the probe to apply.
    pub(crate) right: Fault,
    /// Whether that is another server than the plain one.
    pub(crate) special: bool,
    wrong: Fault,
}

impl Case {
    /// The fault on top of what the server must be like.
    pub(crate) fn fault(&self) -> Fault {
        self.wrong
    }
}

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    [
        general::CASES,
        reading::CASES,
        sharing::CASES,
        connecting::CASES,
        writing::CASES,
        patching::CASES,
        webdav::CASES,
        measured::CASES,
    ]
    .concat()
}

/// The answer is changed.
const fn after(id: &'static str, after: fn(&Req, &mut Reply)) -> Case {
    Case { id, right: NONE, special: false, wrong: Fault { after, ..NONE } }
}

/// The request is not seen as it came.
const fn before(id: &'static str, before: fn(&mut Req)) -> Case {
    Case { id, right: NONE, special: false, wrong: Fault { before, ..NONE } }
}

/// The server does it wrongly by itself.
const fn flag(id: &'static str, flags: &'static str) -> Case {
    Case { id, right: NONE, special: false, wrong: Fault { flags, ..NONE } }
}

/// The probe applies to a special server only.
const fn special(id: &'static str, right: Fault, wrong: Fault) -> Case {
    Case { id, right, special: true, wrong }
}

/// A special server, by how it answers.
const fn answers(
    id: &'static str,
    right: fn(&Req, &mut Reply),
    wrong: fn(&Req, &mut Reply),
) -> Case {
    special(id, Fault { after: right, ..NONE }, Fault { after: wrong, ..NONE })
}

/// Turns a status into another one.
fn turn(reply: &mut Reply, from: u16, to: u16) {
    if reply.status == from {
        reply.status = to;
    }
}
