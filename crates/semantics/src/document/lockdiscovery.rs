//! DAV:lockdiscovery (RFC 4918 sections 14.1 and 15.8): the locks that a resource is in the scope
//! of.
//!
//! ```dtd
//! <!ELEMENT lockdiscovery (activelock)* >
//! <!ELEMENT activelock (lockscope, locktype, depth, owner?, timeout?, locktoken?, lockroot)>
//! ```

use crate::{
    lock::{Lock, Scope},
    mount::Mount,
    path::Path,
    timestamp::Timestamp,
    xml::{Prefixes, Writer},
};

/// Writes a lock on a resource. `collection` says whether that resource is one.
pub fn activelock(
    out: &mut Writer,
    lock: &Lock,
    (resource, collection): (&Path, bool),
    now: Timestamp,
) {
    out.markup("<D:activelock><D:lockscope>");
    out.markup(match lock.scope {
        Scope::Exclusive => "<D:exclusive/>",
        Scope::Shared => "<D:shared/>",
    });
    out.markup("</D:lockscope><D:locktype><D:write/></D:locktype><D:depth>");
    out.display(lock.depth);
    out.markup("</D:depth>");
    if let Some(owner) = &lock.owner {
        out.element(owner);
    }
    out.markup("<D:timeout>Second-");
    out.number(lock.left(now).as_secs());
    out.markup("</D:timeout><D:locktoken><D:href>");
    out.text(&lock.token);
    out.markup("</D:href></D:locktoken><D:lockroot><D:href>");
    // What covers another resource than its root is a lock on a collection.
    out.href(&lock.root, collection || lock.root != *resource);
    out.markup("</D:href></D:lockroot></D:activelock>");
}

/// The answer to LOCK: DAV:prop with DAV:lockdiscovery (section 9.10.1).
///
/// ```
/// use methodical_semantics::{
///     document::lockdiscovery::document, mount::Mount, path::Path, timestamp::Timestamp,
/// };
/// let none: [&methodical_semantics::lock::Lock; 0] = [];
/// let text = document(none, (&Path::root(), true), Timestamp::new(0, 0), &Mount::default());
/// let text = String::from_utf8(text).unwrap();
/// assert!(text.contains("<D:prop xmlns:D=\"DAV:\"><D:lockdiscovery>"));
/// ```
pub fn document<'l>(
    locks: impl IntoIterator<Item = &'l Lock>,
    resource: (&Path, bool),
    now: Timestamp,
    mount: &Mount,
) -> Vec<u8> {
    let mut out = Writer::at(mount);
    out.begin(ROOT, &Prefixes::default());
    out.markup("<D:lockdiscovery>");
    for lock in locks {
        activelock(&mut out, lock, resource, now);
    }
    out.markup("</D:lockdiscovery>");
    out.end(ROOT);
    out.take()
}

const ROOT: &str = "prop";
