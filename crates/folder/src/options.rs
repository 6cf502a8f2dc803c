//! How a folder is served.

use methodical_store::store::TOMBSTONES_MAX;

/// The way in which a folder is served.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that the operator has")]
pub struct FolderOptions {
    /// True if anything may be changed. A store that may not writes nothing anywhere.
    pub writable: bool,
    /// True if names that begin with a dot are shown.
    pub hidden: bool,
    /// True if the names are shown that a Mac leaves everywhere, `._*` and `.DS_Store`.
    pub mac_junk: bool,
    /// True if symbolic links that stay beneath the root are followed.
    pub follow_symlinks: bool,
    /// The point that a commit waits for.
    pub durability: Durability,
    /// The number of deletions that are remembered at most, the oldest being forgotten first; 0 for
    /// none.
    pub tombstones_max: usize,
}

/// The point that a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// What is acknowledged is on the disk: it survives a loss of power.
    #[default]
    Full,
    /// What is acknowledged is with the system: it survives the end of the process.
    Relaxed,
}

/// The number of times that the disk was made to keep something, so that a test can tell that it
/// was, and how far writers shared it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncCount {
    /// Syncs of files.
    pub files: u64,
    /// Syncs of directories.
    pub directories: u64,
}

impl Default for FolderOptions {
    /// Read-only, as a server starts when nobody says otherwise.
    fn default() -> Self {
        Self {
            writable: false,
            hidden: false,
            mac_junk: false,
            follow_symlinks: true,
            durability: Durability::Full,
            tombstones_max: TOMBSTONES_MAX,
        }
    }
}
