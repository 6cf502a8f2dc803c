//! The table of all probes, and of what no examiner can see from outside.
//!
//! Every requirement is either probed or listed in [`UNSEEN`] with the reason, so that nobody takes
//! silence for a pass. The order matters in one place: what is judged over all answers comes last.

use crate::probe::Probe;
use crate::probes as group;

/// The rows of all groups.
const GROUPS: &[&[Probe]] = &[
    group::general::PROBES,
    group::framing::PROBES,
    group::http2::PROBES,
    group::get_head::PROBES,
    group::conditional::PROBES,
    group::range::PROBES,
    group::negotiation::PROBES,
    group::options::PROBES,
    group::trace::PROBES,
    group::connect::PROBES,
    group::cors::PROBES,
    group::put::PROBES,
    group::delete::PROBES,
    group::post::PROBES,
    group::patch::PROBES,
    group::query::PROBES,
    group::webdav::PROBES,
    group::locking::PROBES,
    group::measured::PROBES,
    group::danger::PROBES,
    group::passive::PROBES,
];

/// All probes in the order in which they run.
pub fn probes() -> impl Iterator<Item = &'static Probe> {
    GROUPS.iter().flat_map(|group| group.iter())
}

/// The probe of an id.
///
/// ```
/// use methodical_check::{Mode, probe, probes};
///
/// assert_eq!(probe("put-01").unwrap().mode, Mode::Writes);
/// assert!(probes().count() > 300);
/// ```
pub fn probe(id: &str) -> Option<&'static Probe> {
    probes().find(|probe| probe.id.eq_ignore_ascii_case(id))
}

/// Ids of requirements that cannot be seen from outside, with the reason.
#[rustfmt::skip]
pub const UNSEEN: &[(&str, &str)] = &[
    ("COND-33", "needs a CalDAV server with scheduling and a second person who is invited"),
    ("CON-12", "needs a tunnel over HTTP/2 to a target that we may reset"),
    ("CON-14", "needs an address at which a WebSocket is served"),
    ("CORS-19", "how a server guards itself against plain forms from elsewhere is its own policy"),
    ("DEL-11", "a DELETE of the root is not harmless where it succeeds"),
    ("DEL-12", "is about caches; it takes one between us and the server"),
    ("GEN-35", "is about proxies; it takes an origin server behind one to see what is forwarded"),
    ("NEG-14", "is about proxies; it takes an origin server behind one"),
    ("NEG-16", "needs a resource that is known to have variants in several languages"),
    ("NEG-18", "whom content is for cannot be told by a program"),
    ("OPT-05", "is about proxies; it takes an origin server behind one"),
    ("OPT-06", "is about proxies; it takes an origin server behind one to see what is forwarded"),
    ("PAT-10", "is about proxies; it takes an origin server behind one to count requests"),
    ("POST-14", "is about proxies; it takes an origin server behind one to count requests"),
    ("POST-17", "needs a CalDAV server with scheduling"),
    ("PUT-22", "filling up a quota is not gentle, and there may be none"),
    ("QRY-05", "which well-formed query cannot be processed depends on the query language"),
    ("QRY-12", "is about clients: what they do with a redirect"),
    ("QRY-13", "is about clients: what they do with a 303"),
    ("QRY-16", "is about caches; it takes one between us and the server"),
    ("QRY-20", "is about clients: how they read Accept-Query"),
    ("TRC-05", "is about proxies; it takes an origin server behind one"),
    ("TRC-08", "is about proxies; it takes an origin server behind one"),
];
