//! Bytes on their way out or in.

use std::{any::Any, fs::File, sync::Arc};

use bytes::Bytes;
use methodical_semantics::error::{Error, Result};

/// Bytes that an answer carries. A file stays a file until the end, so that the kernel can send it.
#[derive(Debug)]
pub enum Content {
    /// In memory.
    Bytes(Bytes),
    /// A part of an open file.
    File(FileSlice),
    /// From elsewhere, piece by piece.
    Remote(Box<dyn Pull>),
}

/// A part of an open file. The file may shrink while it is being sent.
#[derive(Debug, Clone)]
pub struct FileSlice {
    /// The open file.
    pub file: Arc<File>,
    /// Where the part begins, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub length: u64,
}

/// A source of bytes that is asked piece by piece, so that memory stays bounded.
pub trait Pull: Send + std::fmt::Debug {
    /// The next piece; nothing at the end.
    ///
    /// # Errors
    /// Whatever keeps the source from going on; the answer then ends by closing.
    fn pull(&mut self) -> Result<Option<Bytes>>;
}

impl Content {
    /// How many bytes there are, where that is known beforehand.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::File(slice) => Some(slice.length),
            Self::Remote(_) => None,
        }
    }

    /// The part from `offset` on, `length` bytes long; nothing where it does not lie inside, or
    /// where the length is not known.
    #[must_use]
    pub fn slice(&self, offset: u64, length: u64) -> Option<Self> {
        let end = offset.checked_add(length)?;
        if end > self.length()? {
            return None;
        }
        match self {
            Self::Bytes(bytes) => {
                let (from, to) = (usize::try_from(offset).ok()?, usize::try_from(end).ok()?);
                Some(Self::Bytes(bytes.slice(from..to)))
            }
            Self::File(slice) => Some(Self::File(FileSlice {
                file: Arc::clone(&slice.file),
                offset: slice.offset + offset,
                length,
            })),
            Self::Remote(_) => None,
        }
    }
}

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
