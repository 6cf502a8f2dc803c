//! Facts that a look at a resource brings along, since GET tells them with the content.

use methodical_semantics::error::Result;

use super::row::{Fact, Row};

/// What is told of one resource with its content, by the names of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told(Box<[Kept]>);

/// The name of a row, and the bytes of the value.
type Kept = (&'static str, Box<[u8]>);

impl Told {
    /// Returns what is kept by some rows; nothing where that is nothing.
    pub fn of(kept: impl Iterator<Item = (&'static Row, Box<[u8]>)>) -> Option<Box<Self>> {
        let kept: Box<[_]> = kept.map(|(row, bytes)| (row.name, bytes)).collect();
        (!kept.is_empty()).then(|| Box::new(Self(kept)))
    }

    /// The value of a fact.
    ///
    /// # Errors
    /// A failure where it is damaged.
    pub fn get<T>(&self, fact: &Fact<T>) -> Result<Option<T>> {
        let kept = self.0.iter().find(|(name, _)| *name == fact.row.name);
        kept.map(|(_, bytes)| fact.decoded(bytes)).transpose()
    }

    /// All of it, the same bytes for equal facts alone.
    pub fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for (name, bytes) in &self.0 {
            all.extend_from_slice(name.as_bytes());
            all.extend((bytes.len() as u64).to_le_bytes());
            all.extend_from_slice(bytes);
        }
        all
    }
}
