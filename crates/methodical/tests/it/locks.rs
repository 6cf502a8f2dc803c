//! The locks on a folder, listed and broken.

use methodical_store::{
    folder::{FolderOptions, FolderStore},
    store::Store,
    testing::{hold, seed},
};

use crate::command::ran;

const TOKEN: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

/// A folder with a file that is locked.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    seed(&store, &[("/a%20b", "text")]);
    hold(&store, "/a%20b", TOKEN);
    folder
}

fn open(folder: &std::path::Path) -> FolderStore {
    let options = FolderOptions { writable: true, ..FolderOptions::default() };
    FolderStore::open(folder, options).unwrap()
}

#[test]
fn locks_are_listed_and_broken() {
    let folder = folder();
    let dir = folder.path().to_str().unwrap();
    let listed = ran(["locks", dir]);
    assert_eq!(listed.code, Some(0), "{}", listed.err);
    assert!(listed.out.starts_with(&format!("{TOKEN}  exclusive  depth infinity  ")));
    assert!(listed.out.ends_with(" s left  /a%20b\n"), "{}", listed.out);
    let coded = format!("<{TOKEN}>");
    assert_eq!(ran(["locks", "break", dir, &coded]).code, Some(0));
    assert_eq!(ran(["locks", dir]).out, "");
    let again = ran(["locks", "break", dir, TOKEN]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("no lock of this token"), "{}", again.err);
}

#[test]
fn a_folder_that_cannot_be_opened_is_said() {
    assert_eq!(ran(["locks", "/nowhere/at/all"]).code, Some(3));
    let folder = folder();
    let dir = folder.path().to_str().unwrap();
    let writing = open(folder.path());
    let refused = ran(["locks", "break", dir, TOKEN]);
    assert_eq!(refused.code, Some(3));
    assert!(refused.err.contains("another server"), "{}", refused.err);
    assert_eq!(writing.snapshot().locks().len(), 1);
}
