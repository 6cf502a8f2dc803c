//! What a byte range patch may cost.

/// The limits of what a byte range patch may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRangeLimits {
    /// Ranges of a patch; see [`RANGES_MAX`].
    pub ranges_max: usize,
    /// Bytes of the fields of one part; see [`PART_FIELDS_BYTES_MAX`].
    pub part_fields_bytes_max: usize,
}

impl Default for ByteRangeLimits {
    fn default() -> Self {
        Self { ranges_max: RANGES_MAX, part_fields_bytes_max: PART_FIELDS_BYTES_MAX }
    }
}

/// Ranges of a patch, and chunks of parts that come in chunks, 16,384: enough for 16 MiB in chunks
/// of 1 KiB, and about 2 MiB of memory.
pub const RANGES_MAX: usize = 16_384;

/// Bytes of the fields of one part, 8 KiB: as much as is commonly accepted of a whole request.
pub const PART_FIELDS_BYTES_MAX: usize = 8 << 10;
