//! The order of a collection (RFC 3648 section 4.1).

use methodical_semantics::{header::ordering_type::UNORDERED, xml::Writer};
use methodical_store::facts::order::Ordering;

use super::property::{Cost, Property, PropertyContext, Set};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: "DAV:",
    name: "ordering-type",
    in_allprop: false,
    set: Set::Protected,
    cost: Cost::Resource,
    spec: "RFC 3648 section 4.1.1",
    value: ordering_type,
}];

fn ordering_type(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    if !about.resource.is_collection() {
        return false;
    }
    let ordering = Ordering::of(about.resource);
    out.markup("<D:href>");
    out.text(ordering.as_ref().map_or(UNORDERED, |ordering| ordering.of_type.uri()));
    out.markup("</D:href>");
    true
}
