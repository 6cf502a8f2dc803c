//! The arenas of a [`Tree`] and the texts behind it: lookups that cannot fail.

use super::charge::entry;
use super::object::{Object, Style};
use super::scan::byte;
use super::string::quote;
use super::text::{Head, Source, Span, Text, offset};
use super::tree::{Array, Item, Node, Place, Texts, Tree, Value};

impl Tree<'_> {
    /// The item at a place.
    pub(super) fn item(&self, place: Place) -> Item {
        let found = match place {
            Place::Root => Some(self.root),
            Place::Element { array, at } => self.array(array).items.item(at),
            Place::Member { object, slot } => self.object(object).item(slot),
        };
        // A place is used before its container changes; were it stale, it would name nothing.
        found.unwrap_or(Item::Raw(Span::empty(Source::Made)))
    }

    fn set(&mut self, place: Place, item: Item) {
        match place {
            Place::Root => self.root = item,
            Place::Element { array, at } => {
                if let Some(slot) = self.array_mut(array).items.item_mut(at) {
                    *slot = item;
                }
            }
            Place::Member { object, slot } => self.object_mut(object).set(slot, item),
        }
    }

    /// Separates a value from the blanks around it, once; returns its index.
    pub(super) fn touch(&mut self, place: Place) -> u32 {
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

impl<'a> Texts<'a> {
    /// The text of a container. What was made holds names only, so that none lies in it.
    pub(super) fn text(&self, source: Source) -> &Text<'a> {
        match source {
            Source::Document => &self.document,
            Source::Patch | Source::Made => &self.patch,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &[u8] {
        self.bytes(span.source).get(span.range()).unwrap_or_default()
    }

    /// The first byte of a value says its kind; NUL where there is no value.
    pub(super) fn first(&self, core: Span) -> u8 {
        byte(self.slice(core), 0)
    }

    pub(super) fn trim(&self, item: Span) -> Span {
        self.text(item.source).trim(item)
    }

    /// Encodes a name with the blanks that its object is written with.
    pub(super) fn make_head(&mut self, name: &[u8], style: Style) -> Head {
        let start = self.made.len();
        let before = self.slice(style.before_name).to_vec();
        self.made.extend(before);
        let name_start = self.made.len();
        quote(name, &mut self.made);
        let name_end = self.made.len();
        let after = self.slice(style.before_colon).to_vec();
        self.made.extend(after);
        let span = Span::new(Source::Made, start, self.made.len());
        Head { span, name: (offset(name_start), offset(name_end)) }
    }

    fn bytes(&self, source: Source) -> &[u8] {
        match source {
            Source::Document => self.document.bytes(),
            Source::Patch => self.patch.bytes(),
            Source::Made => &self.made,
        }
    }
}

/// Adds to an arena and returns the index.
pub(super) fn push<T>(arena: &mut Vec<T>, entry: T) -> u32 {
    // Whatever enters an arena costs a byte of a text or of the copies' allowance.
    let id = offset(arena.len());
    arena.push(entry);
    id
}
