//! The links of a resource (RFC 8288), as GET tells them in `Link`. No RFC has a property for them,
//! so that it is in a namespace of ours.

use methodical_semantics::{header::link, xml::Writer};
use methodical_store::facts::links::LINKS;

use super::property::{Cost, Property, PropertyContext, Set};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: OURS,
    name: "links",
    in_allprop: false,
    set: Set::Protected,
    cost: Cost::Resource,
    spec: "RFC 8288 section 3",
    value: links,
}];

/// The field's value. What is damaged is told by nobody.
fn links(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Ok(Some(links)) = about.resource.fact(&LINKS) else { return false };
    out.text(&link::text(&links));
    true
}

/// The namespace of what no specification names.
const OURS: &str = "tag:methodical,2026:";
