//! The property of RFC 5397: as whom the client is known.

use methodical_semantics::{
    principal::Represents,
    xml::{DAV, Writer},
};

use super::{
    property::{Cost, Property, PropertyContext, Set},
    rfc3744::href,
};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: DAV,
    name: "current-user-principal",
    in_allprop: false,
    set: Set::Protected,
    cost: Cost::Resource,
    spec: "RFC 5397 section 3",
    value: current_user_principal,
}];

/// A user whose name is too long for an address has none.
fn current_user_principal(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Some(name) = &about.asked.principal.name else {
        out.markup("<D:unauthenticated/>");
        return true;
    };
    let Some(path) = Represents::User.resource(name) else { return false };
    href(out, &path, false);
    true
}
