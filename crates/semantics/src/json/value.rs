//! The values of a tree, and the places where they stand.

use super::sequence::{Position, Sequence};
use super::text::Span;

/// An element, a member's value or the root, with the blanks around it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item {
    /// Untouched.
    Raw(Span),
    /// Touched: an index of the tree's values.
    Touched(u32),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) before: Span,
    pub(super) node: Node,
    pub(super) after: Span,
}

/// A value without the blanks around it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node {
    /// As a text spells it.
    Raw(Span),
    /// An opened array.
    Array(u32),
    /// An opened object.
    Object(u32),
}

#[derive(Debug)]
pub(super) struct Array {
    pub(super) items: Sequence<Item>,
    /// The blank before a new first element.
    pub(super) before_first: Span,
    /// The blank before any other new element.
    pub(super) before_other: Span,
    /// The blank before the closing bracket.
    pub(super) closing: Span,
}

/// The place where a value stands. An element's place is valid until its array grows or shrinks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot {
    /// The whole document.
    Root,
    /// An element of an opened array.
    Element {
        /// The number of the array.
        array: u32,
        /// The place in it.
        at: Position,
    },
    /// A member's value in an opened object.
    Member {
        /// The number of the object.
        object: u32,
        /// The place in it.
        slot: u32,
    },
}
