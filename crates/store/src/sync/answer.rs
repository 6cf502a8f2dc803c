//! What a client asks of a collection, and what it is told.

use methodical_semantics::path::Path;

use crate::walk::Reach;

/// The question of a client.
#[derive(Debug, Clone, Copy)]
pub struct SyncQuery<'a> {
    /// The token of the state that it knows; nothing where it knows none.
    pub since: Option<&'a str>,
    /// The depth below the collection.
    pub reach: Reach,
    /// The most members that it is told of at once; 1 at least.
    pub max: usize,
}

/// The changes since the state that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The members that changed, each once, a collection before what is in it.
    pub members: Vec<Member>,
    /// The token of what the client knows with these.
    pub token: String,
    /// True if there are more.
    pub is_cut: bool,
}

/// A member that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The place where it is, or was.
    pub path: Path,
    /// True if it is a collection, or was.
    pub is_collection: bool,
    /// The outcome of it.
    pub change: Change,
}

/// The outcome of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new, or another, or its content is (RFC 6578 section 3.5.1).
    Changed,
    /// It is gone (RFC 6578 section 3.5.2).
    Removed,
    /// It is a collection that is new or another, in which changes are not followed from here: a
    /// link leads to it (RFC 6578 section 3.3).
    Untraversed,
}
