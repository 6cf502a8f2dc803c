//! What the row of a live property says, and what its value is made of.

use std::sync::Arc;

use methodical_semantics::{
    document::propertyupdate::Given,
    lock::Locks,
    timestamp::Timestamp,
    xml::{Name, Writer},
};
use methodical_store::{
    beginning::Beginnings,
    properties::Properties,
    resource::{Birth, Identifier, Resource},
    store::DiskSpace,
    sync::Synchronizer,
};

use crate::admission::{policy::Policy, principal::Principal};

/// A live property. Everything that depends on it is computed from its row.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// The namespace of its name.
    pub namespace: &'static str,
    /// Its name within the namespace.
    pub name: &'static str,
    /// True if DAV:allprop asks for it, too (RFC 4918 section 9.1).
    pub in_allprop: bool,
    /// The effect that PROPPATCH has on it.
    pub set: Set,
    /// The cost of knowing its value.
    pub cost: Cost,
    /// The defining section: `RFC 4918 section 15.6`.
    pub spec: &'static str,
    /// Writes the value; says whether the resource has the property. Without, nothing counts that
    /// was written.
    pub value: fn(&PropertyContext<'_>, &mut Writer) -> bool,
}

/// The effect that PROPPATCH has on a property (RFC 4918 section 15).
#[derive(Debug, Clone, Copy)]
pub enum Set {
    /// Nothing: it says what the server knows.
    Protected,
    /// It is kept as it was sent, and told so.
    Dead,
    /// The value that was sent changes the resource itself, and is not kept; where the function
    /// reads nothing from it, it is kept as a dead property is.
    By(fn(&Given) -> Option<Effect>),
}

/// The effect of setting a property on its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Its content was last modified at this moment.
    Modified(Timestamp),
}

/// The cost of knowing a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Nothing but what is known of every resource.
    Resource,
    /// The tables of methods, properties and reports.
    Tables,
    /// One more look at the disk for each request.
    Disk,
    /// A look at everything below each resource.
    Tree,
    /// A look at what the store keeps of what resources are.
    Identity,
    /// A look at the first bytes of some files.
    Beginning,
}

/// The things that are known once for each request.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The operator's choices.
    pub policy: Arc<Policy>,
    /// The one who makes it.
    pub principal: Arc<Principal>,
    /// The moment of the request.
    pub now: Timestamp,
    /// All locks.
    pub locks: Arc<Locks>,
    /// The room on the disk of the target, where a property of [`Cost::Disk`] is asked for and the
    /// store knows.
    pub room: Option<DiskSpace>,
    /// The mark that tells the target, and the disk that it is on.
    pub birth: Option<Birth>,
    /// Tells the state of collections, where a property of [`Cost::Tree`] is asked for.
    pub synchronizer: Option<Arc<Synchronizer>>,
    /// Tells the ids of resources, where a property of [`Cost::Identity`] is asked for.
    pub identifier: Option<Arc<Identifier>>,
    /// Looks at the first bytes of files, where a property of [`Cost::Beginning`] is asked for.
    pub beginnings: Option<Arc<Beginnings>>,
}

/// A resource whose properties are asked for.
#[derive(Debug, Clone, Copy)]
pub struct PropertyContext<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Its dead properties, where they are asked for.
    pub dead: &'a Properties,
    /// All that is known of the request.
    pub asked: &'a RequestContext,
}

impl Property {
    /// Its expanded name.
    pub fn expanded(&self) -> Name {
        Name::new(self.namespace, self.name)
    }

    /// Returns whether PROPPATCH cannot set it.
    pub const fn is_protected(&self) -> bool {
        matches!(self.set, Set::Protected)
    }

    /// Returns whether a resource has it.
    pub fn is_defined(&self, about: &PropertyContext<'_>) -> bool {
        (self.value)(about, &mut Writer::default())
    }
}
