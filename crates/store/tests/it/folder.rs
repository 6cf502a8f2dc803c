//! Folders that tests make and leave nothing of.

use methodical_store::{
    contract::Fixture,
    folder::{Durability, FolderOptions, FolderStore},
};

/// A store on a temporary folder of its own.
pub(crate) fn open(options: FolderOptions) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    Fixture::on(FolderStore::open(folder.path(), options).unwrap(), folder)
}

/// Writable, and not waiting for the disk: what these tests ask for survives no loss of power.
pub(crate) fn options() -> FolderOptions {
    FolderOptions { writable: true, durability: Durability::Relaxed, ..FolderOptions::default() }
}
