//! A probe: a row that says what is looked at, and the function that looks.
//!
//! The tables of [`crate::table`] are made of these rows, by the two functions [`reads`] and
//! [`writes`], and a row says all that is to be said of a probe: to add one takes a line in the
//! table of requirements and a row in the file of its group. The id joins the two; the level and
//! the section are the requirement's, the reason why people should care is the probe's.

use crate::lab::Lab;
use crate::verdict::Outcome;

/// The kind of a probe, by what it does to the server.
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
    /// The kind, by what it does to the server. A row that writes runs only where
    /// [`crate::Options::write`] is set.
    pub mode: Mode,
    /// The harm to people when the requirement is not met. One sentence, shown below a finding and
    /// by `check --explain`.
    pub why: &'static str,
    /// Which property of the method it measures.
    pub shows: Option<Property>,
    /// True if it applies only where the server offers the method. Where this is set and the server
    /// refuses the method as one that it does not have, the verdict is "not applicable" and no
    /// request of the probe is sent.
    pub(crate) needs_offer: bool,
    /// Looks, and says what was found; an error ends it early (see [`crate::verdict::Stop`]).
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
