//! What is deleted is removed for good, however deep it is, and whatever else is in the way.

use std::{
    fs,
    os::fd::OwnedFd,
    path::Path as DiskPath,
    time::{Duration, Instant},
};

use methodical_folder::FolderStore;
use methodical_store::{
    store::{Mark, Store},
    testing::{change, path},
};
use rustix::fs::{Mode, OFlags};

use crate::folder::{open_at, options, out_of_sight};

/// Many more levels than a stack has room for, or a process descriptors.
const DEEP: usize = 10_000;

/// Makes collections in one another: no path of the system is long enough to name the innermost.
fn deep(at: &DiskPath) {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    fs::create_dir_all(at).unwrap();
    let mut dir: OwnedFd = rustix::fs::open(at, flags, Mode::empty()).unwrap();
    for _ in 0..DEEP {
        rustix::fs::mkdirat(&dir, "d", Mode::RWXU).unwrap();
        dir = rustix::fs::openat(&dir, "d", flags, Mode::empty()).unwrap();
    }
}

fn wait_for(done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_mins(1), "it is never done");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// As the sweep goes on while others are served.
fn is_clean(folder: &DiskPath) -> bool {
    let names = |room: &str| fs::read_dir(folder.join(".methodical").join(room)).unwrap().count();
    names("trash") == 0 && names("stage") == 0
}

#[test]
fn a_tree_of_ten_thousand_levels_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    deep(&folder.path().join("deep"));
    change(&store, &path("/deep"), |it| it.remove(&path("/deep"), Mark::Tombstone)).unwrap();
    wait_for(|| is_clean(folder.path()));
}

#[test]
fn a_start_sweeps_a_trash_of_ten_thousand_levels() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join(".methodical");
    deep(&state.join("trash/1"));
    deep(&state.join("stage/1"));
    fs::create_dir(state.join("trash/3")).unwrap();
    let store = open_at(folder.path(), options());
    wait_for(|| is_clean(folder.path()));
    drop(store);
    assert_eq!(out_of_sight(folder.path()), [""; 0]);
}

#[test]
fn more_collections_in_one_than_are_remembered_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    for number in 0..2500 {
        let at = folder.path().join("wide").join(number.to_string());
        fs::create_dir_all(at.join("below")).unwrap();
        fs::write(at.join("f"), "").unwrap();
    }
    change(&store, &path("/wide"), |it| it.remove(&path("/wide"), Mark::Nothing)).unwrap();
    wait_for(|| is_clean(folder.path()));
}

#[test]
fn a_trash_that_is_none_keeps_nobody_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let beside = folder.path().join(".methodical/beside");
    fs::create_dir_all(&beside).unwrap();
    fs::create_dir(beside.join("no note")).unwrap();
    fs::write(beside.join(".methodical-1"), "x/.methodical-2").unwrap();
    let store = FolderStore::open(folder.path(), options()).unwrap();
    assert!(store.snapshot().find(&path("/")).unwrap().is_some());
    assert!(!beside.join(".methodical-1").exists());
}
