//! The order of a collection's members (RFC 3648): keys that sort, of which there is always one
//! between two others, so that who moves one member touches no other.
//!
//! A key is a number of 64 bits, and behind it as many octets as it takes to stand between two
//! numbers that are neighbours. Keys are compared octet by octet, and none ends in a zero octet
//! behind its number.

use std::collections::{BTreeMap, BTreeSet};

use crate::header::position::Position;

/// A key of a member's place.
pub type Key = Vec<u8>;

/// An order that is looked at: keys, and whose they are.
pub trait Ordered {
    /// The failure of a look.
    type Error;

    /// The key of a member; nothing where it has no place.
    ///
    /// # Errors
    /// A failure of what is looked at.
    fn key_of(&self, name: &[u8]) -> Result<Option<Key>, Self::Error>;

    /// The nearest key on a side of another one; of all where none is given: the last before the
    /// end, or the first behind the beginning.
    ///
    /// # Errors
    /// A failure of what is looked at.
    fn next_to(&self, key: Option<&[u8]>, side: Side) -> Result<Option<Key>, Self::Error>;
}

/// A side of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The place before it.
    Before,
    /// The place behind it.
    Behind,
}

/// An order with changes that were not made yet, each seen by the next one.
#[derive(Debug)]
pub struct Edited<'o, O> {
    beneath: &'o O,
    /// New keys, by whose they are.
    pub keys: BTreeMap<Vec<u8>, Key>,
    put: BTreeSet<Key>,
    taken: BTreeSet<Key>,
    /// True if all members were numbered anew: what is beneath does not count any more.
    is_whole: bool,
}

/// Why a member could not be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unplaced<E> {
    /// The member that the place is told by has none, or is the one that is to be moved.
    NoNeighbour,
    /// No key fits any more: all members are to be numbered anew first.
    Crowded,
    /// What was looked at failed.
    Failed(E),
}

impl<'o, O: Ordered> Edited<'o, O> {
    /// An order without changes.
    pub fn of(beneath: &'o O) -> Self {
        let (keys, put, taken) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { beneath, keys, put, taken, is_whole: false }
    }

    /// Numbers all members anew, which are named in their order.
    pub fn number(&mut self, names: impl IntoIterator<Item = Vec<u8>>) {
        self.is_whole = true;
        self.taken.clear();
        self.keys = (0..).zip(names).map(|(place, name)| (name, numbered(place))).collect();
        self.put = self.keys.values().cloned().collect();
    }

    /// The key of a member, after the changes.
    ///
    /// # Errors
    /// As [`Ordered::key_of`].
    pub fn key_of(&self, name: &[u8]) -> Result<Option<Key>, O::Error> {
        match self.keys.get(name) {
            Some(key) => Ok(Some(key.clone())),
            None if self.is_whole => Ok(None),
            None => self.beneath.key_of(name),
        }
    }

    /// Gives a member a place, in place of the one that it has.
    ///
    /// # Errors
    /// See [`Unplaced`].
    pub fn place(&mut self, name: &[u8], position: &Position) -> Result<(), Unplaced<O::Error>> {
        let former = self.key_of(name).map_err(Unplaced::Failed)?;
        let neighbour = match position {
            Position::First | Position::Last => None,
            Position::Before(other) | Position::After(other) if other == name => {
                return Err(Unplaced::NoNeighbour);
            }
            Position::Before(other) | Position::After(other) => {
                let key = self.key_of(other).map_err(Unplaced::Failed)?;
                Some(key.ok_or(Unplaced::NoNeighbour)?)
            }
        };
        if let Some(former) = &former {
            self.take(former);
        }
        let near = |side| self.next_to(neighbour.as_deref(), side).map_err(Unplaced::Failed);
        let (low, high) = match position {
            Position::First => (None, near(Side::Behind)?),
            Position::Last => (near(Side::Before)?, None),
            Position::Before(_) => (near(Side::Before)?, neighbour),
            Position::After(_) => {
                let high = near(Side::Behind)?;
                (neighbour, high)
            }
        };
        let key = between(low.as_deref(), high.as_deref()).ok_or(Unplaced::Crowded)?;
        self.taken.remove(&key);
        self.put.insert(key.clone());
        self.keys.insert(name.to_vec(), key);
        Ok(())
    }

    fn take(&mut self, key: &Key) {
        if !self.put.remove(key) {
            self.taken.insert(key.clone());
        }
    }

