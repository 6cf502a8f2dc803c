//! The document as it is being changed.

use super::arena::push;
use super::charge::{Charge, entry};
use super::number::Decimal;
use super::object::{ADDED_BYTES, Found, Member, Object};
use super::refusal::Refusal;
use super::text::{Source, Span, Text};
use super::texts::{Style, Texts};
use super::value::{Array, Item, Node, Slot, Value};
use crate::excerpt::excerpt;
use std::collections::BTreeMap;

/// The document as it is being changed; opened values live in arenas, so that nothing that a
/// patch builds is dropped recursively.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(super) texts: Texts<'a>,
    pub(super) root: Item,
    pub(super) values: Vec<Value>,
    pub(super) arrays: Vec<Array>,
    pub(super) objects: Vec<Object>,
    /// Long numbers that were compared once, so that comparing them again costs nothing.
    pub(super) decimals: BTreeMap<Span, Decimal>,
    pub(super) result_bytes_max: usize,
    pub(super) copied_bytes: usize,
    pub(super) charge: Charge<'a>,
}

impl<'a> Tree<'a> {
    /// The tree of a document; without a document, of nothing at all.
    pub(crate) fn new(
        document: Option<Text<'a>>,
        patch: Text<'a>,
        result_bytes_max: usize,
        charge: Charge<'a>,
    ) -> Self {
        let document = document.unwrap_or_else(|| Text::new(b"", 0, Vec::new()));
        Self {
            root: Item::Raw(document.whole(Source::Document)),
            texts: Texts { document, patch, made: Vec::new() },
            values: Vec::new(),
            arrays: Vec::new(),
            objects: Vec::new(),
            decimals: BTreeMap::new(),
            result_bytes_max,
            copied_bytes: 0,
            charge,
        }
    }

