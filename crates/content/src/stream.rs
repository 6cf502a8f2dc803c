//! Content and staging as streams of the standard library, for engines that know no store.

use std::io::{self, Read, Write};

use bytes::Bytes;
use methodical_semantics::error::Error;

use crate::{Content, FileSlice, Pull, staging::Staging};

/// Content that is read from its beginning to its end.
///
/// ```
/// use std::io::Read;
/// use methodical_content::{Content, stream::Source};
/// let mut text = String::new();
/// Source::new(Content::Bytes("text".into())).read_to_string(&mut text).unwrap();
/// assert_eq!(text, "text");
/// ```
#[derive(Debug)]
pub struct Source(Rest);

#[derive(Debug)]
enum Rest {
    Bytes(Bytes),
    File(FileSlice),
    Remote { piece: Bytes, pull: Box<dyn Pull> },
}

/// A staging that is written to.
pub struct Sink<'s>(&'s mut dyn Staging);

impl Source {
    /// The content from its beginning on.
    pub fn new(content: Content) -> Self {
        Self(match content {
            Content::Bytes(bytes) => Rest::Bytes(bytes),
            Content::File(slice) => Rest::File(slice),
            Content::Remote(pull) => Rest::Remote { piece: Bytes::new(), pull },
        })
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Rest::Bytes(bytes) => Ok(take(bytes, buffer)),
            Rest::File(slice) => read_file(slice, buffer),
            Rest::Remote { piece, pull } => {
                while piece.is_empty() {
                    match pull.pull().map_err(io::Error::other)? {
                        Some(next) => *piece = next,
                        None => return Ok(0),
                    }
                }
                Ok(take(piece, buffer))
            }
        }
    }
}

impl<'s> Sink<'s> {
    /// Writes to this staging.
    pub fn new(staging: &'s mut dyn Staging) -> Self {
        Self(staging)
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer).map_err(io::Error::other)?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Sink<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Sink").finish_non_exhaustive()
    }
}

/// The error that a [`Source`] or [`Sink`] met: a refusal of the store stays one.
///
/// ```
/// use methodical_semantics::{condition::Condition, error::Error};
/// let full = Error::refused(Condition::InsufficientStorage, "There is no room to store this.");
/// let again = methodical_content::stream::error(std::io::Error::other(full));
/// assert_eq!(again.status().as_u16(), 507);
/// ```
pub fn error(error: io::Error) -> Error {
    error.downcast::<Error>().unwrap_or_else(Error::failed)
}

fn take(bytes: &mut Bytes, buffer: &mut [u8]) -> usize {
    let taken = bytes.split_to(bytes.len().min(buffer.len()));
    for (place, byte) in buffer.iter_mut().zip(&taken) {
        *place = *byte;
    }
    taken.len()
}

fn read_file(slice: &mut FileSlice, buffer: &mut [u8]) -> io::Result<usize> {
    let most = usize::try_from(slice.length).unwrap_or(usize::MAX).min(buffer.len());
    let room = buffer.get_mut(..most).unwrap_or_default();
    if room.is_empty() {
        return Ok(0);
    }
    let read = slice.file.read_at(room, slice.offset)?;
    if read == 0 {
        // Another program made the file shorter.
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    slice.offset += read as u64;
    slice.length -= read as u64;
    Ok(read)
}
