//! Ordinary files beneath one root, every write all or nothing.
//!
//! Names and bytes are the folder's own; others may change them at any time and are seen at once.
//! New content is staged as a file without a name (`bytes/stage`) and comes to stand at its name by
//! one link or rename (`commit/apply`), so that whoever looks, also after a crash, finds the old
//! state or the new. Two writers on one name take turns by [`methodical_store::guard`]; what a name
//! is, with symbolic links on its way, is the kernel's word (`names/tree`).
//!
//! Limits: a hard link is parted from its other names by a write, since a write makes a new file;
//! on a disk that does not tell `a` from `A` two names of one file do not take turns.

mod bytes;
mod commit;
mod errno;
mod facts;
mod inner;
mod names;
mod open;
mod options;
mod snapshot;
mod state;
mod store;
mod system;
mod test_faults;
mod watched;

pub use self::{
    commit::changes::MEDIA_TYPE_BYTES_MAX,
    open::OpenError,
    options::{Durability, FolderOptions, SyncCount},
    store::FolderStore,
    watched::WatchedFolder,
};
