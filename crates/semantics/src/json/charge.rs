//! What a tree takes of memory, counted while it grows.

use super::refusal::Refusal;

/// Memory that is lent to a patch in JSON while it is applied.
///
/// ```
/// use methodical_semantics::{json::Room, rule::patching::{PatchError, json}};
///
/// #[derive(Debug)]
/// struct None;
/// impl Room for None {
///     fn reaches(&mut self, _bytes: usize) -> bool {
///         false
///     }
/// }
/// let patch = br#"[{"op": "remove", "path": "/a"}]"#;
/// let error = json::apply_within(br#"{"a": 1}"#, patch, &json::JsonLimits::default(), &mut None);
/// assert!(matches!(error, Err(PatchError::NoRoom { .. })));
/// ```
pub trait Room: std::fmt::Debug {
    /// Returns whether the patch may hold so many bytes in all, from now on until it is done.
    fn reaches(&mut self, bytes: usize) -> bool;
}

/// Room that nobody else needs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unshared;

impl Room for Unshared {
    fn reaches(&mut self, _bytes: usize) -> bool {
        true
    }
}

/// The part that is held of a room, within a limit.
#[derive(Debug)]
pub(crate) struct Charge<'r> {
    room: &'r mut dyn Room,
    bytes_max: usize,
    bytes: usize,
    granted: usize,
    /// Of these, bytes that copies took.
    copies: usize,
    refused: Option<Refusal>,
}

impl<'r> Charge<'r> {
    /// Nothing yet, of at most so many bytes.
    pub(crate) fn new(room: &'r mut dyn Room, bytes_max: usize) -> Self {
        Self { room, bytes_max, bytes: 0, granted: 0, copies: 0, refused: None }
    }

    /// Counts bytes, and tells whether there was room for them; where there was none once, every
    /// later [`Self::check`] says so.
    pub(crate) fn add(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.granted && self.refused.is_none() {
            let granted = self.bytes.saturating_add(self.bytes / 4 + STEP_BYTES);
            let granted = granted.min(self.bytes_max);
            if self.bytes > self.bytes_max {
                self.refused = Some(Refusal::TooLarge(HELD, self.bytes_max));
            } else if self.room.reaches(granted) {
                self.granted = granted;
            } else {
                self.refused = Some(Refusal::NoRoom);
            }
        }
        self.refused.is_none()
    }

    /// Counts bytes of a copy, of which there may be less: a patch of a few hundred bytes would
    /// take all otherwise.
    pub(super) fn copy(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.copies = self.copies.saturating_add(bytes);
        let copies_max = self.bytes_max / COPIES_PART;
        if self.copies > copies_max {
            return Err(Refusal::TooLarge("bytes held for copies", copies_max));
        }
        self.take(bytes)
    }

    /// Counts bytes.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.add(bytes);
        self.check()
    }

    /// Refuses what goes on though there was no room.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        self.refused.clone().map_or(Ok(()), Err)
    }

    /// Counts bytes no more, which can be taken again.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// Bytes that an entry takes in a list that grows: the list has room for up to twice what it holds.
pub(crate) const fn entry<T>() -> usize {
    2 * size_of::<T>()
}

const HELD: &str = "bytes held while it is patched";

/// Bytes that are asked for beyond what is needed, so that asking costs nothing.
const STEP_BYTES: usize = 4096;

/// The part of all that may be taken by copies: a quarter.
const COPIES_PART: usize = 4;
