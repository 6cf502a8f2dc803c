//! Which members a list shows, and in which order.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    media::{Beginning, needs_a_look},
    name::visible,
    path::{Path, encode_segment},
    timestamp::Timestamp,
};
use methodical_store::{
    beginning::LOOKS_MAX,
    facts::order::Ordering as Ordered,
    resource::{Kind, Resource},
    view::View,
    work,
};

use super::{
    form::Form,
    packed::{Cursor, Packed, Packing},
};
use crate::{admission::policy::Policy, request::Request};

/// Members that one list shows: what a client can make the server hold in memory for one answer,
/// some 15 bytes each.
pub const LISTING_MEMBERS_MAX: usize = 100_000;

/// Members of a collection, or a part of them.
pub(super) struct Listing {
    /// The collection.
    pub(super) of: Path,
    /// The same as the store names it: it may be found under another Unicode form.
    pub(super) found: Path,
    /// The members, in order.
    pub(super) members: Packed,
    /// The number of them.
    pub(super) count: usize,
    /// The number of them that the list for people folds away.
    pub(super) folded: usize,
    /// The types that the first bytes of files tell, of the first whose names leave something open.
    pub(super) beginnings: Vec<Option<Beginning>>,
    /// The operator's choices.
    pub(super) policy: Arc<Policy>,
    /// A reference to the next part of the list, if there is one.
    pub(super) next: Option<String>,
}

/// A member as a list tells it of of a collection.
#[derive(Debug)]
pub(super) struct Member<'m> {
    /// Its name.
    pub(super) name: &'m [u8],
    /// True if it is a collection.
    pub(super) is_collection: bool,
    /// Bytes of a file.
    pub(super) length: u64,
    /// The moment at which it was last modified, in whole seconds.
    pub(super) modified: Timestamp,
    /// The entity tag of a file as the field has it, where the list tells it.
    pub(super) etag: Option<String>,
    /// The media type that a file was given.
    pub(super) media_type: Option<&'m str>,
}

impl<'m> Member<'m> {
    /// Returns what a list in this form tells of a resource.
    fn of(resource: &'m Resource, form: Form) -> Self {
        let tells_all = form == Form::Json;
        let etag = if tells_all { resource.etag() } else { None };
        Self {
            name: resource.path.name(),
            is_collection: resource.is_collection(),
            length: resource.length,
            modified: resource.modified.whole_second(),
            etag: etag.map(|etag| etag.to_string()),
            media_type: resource.media_type.as_deref().filter(|_| tells_all),
        }
    }

    /// A reference to the member, relative to its collection.
    pub(super) fn reference(&self) -> String {
        reference(self.name, self.is_collection)
    }

    /// The name for people, a slash behind that of a collection. What would act without being
    /// seen or is no UTF-8 is shown as U+FFFD.
    pub(super) fn name(&self) -> String {
        let name = visible(&String::from_utf8_lossy(self.name));
        if self.is_collection { name + "/" } else { name }
    }

    /// Returns whether the list for people folds it away.
    pub(super) fn is_folded(&self) -> bool {
        self.name.starts_with(b".")
    }

    /// The date and time of its last modification, in UTC: `2026-11-22 09:52:00`.
    pub(super) fn modified(&self) -> String {
        self.modified.rfc3339().replace('T', " ").replace('Z', "")
    }

    fn key(&self) -> (bool, &[u8]) {
        (!self.is_collection, self.name)
    }
}

fn reference(name: &[u8], is_collection: bool) -> String {
    // A colon would end a scheme (RFC 3986 section 4.2); an ampersand is awkward in HTML.
    let name = encode_segment(name).replace(':', "%3A").replace('&', "%26");
    if is_collection { name + "/" } else { name }
}

