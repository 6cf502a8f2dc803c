//! An entity tag changes with every change of the bytes, however fast, by whomever.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path as DiskPath,
    time::{Duration, SystemTime},
};

use methodical_folder::FolderStore;
use methodical_semantics::etag::ETag;
use methodical_store::{
    store::Store,
    testing::{bytes, path},
};

use crate::folder::{open_at, options, put};

#[test]
fn a_rewrite_by_us() {
    changed_each_time(ROUNDS, |store, _, text| put(store, "/f", text).unwrap());
}

#[test]
fn a_rewrite_in_place_by_others() {
    changed_each_time(ROUNDS, |_, file, text| fs::write(file, text).unwrap());
}

#[test]
fn an_overwrite_without_truncation_by_others() {
    changed_each_time(ROUNDS, |_, file, text| {
        let open = OpenOptions::new().write(true).create(true).truncate(false).open(file);
        open.unwrap().write_all_at(text.as_bytes(), 0).unwrap();
    });
}

#[test]
fn a_rewrite_by_others_who_put_the_time_back() {
    changed_each_time(ROUNDS, |_, file, text| {
        fs::write(file, text).unwrap();
        set_modified(file);
    });
}

#[test]
fn a_file_by_others_under_a_new_name_each_time() {
    changed_each_time(WAITING_ROUNDS, |_, file, text| {
        let aside = file.with_extension("new");
        fs::write(&aside, text).unwrap();
        fs::rename(aside, file).unwrap();
    });
}

#[test]
fn a_file_by_others_that_is_removed_and_made_again() {
    // It often gets the inode of the one that was removed.
    changed_each_time(WAITING_ROUNDS, |_, file, text| {
        fs::remove_file(file).unwrap_or_default();
        fs::write(file, text).unwrap();
    });
}

#[test]
fn a_file_by_others_that_is_made_again_with_the_time_put_back() {
    changed_each_time(WAITING_ROUNDS, |_, file, text| {
        fs::remove_file(file).unwrap_or_default();
        fs::write(file, text).unwrap();
        set_modified(file);
    });
}

#[test]
fn us_and_others_by_turns() {
    let mut ours = false;
    changed_each_time(WAITING_ROUNDS, |store, file, text| {
        ours = !ours;
        if ours {
            put(store, "/f", text).unwrap();
        } else {
            fs::write(file, text).unwrap();
        }
    });
}

#[test]
fn unchanged_says_the_same_without_opening() {
    let folder = tempfile::tempdir().unwrap();
    let (store, file) = (open_at(folder.path(), options()), folder.path().join("f"));
    let mut last = None;
    for round in 0..ROUNDS {
        if let Some(witness) = &last {
            assert!(store.unchanged(&path("/f"), witness), "round {round}");
        }
        if round % 2 == 0 {
            fs::write(&file, text(round)).unwrap();
        } else {
            put(&store, "/f", &text(round)).unwrap();
        }
        if let Some(witness) = &last {
            assert!(!store.unchanged(&path("/f"), witness), "round {round}");
        }
        last = store.snapshot().find(&path("/f")).unwrap().unwrap().witness;
        assert!(last.is_some(), "round {round}");
    }
}

#[test]
fn a_look_does_not_change_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    put(&store, "/f", "text").unwrap();
    let first = etag(&store);
    for _ in 0..ROUNDS {
        assert_eq!(etag(&store), first);
        let (_, content) = store.snapshot().open(&path("/f")).unwrap().unwrap();
        assert_eq!(bytes(content), b"text");
    }
    drop(store);
    assert_eq!(etag(&open_at(folder.path(), options())), first, "nor does another process");
}

/// Changes a file again and again, to content of the same size, and looks at it each time.
fn changed_each_time(rounds: usize, mut rewrite: impl FnMut(&FolderStore, &DiskPath, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let (store, file) = (open_at(folder.path(), options()), folder.path().join("f"));
    let mut seen = std::collections::HashSet::new();
    for round in 0..rounds {
        rewrite(&store, &file, &text(round));
        let etag = etag(&store);
        assert!(!etag.is_weak());
        assert!(seen.insert(etag.to_string()), "round {round} gave {etag} a second time");
    }
}

fn etag(store: &FolderStore) -> ETag {
    store.snapshot().find(&path("/f")).unwrap().unwrap().etag().unwrap()
}

fn text(round: usize) -> String {
    format!("{round:08}")
}

fn set_modified(file: &DiskPath) {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    File::options().write(true).open(file).unwrap().set_modified(then).unwrap();
}

const ROUNDS: usize = 2000;

/// Fewer where a file that was born just now is waited for, one tick of the clock each time.
const WAITING_ROUNDS: usize = 300;
