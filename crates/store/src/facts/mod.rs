//! Facts: what is known of a resource beside its content. Each is a file here and its line in
//! [`FACTS`].
//!
//! What becomes of a fact when its resource is moved or copied stands in its row. Stores know rows
//! and bytes: none of them has to learn of a new fact, and the contract holds each row to its word.
//!
//! ```
//! use methodical_store::facts::{Fact, OnCopy, OnMove, Row};
//! static LABEL: Fact<String> = Fact::new(
//!     Row { name: "label", on_move: OnMove::Goes, on_copy: OnCopy::Left, in_memory: true },
//!     |label| label.clone().into_bytes(),
//!     |bytes| String::from_utf8(bytes.to_vec()).ok(),
//! );
//! let kept = LABEL.encoded(&"blue".to_owned());
//! assert_eq!(LABEL.decoded(&kept)?, "blue");
//! # Ok::<(), methodical_semantics::error::Error>(())
//! ```

mod kept;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};

pub use self::kept::Kept;
use crate::resource::Resource;

/// Reads facts of resources that were found.
pub type FactReader = Box<dyn Fn(&'static Row, &Resource) -> Result<Option<Vec<u8>>> + Send>;

/// What a store has to know of a fact.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, which no other fact has and which stays: it is written to ledgers.
    pub name: &'static str,
    /// What becomes of it when its resource is moved.
    pub on_move: OnMove,
    /// What becomes of it when its resource is copied.
    pub on_copy: OnCopy,
    /// Whether it is held in memory, so that it can be asked for on an event loop. It has
    /// [`MIRRORED_BYTES_MAX`] at most then.
    pub in_memory: bool,
}

/// What becomes of a fact when its resource is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMove {
    /// It goes with the resource, also where another program gave that another name.
    Goes,
    /// It stays at the address, for whatever comes to stand there, until that is removed. Where
    /// nothing comes the sweep forgets it.
    Stays,
    /// It ends.
    Ends,
}

/// What becomes of a fact when its resource is copied. The resource itself keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCopy {
    /// The copy has it, too.
    Copied,
    /// The copy has none.
    Left,
}

/// A fact: its row, and how its values are written.
#[derive(Debug)]
pub struct Fact<T> {
    /// What stores know of it.
    pub row: Row,
    encode: fn(&T) -> Vec<u8>,
    decode: fn(&[u8]) -> Option<T>,
}

impl Row {
    /// The longest value, in bytes.
    pub fn bytes_max(&self) -> usize {
        if self.in_memory { MIRRORED_BYTES_MAX } else { FACT_BYTES_MAX }
    }

    /// Sees that a value is not too long to be kept.
    ///
    /// # Errors
    /// `InsufficientStorage` beyond [`Self::bytes_max`].
    pub fn check_room(&self, value: &[u8]) -> Result<()> {
        let most = self.bytes_max();
        if value.len() <= most {
            return Ok(());
        }
        let detail = format!("What is kept as {} has {most} bytes at most.", self.name);
        Err(Error::refused(Condition::InsufficientStorage, detail))
    }
}

impl<T> Fact<T> {
    /// A fact, with how its values become bytes and bytes its values; nothing where they are none.
    pub const fn new(row: Row, encode: fn(&T) -> Vec<u8>, decode: fn(&[u8]) -> Option<T>) -> Self {
        Self { row, encode, decode }
    }

    /// The bytes of a value.
    pub fn encoded(&self, value: &T) -> Vec<u8> {
        (self.encode)(value)
    }

    /// The value of bytes.
    ///
    /// # Errors
    /// A failure where they are none: somebody else wrote them.
    pub fn decoded(&self, bytes: &[u8]) -> Result<T> {
        let damaged = || Error::failed(format!("what is kept as {} is damaged", self.row.name));
        (self.decode)(bytes).ok_or_else(damaged)
    }
}

/// The rows of all facts that a store may be asked to keep.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    #[cfg(feature = "testing")]
    let toys = toys::TOYS.iter().map(|toy| &toy.row);
    #[cfg(not(feature = "testing"))]
    let toys = std::iter::empty();
    FACTS.iter().copied().chain(toys)
}

/// Facts that no method sets: one of each kind, so that stores are tried on all of them.
#[cfg(feature = "testing")]
pub mod toys {
    use super::{Fact, OnCopy, OnMove, Row};

    /// One of each kind.
    pub static TOYS: [Fact<Vec<u8>>; 12] = [
        toy("toy goes copied", OnMove::Goes, OnCopy::Copied, false),
        toy("toy goes copied in memory", OnMove::Goes, OnCopy::Copied, true),
        toy("toy goes left", OnMove::Goes, OnCopy::Left, false),
        toy("toy goes left in memory", OnMove::Goes, OnCopy::Left, true),
        toy("toy stays copied", OnMove::Stays, OnCopy::Copied, false),
        toy("toy stays copied in memory", OnMove::Stays, OnCopy::Copied, true),
        toy("toy stays left", OnMove::Stays, OnCopy::Left, false),
        toy("toy stays left in memory", OnMove::Stays, OnCopy::Left, true),
        toy("toy ends copied", OnMove::Ends, OnCopy::Copied, false),
        toy("toy ends copied in memory", OnMove::Ends, OnCopy::Copied, true),
        toy("toy ends left", OnMove::Ends, OnCopy::Left, false),
        toy("toy ends left in memory", OnMove::Ends, OnCopy::Left, true),
    ];

    const fn toy(
        name: &'static str,
        on_move: OnMove,
        on_copy: OnCopy,
        in_memory: bool,
    ) -> Fact<Vec<u8>> {
        let row = Row { name, on_move, on_copy, in_memory };
        Fact::new(row, Vec::clone, |bytes| Some(bytes.to_vec()))
    }
}

/// Bytes (64 KiB) of one fact of a resource: what is longer is content.
pub const FACT_BYTES_MAX: usize = 64 * 1024;

/// Bytes (4 KiB) of one fact that is held in memory: as many as the longest path of Linux has.
pub const MIRRORED_BYTES_MAX: usize = 4 * 1024;

/// All facts. What was released keeps its name, and goes, stays or ends as it did: ledgers keep it
/// by that.
pub static FACTS: &[&Row] = &[];
