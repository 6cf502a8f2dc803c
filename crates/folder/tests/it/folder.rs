//! The store on a folder, and folders that tests make and leave nothing of.

use std::{fs, path::Path as DiskPath};

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use methodical_store::{
    contract::Fixture,
    store::{Placement, Store},
    testing,
};

/// What the disk of a folder is like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Disk {
    Usual,
    /// Without files that have no name.
    NamedFilesOnly,
    /// Another than that of the state folder, everywhere.
    Apart,
    /// Whose files cannot change places.
    NoExchange,
}

impl Disk {
    /// A store on a folder that is there.
    pub(crate) fn open_at(self, folder: &DiskPath, options: FolderOptions) -> FolderStore {
        let store = FolderStore::open(folder, options).unwrap();
        match self {
            Self::Usual => store,
            Self::NamedFilesOnly => store.with_named_files_only(),
            Self::Apart => store.with_disks_apart(),
            Self::NoExchange => store.with_no_exchange(),
        }
    }

    /// A store on a temporary folder of its own.
    pub(crate) fn open(self, options: FolderOptions) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        Fixture::on(self.open_at(folder.path(), options), folder)
    }
}

/// A store on a folder that is there.
pub(crate) fn open_at(folder: &DiskPath, options: FolderOptions) -> FolderStore {
    Disk::Usual.open_at(folder, options)
}

/// Writable, and not waiting for the disk: what these tests ask for survives no loss of power.
pub(crate) fn options() -> FolderOptions {
    FolderOptions { writable: true, durability: Durability::Relaxed, ..FolderOptions::default() }
}

/// The names of all that is out of sight in a folder: staged, thrown away, or beside its place.
pub(crate) fn out_of_sight(folder: &DiskPath) -> Vec<String> {
    let mut found = Vec::new();
    for room in ["stage", "trash", "beside"] {
        let names = fs::read_dir(folder.join(".methodical").join(room));
        for name in names.into_iter().flatten() {
            found.push(format!("{room}/{}", name.unwrap().file_name().display()));
        }
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().display().to_string();
            if name.starts_with(".methodical-") {
                found.push(name);
            } else if name != ".methodical" && entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

/// Gives a file this text.
pub(crate) fn put(store: &dyn Store, at: &str, text: &str) -> Result<(), Condition> {
    let at = testing::path(at);
    let placed = testing::staged(store, &at, text.as_bytes()).and_then(|content| {
        testing::change(store, &at, |changes| changes.place(&at, content, Placement::default()))
    });
    refused(placed)
}

/// Why something was refused, if it was.
pub(crate) fn refused<T>(outcome: Result<T>) -> Result<(), Condition> {
    match outcome {
        Ok(_) => Ok(()),
        Err(Error::Refused(refusal)) => Err(refusal.condition),
        Err(failure @ (Error::Members(_) | Error::Failed(_))) => unreachable!("{failure:?}"),
    }
}

/// The text of a file, if there is one.
pub(crate) fn text(store: &dyn Store, at: &str) -> Option<String> {
    let (_, content) = store.snapshot().open(&testing::path(at)).unwrap()?;
    Some(String::from_utf8(testing::bytes(content)).unwrap())
}

/// The names of a collection's members, in order.
pub(crate) fn names(store: &dyn Store, of: &str) -> Vec<String> {
    let of: Path = testing::path(of);
    let snapshot = store.snapshot();
    let members = snapshot.members(&of).unwrap();
    let mut names: Vec<_> =
        members.map(|member| member.unwrap().path.name_text().into_owned()).collect();
    names.sort();
    names
}
