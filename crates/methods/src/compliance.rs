//! What the DAV field says (RFC 4918 sections 10.1 and 18): computed from which methods are
//! written.

use crate::{method::Method, policy::Policy, table::find};

/// A class of compliance: it is met where all these methods are carried out.
struct Class {
    token: &'static str,
    methods: &'static [&'static str],
    /// Whether it means nothing to who may only read.
    for_writers: bool,
}

/// The value of DAV: the classes that are met, in the order of the registry, with what it does not
/// list behind; nothing where class 1
/// is not, without which there is no other.
///
/// A folder that may only be read is of class 1, too: what changes it is refused as it may be. But
/// locks are for those who write, and a client that sees class 2 takes the folder for writable.
pub fn classes(policy: &Policy) -> Option<String> {
    let is_met = |class: &&Class| {
        (policy.writable || !class.for_writers)
            && class.methods.iter().all(|name| find(name).is_some_and(Method::is_implemented))
    };
    let met: Vec<&str> = CLASSES.iter().filter(is_met).map(|class| class.token).collect();
    met.contains(&CLASS_1).then(|| met.join(", "))
}

const CLASSES: [Class; 5] = [
    Class { token: CLASS_1, methods: &BASIC, for_writers: false },
    Class { token: "2", methods: &["LOCK", "UNLOCK"], for_writers: true },
    // RFC 4918 section 18.3: as this specification has it, and not only RFC 2518.
    Class { token: "3", methods: &BASIC, for_writers: false },
    // RFC 5689 section 3.1.
    Class { token: "extended-mkcol", methods: &["MKCOL", "PROPPATCH"], for_writers: true },
    // Not registered; clients look for it before they send PATCH with a part of a file.
    Class { token: "sabredav-partialupdate", methods: &["PATCH"], for_writers: true },
];

const CLASS_1: &str = "1";

const BASIC: [&str; 10] =
    ["OPTIONS", "GET", "HEAD", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE"];
