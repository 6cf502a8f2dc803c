//! The property of RFC 5397: as whom the client is known.

use methodical_semantics::xml::{DAV, Writer};

use super::{About, Cost, Property};

/// The rows.
pub const PROPERTIES: [Property; 1] = [Property {
    namespace: DAV,
    name: "current-user-principal",
    in_allprop: false,
    protected: true,
    cost: Cost::Tables,
    spec: "RFC 5397 section 3",
    value: current_user_principal,
}];

/// Nobody logs in here.
fn current_user_principal(_: &About<'_>, out: &mut Writer) -> bool {
    out.markup("<D:unauthenticated/>");
    true
}
