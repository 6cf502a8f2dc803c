//! Properties of no RFC by which clients give a resource the time at which its content was last
//! modified: that of Explorer, and that of ownCloud, Nextcloud and rclone.
//!
//! The time is that of the file, so that it is never an old one that somebody once set: who
//! changes the file, through this server or not, changes it.

use methodical_semantics::{
    header::oc_mtime,
    timestamp::Timestamp,
    xml::{DAV, Writer},
};

use super::property::{Cost, Effect, Property, PropertyContext, Set};

/// The rows.
pub const PROPERTIES: [Property; 2] = [
    Property {
        set: Set::By(|given| oc_mtime::parse(&given.text).map(Effect::Modified)),
        ..row(DAV, "lastmodified", "ownCloud, Nextcloud", lastmodified)
    },
    Property {
        set: Set::By(|given| Timestamp::from_http_date(given.text.trim()).map(Effect::Modified)),
        ..row(MICROSOFT, "Win32LastModifiedTime", "MS-WDVME", win32_last_modified_time)
    },
];

/// DAV:allprop leaves them out: DAV:getlastmodified says the same.
const fn row(
    namespace: &'static str,
    name: &'static str,
    spec: &'static str,
    value: fn(&PropertyContext<'_>, &mut Writer) -> bool,
) -> Property {
    let (in_allprop, set, cost) = (false, Set::Dead, Cost::Resource);
    Property { namespace, name, in_allprop, set, cost, spec, value }
}

/// In seconds since 1970.
fn lastmodified(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    out.text(&about.resource.modified.seconds().to_string());
    true
}

fn win32_last_modified_time(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    out.http_date(about.resource.modified);
    true
}

/// The namespace of the properties that Explorer sets.
const MICROSOFT: &str = "urn:schemas-microsoft-com:";
