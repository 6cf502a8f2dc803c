//! The arenas of a [`Tree`]: lookups that cannot fail.

use super::charge::entry;
use super::object::Object;
use super::text::{Source, Span, offset};
use super::tree::Tree;
use super::value::{Array, Item, Node, Slot, Value};

impl Tree<'_> {
    /// The item at a place.
    pub(super) fn item(&self, place: Slot) -> Item {
        let found = match place {
            Slot::Root => Some(self.root),
            Slot::Element { array, at } => self.array(array).items.item(at),
            Slot::Member { object, slot } => self.object(object).item(slot),
        };
        // A place is used before its container changes; were it stale, it would name nothing.
        found.unwrap_or(Item::Raw(Span::empty(Source::Made)))
    }

    fn set(&mut self, place: Slot, item: Item) {
        match place {
            Slot::Root => self.root = item,
            Slot::Element { array, at } => {
                if let Some(slot) = self.array_mut(array).items.item_mut(at) {
                    *slot = item;
                }
            }
            Slot::Member { object, slot } => self.object_mut(object).set(slot, item),
        }
    }

    /// Separates a value from the blanks around it, once; returns its index.
    pub(super) fn touch(&mut self, place: Slot) -> u32 {
        match self.item(place) {
            Item::Touched(id) => id,
            Item::Raw(span) => {
                let core = self.texts.trim(span);
                let before = Span { end: core.start, ..span };
                let after = Span { start: core.end, ..span };
                self.charge.add(entry::<Value>());
                let id = push(&mut self.values, Value { before, node: Node::Raw(core), after });
                self.set(place, Item::Touched(id));
                id
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the arena gave the index out and only grows")]
    pub(super) fn value(&self, id: u32) -> &Value {
        &self.values[id as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "the arena gave the index out and only grows")]
    pub(super) fn value_mut(&mut self, id: u32) -> &mut Value {
        &mut self.values[id as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "the arena gave the index out and only grows")]
    pub(super) fn array(&self, id: u32) -> &Array {
        &self.arrays[id as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "the arena gave the index out and only grows")]
    pub(super) fn array_mut(&mut self, id: u32) -> &mut Array {
        &mut self.arrays[id as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "the arena gave the index out and only grows")]
    pub(super) fn object(&self, id: u32) -> &Object {
        &self.objects[id as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "the arena gave the index out and only grows")]
    pub(super) fn object_mut(&mut self, id: u32) -> &mut Object {
        &mut self.objects[id as usize]
    }
}

/// Adds to an arena and returns the index.
pub(super) fn push<T>(arena: &mut Vec<T>, entry: T) -> u32 {
    // Whatever enters an arena costs a byte of a text or of the copies' allowance.
    let id = offset(arena.len());
    arena.push(entry);
    id
}
