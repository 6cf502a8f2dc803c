//! Bytes that come in for a resource, and what was received whole.

use std::any::Any;

use methodical_semantics::error::{Error, Result};

use crate::{FileSlice, waiting};

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

    /// The room on the disk that takes it; nothing where that is not known.
    fn room(&self) -> Option<DiskRoom> {
        None
    }

    /// Ends the content. With full durability its bytes are on the disk when this returns.
    ///
    /// # Errors
    /// As [`Self::write`]: some disks say only now that they are full.
    fn finish(self: Box<Self>) -> Result<Staged>;
}

/// Room on the disk that takes content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskRoom {
    /// The number by which the system knows the disk.
    pub disk: u64,
    /// Octets that are free for whoever serves.
    pub free: u64,
}

/// Content that was received whole and waits to be placed. Dropped, it leaves nothing behind.
pub struct Staged {
    length: u64,
    /// Nothing only once it is placed or dropped.
    held: Option<Box<dyn Any + Send>>,
    /// What ends with it.
    counted: Option<Box<dyn Any + Send>>,
    slow: bool,
}

impl Staged {
    /// Content of `length` bytes that a store holds in a form of its own.
    pub fn new(length: u64, held: impl Any + Send) -> Self {
        Self { length, held: Some(Box::new(held)), counted: None, slow: false }
    }

    /// The same, with what counts it as long as it is not placed: dropped behind it.
    #[must_use]
    pub fn counted_by(mut self, counted: impl Any + Send) -> Self {
        self.counted = Some(Box::new(counted));
        self
    }

    /// The same, of which nothing is left behind by threads that may not wait.
    #[must_use]
    pub fn on_a_slow_disk(mut self) -> Self {
        self.slow = true;
        self
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The store's own form of it.
    ///
    /// # Errors
    /// A failure, when another kind of store staged it.
    pub fn into_held<T: Any>(mut self) -> Result<T> {
        let held = self.held.take().and_then(|held| held.downcast().ok());
        held.map(|held| *held)
            .ok_or_else(|| Error::failed("content was staged by another kind of store"))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.slow {
            waiting::let_go(self.held.take());
        }
    }
}

impl std::fmt::Debug for Staged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Staged").field("length", &self.length).finish_non_exhaustive()
    }
}
