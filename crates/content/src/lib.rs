//! Bytes on their way out of a store and into it.
//!
//! [`Content`] is what is in one place: memory, an open file, or something that is asked piece by
//! piece; a [`body::Body`] is the content of an answer, [`staging::Staging`] takes what comes in.

pub mod body;
pub mod file;
mod first_bytes;
pub mod staging;
pub mod stream;
pub mod waiting;

use std::sync::Arc;

use bytes::Bytes;
use methodical_semantics::error::Result;

use self::file::OpenFile;

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
    pub file: Arc<OpenFile>,
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

    /// How many bytes all pieces have together, where that is known before the first.
    fn length(&self) -> Option<u64> {
        None
    }
}

impl Content {
    /// How many bytes there are, where that is known beforehand.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::File(slice) => Some(slice.length),
            Self::Remote(pull) => pull.length(),
        }
    }

    /// Whether it has parts, see [`Self::slice`].
    pub const fn is_cuttable(&self) -> bool {
        match self {
            Self::Bytes(_) | Self::File(_) => true,
            Self::Remote(_) => false,
        }
    }

    /// The part from `offset` on, `length` bytes long; nothing where it does not lie inside, or
    /// where the content comes piece by piece.
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
