//! What the first bytes of content tell of its media type.

use methodical_semantics::{
    error::{Error, Result},
    media::{BEGINNING_BYTES, Beginning},
};

use crate::{Content, FileSlice};

impl Content {
    /// What its first bytes tell.
    ///
    /// # Errors
    /// A failure of the disk.
    pub fn beginning(&self) -> Result<Beginning> {
        match self {
            Self::Bytes(bytes) => {
                let first = bytes.get(..BEGINNING_BYTES).unwrap_or(bytes);
                Ok(Beginning::of(first))
            }
            Self::File(slice) => first_of(slice).map(|first| Beginning::of(&first)),
            // Nobody knows what will come.
            Self::Remote(_) => Ok(Beginning::of(&[0])),
        }
    }
}

fn first_of(slice: &FileSlice) -> Result<Vec<u8>> {
    let length = slice.length.min(BEGINNING_BYTES as u64);
    let mut room = vec![0; usize::try_from(length).map_err(Error::failed)?];
    let mut read = 0;
    while let Some(rest) = room.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match slice.file.read_at(rest, slice.offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::failed(error)),
        }
    }
    room.truncate(read);
    Ok(room)
}
