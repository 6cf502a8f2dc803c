//! `X-Update-Range`: the partial update of sabre/dav, `application/x-sabredav-partialupdate`.
//!
//! ```text
//! X-Update-Range = "append" / "bytes=" ( first "-" last / first "-" / "-" suffix )
//! ```
//!
//! One range only. The content is written at the place that the field names; where it names a
//! place beyond the end, the gap is filled with NUL, up to [`GAP_BYTES_MAX`].

use super::error::{At, PatchError};

/// The place where a partial update is to be written.
///
/// ```
/// use methodical_semantics::rule::patching::partial_update::UpdateRange;
///
/// let range = UpdateRange::parse("bytes=-3")?;
/// assert_eq!(range.resolve(10, 4)?, 7);
/// # Ok::<(), methodical_semantics::rule::patching::PatchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRange {
    /// `append`: at the end.
    Append,
    /// `bytes=2-5`: from the first to the last byte, inclusive, counted from 0.
    Inclusive {
        /// The first byte that is written.
        first: u64,
        /// The last byte that is written.
        last: u64,
    },
    /// `bytes=2-`: from this byte on, as long as the content is.
    From(u64),
    /// `bytes=-3`: from that many bytes before the end on, as long as the content is.
    FromEnd(u64),
}

impl UpdateRange {
    /// Reads the field's value.
    ///
    /// # Errors
    ///
    /// [`PatchError::Malformed`] if it is none of the four forms.
    pub fn parse(value: &str) -> Result<Self, PatchError> {
        let malformed = || {
            let reason = "it is neither \"append\" nor one range such as \"bytes=100-199\"";
            PatchError::malformed(At::UpdateRange, reason)
        };
        let value = value.trim_matches([' ', '\t']);
        if value.eq_ignore_ascii_case("append") {
            return Ok(Self::Append);
        }
        let (unit, range) = value.split_once('=').ok_or_else(malformed)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return Err(malformed());
        }
        let (first, last) = range.split_once('-').ok_or_else(malformed)?;
        match (first, last) {
            ("", suffix) => position(suffix).map(Self::FromEnd),
            (first, "") => position(first).map(Self::From),
            (first, last) => position(first)
                .zip(position(last))
                .map(|(first, last)| Self::Inclusive { first, last }),
        }
        .ok_or_else(malformed)
    }

    /// The offset at which content of this many bytes is written to a resource of that many bytes.
    ///
    /// An offset beyond `current_length` leaves a gap, which is to be filled with NUL.
    ///
    /// # Errors
    ///
    /// [`PatchError::Unsatisfiable`] if the range ends before it begins, has another length than
    /// the content or begins before the resource; [`PatchError::TooLarge`] if the gap would be
    /// longer than [`GAP_BYTES_MAX`].
    pub fn resolve(self, current_length: u64, content_length: u64) -> Result<u64, PatchError> {
        let unsatisfiable = |reason: String| PatchError::Unsatisfiable {
            at: At::UpdateRange,
            reason,
            current_length,
        };
        if let Self::Inclusive { first, last } = self {
            if last < first {
                return Err(unsatisfiable("the range ends before it begins".into()));
            }
            // Content of no bytes has no last byte, and no range is as long as 2^64.
            if last - first != content_length.wrapping_sub(1) {
                let reason = format!("the range is not as long as the {content_length} bytes sent");
                return Err(unsatisfiable(reason));
            }
        }
        let offset = match self {
            Self::Append => current_length,
            Self::From(first) | Self::Inclusive { first, .. } => first,
            Self::FromEnd(suffix) => current_length.checked_sub(suffix).ok_or_else(|| {
                unsatisfiable(format!("the resource has only {current_length} bytes"))
            })?,
        };
        if offset.saturating_sub(current_length) > GAP_BYTES_MAX {
            return Err(PatchError::too_large(
                At::UpdateRange,
                "bytes between the resource's end and the range",
                GAP_BYTES_MAX,
            ));
        }
        Ok(offset)
    }
}

/// Digits that fit; the largest number that they can spell is left out, as no file is that long.
fn position(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|&number: &u64| plain && number < u64::MAX)
}

/// Bytes of NUL that one partial update may add between the present end and its own content,
/// 64 MiB: a request of a hundred bytes is not to fill a disk.
pub const GAP_BYTES_MAX: u64 = 64 << 20;
