//! The properties of RFC 4918 section 15.

use std::sync::LazyLock;

use methodical_semantics::{
    document::lockdiscovery::activelock,
    timestamp::Timestamp,
    xml::{DAV, Writer},
};
use methodical_store::resource::Kind;

use super::property::{Cost, Property, PropertyContext, Set};
use crate::{
    METHODS,
    content::media_types::{media_type, seen_type},
    method::Locks,
};

/// The rows. DAV:getcontentlanguage is none: in which language a file is, nobody tells.
#[rustfmt::skip]
pub const PROPERTIES: [Property; 9] = [
    row("creationdate", Cost::Resource, "RFC 4918 section 15.1", creationdate),
    Property { set: Set::Dead, ..row("displayname", Cost::Resource, "RFC 4918 section 15.2", displayname) },
    row("getcontentlength", Cost::Resource, "RFC 4918 section 15.4", getcontentlength),
    row("getcontenttype", Cost::Beginning, "RFC 4918 section 15.5", getcontenttype),
    row("getetag", Cost::Resource, "RFC 4918 section 15.6", getetag),
    row("getlastmodified", Cost::Resource, "RFC 4918 section 15.7", getlastmodified),
    row("lockdiscovery", Cost::Tables, "RFC 4918 section 15.8", lockdiscovery),
    row("resourcetype", Cost::Resource, "RFC 4918 section 15.9", resourcetype),
    row("supportedlock", Cost::Tables, "RFC 4918 section 15.10", supportedlock),
];

const fn row(
    name: &'static str,
    cost: Cost,
    spec: &'static str,
    value: fn(&PropertyContext<'_>, &mut Writer) -> bool,
) -> Property {
    Property { namespace: DAV, name, in_allprop: true, set: Set::Protected, cost, spec, value }
}

fn creationdate(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Some(created) = about.resource.created else { return false };
    out.rfc3339(created.max(EPOCH));
    true
}

/// The name of the resource, until somebody sets another; the root has none. That of whom it
/// represents (RFC 3744 section 4).
fn displayname(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    if let Some(principal) = &about.resource.principal {
        out.text(&principal.name);
        return true;
    }
    out.text(&about.resource.path.name_text());
    !about.resource.path.is_root()
}

fn getcontentlength(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    out.number(about.resource.length);
    about.resource.kind == Kind::File
}

fn getcontenttype(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    if about.resource.kind != Kind::File {
        return false;
    }
    let told = match &about.asked.beginnings {
        Some(seen) => seen_type(about.resource, seen),
        None => Some(media_type(about.resource)),
    };
    let Some(told) = told else { return false };
    out.text(&told);
    true
}

fn getetag(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let Some(etag) = about.resource.etag() else { return false };
    out.display(&etag);
    true
}

/// As GET has it: RFC 9110 section 8.8.2.1 knows no date later than that of the answer. For a
/// collection, when its members were last others.
fn getlastmodified(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    out.http_date(about.resource.modified.min(about.asked.now));
    true
}

/// Present where locks are, without one in it as long as there is none.
fn lockdiscovery(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let (resource, now) = (about.resource, about.asked.now);
    // Locks are known by where their resources truly stand.
    let truth = resource.facts_at.as_ref().unwrap_or(&resource.path);
    for lock in about.asked.locks.covering(truth, now) {
        activelock(out, lock, (truth, resource.is_collection()), now);
    }
    has_locks()
}

fn resourcetype(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    if about.resource.is_collection() {
        out.markup("<D:collection/>");
    }
    if about.resource.principal.is_some() {
        // RFC 3744 section 4.
        out.markup("<D:principal/>");
    }
    true
}

fn supportedlock(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    if about.asked.policy.writable {
        out.markup(
            "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope>\
             <D:locktype><D:write/></D:locktype></D:lockentry>\
             <D:lockentry><D:lockscope><D:shared/></D:lockscope>\
             <D:locktype><D:write/></D:locktype></D:lockentry>",
        );
    }
    has_locks()
}

fn has_locks() -> bool {
    static HAS: LazyLock<bool> = LazyLock::new(|| {
        METHODS.iter().any(|row| row.locks == Locks::Takes && row.is_implemented())
    });
    *HAS
}

/// Clients are known that take no date before it.
const EPOCH: Timestamp = Timestamp::new(0, 0);
