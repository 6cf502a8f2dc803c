//! Remembering what was deleted.

use super::{Open, Setup, change, put, usual, was_deleted};
use crate::{
    store::{Mark, Store},
    testing::{path, seed},
};

pub(super) fn a_tombstone_is_remembered_and_nothing_else(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/a", ""), ("/b", ""), ("/c", ""), ("/d/", "")]);
    remove(&*store, "/a", Mark::Tombstone);
    remove(&*store, "/b", Mark::Nothing);
    remove(&*store, "/d", Mark::Tombstone);
    assert!(was_deleted(&*store, "/a"));
    assert!(was_deleted(&*store, "/d"));
    for at in ["/", "/b", "/c", "/never", "/never/there"] {
        assert!(!was_deleted(&*store, at), "{at}");
    }
}

pub(super) fn all_that_went_with_a_collection_is_remembered(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", ""), ("/d/e/", ""), ("/d/e/f", ""), ("/d!", "")]);
    remove(&*store, "/d/e", Mark::Nothing);
    remove(&*store, "/d", Mark::Tombstone);
    assert_eq!(["/d", "/d/f"].map(|at| was_deleted(&*store, at)), [true; 2]);
    assert_eq!(["/d/e", "/d/e/f", "/d!", "/d/x"].map(|at| was_deleted(&*store, at)), [false; 4]);
    seed(&*store, &[("/d/", "")]);
    assert_eq!(["/d", "/d/f"].map(|at| was_deleted(&*store, at)), [false, true]);
}

pub(super) fn a_tombstone_ends_when_something_is_made_there(open: Open<'_>) {
    let store = usual(open);
    for at in ["/a", "/b", "/c", "/d"] {
        put(&*store, at, "text").unwrap();
        remove(&*store, at, Mark::Tombstone);
    }
    seed(&*store, &[("/source", "text"), ("/a", "text"), ("/b/", "")]);
    change(&*store, |changes| changes.copy(&path("/source"), &path("/c"), true)).unwrap();
    change(&*store, |changes| changes.rename(&path("/source"), &path("/d"))).unwrap();
    for at in ["/a", "/b", "/c", "/d"] {
        assert!(!was_deleted(&*store, at), "{at} is there");
        // Not removed: so that only what was made there can have ended the tombstone.
        change(&*store, |changes| changes.rename(&path(at), &path("/aside"))).unwrap();
        assert!(!was_deleted(&*store, at), "{at} was there since");
        remove(&*store, "/aside", Mark::Nothing);
    }
}

pub(super) fn a_tombstone_ends_when_a_tree_comes_there(open: Open<'_>) {
    let store = usual(open);
    for tree in ["/copied", "/moved"] {
        let file = format!("{tree}/f");
        seed(&*store, &[(&format!("{tree}/"), ""), (&file, "text")]);
        remove(&*store, &file, Mark::Tombstone);
        remove(&*store, tree, Mark::Nothing);
    }
    seed(&*store, &[("/d/", ""), ("/d/f", "text")]);
    change(&*store, |changes| changes.copy(&path("/d"), &path("/copied"), true)).unwrap();
    change(&*store, |changes| changes.rename(&path("/d"), &path("/moved"))).unwrap();
    for tree in ["/copied", "/moved"] {
        let file = format!("{tree}/f");
        assert!(!was_deleted(&*store, &file), "{file} is there");
        change(&*store, |changes| changes.rename(&path(&file), &path("/aside"))).unwrap();
        assert!(!was_deleted(&*store, &file), "{file} was there since");
        remove(&*store, "/aside", Mark::Nothing);
    }
}

pub(super) fn rename_leaves_no_tombstone(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    change(&*store, |changes| changes.rename(&path("/f"), &path("/g"))).unwrap();
    assert!(!was_deleted(&*store, "/f"));
}

pub(super) fn the_oldest_tombstones_are_forgotten_first(open: Open<'_>) {
    let store = open(&Setup { tombstones_max: 3, ..Setup::USUAL });
    let all = ["/e", "/d", "/c", "/b", "/a"];
    for at in all {
        put(&*store, at, "text").unwrap();
        remove(&*store, at, Mark::Tombstone);
    }
    assert_eq!(all.map(|at| was_deleted(&*store, at)), [false, false, true, true, true]);
    // Of a tree that is larger than what is remembered, its root is remembered.
    let tree = ["/t/", "/t/1", "/t/2", "/t/3", "/t/4", "/t/5"];
    seed(&*store, &tree.map(|at| (at, "")));
    remove(&*store, "/t", Mark::Tombstone);
    assert!(was_deleted(&*store, "/t"));
    assert_eq!(all.map(|at| was_deleted(&*store, at)), [false; 5]);
    assert_eq!(tree.iter().filter(|at| was_deleted(&*store, at)).count(), 3);
}

pub(super) fn no_tombstone_is_kept_where_none_may_be(open: Open<'_>) {
    let store = open(&Setup { tombstones_max: 0, ..Setup::USUAL });
    put(&*store, "/f", "text").unwrap();
    remove(&*store, "/f", Mark::Tombstone);
    assert!(!was_deleted(&*store, "/f"));
}

fn remove(store: &dyn Store, at: &str, mark: Mark) {
    change(store, |changes| changes.remove(&path(at), mark)).unwrap();
}
