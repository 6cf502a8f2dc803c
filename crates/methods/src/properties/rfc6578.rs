//! The property of RFC 6578: the state that a collection is in, with everything below it.

use methodical_semantics::xml::{DAV, Writer};

use super::property::{Cost, Property, PropertyContext, Set};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: DAV,
    name: "sync-token",
    // Section 4: not with DAV:allprop.
    in_allprop: false,
    set: Set::Protected,
    cost: Cost::Tree,
    spec: "RFC 6578 section 4",
    value: sync_token,
}];

/// On collections. What is asked for its name alone is not looked at.
fn sync_token(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Some(synchronizer) = &about.asked.synchronizer else {
        return about.resource.is_synchronized();
    };
    if !about.resource.is_synchronized() {
        return false;
    }
    let Ok(token) = synchronizer.token(about.resource) else { return false };
    out.text(&token);
    true
}
