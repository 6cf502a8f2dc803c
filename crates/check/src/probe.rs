//! A probe: a row that says what is looked at, and the function that looks.

use crate::lab::Lab;
use crate::verdict::Outcome;

/// What a probe does to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only safe requests.
    Reads,
    /// It makes and changes resources of its own.
    Writes,
}

/// A property of a method that is measured, for the table of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// It changes nothing that can be seen.
    Safe,
    /// Twice is like once.
    Idempotent,
    /// Preconditions are honoured.
    Preconditions,
}

/// A row of the table of probes.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// The id of the requirement.
    pub id: &'static str,
    /// The method that it is about, `*` for any.
    pub method: &'static str,
    /// What it does to the server.
    pub mode: Mode,
    /// What it means for users when the requirement is not met.
    pub why: &'static str,
    /// Which property of the method it measures.
    pub shows: Option<Property>,
    /// Whether it applies only where the server offers the method.
    pub(crate) needs_offer: bool,
    pub(crate) run: fn(&Lab) -> Outcome,
}

/// A row that sends safe requests only.
pub(crate) const fn reads(
    id: &'static str,
    method: &'static str,
    why: &'static str,
    run: fn(&Lab) -> Outcome,
) -> Probe {
    Probe { id, method, mode: Mode::Reads, why, shows: None, needs_offer: true, run }
}

/// A row that needs the right to write.
pub(crate) const fn writes(
    id: &'static str,
    method: &'static str,
    why: &'static str,
    run: fn(&Lab) -> Outcome,
) -> Probe {
    Probe { id, method, mode: Mode::Writes, why, shows: None, needs_offer: true, run }
}

impl Probe {
    /// The same row as a measure of a property.
    pub(crate) const fn shows(mut self, property: Property) -> Self {
        self.shows = Some(property);
        self
    }

    /// The same row as a judge of the refusal itself: it runs also where the method is not offered.
    pub(crate) const fn judges_refusals(mut self) -> Self {
        self.needs_offer = false;
        self
    }
}
