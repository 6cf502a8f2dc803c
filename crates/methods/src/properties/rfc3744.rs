//! The properties of RFC 3744 section 4, which principal resources have, and the one of section 5.8
//! that tells where those are.

use methodical_semantics::{
    path::Path,
    principal::Represents,
    xml::{DAV, Writer},
};

use super::property::{Cost, Property, PropertyContext, Set};

/// The rows.
#[rustfmt::skip]
pub const PROPERTIES: [Property; 5] = [
    row("alternate-URI-set", "RFC 3744 section 4.1", alternate_uri_set),
    row("principal-URL", "RFC 3744 section 4.2", principal_url),
    row("group-member-set", "RFC 3744 section 4.3", group_member_set),
    row("group-membership", "RFC 3744 section 4.4", group_membership),
    row("principal-collection-set", "RFC 3744 section 5.8", principal_collection_set),
];

const fn row(
    name: &'static str,
    spec: &'static str,
    value: fn(&PropertyContext<'_>, &mut Writer) -> bool,
) -> Property {
    // Sections 4 and 5: not with DAV:allprop.
    let (in_allprop, set, cost) = (false, Set::Protected, Cost::Resource);
    Property { namespace: DAV, name, in_allprop, set, cost, spec, value }
}

/// Nothing else is known of anybody.
fn alternate_uri_set(about: &PropertyContext<'_>, _: &mut Writer) -> bool {
    about.resource.principal.is_some()
}

fn principal_url(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    href(out, &about.resource.path, false);
    about.resource.principal.is_some()
}

/// On groups: as many of the members as the one who asks may see.
fn group_member_set(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let principal = about.resource.principal.as_ref();
    let Some(members) = principal.and_then(|principal| principal.members.as_ref()) else {
        return false;
    };
    for member in members {
        href(out, member, false);
    }
    true
}

fn group_membership(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Some(principal) = &about.resource.principal else { return false };
    for group in &principal.membership {
        href(out, group, false);
    }
    true
}

/// Returns where somebody can log in at all.
fn principal_collection_set(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    for represents in Represents::ALL {
        href(out, &represents.collection(), true);
    }
    about.asked.policy.login.is_offered()
}

/// An element DAV:href with the address of a resource.
pub(super) fn href(out: &mut Writer, path: &Path, collection: bool) {
    out.markup("<D:href>");
    out.href(path, collection);
    out.markup("</D:href>");
}
