//! The order of a collection's members (RFC 3648): what the collection knows of it, and the place
//! of each member.
//!
//! A place is told by a key (`rule/ordering.rs`), and is a place in one order alone: it begins with
//! the number of the order that it belongs to, which the collection keeps. So an order goes with
//! its collection wherever that is moved or copied, and what comes to stand in another collection,
//! whoever put it there, has no place in the order of that one. When the members of a collection
//! have no order any more, its number ends, and with it every place, in one step.

use std::cmp::Ordering as Comparison;

use methodical_semantics::{
    error::{Error, Result},
    header::ordering_type::OrderingType,
    rule::ordering::Key,
};

use super::row::{Fact, OnCopy, OnMove, Row};
use crate::resource::Resource;

/// That a collection is ordered.
///
/// ```
/// use methodical_semantics::header::ordering_type::OrderingType;
/// use methodical_store::facts::order::{ORDERING, Ordering};
/// let ordering = Ordering::anew(OrderingType::parse("DAV:custom").unwrap())?;
/// assert_eq!(ORDERING.decoded(&ORDERING.encoded(&ordering))?, ordering);
/// # Ok::<(), methodical_semantics::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordering {
    /// Its number.
    pub number: Number,
    /// What it means.
    pub of_type: OrderingType,
}

/// The mark that tells an order from all others but its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number([u8; NUMBER_BYTES]);

/// The place of a member in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In which order.
    pub number: Number,
    /// Where in it.
    pub key: Key,
}

/// The order of a collection; nothing where it has none.
pub static ORDERING: Fact<Ordering> = Fact::new(
    Row {
        name: "ordering",
        on_move: OnMove::Goes,
        on_copy: OnCopy::Copied,
        in_memory: true,
        is_told: true,
        is_sorted: false,
    },
    |ordering| [&ordering.number.0, ordering.of_type.uri().as_bytes()].concat(),
    |bytes| {
        let (number, uri) = bytes.split_first_chunk()?;
        let of_type = OrderingType::parse(std::str::from_utf8(uri).ok()?)?;
        Some(Ordering { number: Number(*number), of_type })
    },
);

/// The place of a member in the order of its collection.
pub static ORDER: Fact<Place> = Fact::new(
    Row {
        name: "order",
        on_move: OnMove::Goes,
        on_copy: OnCopy::Copied,
        in_memory: true,
        is_told: false,
        is_sorted: true,
    },
    |place| [&place.number.0, &*place.key].concat(),
    |bytes| {
        let (number, key) = bytes.split_first_chunk()?;
        Some(Place { number: Number(*number), key: key.to_vec() })
    },
);

impl Ordering {
    /// That of a collection that was found; nothing where it is not ordered, or what is kept of it
    /// is damaged.
    pub fn of(collection: &Resource) -> Option<Self> {
        collection.fact(&ORDERING).ok().flatten()
    }

    /// Another order than all that there were.
    ///
    /// # Errors
    /// A failure where the system has no random numbers.
    pub fn anew(of_type: OrderingType) -> Result<Self> {
        let mut number = [0; NUMBER_BYTES];
        getrandom::fill(&mut number).map_err(Error::failed)?;
        Ok(Self { number: Number(number), of_type })
    }
}

impl Number {
    /// A key of this order, as it is kept; without, what stands before all of them.
    pub fn before(self, key: Option<&[u8]>) -> Vec<u8> {
        [&self.0, key.unwrap_or_default()].concat()
    }

    /// Returns what stands behind all keys of this order.
    pub fn end(self) -> Vec<u8> {
        // No key begins with so many.
        [&self.0[..], &[u8::MAX; NUMBER_BYTES + 1]].concat()
    }

    /// The key of a place that is kept, if it is one in this order.
    pub fn key_of(self, kept: &[u8]) -> Option<&[u8]> {
        kept.strip_prefix(&self.0)
    }
}

/// The key of a place as it is kept, if it is one in the order that a collection keeps.
pub fn key_within<'p>(ordering: &[u8], place: &'p [u8]) -> Option<&'p [u8]> {
    Number(*ordering.first_chunk()?).key_of(place)
}

/// Returns whose key comes first: what has none comes last.
pub fn in_order(one: Option<&[u8]>, other: Option<&[u8]>) -> Comparison {
    (one.is_none(), one).cmp(&(other.is_none(), other))
}

/// Octets of the number of an order: no two that are made come to have the same by chance.
const NUMBER_BYTES: usize = 8;
