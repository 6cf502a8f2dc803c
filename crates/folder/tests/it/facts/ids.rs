//! Ids of resources where the disk has to be asked: restarts, other programs, and what it costs.

use std::{fs, thread};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{
    resource::Id,
    store::{Mark, Placement, Store},
    testing::{change, path, staged},
};

use crate::folder::{Disk, open_at, options, put};

#[test]
fn ids_outlive_a_restart() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::Apart, Disk::NoExchange] {
        let folder = tempfile::tempdir().unwrap();
        let open = || disk.open_at(folder.path(), options());
        let before = {
            let store = open();
            put(&store, "/f", "one").unwrap();
            put(&store, "/g", "one").unwrap();
            let before = ids(&store);
            put(&store, "/f", "two").unwrap();
            before
        };
        let store = open();
        assert_eq!(ids(&store), before, "{disk:?}");
        put(&store, "/g", "replaced by another process").unwrap();
        assert_eq!(ids(&store), before, "{disk:?}");
        drop(store);
        assert_eq!(ids(&open()), before, "{disk:?}");
        let reader = open_at(folder.path(), FolderOptions::default());
        assert_eq!(ids(&reader), before, "{disk:?}");
    }
}

#[test]
fn ids_outlive_a_process_that_is_killed_once_they_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let store = open_at(folder.path(), options());
        put(&store, "/f", "one").unwrap();
        put(&store, "/g", "one").unwrap();
        let before = ids(&store);
        store.sweep(Timestamp::new(0, 0)).unwrap();
        put(&store, "/f", "two").unwrap();
        store.crash_after(0);
        assert!(put_fails(&store, "/g"));
        before
    };
    let store = open_at(folder.path(), options());
    assert_eq!(ids(&store), before);
    put(&store, "/g", "two").unwrap();
    put(&store, "/f", "three").unwrap();
    assert_eq!(ids(&store), before);
}

#[test]
fn ids_stay_wherever_a_process_is_killed() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::NoExchange] {
        for steps in 0..STEPS_MAX {
            let folder = tempfile::tempdir().unwrap();
            let told = {
                let store = disk.open_at(folder.path(), options());
                put(&store, "/f", "one").unwrap();
                put(&store, "/g", "one").unwrap();
                ids(&store)
            };
            let store = disk.open_at(folder.path(), options());
            // It is replaced, and takes the place of another.
            store.crash_after(steps);
            let replaced = !put_fails(&store, "/f");
            let moved = change(&store, &Path::root(), |it| {
                it.remove(&path("/g"), Mark::Nothing)?;
                it.rename(&path("/f"), &path("/g"))
            });
            drop(store);
            let store = disk.open_at(folder.path(), options());
            let found = store.snapshot().find(&path("/f")).unwrap();
            if found.is_some() {
                assert!(moved.is_err(), "{disk:?}, {steps} steps");
                assert_eq!(ids(&store), told, "{disk:?}, {steps} steps");
            } else {
                assert_eq!(id(&store, "/g"), told[0], "{disk:?}, {steps} steps");
            }
            if replaced && moved.is_ok() {
                break;
            }
            assert!(steps + 1 < STEPS_MAX, "it never came to its end");
        }
    }
}

#[test]
fn who_never_asks_pays_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    put(&store, "/f", "one").unwrap();
    put(&store, "/f", "two").unwrap();
    assert_eq!(store.ledger_uses(), 0);
    let told = id(&store, "/f");
    assert_eq!(store.ledger_uses(), 0, "looking writes nothing");
    put(&store, "/f", "three").unwrap();
    let once = store.ledger_uses();
    assert!(once > 0, "now it has to be kept");
    put(&store, "/f", "four").unwrap();
    put(&store, "/f", "five").unwrap();
    assert_eq!(store.ledger_uses(), once, "and goes with the name by itself");
    assert_eq!(id(&store, "/f"), told);
}

#[test]
fn an_id_is_found_under_the_name_that_others_gave() {
    let folder = tempfile::tempdir().unwrap();
    let (file, moved) = (folder.path().join("f"), folder.path().join("g"));
    let store = open_at(folder.path(), options());
    put(&store, "/f", "one").unwrap();
    let told = id(&store, "/f");
    fs::rename(&file, &moved).unwrap();
    assert_eq!(id(&store, "/g"), told, "none is kept yet");
    put(&store, "/g", "two").unwrap();
    fs::rename(&moved, &file).unwrap();
    for _ in 0..4 {
        assert_eq!(id(&store, "/f"), told);
        store.sweep(Timestamp::new(0, 0)).unwrap();
    }
    put(&store, "/f", "three").unwrap();
    // As an editor saves.
    fs::rename(&file, &moved).unwrap();
    fs::write(&file, "four").unwrap();
    for _ in 0..3 {
        assert_eq!(id(&store, "/f"), told, "the name keeps it");
        assert_ne!(id(&store, "/g"), told);
        store.sweep(Timestamp::new(0, 0)).unwrap();
    }
}

