//! A fact: its row, and how its values are written.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};

/// The properties of a fact that a store has to know.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, which no other fact has and which stays: it is written to ledgers.
    pub name: &'static str,
    /// Its fate when its resource is moved.
    pub on_move: OnMove,
    /// Its fate when its resource is copied.
    pub on_copy: OnCopy,
    /// True if it is held in memory, so that it can be asked for on an event loop. It has
    /// [`MIRRORED_BYTES_MAX`] at most then.
    pub in_memory: bool,
    /// True if GET tells it with the content: a look at its resource brings it along, and the
    /// entity tag is another one when it changes (RFC 9110 section 8.8.1). It is held in memory
    /// then.
    pub is_told: bool,
    /// True if its values are searched in the order of their bytes
    /// ([`crate::store::Snapshot::nearest`]). It is held in memory then.
    pub is_sorted: bool,
}

/// The fate of a fact when its resource is moved.
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

/// The fate of a fact when its resource is copied. The resource itself keeps it.
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
    ///
    /// # Panics
    /// While it is compiled, where it is told or searched, and not held in memory.
    pub const fn new(row: Row, encode: fn(&T) -> Vec<u8>, decode: fn(&[u8]) -> Option<T>) -> Self {
        assert!(row.in_memory || !row.is_told, "what a look brings along is held in memory");
        assert!(row.in_memory || !row.is_sorted, "what is searched is held in memory");
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

/// Bytes (64 KiB) of one fact of a resource: what is longer is content.
pub const FACT_BYTES_MAX: usize = 64 * 1024;

/// Bytes (4 KiB) of one fact that is held in memory: as many as the longest path of Linux has.
pub const MIRRORED_BYTES_MAX: usize = 4 * 1024;
