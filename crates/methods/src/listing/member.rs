//! Which members a list shows, and in which order.

use std::{cmp::Ordering, collections::BinaryHeap};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    name::visible,
    path::{Path, encode_segment},
};
use methodical_store::{resource::Resource, view::View};

use crate::request::Request;

/// Members that one list shows: what a client can make the server hold in memory for one answer,
/// some 300 bytes each.
pub const LISTING_MEMBERS_MAX: usize = 100_000;

/// Members of a collection, or a part of them.
pub(super) struct Listing {
    /// The collection.
    pub(super) of: Path,
    /// The members, in order.
    pub(super) members: Vec<Member>,
    /// Whether there are more behind these.
    more: bool,
}

/// A member of a collection.
pub(super) struct Member(pub(super) Resource);

impl Listing {
    /// A reference to the next part of the list, if there is one.
    pub(super) fn next(&self) -> Option<String> {
        let last = self.members.last().filter(|_| self.more)?;
        // Inside a query these two would end the name.
        let name = last.reference().replace('+', "%2B").replace('=', "%3D");
        Some(format!("?{AFTER}={name}"))
    }
}

impl Member {
    /// A reference to the member, relative to its collection.
    pub(super) fn reference(&self) -> String {
        // A colon would end a scheme (RFC 3986 section 4.2); an ampersand is awkward in HTML.
        let name = encode_segment(self.0.path.name()).replace(':', "%3A").replace('&', "%26");
        if self.0.is_collection() { name + "/" } else { name }
    }

    /// The name for people, a slash behind that of a collection. What would act without being
    /// seen or is no UTF-8 is shown as U+FFFD.
    pub(super) fn name(&self) -> String {
        let name = visible(&self.0.path.name_text());
        if self.0.is_collection() { name + "/" } else { name }
    }

    /// Whether the list for people folds it away.
    pub(super) fn is_folded(&self) -> bool {
        self.0.path.name().starts_with(b".")
    }

    /// The date and time of its last modification, in UTC: `2026-11-22 09:52:00`.
    pub(super) fn modified(&self) -> String {
        self.0.modified.rfc3339().replace('T', " ").replace('Z', "")
    }

    fn key(&self) -> (bool, &[u8]) {
        (!self.0.is_collection(), self.0.path.name())
    }
}

impl Ord for Member {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Member {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Member {}

/// The first members of the target behind the one that the query names, or from the beginning on.
///
/// # Errors
/// `BadTarget` where the query names no member; failures of the store.
pub(super) fn gather(view: &View<'_>, request: &Request) -> Result<Listing> {
    let after = after(request)?;
    let before = |member: &Member| after.as_ref().is_some_and(|after| member.key() <= after.key());
    // The last of those kept is on top.
    let mut kept = BinaryHeap::new();
    let mut more = false;
    for resource in view.members(request.path())? {
        let member = Member(resource?);
        if before(&member) {
            continue;
        }
        kept.push(member);
        if kept.len() > LISTING_MEMBERS_MAX {
            kept.pop();
            more = true;
        }
    }
    Ok(Listing { of: request.path().clone(), members: kept.into_sorted_vec(), more })
}

struct After {
    collection: bool,
    name: Vec<u8>,
}

impl After {
    fn key(&self) -> (bool, &[u8]) {
        (!self.collection, &self.name)
    }
}

fn after(request: &Request) -> Result<Option<After>> {
    let query = request.target.query.as_deref().unwrap_or_default();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, name)) = pairs.find(|(name, _)| *name == AFTER) else { return Ok(None) };
    match Path::decode(&format!("/{name}")) {
        Ok((path, collection)) if path.segments().count() == 1 => {
            Ok(Some(After { collection, name: path.name().to_vec() }))
        }
        _ => Err(Error::refused(Condition::BadTarget, "The name in the query is no member's.")),
    }
}

/// The name in the query whose value is the member that the list begins behind.
const AFTER: &str = "after";
