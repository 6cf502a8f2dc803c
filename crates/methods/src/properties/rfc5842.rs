//! The property of RFC 5842 that tells whether two addresses are those of one resource.

use methodical_semantics::xml::{DAV, Writer};

use super::property::{Cost, Property, PropertyContext, Set};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: DAV,
    name: "resource-id",
    // Section 3: not with DAV:allprop.
    in_allprop: false,
    set: Set::Protected,
    cost: Cost::Identity,
    spec: "RFC 5842 section 3.1",
    value: resource_id,
}];

/// Wherever the disk knows when a resource was made. What is asked for its name alone is told no
/// value.
fn resource_id(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Some(identifier) = &about.asked.identifier else {
        return about.resource.birth.is_some_and(|birth| birth.id().is_some());
    };
    let Some(id) = identifier.id(about.resource) else { return false };
    out.markup("<D:href>urn:uuid:");
    out.text(&id.to_string());
    out.markup("</D:href>");
    true
}
