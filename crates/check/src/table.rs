//! The table of all probes, and of what no examiner can see from outside.

use crate::probe::Probe;
use crate::probes as group;

/// The rows of all groups.
const GROUPS: &[&[Probe]] = &[
    group::general::PROBES,
    group::framing::PROBES,
    group::get_head::PROBES,
    group::conditional::PROBES,
    group::range::PROBES,
    group::put::PROBES,
    group::passive::PROBES,
];

/// All probes in the order in which they run.
pub fn probes() -> impl Iterator<Item = &'static Probe> {
    GROUPS.iter().flat_map(|group| group.iter())
}

/// The probe of an id.
pub fn probe(id: &str) -> Option<&'static Probe> {
    probes().find(|probe| probe.id.eq_ignore_ascii_case(id))
}

/// Ids of requirements that cannot be seen from outside, with the reason.
#[rustfmt::skip]
pub const UNSEEN: &[(&str, &str)] = &[
    ("COND-33", "needs a CalDAV server with scheduling and a second person who is invited"),
    ("GEN-35", "is about proxies; it takes an origin server behind one to see what is forwarded"),
    ("PUT-22", "filling up a quota is not gentle, and there may be none"),
];
