//! Folders that tests make and leave nothing of.

use std::{fs, path::Path as DiskPath};

use methodical_store::{
    contract::Fixture,
    folder::{Durability, FolderOptions, FolderStore},
};

/// A store on a temporary folder of its own.
pub(crate) fn open(options: FolderOptions) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    Fixture::on(FolderStore::open(folder.path(), options).unwrap(), folder)
}

/// A store on a folder that is there.
pub(crate) fn open_at(folder: &DiskPath, options: FolderOptions) -> FolderStore {
    FolderStore::open(folder, options).unwrap()
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
            } else if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}