/// The first members of the target behind the one that the query names, or from the beginning on,
/// with what a list in this form tells of them.
///
/// # Errors
/// `BadTarget` where the query names no member; `Overloaded` where there is no memory for so many;
/// failures of the store.
pub(super) fn gather(view: &View<'_>, request: &Request, form: Form) -> Result<Listing> {
    let after = after(request)?;
    let in_order = view.find(request.path())?.is_some_and(|of| Ordered::of(&of).is_some());
    let mut before = Before { after, in_order };
    let mut packing = Packing::counted_by(request.memory.half().hold()).in_order(in_order);
    let mut looks = Looks { in_order, ..Looks::default() };
    let (mut more, mut found) = (false, None);
    for resource in view.members(request.path())? {
        work::go_on()?;
        let resource = resource?;
        let member = Member::of(&resource, form);
        if before.holds(&member) {
            continue;
        }
        packing.push(&member)?;
        if packing.len() == 2 * LISTING_MEMBERS_MAX {
            packing.keep_first(LISTING_MEMBERS_MAX)?;
            more = true;
        }
        if found.is_none() {
            found = resource.path.parent();
        }
        if form == Form::Json {
            looks.may_take(resource);
        }
    }
    before.finish()?;
    if packing.len() > LISTING_MEMBERS_MAX {
        packing.keep_first(LISTING_MEMBERS_MAX)?;
        more = true;
    }
    let beginnings = looks.all(view);
    let of = request.path().clone();
    let (found, policy) = (found.unwrap_or_else(|| of.clone()), Arc::clone(&request.policy));
    let members = packing.ordered()?;
    let (count, folded, next) = (0, 0, None);
    let listing = Listing { of, found, members, count, folded, beginnings, policy, next };
    Ok(listing.summed_up(more))
}

impl Listing {
    /// The same with what is told of all members together; there may be more behind them.
    fn summed_up(mut self, more: bool) -> Self {
        let (mut cursor, mut folded, mut is_collection) = (Cursor::default(), 0, false);
        while let Some(member) = self.members.next(&mut cursor) {
            folded += usize::from(member.is_folded());
            is_collection = member.is_collection;
        }
        (self.count, self.folded) = (cursor.passed, folded);
        // Inside a query these two would end the name.
        let encoded = |name: String| name.replace('+', "%2B").replace('=', "%3D");
        let last = || encoded(reference(cursor.name(), is_collection));
        self.next = more.then(|| format!("?{AFTER}={}", last()));
        self
    }
}

/// Which members come before the part of the list that is asked for.
struct Before {
    /// The last of them; nothing where none does, or it was passed.
    after: Option<After>,
    in_order: bool,
}

impl Before {
    fn holds(&mut self, member: &Member<'_>) -> bool {
        let Some(after) = &self.after else { return false };
        if !self.in_order {
            return member.key() <= after.key();
        }
        if member.name == after.name {
            self.after = None;
        }
        true
    }

    /// Sees that the last of them was there, where only that tells where the part begins.
    fn finish(self) -> Result<()> {
        if self.after.is_none() || !self.in_order {
            return Ok(());
        }
        let detail = "The member that this part of the list follows is gone; begin with the first.";
        Err(Error::refused(Condition::BadTarget, detail))
    }
}

/// The files at whose first bytes a list looks: of those whose names leave something open, the
/// first.
#[derive(Default)]
struct Looks {
    first: BinaryHeap<Look>,
    in_order: bool,
    /// The number of came that by.
    passed: usize,
}

impl Looks {
    fn may_take(&mut self, resource: Resource) {
        let is_file = resource.kind == Kind::File;
        if !is_file || resource.media_type.is_some() || !needs_a_look(&resource.path.name_text()) {
            return;
        }
        self.passed += usize::from(self.in_order);
        if self.in_order && self.first.len() >= LOOKS_MAX {
            return;
        }
        // The last of them is on top.
        self.first.push(Look(self.passed, resource));
        if self.first.len() > LOOKS_MAX {
            self.first.pop();
        }
    }

    fn all(self, view: &View<'_>) -> Vec<Option<Beginning>> {
        let beginnings = view.beginnings();
        self.first
            .into_sorted_vec()
            .iter()
            .map(|Look(_, resource)| beginnings.of(resource))
            .collect()
    }
}

/// A file in the order of names, or in the one in which members come.
struct Look(usize, Resource);

impl Ord for Look {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0, self.1.path.name()).cmp(&(other.0, other.1.path.name()))
    }
}

impl PartialOrd for Look {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Look {}

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
