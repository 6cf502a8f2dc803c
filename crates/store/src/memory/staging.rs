//! Content on its way into a store in memory, within the room that is left.

use bytes::Bytes;
use methodical_content::{
    FileSlice,
    staging::{Staged, Staging},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};

/// Content on its way in.
pub(super) struct MemoryStaging {
    pub(super) bytes: Vec<u8>,
    pub(super) room: u64,
}

impl MemoryStaging {
    fn reserve(&self, more: u64) -> Result<()> {
        let fits = (self.bytes.len() as u64).checked_add(more).is_some_and(|all| all <= self.room);
        if fits { Ok(()) } else { Err(no_room()) }
    }
}

impl Staging for MemoryStaging {
    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.reserve(chunk.len() as u64)?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    fn write_from(&mut self, source: &FileSlice) -> Result<()> {
        self.reserve(source.length)?;
        let length = usize::try_from(source.length).map_err(|_| no_room())?;
        let mut chunk = vec![0; length];
        source.file.read_exact_at(&mut chunk, source.offset).map_err(Error::failed)?;
        self.write(&chunk)
    }

    fn finish(self: Box<Self>) -> Result<Staged> {
        let bytes = Bytes::from(self.bytes);
        Ok(Staged::new(bytes.len() as u64, bytes))
    }
}

pub(super) fn no_room() -> Error {
    Error::refused(Condition::InsufficientStorage, "There is no room to store this.")
}
