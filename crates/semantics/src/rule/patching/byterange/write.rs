//! The writes that the parts of a byte range patch ask for.

use super::fields::{Fields, Target};
use super::limits::ByteRangeLimits;
use crate::rule::patching::error::{At, PatchError};
use std::ops::Range;

/// A run of bytes of the patch and where in the resource it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeWrite {
    /// The place where the bytes are written, in bytes from the resource's beginning.
    pub offset: u64,
    /// The place where the bytes stand in the patch.
    pub bytes: Range<usize>,
    /// The complete length that the part anticipates. It does not affect the write (section 2.1).
    pub complete_length: Option<u64>,
    /// True if the part writes nothing and makes `offset` the resource's length (section 2.1).
    pub sets_length: bool,
    /// The part's `Content-Type`, which counts as if a PUT had brought it (section 2.4).
    pub content_type: Option<String>,
    /// The part's number, counted from 1. A part in chunks makes several writes.
    pub part: usize,
}

impl RangeWrite {
    /// Returns where the write ends, in bytes from the resource's beginning.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.bytes.len() as u64)
    }
}

/// The writes of the parts so far.
pub(super) struct Writes<'l> {
    pub(super) list: Vec<RangeWrite>,
    limits: &'l ByteRangeLimits,
}

impl<'l> Writes<'l> {
    pub(super) fn new(limits: &'l ByteRangeLimits) -> Self {
        Self { list: Vec::new(), limits }
    }

    /// Adds the writes of a part, whose body may be in several chunks.
    pub(super) fn part(
        &mut self,
        fields: &Fields,
        part: usize,
        chunks: impl Iterator<Item = Range<usize>> + Clone,
    ) -> Result<(), PatchError> {
        let length = chunks.clone().map(|chunk| chunk.len() as u64).sum();
        let target = fields.target(part, length)?;
        let (mut offset, sets_length) = match target {
            Target::Write { offset } => (offset, false),
            Target::Length { length } => (length, true),
        };
        for chunk in chunks {
            if self.list.len() >= self.limits.ranges_max {
                let maximum = self.limits.ranges_max as u64;
                return Err(PatchError::too_large(At::Part(part), "ranges", maximum));
            }
            let length = chunk.len() as u64;
            self.list.push(RangeWrite {
                offset,
                bytes: chunk,
                complete_length: fields.complete_length(),
                sets_length,
                content_type: fields.content_type.clone(),
                part,
            });
            offset = offset.saturating_add(length);
        }
        Ok(())
    }
}
