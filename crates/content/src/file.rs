//! Files that are open for their content to be read, and disks that are slow.

use std::{fs::File, io, os::unix::fs::FileExt};

use bytes::Bytes;
use methodical_semantics::error::{Error, Result};

use crate::{FileSlice, Pull, waiting};

/// A file that is open, and how it may be read.
///
/// One on a disk that is slow is read, and closed, only by threads that may wait.
///
/// ```
/// use methodical_content::file::OpenFile;
/// let file = OpenFile::from(tempfile::tempfile()?);
/// assert!(!file.is_slow());
/// assert_eq!(file.read_at(&mut [0; 4], 0)?, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct OpenFile {
    /// Nothing only once it is dropped.
    file: Option<File>,
    slow: bool,
}

impl OpenFile {
    /// A file on a disk on which reading may take any time.
    pub fn on_a_slow_disk(file: File) -> Self {
        Self { file: Some(file), slow: true }
    }

    /// Whether an event loop must leave it alone.
    pub fn is_slow(&self) -> bool {
        self.slow
    }

    /// Reads from a place on; fewer bytes than there is room for also before the end.
    ///
    /// # Errors
    /// A failure of the disk.
    pub fn read_at(&self, room: &mut [u8], offset: u64) -> io::Result<usize> {
        self.for_reading()?.read_at(room, offset)
    }

    /// The same until the room is full.
    ///
    /// # Errors
    /// As [`Self::read_at`]; where the file ends before.
    pub fn read_exact_at(&self, room: &mut [u8], offset: u64) -> io::Result<()> {
        self.for_reading()?.read_exact_at(room, offset)
    }

    /// What the kernel reads from by itself.
    ///
    /// # Errors
    /// Where this thread may not wait, and the file is slow.
    pub fn for_reading(&self) -> io::Result<&File> {
        if self.slow && !waiting::may_wait() {
            debug_assert!(false, "an event loop reads what is slow");
            return Err(io::Error::other("an event loop reads what is slow"));
        }
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl From<File> for OpenFile {
    /// A file on a disk of which a read is a system call.
    fn from(file: File) -> Self {
        Self { file: Some(file), slow: false }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if self.slow {
            waiting::let_go(self.file.take());
        }
    }
}

/// The bytes of a part of a file, read when they are asked for.
///
/// ```
/// use std::sync::Arc;
/// use methodical_content::{FileSlice, Pull, file::Pieces};
/// let file = Arc::new(tempfile::tempfile()?.into());
/// let mut pieces = Pieces::of(FileSlice { file, offset: 0, length: 1 });
/// assert!(pieces.pull().is_err(), "the file is shorter");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Pieces {
    /// What is left; nothing behind the end.
    rest: Option<FileSlice>,
}

impl Pieces {
    /// Those of a part.
    pub fn of(slice: FileSlice) -> Self {
        Self { rest: Some(slice) }
    }
}

impl Pull for Pieces {
    fn pull(&mut self) -> Result<Option<Bytes>> {
        let Some(rest) = self.rest.as_mut().filter(|rest| rest.length > 0) else {
            // Who reads may wait, also for the file to be closed.
            self.rest = None;
            return Ok(None);
        };
        let most = usize::try_from(rest.length).unwrap_or(usize::MAX).min(PIECE_BYTES);
        let mut room = vec![0; most];
        let read = rest.file.read_at(&mut room, rest.offset).map_err(Error::failed)?;
        if read == 0 {
            return Err(Error::failed("a file became shorter while it was sent"));
        }
        room.truncate(read);
        (rest.offset, rest.length) = (rest.offset + read as u64, rest.length - read as u64);
        Ok(Some(room.into()))
    }
}

/// Octets of a file that are read at once: two such pieces are in memory for an answer.
const PIECE_BYTES: usize = 128 * 1024;
