//! The properties of RFC 4331: how much can be stored, by the disk's account. The resources that
//! share the room are all that are on the disk (sections 3 and 4).

use methodical_semantics::xml::{DAV, Writer};
use methodical_store::store::DiskSpace;

use super::property::{Cost, Property, PropertyContext, Set};

/// The rows.
#[rustfmt::skip]
pub const PROPERTIES: [Property; 2] = [
    row("quota-available-bytes", "RFC 4331 section 3", quota_available_bytes),
    row("quota-used-bytes", "RFC 4331 section 4", quota_used_bytes),
];

const fn row(
    name: &'static str,
    spec: &'static str,
    value: fn(&PropertyContext<'_>, &mut Writer) -> bool,
) -> Property {
    // Section 2: not with DAV:allprop.
    let (in_allprop, set, cost) = (false, Set::Protected, Cost::Disk);
    Property { namespace: DAV, name, in_allprop, set, cost, spec, value }
}

fn quota_available_bytes(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    bytes(about, |room| room.available, out)
}

fn quota_used_bytes(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    bytes(about, |room| room.used, out)
}

/// Section 2: on collections; not on one where another disk is mounted than the target's, which
/// tells the room there when it is asked itself.
fn bytes(about: &PropertyContext<'_>, of: fn(DiskSpace) -> u64, out: &mut Writer) -> bool {
    let (target, resource) = (about.asked.birth, about.resource);
    let is_there = match (target, resource.birth) {
        (Some(target), Some(birth)) => target.shares_volume(&birth),
        _ => true,
    };
    let room = about.asked.room.filter(|_| is_there && resource.is_collection());
    let Some(room) = room else { return false };
    out.number(of(room));
    true
}
