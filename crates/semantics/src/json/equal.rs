//! Equality of JSON values (RFC 6902 section 4.6).
//!
//! A comparison costs what the patch's value is long, however large the document's value is: what
//! has to be read of the document is opened, and thereby read, once.

use super::charge::entry;
use super::number::Decimal;
use super::object::Found;
use super::refusal::Refusal;
use super::string::{Decoded, decode, sort_names};
use super::text::{Entries, Entry, Head, Span};
use super::texts::Texts;
use super::tree::Tree;
use super::value::{Item, Node, Slot};

impl Tree<'_> {
    /// True if the value at a place equals a value of the patch.
    pub(crate) fn equals(&mut self, place: Slot, expected: Span) -> Result<bool, Refusal> {
        if let Item::Raw(span) = self.item(place)
            && span.len() <= SHORT_BYTES_MAX
        {
            return Ok(self.texts.equal(self.texts.trim(span), expected));
        }
        let first = self.texts.first(expected);
        let node = self.node(place);
        if let Node::Raw(core) = node
            && self.texts.first(core) != first
            && !(is_number(first) && is_number(self.texts.first(core)))
        {
            return Ok(false);
        }
        match self.open(place)? {
            Node::Raw(core) if is_number(first) => Ok(self.equal_numbers(core, expected)),
            Node::Raw(core) => Ok(self.texts.equal(core, expected)),
            Node::Array(array) if first == b'[' => self.equal_arrays(array, expected),
            Node::Object(object) if first == b'{' => self.equal_objects(object, expected),
            Node::Array(_) | Node::Object(_) => Ok(false),
        }
    }

    fn equal_arrays(&mut self, array: u32, expected: Span) -> Result<bool, Refusal> {
        let length = self.array(array).items.len();
        if self.texts.length(expected, length) != length {
            return Ok(false);
        }
        let bytes = length * entry::<Span>();
        self.charge.take(bytes)?;
        let elements: Vec<Span> =
            self.texts.text(expected.source).entries(expected).map(|entry| entry.item).collect();
        let positions = self.array(array).items.positions();
        for (at, element) in positions.zip(elements) {
            let element = self.texts.trim(element);
            if !self.equals(Slot::Element { array, at }, element)? {
                return Ok(false);
            }
        }
        self.charge.release(bytes);
        Ok(true)
    }

    fn equal_objects(&mut self, object: u32, expected: Span) -> Result<bool, Refusal> {
        let length = self.object(object).length;
        if self.texts.length(expected, length) != length {
            return Ok(false);
        }
        let bytes = length * 2 * entry::<(Head, Span)>();
        self.charge.take(bytes)?;
        let Some(members) = self.texts.members(expected) else { return Ok(false) };
        for (head, item) in members {
            let name = decode(self.texts.slice(head.name()));
            let Found::One(slot) = self.object(object).find(&name, &self.texts) else {
                return Ok(false);
            };
            let item = self.texts.trim(item);
            if !self.equals(Slot::Member { object, slot }, item)? {
                return Ok(false);
            }
        }
        self.charge.release(bytes);
        Ok(true)
    }

    fn equal_numbers(&mut self, core: Span, expected: Span) -> bool {
        let (spelling, other) = (self.texts.slice(core), self.texts.slice(expected));
        let known = self.decimals.entry(core).or_insert_with(|| Decimal::new(spelling));
        known.equals(spelling, &Decimal::new(other), other)
    }
}

impl Texts<'_> {
    /// True if two values are equal; for values of which one is short.
    fn equal(&self, a: Span, b: Span) -> bool {
        let (first, other) = (self.first(a), self.first(b));
        match (first, other) {
            (b'"', b'"') => Decoded::new(self.slice(a)).eq(Decoded::new(self.slice(b))),
            (b'[', b'[') => {
                let elements = |span: Span| self.text(span.source).entries(span);
                self.equal_elements(elements(a), elements(b))
            }
            (b'{', b'{') => self.equal_short(a, b),
            _ if is_number(first) && is_number(other) => {
                let (a, b) = (self.slice(a), self.slice(b));
                Decimal::new(a).equals(a, &Decimal::new(b), b)
            }
            _ => self.slice(a) == self.slice(b),
        }
    }

    fn equal_elements(&self, mut of_a: Entries<'_>, mut of_b: Entries<'_>) -> bool {
        loop {
            match (of_a.next(), of_b.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if self.equal(self.trim(a.item), self.trim(b.item)) => {}
                _ => return false,
            }
        }
    }

    /// Compares objects of which one is short: no more is read of the other than it could have.
    fn equal_short(&self, a: Span, b: Span) -> bool {
        if self.length(a, SHORT_BYTES_MAX) != self.length(b, SHORT_BYTES_MAX) {
            return false;
        }
        match (self.members(a), self.members(b)) {
            (Some(of_a), Some(of_b)) => self.equal_members(&of_a, &of_b),
            _ => false,
        }
    }

    /// Returns how many entries a container has, counted no further than one more than these.
    fn length(&self, core: Span, most: usize) -> usize {
        self.text(core.source).entries(core).take(most + 1).count()
    }

    fn equal_members(&self, of_a: &[(Head, Span)], of_b: &[(Head, Span)]) -> bool {
        let name = |head: &Head| Decoded::new(self.slice(head.name()));
        of_a.len() == of_b.len()
            && of_a.iter().zip(of_b).all(|((head_a, a), (head_b, b))| {
                name(head_a).eq(name(head_b)) && self.equal(self.trim(*a), self.trim(*b))
            })
    }

    /// The members of an object by name; none if a name occurs twice.
    fn members(&self, core: Span) -> Option<Vec<(Head, Span)>> {
        let text = self.text(core.source);
        let named = |entry: Entry| Some((entry.head?, entry.item));
        let mut members: Vec<_> = text.entries(core).filter_map(named).collect();
        sort_names(text, &mut members).is_ok().then_some(members)
    }
}

fn is_number(first: u8) -> bool {
    matches!(first, b'-' | b'0'..=b'9')
}

/// Bytes up to which a value is compared as it stands in the text; a longer one is opened first, so
/// that comparing it again does not read it again.
const SHORT_BYTES_MAX: usize = 64;
