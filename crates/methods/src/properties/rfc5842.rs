//! The property of RFC 5842 that tells whether two addresses are those of one resource.

use methodical_semantics::xml::{DAV, Writer};

use super::{About, Cost, Property};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: DAV,
    name: "resource-id",
    // Section 3: not with DAV:allprop.
    in_allprop: false,
    protected: true,
    cost: Cost::Resource,
    spec: "RFC 5842 section 3.1",
    value: resource_id,
}];

/// On collections: they stay what they are when they are moved. A file is another one for the disk
/// after each change of its content.
fn resource_id(about: &About<'_>, out: &mut Writer) -> bool {
    let birth = about.resource.birth.filter(|_| about.resource.is_collection());
    let Some(id) = birth.and_then(|birth| birth.uuid()) else { return false };
    out.markup("<D:href>urn:uuid:");
    out.text(&id);
    out.markup("</D:href>");
    true
}
