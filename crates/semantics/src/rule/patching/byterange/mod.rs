//! Byte range patches: `message/byterange`, `multipart/byteranges` and `application/byteranges`
//! (draft-ietf-httpapi-patch-byterange).
//!
//! A patch is a list of parts, each with fields and a body. `Content-Range` or `Content-Offset`
//! says where the body is written. [`parse`] reads a patch of any of the three syntaxes; [`place`]
//! checks it against the resource's present length.
//!
//! # Choices that the draft leaves open
//!
//! * A patch is one operation: all parts or none (section 3.1). The order of the parts does not
//!   matter, so that parts that overlap are refused, as are different complete lengths.
//! * A part body that is shorter or longer than its range is refused; nothing of it is kept
//!   (section 2.6).
//! * Writing beyond the end and not next to it is refused (section 2.6).
//! * The unsatisfied-range form, `bytes */LENGTH`, sets the length. It stands once, as the last
//!   part, and keeps all that the patch writes. Growing by it is bounded (section 7.2).
//! * `Content-Type` is handed to the caller (section 2.4). A part that says to be encoded is
//!   refused, as the PUT of an encoded representation would be (section 2.5). All other fields are
//!   ignored (section 3.2.1).
//!
//! # Bounds
//!
//! Parsing takes one pass, and sorting the ranges O(n log n); memory is that of the list.

mod binary;
mod fields;
mod limits;
mod multipart;
mod write;

pub use limits::{ByteRangeLimits, PART_FIELDS_BYTES_MAX, RANGES_MAX};
pub use write::RangeWrite;

use super::error::{At, PatchError};
use super::partial_update::GAP_BYTES_MAX;
use write::Writes;

/// The syntax of a byte range patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax<'a> {
    /// `message/byterange`: fields, an empty line, the body (section 3.2).
    Message,
    /// `multipart/byteranges`, with its `boundary` parameter (section 3.1).
    Multipart {
        /// The parameter's value, unquoted.
        boundary: &'a str,
    },
    /// `application/byteranges`: binary (section 3.3).
    Application,
}

/// The writes of a byte range patch, in the patch's order. None of them overlap.
///
/// ```
/// use methodical_semantics::rule::patching::byterange::{ByteRangeLimits, Syntax, parse, place};
///
/// let patch = b"Content-Range: bytes 2-5/12\r\n\r\nwxyz";
/// let writes = parse(Syntax::Message, patch, &ByteRangeLimits::default())?;
/// assert_eq!((writes[0].offset, &patch[writes[0].bytes.clone()]), (2, &b"wxyz"[..]));
/// assert_eq!(place(&writes, 12)?, 12);
/// # Ok::<(), methodical_semantics::rule::patching::PatchError>(())
/// ```
///
/// # Errors
///
/// [`PatchError::Malformed`] if the syntax, a field or a length is wrong or the parts contradict
/// each other; [`PatchError::Unprocessable`] if a part has another range unit or is encoded;
/// [`PatchError::TooLarge`] beyond a limit.
pub fn parse(
    syntax: Syntax<'_>,
    body: &[u8],
    limits: &ByteRangeLimits,
) -> Result<Vec<RangeWrite>, PatchError> {
    match syntax {
        Syntax::Message => parse_message(body, body.len(), limits).map(|write| vec![write]),
        Syntax::Multipart { boundary } => checked(multipart::parse(body, boundary, limits)?),
        Syntax::Application => checked(binary::parse(body, limits)?),
    }
}

/// The one write of a `message/byterange` patch whose body need not be in memory.
///
/// `head` is the patch's beginning, at least its fields; `length` is the whole patch's, in bytes.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_message(
    head: &[u8],
    length: usize,
    limits: &ByteRangeLimits,
) -> Result<RangeWrite, PatchError> {
    let (fields, start) = fields::read(head, 1, limits)?;
    let mut writes = Writes::new(limits);
    writes.part(&fields, 1, std::iter::once(start..length))?;
    // A single chunk makes a single write.
    writes.list.pop().ok_or_else(|| PatchError::malformed(At::Patch, "there is no range"))
}

/// The resource's length in bytes once the writes are done.
///
/// The writes may be done in any order, before the length is set.
///
/// # Errors
///
/// [`PatchError::Unsatisfiable`] if a write would begin beyond the end of what is there, the other
/// writes counted in; [`PatchError::TooLarge`] if the length would be set to more than
/// [`GAP_BYTES_MAX`] beyond it.
pub fn place(writes: &[RangeWrite], current_length: u64) -> Result<u64, PatchError> {
    let mut sorted: Vec<&RangeWrite> = writes.iter().filter(|write| !write.sets_length).collect();
    sorted.sort_by_key(|write| write.offset);
    let mut end = current_length;
    for write in sorted {
        if write.offset > end {
            let (offset, at) = (write.offset, At::Part(write.part));
            let reason = format!("byte {offset} is beyond the end, which is at byte {end}");
            return Err(PatchError::Unsatisfiable { at, reason, current_length });
        }
        end = end.max(write.end());
    }
    let Some(last) = writes.iter().find(|write| write.sets_length) else { return Ok(end) };
    if last.offset.saturating_sub(end) > GAP_BYTES_MAX {
        let limit = "bytes of empty space at the resource's end";
        return Err(PatchError::too_large(At::Part(last.part), limit, GAP_BYTES_MAX));
    }
    Ok(last.offset)
}

/// Checks that the parts do not contradict each other.
fn checked(writes: Vec<RangeWrite>) -> Result<Vec<RangeWrite>, PatchError> {
    let malformed =
        |write: &RangeWrite, reason: &str| Err(PatchError::malformed(At::Part(write.part), reason));
    let mut complete_length = None;
    for write in &writes {
        if write
            .complete_length
            .is_some_and(|length| *complete_length.get_or_insert(length) != length)
        {
            return malformed(write, "another part says that the complete length is different");
        }
    }
    let (data, lengths): (Vec<&RangeWrite>, Vec<_>) =
        writes.iter().partition(|write| !write.sets_length);
    let mut sorted = data;
    sorted.sort_by_key(|write| (write.offset, write.end()));
    for pair in sorted.windows(2) {
        if let [first, second] = pair
            && second.offset < first.end()
        {
            return malformed(second, "the range overlaps another one of the patch");
        }
    }
    if let Some(length) = lengths.first() {
        if writes.last().is_some_and(|last| !std::ptr::eq(last, *length)) {
            return malformed(length, "the part that sets the length is not the last one");
        }
        if sorted.last().is_some_and(|write| write.end() > length.offset) {
            return malformed(length, "the length leaves out what the patch writes");
        }
    }
    Ok(writes)
}