    /// Counts bytes that are held beside the tree.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.charge.take(bytes)
    }

    /// Counts them no more.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.charge.release(bytes);
    }

    /// The patch's own text.
    pub(crate) fn patch(&self) -> &Text<'a> {
        &self.texts.patch
    }

    /// The value at a place, opened if it is an object or array.
    pub(crate) fn open(&mut self, place: Slot) -> Result<Node, Refusal> {
        let id = self.touch(place);
        self.charge.check()?;
        let node = match self.value(id).node {
            Node::Raw(core) => match self.texts.first(core) {
                b'[' => Node::Array(self.open_array(core)?),
                b'{' => Node::Object(self.open_object(core)?),
                _ => Node::Raw(core),
            },
            opened @ (Node::Array(_) | Node::Object(_)) => opened,
        };
        self.value_mut(id).node = node;
        Ok(node)
    }

    /// The value at a place, as it is.
    pub(crate) fn node(&mut self, place: Slot) -> Node {
        let id = self.touch(place);
        self.value(id).node
    }

    /// Puts another value at a place and keeps the blanks around it.
    pub(crate) fn replace(&mut self, place: Slot, node: Node) {
        let id = self.touch(place);
        self.value_mut(id).node = node;
    }

    /// The place that a reference token names beneath another (RFC 6901 section 4).
    pub(crate) fn child(&mut self, place: Slot, token: &[u8]) -> Result<Slot, Refusal> {
        match self.open(place)? {
            Node::Raw(core) => Err(self.no_container(core)),
            Node::Array(array) => {
                let items = &self.array(array).items;
                let Index::At(index) = index(token)? else {
                    return Err(Refusal::Conflict(
                        "\"-\" names the element after the last one, which does not exist".into(),
                    ));
                };
                match items.find(index) {
                    Some(at) => Ok(Slot::Element { array, at }),
                    None => Err(beyond(items.len(), token)),
                }
            }
            Node::Object(object) => match self.find(object, token) {
                Found::One(slot) => Ok(Slot::Member { object, slot }),
                Found::Many => Err(ambiguous(token)),
                Found::None => Err(Refusal::Conflict(format!(
                    "the object has no member \"{}\"",
                    excerpt(token)
                ))),
            },
        }
    }

    /// Adds a value to the container at a place (RFC 6902 section 4.1).
    pub(crate) fn add(&mut self, place: Slot, token: &[u8], node: Node) -> Result<(), Refusal> {
        match self.open(place)? {
            Node::Raw(core) => Err(self.no_container(core)),
            Node::Array(array) => self.add_element(array, token, node),
            Node::Object(object) => match self.find(object, token) {
                Found::One(slot) => {
                    self.replace(Slot::Member { object, slot }, node);
                    Ok(())
                }
                Found::Many => Err(ambiguous(token)),
                Found::None => self.push_member(object, token, node).map(drop),
            },
        }
    }

    /// Removes the value at a place, which is not the root, and returns it.
    pub(crate) fn remove(&mut self, place: Slot, token: &[u8]) -> Node {
        let node = self.node(place);
        match place {
            Slot::Root => {}
            Slot::Element { array, at } => self.array_mut(array).items.remove(at),
            Slot::Member { object, slot } => self.object_mut(object).remove(token, slot),
        }
        node
    }

    /// Returns what an object knows of a decoded name.
    pub(crate) fn find(&self, object: u32, name: &[u8]) -> Found {
        self.object(object).find(name, &self.texts)
    }

    /// A new object without members, and the value that it is.
    pub(crate) fn new_object(&mut self) -> Result<(u32, Node), Refusal> {
        self.charge.take(entry::<Object>())?;
        let none = Span::empty(Source::Made);
        let style = Style { before_name: none, before_colon: none, after_colon: none };
        let object = Object::new(Vec::new(), style, none, &self.texts);
        let object = push(&mut self.objects, object);
        Ok((object, Node::Object(object)))
    }

    /// Adds a member whose name [`Self::find`] did not find; returns its place.
    pub(crate) fn push_member(
        &mut self,
        object: u32,
        name: &[u8],
        node: Node,
    ) -> Result<Slot, Refusal> {
        let style = self.object(object).style;
        self.charge.take(entry::<Member>() + entry::<Value>() + ADDED_BYTES + name.len())?;
        let head = self.texts.make_head(name, style);
        self.charge.take(2 * head.span.len())?;
        let after = Span::empty(style.after_colon.source);
        let value = Value { before: style.after_colon, node, after };
        let item = Item::Touched(push(&mut self.values, value));
        let members = self.object_mut(object);
        members.push(name, head, item);
        let slot = u32::try_from(members.members.len() - 1).unwrap_or(u32::MAX);
        Ok(Slot::Member { object, slot })
    }

    fn add_element(&mut self, array: u32, token: &[u8], node: Node) -> Result<(), Refusal> {
        let list = self.array(array);
        let length = list.items.len();
        let index = match index(token)? {
            Index::At(index) if index <= length => index,
            Index::At(_) => return Err(beyond(length, token)),
            Index::End => length,
        };
        let before = if index == 0 { list.before_first } else { list.before_other };
        self.charge.take(entry::<Value>() + entry::<Item>())?;
        let value = Value { before, node, after: Span::empty(before.source) };
        let item = Item::Touched(push(&mut self.values, value));
        self.array_mut(array).items.insert(index, item);
        Ok(())
    }

    fn no_container(&self, core: Span) -> Refusal {
        let kind = match self.texts.first(core) {
            b'"' => "a string",
            b't' | b'f' => "a boolean",
            b'n' => "null",
            _ => "a number",
        };
        Refusal::Conflict(format!("{kind} has neither members nor elements"))
    }
}

/// The meaning of a reference token to an array.
enum Index {
    At(usize),
    End,
}

/// Reads an array index (RFC 6901 section 4: `array-index`, or `-`).
fn index(token: &[u8]) -> Result<Index, Refusal> {
    match token {
        b"-" => Ok(Index::End),
        [b'0'] => Ok(Index::At(0)),
        [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => {
            let digits = token.iter().map(|digit| usize::from(digit - b'0'));
            let sum =
                digits.fold(0_usize, |sum, digit| sum.saturating_mul(10).saturating_add(digit));
            Ok(Index::At(sum))
        }
        _ => Err(Refusal::Conflict(format!("\"{}\" is not an array index", excerpt(token)))),
    }
}

fn beyond(length: usize, token: &[u8]) -> Refusal {
    let elements = if length == 1 { "element" } else { "elements" };
    Refusal::Conflict(format!(
        "the array has {length} {elements}, so that the index {} is beyond its end",
        excerpt(token)
    ))
}

fn ambiguous(token: &[u8]) -> Refusal {
    Refusal::Conflict(format!(
        "the object has more than one member \"{}\", so that the name refers to none",
        excerpt(token)
    ))
}
