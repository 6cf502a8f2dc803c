//! An opened object: members in order, found by name.

use super::string::Decoded;
use super::text::{Head, Span};
use super::texts::{Style, Texts};
use super::value::Item;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// An opened object. A removed member leaves an empty slot, so that no other member moves.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) members: Vec<Member>,
    /// The slots that the object was opened with, by decoded name.
    sorted: Vec<u32>,
    /// The members added since, by decoded name.
    added: BTreeMap<Vec<u8>, u32>,
    /// The number of members that there are.
    pub(super) length: usize,
    pub(super) style: Style,
    /// The blank before the closing brace.
    pub(super) closing: Span,
}

/// A member; without an item once it is removed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) head: Head,
    pub(super) item: Option<Item>,
}

/// The state of a name in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No member has the name.
    None,
    /// The member in this slot has the name.
    One(u32),
    /// Several members have the name, so that RFC 6901 section 4 lets evaluation fail.
    Many,
}

impl Object {
    pub(super) fn new(
        members: Vec<Member>,
        style: Style,
        closing: Span,
        texts: &Texts<'_>,
    ) -> Self {
        let mut sorted: Vec<u32> = (0..).take(members.len()).collect();
        let name = |slot: &u32| members.get(*slot as usize).map(|member| member.name(texts));
        sorted.sort_by(|a, b| match (name(a), name(b)) {
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        let length = members.len();
        Self { members, sorted, added: BTreeMap::new(), length, style, closing }
    }

    /// The member with a decoded name.
    pub(super) fn find(&self, name: &[u8], texts: &Texts<'_>) -> Found {
        if let Some(&slot) = self.added.get(name) {
            return Found::One(slot);
        }
        let order = |slot: &u32| {
            let member = self.members.get(*slot as usize);
            member.map_or(Ordering::Greater, |m| m.name(texts).cmp(name.iter().copied()))
        };
        let first = self.sorted.partition_point(|slot| order(slot) == Ordering::Less);
        let mut same = self.sorted.iter().skip(first).take(2).filter(|s| order(s).is_eq());
        match (same.next(), same.next()) {
            (Some(_), Some(_)) => Found::Many,
            (Some(&slot), None) if self.item(slot).is_some() => Found::One(slot),
            _ => Found::None,
        }
    }

    /// Bytes that a copy of the object takes.
    pub(super) fn bytes(&self) -> usize {
        let added = self.added.keys().map(|name| name.len() + ADDED_BYTES).sum::<usize>();
        size_of::<Self>() + self.members.len() * MEMBER_BYTES + added
    }

    pub(super) fn item(&self, slot: u32) -> Option<Item> {
        self.members.get(slot as usize)?.item
    }

    pub(super) fn set(&mut self, slot: u32, item: Item) {
        if let Some(member) = self.members.get_mut(slot as usize) {
            member.item = Some(item);
        }
    }

    /// Adds a member that [`Self::find`] did not find.
    pub(super) fn push(&mut self, name: &[u8], head: Head, item: Item) {
        // A slot costs at least one byte of a text, and texts are shorter than 4 GiB.
        let slot = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        self.members.push(Member { head, item: Some(item) });
        self.added.insert(name.to_vec(), slot);
        self.length += 1;
    }

    /// Removes the member that [`Self::find`] found.
    pub(super) fn remove(&mut self, name: &[u8], slot: u32) {
        self.added.remove(name);
        if let Some(member) = self.members.get_mut(slot as usize)
            && member.item.take().is_some()
        {
            self.length -= 1;
        }
    }
}

impl Member {
    fn name<'t>(&self, texts: &'t Texts<'_>) -> Decoded<'t> {
        Decoded::new(texts.slice(self.head.name()))
    }
}

/// Bytes of a member in a list that does not grow, and of its slot in the order of names.
pub(super) const MEMBER_BYTES: usize = size_of::<Member>() + size_of::<u32>();

/// Bytes that the name of an added member takes beside itself.
pub(super) const ADDED_BYTES: usize = 64;
