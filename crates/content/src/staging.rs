//! Bytes that come in for a resource, and what was received whole.

use std::any::Any;

use methodical_semantics::error::{Error, Result};

use crate::FileSlice;

/// Bytes that are being received for a resource, out of sight until they are placed.
///
/// Dropped, it leaves nothing behind.
pub trait Staging: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`InsufficientStorage`](methodical_semantics::condition::Condition::InsufficientStorage)
    /// when the disk is full or a quota is reached; else a failure of the disk.
    fn write(&mut self, chunk: &[u8]) -> Result<()>;

    /// Writes `length` bytes of an open file from `offset` on, without carrying them through memory
    /// where the system can.
    ///
    /// # Errors
    /// As [`Self::write`], and when the file ends before.
    fn write_from(&mut self, source: &FileSlice) -> Result<()>;

    /// Ends the content. With full durability its bytes are on the disk when this returns.
    ///
    /// # Errors
    /// As [`Self::write`]: some disks say only now that they are full.
    fn finish(self: Box<Self>) -> Result<Staged>;
}

/// Content that was received whole and waits to be placed. Dropped, it leaves nothing behind.
pub struct Staged {
    length: u64,
    held: Box<dyn Any + Send>,
}

impl Staged {
    /// Content of `length` bytes that a store holds in a form of its own.
    pub fn new(length: u64, held: impl Any + Send) -> Self {
        Self { length, held: Box::new(held) }
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The store's own form of it.
    ///
    /// # Errors
    /// A failure, when another kind of store staged it.
    pub fn into_held<T: Any>(self) -> Result<T> {
        let held = self.held.downcast().map(|held| *held);
        held.map_err(|_| Error::failed("content was staged by another kind of store"))
    }
}

impl std::fmt::Debug for Staged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Staged").field("length", &self.length).finish_non_exhaustive()
    }
}
