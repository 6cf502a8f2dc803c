//! Content that is read in whole, in memory that goes back to the system with it.
//!
//! Long content comes into pages of its own: it is never copied to grow, takes no more of them than
//! came, and leaves no holes in the memory that threads keep for later.

use bytes::{Bytes, BytesMut};
use memmap2::MmapMut;

/// Content of which some came.
#[derive(Debug)]
pub(crate) struct InMemory {
    /// Octets that it has at most.
    most: usize,
    /// The content as long as it is short, or but one piece came.
    little: Bytes,
    /// The content once it is longer.
    much: Option<Pages>,
}

/// Memory of its own, taken from the system and given back to it.
#[derive(Debug)]
struct Pages {
    /// Room for all that may come; a page costs nothing before it is written.
    pages: MmapMut,
    /// Octets that are there.
    filled: usize,
}

impl InMemory {
    /// Nothing yet of content that has so many octets at most.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, little: Bytes::new(), much: None }
    }

    /// Octets that came.
    pub(crate) fn len(&self) -> usize {
        self.much.as_ref().map_or(self.little.len(), |much| much.filled)
    }

    /// Takes the next piece. Gives whether there was memory for it.
    #[must_use]
    pub(crate) fn add(&mut self, piece: Bytes) -> bool {
        if let Some(much) = &mut self.much {
            return much.add(&piece);
        }
        let octets = self.little.len() + piece.len();
        if self.little.is_empty() {
            self.little = piece;
        } else if octets <= LITTLE_BYTES_MAX {
            let mut joined = BytesMut::from(std::mem::take(&mut self.little));
            joined.extend_from_slice(&piece);
            self.little = joined.freeze();
        } else {
            let Ok(pages) = MmapMut::map_anon(self.most.max(octets)) else { return false };
            let mut much = Pages { pages, filled: 0 };
            let added = much.add(&std::mem::take(&mut self.little)) && much.add(&piece);
            self.much = Some(much);
            return added;
        }
        true
    }

    /// All that came.
    pub(crate) fn finish(self) -> Bytes {
        self.much.map_or(self.little, Bytes::from_owner)
    }
}

impl Pages {
    /// Returns whether there was room.
    fn add(&mut self, piece: &[u8]) -> bool {
        let end = self.filled + piece.len();
        let Some(room) = self.pages.get_mut(self.filled..end) else { return false };
        room.copy_from_slice(piece);
        self.filled = end;
        true
    }
}

impl AsRef<[u8]> for Pages {
    fn as_ref(&self) -> &[u8] {
        self.pages.get(..self.filled).unwrap_or_default()
    }
}

/// Octets that are held as any other memory is.
const LITTLE_BYTES_MAX: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_one_behind_the_other_however_long() {
        for pieces in [0, 1, 2, 100] {
            let mut content = InMemory::of(1 << 20);
            for number in 0..pieces {
                assert!(content.add(vec![number; 10_000].into()));
            }
            assert_eq!(content.len(), usize::from(pieces) * 10_000);
            let all = content.finish();
            assert!(all.len() == usize::from(pieces) * 10_000);
            assert!(
                all.chunks(10_000).zip(0_u8..).all(|(piece, number)| piece == vec![number; 10_000])
            );
        }
    }

    #[test]
    fn there_is_no_room_for_more_than_was_said() {
        let mut content = InMemory::of(300_000);
        assert!(content.add(vec![0; 200_000].into()) && content.add(vec![1; 100_000].into()));
        assert!(!content.add(vec![2; 1].into()));
    }
}