#[test]
fn two_names_that_were_parted_never_have_one_id() {
    for kept in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let store = open_at(folder.path(), options());
        put(&store, "/f", "one").unwrap();
        let told = id(&store, "/f");
        if kept {
            put(&store, "/f", "two").unwrap();
        }
        fs::hard_link(folder.path().join("f"), folder.path().join("g")).unwrap();
        assert_eq!([id(&store, "/f"), id(&store, "/g")], [told, told], "one file");
        put(&store, "/g", "parted").unwrap();
        for _ in 0..3 {
            assert_eq!(id(&store, "/f"), told, "kept: {kept}");
            assert_ne!(id(&store, "/g"), told, "kept: {kept}");
            store.sweep(Timestamp::new(0, 0)).unwrap();
        }
        let other = id(&store, "/g");
        put(&store, "/f", "three").unwrap();
        assert_eq!([id(&store, "/f"), id(&store, "/g")], [told, other]);
    }
}

#[test]
fn whoever_is_told_an_id_beside_a_writer_is_told_the_one_that_stays() {
    for _ in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        let store = open_at(folder.path(), options());
        put(&store, "/f", "one").unwrap();
        let told = thread::scope(|scope| {
            scope.spawn(|| (0..5).for_each(|_| put(&store, "/f", "other").unwrap()));
            let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| id(&store, "/f"))).collect();
            readers.into_iter().map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(told, [id(&store, "/f"); 2]);
    }
}

#[test]
fn whoever_asks_while_others_write_waits_for_no_guard_and_is_told_what_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    put(&store, "/f", "one").unwrap();
    put(&store, "/g", "one").unwrap();
    // A set of changes that takes long, as the copy of a large tree, was begun before.
    let everything = Footprint(vec![Touch::tree(&Path::root())]);
    let mut changes = store.changes(&everything).unwrap();
    let content = staged(&store, &path("/f"), b"two").unwrap();
    changes.place(&path("/f"), content, Placement::default()).unwrap();
    changes.remove(&path("/g"), Mark::Nothing).unwrap();
    changes.copy(&path("/f"), &path("/g"), false).unwrap();
    let began = std::time::Instant::now();
    let told = ids(&store);
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "it waited for the guard");
    changes.commit().unwrap();
    assert_eq!(ids(&store), told, "what is replaced or updated stays what it is");
}

#[test]
fn what_goes_to_another_disk_while_it_is_asked_for_keeps_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let store = Disk::Apart.open_at(folder.path(), options());
    change(&store, &Path::root(), |it| it.make_collection(&path("/d"))).unwrap();
    put(&store, "/f", "one").unwrap();
    let mut changes = store.changes(&Footprint(vec![Touch::tree(&Path::root())])).unwrap();
    changes.rename(&path("/f"), &path("/d/f")).unwrap();
    let told = id(&store, "/f");
    changes.commit().unwrap();
    assert_eq!(id(&store, "/d/f"), told);
}

#[test]
fn a_file_that_goes_to_another_disk_keeps_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let store = Disk::Apart.open_at(folder.path(), options());
    change(&store, &Path::root(), |it| it.make_collection(&path("/d"))).unwrap();
    put(&store, "/f", "one").unwrap();
    let told = id(&store, "/f");
    change(&store, &Path::root(), |it| it.rename(&path("/f"), &path("/d/f"))).unwrap();
    assert_eq!(id(&store, "/d/f"), told);
}

fn ids(store: &FolderStore) -> [Id; 2] {
    ["/f", "/g"].map(|at| id(store, at))
}

fn id(store: &FolderStore, at: &str) -> Id {
    let snapshot = store.snapshot();
    let found = snapshot.find(&path(at)).unwrap().unwrap();
    snapshot.identifier().unwrap().id(&found).unwrap()
}

fn put_fails(store: &FolderStore, at: &str) -> bool {
    let staged = staged(store, &path(at), b"never");
    let placed = staged.and_then(|content| {
        let as_ = Placement::default();
        change(store, &path(at), |it| it.place(&path(at), content, as_))
    });
    placed.is_err()
}

/// More steps than the work above takes.
const STEPS_MAX: u32 = 60;
