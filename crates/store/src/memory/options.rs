//! What a store in memory shows, remembers and holds.

use std::time::Duration;

use crate::store::{TOMBSTONE_DAYS_MAX, TOMBSTONES_MAX};

/// The limits of what a store in memory shows, remembers and holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryOptions {
    /// True if names that begin with a dot are shown and may be written.
    pub hidden: bool,
    /// True if the names are shown that a Mac leaves everywhere, `._*` and `.DS_Store`.
    pub mac_junk: bool,
    /// The most deletions that are remembered; the oldest are forgotten first. 0 for none.
    pub tombstones_max: usize,
    /// The time that a deletion is remembered.
    pub tombstone_age_max: Duration,
    /// The most bytes that all files together may have.
    pub bytes_max: u64,
}

impl Default for MemoryOptions {
    /// Hidden names hidden, deletions remembered as in a folder, no limit of bytes.
    fn default() -> Self {
        Self {
            hidden: false,
            mac_junk: false,
            tombstones_max: TOMBSTONES_MAX,
            tombstone_age_max: Duration::from_hours(TOMBSTONE_DAYS_MAX * 24),
            bytes_max: u64::MAX,
        }
    }
}
