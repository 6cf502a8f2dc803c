//! Properties of no RFC by which clients give a resource the time at which its content was last
//! modified: that of Explorer, and that of ownCloud, Nextcloud and rclone.
//!
//! The time is that of the file, so that it is never an old one that somebody once set: who
//! changes the file, through this server or not, changes it.

use methodical_semantics::{
    document::propertyupdate::Given,
    header::oc_mtime,
    timestamp::Timestamp,
    xml::{DAV, Name, Writer},
};

use super::property::{About, Cost, Property};

/// The rows.
pub const PROPERTIES: [Property; 2] = [
    row(DAV, "lastmodified", "ownCloud, Nextcloud", lastmodified),
    row(MICROSOFT, "Win32LastModifiedTime", "MS-WDVME", win32_last_modified_time),
];

/// DAV:allprop leaves them out: DAV:getlastmodified says the same.
const fn row(
    namespace: &'static str,
    name: &'static str,
    spec: &'static str,
    value: fn(&About<'_>, &mut Writer) -> bool,
) -> Property {
    let (in_allprop, protected, cost) = (false, false, Cost::Resource);
    Property { namespace, name, in_allprop, protected, cost, spec, value }
}

/// The moment that a client gives as the time of the last modification; nothing where the property
/// is another, or says no time.
pub(super) fn modified(given: &Given) -> Option<Timestamp> {
    let is = |namespace, name| given.name == Name::new(namespace, name);
    if is(MICROSOFT, "Win32LastModifiedTime") {
        return Timestamp::from_http_date(given.text.trim());
    }
    if is(DAV, "lastmodified") { oc_mtime::parse(&given.text) } else { None }
}

/// In seconds since 1970.
fn lastmodified(about: &About<'_>, out: &mut Writer) -> bool {
    out.text(&about.resource.modified.seconds().to_string());
    true
}

fn win32_last_modified_time(about: &About<'_>, out: &mut Writer) -> bool {
    out.http_date(about.resource.modified);
    true
}

/// The namespace of the properties that Explorer sets.
const MICROSOFT: &str = "urn:schemas-microsoft-com:";
