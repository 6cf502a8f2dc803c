//! `application/byteranges` (section 3.3 of the draft, after RFC 9292).

use super::fields::{Fields, too_long};
use super::limits::ByteRangeLimits;
use super::write::{RangeWrite, Writes};
use crate::rule::patching::error::{At, PatchError};
use std::ops::Range;

/// The writes of all messages.
pub(super) fn parse(body: &[u8], limits: &ByteRangeLimits) -> Result<Vec<RangeWrite>, PatchError> {
    let mut reader = Reader { body, at: 0, part: 1, limits };
    let mut writes = Writes::new(limits);
    while reader.at < body.len() || reader.part == 1 {
        let part = reader.part;
        match reader.integer()? {
            KNOWN_LENGTH => {
                let length = reader.integer()?;
                let end = reader.run(length)?.end;
                let fields = reader.known_fields(end)?;
                let length = reader.integer()?;
                let content = reader.run(length)?;
                reader.at = content.end;
                writes.part(&fields, part, std::iter::once(content))?;
            }
            INDETERMINATE_LENGTH => {
                let fields = reader.indeterminate_fields()?;
                let chunks = reader.chunks()?;
                writes.part(&fields, part, chunks.into_iter())?;
            }
            _ => return Err(reader.malformed("its framing indicator is neither 8 nor 10")),
        }
        reader.part += 1;
    }
    Ok(writes.list)
}

struct Reader<'a> {
    body: &'a [u8],
    at: usize,
    /// The message's number, counted from 1.
    part: usize,
    limits: &'a ByteRangeLimits,
}

impl Reader<'_> {
    /// A variable-length integer of 1, 2, 4 or 8 bytes; the first two bits say which.
    fn integer(&mut self) -> Result<u64, PatchError> {
        let first = self.body.get(self.at).copied().unwrap_or(0);
        let length = 1_usize << (first >> 6);
        let Some(bytes) = self.body.get(self.at..self.at + length) else {
            return Err(self.malformed("the patch ends within it"));
        };
        self.at += length;
        let value = bytes.iter().fold(0, |value: u64, &byte| value << 8 | u64::from(byte));
        // The two bits are the highest of the integer.
        Ok(value & (u64::MAX >> (66 - 8 * length)))
    }

    /// The next bytes, which are left for the caller to step over.
    fn run(&self, length: u64) -> Result<Range<usize>, PatchError> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        match end.filter(|&end| end <= self.body.len()) {
            Some(end) => Ok(self.at..end),
            None => Err(self.malformed("the patch ends within it")),
        }
    }

    fn known_fields(&mut self, end: usize) -> Result<Fields, PatchError> {
        let mut fields = Fields::default();
        if end - self.at > self.limits.part_fields_bytes_max {
            return Err(too_long(self.part, self.limits));
        }
        while self.at < end {
            let length = self.integer()?;
            self.field(&mut fields, length)?;
        }
        if self.at != end {
            return Err(self.malformed("its fields are longer than they say"));
        }
        Ok(fields)
    }

    fn indeterminate_fields(&mut self) -> Result<Fields, PatchError> {
        let mut fields = Fields::default();
        let start = self.at;
        loop {
            match self.integer()? {
                0 => return Ok(fields),
                length => self.field(&mut fields, length)?,
            }
            if self.at - start > self.limits.part_fields_bytes_max {
                return Err(too_long(self.part, self.limits));
            }
        }
    }

    /// Reads a field line from the name on.
    fn field(&mut self, fields: &mut Fields, name_length: u64) -> Result<(), PatchError> {
        let name = self.run(name_length)?;
        self.at = name.end;
        let value_length = self.integer()?;
        let value = self.run(value_length)?;
        self.at = value.end;
        let bytes = |range| self.body.get(range).unwrap_or_default();
        fields.add(self.part, bytes(name), bytes(value))
    }

    /// Reads chunks up to the terminator; without any, one chunk without bytes.
    fn chunks(&mut self) -> Result<Vec<Range<usize>>, PatchError> {
        let mut chunks = Vec::new();
        loop {
            let length = self.integer()?;
            let chunk = self.run(length)?;
            self.at = chunk.end;
            if length == 0 && !chunks.is_empty() {
                return Ok(chunks);
            }
            if chunks.len() >= self.limits.ranges_max {
                let maximum = self.limits.ranges_max as u64;
                return Err(PatchError::too_large(At::Part(self.part), "ranges", maximum));
            }
            chunks.push(chunk);
            if length == 0 {
                return Ok(chunks);
            }
        }
    }

    fn malformed(&self, reason: &str) -> PatchError {
        PatchError::malformed(At::Part(self.part), reason)
    }
}

/// The framing indicator of a message whose lengths come first.
const KNOWN_LENGTH: u64 = 8;

/// The framing indicator of a message that ends with terminators.
const INDETERMINATE_LENGTH: u64 = 10;