    fn next_to(&self, key: Option<&[u8]>, side: Side) -> Result<Option<Key>, O::Error> {
        let put = nearest(&self.put, key, side);
        if self.is_whole {
            return Ok(put);
        }
        let mut beneath = self.beneath.next_to(key, side)?;
        while let Some(taken) = beneath.take_if(|key| self.taken.contains(key)) {
            beneath = self.beneath.next_to(Some(&taken), side)?;
        }
        Ok(match (put, beneath) {
            (Some(one), Some(other)) if side == Side::Before => Some(one.max(other)),
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        })
    }
}

/// The nearest of some keys on a side of one; of all where none is given.
///
/// ```
/// use methodical_semantics::rule::ordering::{Side, nearest};
/// let keys = [b"a".to_vec(), b"c".to_vec()].into();
/// assert_eq!(nearest(&keys, Some(b"b"), Side::Behind).unwrap(), b"c");
/// assert_eq!(nearest(&keys, None, Side::Before).unwrap(), b"c");
/// assert_eq!(nearest(&keys, Some(b"a"), Side::Before), None);
/// ```
pub fn nearest(keys: &BTreeSet<Key>, key: Option<&[u8]>, side: Side) -> Option<Key> {
    use std::ops::Bound::{Excluded, Unbounded};
    let end = key.map_or(Unbounded, Excluded);
    match side {
        Side::Before => keys.range::<[u8], _>((Unbounded, end)).next_back().cloned(),
        Side::Behind => keys.range::<[u8], _>((end, Unbounded)).next().cloned(),
    }
}

/// A key between two, or before or behind one; nothing where none of [`KEY_BYTES_MAX`] fits.
///
/// ```
/// use methodical_semantics::rule::ordering::between;
/// let first = between(None, None).unwrap();
/// let last = between(Some(&first), None).unwrap();
/// let middle = between(Some(&first), Some(&last)).unwrap();
/// assert!(first < middle && middle < last);
/// ```
pub fn between(low: Option<&[u8]>, high: Option<&[u8]>) -> Option<Key> {
    match (low, high) {
        (None, None) => Some(FIRST_NUMBER.to_be_bytes().to_vec()),
        (Some(low), None) => Some(number_of(low).checked_add(STEP)?.to_be_bytes().to_vec()),
        (None, Some(high)) => Some(number_of(high).checked_sub(STEP)?.to_be_bytes().to_vec()),
        (Some(low), Some(high)) => middle(low, high),
    }
}

/// The key of the member at a place, counted from 0, when all are numbered anew.
///
/// ```
/// use methodical_semantics::rule::ordering::numbered;
/// assert!(numbered(0) < numbered(1) && numbered(1) < numbered(1_000_000));
/// ```
pub fn numbered(place: u32) -> Key {
    (FIRST_NUMBER.saturating_add(STEP.saturating_mul(u64::from(place)))).to_be_bytes().to_vec()
}

fn number_of(key: &[u8]) -> u64 {
    key.first_chunk().map_or(FIRST_NUMBER, |bytes| u64::from_be_bytes(*bytes))
}

/// The shortest key behind `low` and before `high`, near the middle of both.
fn middle(low: &[u8], high: &[u8]) -> Option<Key> {
    let mut key = Vec::new();
    let mut is_bounded = true;
    for at in 0..KEY_BYTES_MAX {
        let from = u16::from(low.get(at).copied().unwrap_or_default());
        let to =
            if is_bounded { u16::from(high.get(at).copied().unwrap_or_default()) } else { 256 };
        let half = u8::try_from(u16::midpoint(from, to)).ok()?;
        if u16::from(half) > from {
            key.push(half);
            // A number is whole: what is behind it counts only where it is there.
            key.resize(key.len().max(NUMBER_BYTES), 0);
            return Some(key);
        }
        key.push(u8::try_from(from).ok()?);
        is_bounded &= from == to;
    }
    None
}

/// Octets of a key at most: some 480 members come to stand between two others, one always beside
/// the last, before all are numbered anew.
pub const KEY_BYTES_MAX: usize = 64;

/// Octets of the number that every key begins with.
const NUMBER_BYTES: usize = 8;

/// The number of what is placed first, in the middle of all.
const FIRST_NUMBER: u64 = 1 << 63;

/// The distance of the numbers of neighbours: 32 times one more stands in the middle,
/// and two thousand million find place before and behind.
const STEP: u64 = 1 << 32;
