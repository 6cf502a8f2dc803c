//! Opening a folder: what is refused, what is swept, and what a store that only reads leaves alone.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::{Path as DiskPath, PathBuf},
};

use methodical_folder::{FolderOptions, FolderStore, OpenError};
use methodical_semantics::{
    condition::Condition,
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
    xml::Name,
};
use methodical_store::{
    store::{Changes, Mark, Placement, Store},
    testing::{change, dump, path, staged},
};

use crate::folder::{open_at, options, out_of_sight, put, refused, text};

#[test]
fn what_cannot_be_served_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let refusal = |at: &DiskPath| FolderStore::open(at, options()).unwrap_err();
    let missing = refusal(&folder.path().join("none"));
    assert!(matches!(missing, OpenError::Missing(_)));
    let no_folder = refusal(&file);
    assert!(matches!(no_folder, OpenError::NotAFolder(_)));
    for sentence in [missing.to_string(), no_folder.to_string()] {
        assert!(sentence.ends_with('.') && sentence.contains("name"), "{sentence}");
    }
}

#[test]
fn one_server_writes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = open_at(folder.path(), options());
    let second = FolderStore::open(folder.path(), options()).unwrap_err();
    assert!(matches!(second, OpenError::InUse(_)), "{second}");
    put(&first, "/f", "text").unwrap();
    let reader = open_at(folder.path(), FolderOptions::default());
    assert_eq!(text(&reader, "/f").as_deref(), Some("text"));
    drop(first);
    put(&open_at(folder.path(), options()), "/f", "again").unwrap();
    assert_eq!(text(&reader, "/f").as_deref(), Some("again"), "what others write is seen");
}

#[test]
fn a_store_that_only_reads_refuses_and_writes_nothing_anywhere() {
    let folder = seeded();
    let before = state(folder.path());
    let store = open_at(folder.path(), FolderOptions::default());
    assert_eq!(
        dump(&store),
        "/ collection\n/d/ collection\n/d/f file 4 \"text\"\n/t file 5 \"typed\" text/x\n"
    );
    assert!(store.snapshot().deleted_at(&path("/gone")).unwrap().is_some());
    assert_eq!(store.remarks(), [""; 0]);
    let staged = store.stage(&path("/new"), None).map(|_| ());
    assert_eq!(refused(staged), Err(Condition::Forbidden));
    let changes = store.changes(&Footprint(vec![Touch::content(&path("/new"))])).map(|_| ());
    assert_eq!(refused(changes), Err(Condition::Forbidden));
    store.sweep(Timestamp::new(i64::MAX / 4, 0)).unwrap();
    drop(store);
    assert_eq!(state(folder.path()), before);
}

#[test]
fn a_folder_without_state_stays_without() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "text").unwrap();
    let before = state(folder.path());
    for options in [FolderOptions::default(), options()] {
        let store = open_at(folder.path(), options);
        assert_eq!(dump(&store), "/ collection\n/f file 4 \"text\"\n");
        store.sweep(Timestamp::new(0, 0)).unwrap();
        drop(store);
        assert_eq!(state(folder.path()), before);
    }
}

#[test]
fn an_unfinished_ledger_is_left_out_by_a_store_that_only_reads() {
    let folder = seeded();
    let log = folder.path().join(".methodical/ledger.sqlite-wal");
    fs::write(&log, "what a killed process leaves").unwrap();
    let before = state(folder.path());
    let store = open_at(folder.path(), FolderOptions::default());
    assert!(store.remarks().iter().any(|remark| remark.contains("ledger")));
    assert_eq!(text(&store, "/t").as_deref(), Some("typed"));
    assert!(store.snapshot().deleted_at(&path("/gone")).unwrap().is_none());
    drop(store);
    assert_eq!(state(folder.path()), before);
}

#[test]
fn a_ledger_of_a_later_version_is_refused() {
    let folder = seeded();
    let ledger = folder.path().join(".methodical/ledger.sqlite");
    let db = rusqlite::Connection::open(&ledger).unwrap();
    db.execute("INSERT INTO migrations (number) VALUES (1000)", []).unwrap();
    db.close().unwrap();
    for options in [options(), FolderOptions::default()] {
        let refusal = FolderStore::open(folder.path(), options).unwrap_err();
        assert!(matches!(refusal, OpenError::NewerLedger(_)), "{refusal}");
    }
}

#[test]
fn a_damaged_ledger_is_refused() {
    let folder = seeded();
    fs::write(folder.path().join(".methodical/ledger.sqlite"), "no database".repeat(1000)).unwrap();
    for options in [options(), FolderOptions::default()] {
        let refusal = FolderStore::open(folder.path(), options).unwrap_err();
        assert!(matches!(refusal, OpenError::Ledger(..)), "{refusal}");
    }
}

#[test]
fn a_state_folder_that_is_a_link_is_not_followed() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    symlink(elsewhere.path(), folder.path().join(".methodical")).unwrap();
    let refusal = FolderStore::open(folder.path(), options()).unwrap_err();
    assert!(matches!(refusal, OpenError::NoStateFolder(_)), "{refusal}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn what_a_kill_left_is_swept() {
    let folder = seeded();
    let state = folder.path().join(".methodical");
    fs::write(state.join("stage/0-staged"), "half").unwrap();
    fs::create_dir_all(state.join("stage/0-tree/d/e")).unwrap();
    fs::create_dir_all(state.join("trash/0-tree/d/e")).unwrap();
    for name in 0..500 {
        fs::write(state.join(format!("trash/0-tree/d/e/{name}")), "gone").unwrap();
    }
    fs::write(folder.path().join("d/.methodical-1-2"), "half").unwrap();
    fs::write(state.join("beside/.methodical-1-2"), "d/.methodical-1-2").unwrap();
    // Notes that say something else lead to nothing.
    fs::write(state.join("beside/.methodical-3-4"), "d/f").unwrap();
    fs::write(state.join("beside/.methodical-5-6"), "../.methodical-5-6").unwrap();
    let store = open_at(folder.path(), options());
    assert_eq!(text(&store, "/d/f").as_deref(), Some("text"));
    drop(store);
    // Much is removed beside the work, and what was not by the end is removed the next time.
    for _ in 0..10 {
        drop(open_at(folder.path(), options()));
    }
    assert_eq!(out_of_sight(folder.path()), [""; 0]);
    assert!(folder.path().join("d/f").exists());
}

#[test]
fn what_is_known_outlives_the_process() {
    let folder = seeded();
    for _ in 0..3 {
        let store = open_at(folder.path(), options());
        let found = store.snapshot().find(&path("/t")).unwrap().unwrap();
        assert_eq!(found.media_type.as_deref(), Some("text/x"));
        assert!(store.snapshot().deleted_at(&path("/gone")).unwrap().is_some());
    }
}

#[test]
fn facts_of_files_that_others_removed_are_swept() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    fs::remove_file(folder.path().join("t")).unwrap();
    // At the first, an editor may be about to put it there again.
    (0..2).for_each(|_| store.sweep(Timestamp::new(0, 0)).unwrap());
    fs::write(folder.path().join("t"), "another").unwrap();
    let found = store.snapshot().find(&path("/t")).unwrap().unwrap();
    assert_eq!(found.media_type, None);
    drop(store);
    let store = open_at(folder.path(), options());
    assert_eq!(store.snapshot().find(&path("/t")).unwrap().unwrap().media_type, None);
}

#[test]
fn deletions_are_remembered_for_a_month() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    let when = store.snapshot().deleted_at(&path("/gone")).unwrap().unwrap();
    let day = 24 * 60 * 60;
    store.sweep(Timestamp::new(when.seconds() + 29 * day, 0)).unwrap();
    assert!(store.snapshot().deleted_at(&path("/gone")).unwrap().is_some());
    store.sweep(Timestamp::new(when.seconds() + 31 * day, 0)).unwrap();
    assert!(store.snapshot().deleted_at(&path("/gone")).unwrap().is_none());
    drop(store);
    let store = open_at(folder.path(), options());
    assert!(store.snapshot().deleted_at(&path("/gone")).unwrap().is_none());
}

/// A folder with a file, a file of a given type, and something that was deleted.
fn seeded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    let store = open_at(folder.path(), options());
    put(&store, "/d/f", "text").unwrap();
    put(&store, "/gone", "text").unwrap();
    let as_ = Placement { media_type: Some("text/x".into()), ..Placement::default() };
    let content = staged(&store, &path("/t"), b"typed").unwrap();
    let done = change(&store, &Path::root(), |changes| {
        changes.place(&path("/t"), content, as_)?;
        changes.remove(&path("/gone"), Mark::Tombstone)
    });
    done.unwrap();
    folder
}

/// All that the disk tells of a folder and everything in it.
fn state(folder: &DiskPath) -> BTreeMap<PathBuf, [i64; 7]> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        let it = fs::symlink_metadata(&at).unwrap();
        if it.is_dir() {
            folders.extend(fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()));
        }
        let times = [it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec()];
        let [modified, nanos, changed, more] = times;
        let (size, inode) = (it.size().cast_signed(), it.ino().cast_signed());
        found.insert(at, [size, inode, i64::from(it.mode()), modified, nanos, changed, more]);
    }
    found
}

#[test]
fn a_media_type_that_a_file_lost_before_it_moved_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let media_type = |store: &FolderStore| {
        let found = store.snapshot().find(&path("/e/f")).unwrap().unwrap();
        found.media_type
    };
    {
        let store = open_at(folder.path(), options());
        let place = |changes: &mut dyn Changes, media_type: Option<&str>| {
            let content = changes.stage(&path("/d/f"))?.finish()?;
            let as_ = Placement { media_type: media_type.map(Into::into), modified: None };
            changes.place(&path("/d/f"), content, as_)
        };
        let made = change(&store, &Path::root(), |changes| {
            changes.make_collection(&path("/d"))?;
            place(changes, Some("text/x"))
        });
        made.unwrap();
        let moved = change(&store, &Path::root(), |changes| {
            place(changes, None)?;
            let note = [(Name::new("urn:x", "a"), "<a/>".into())];
            changes.set_properties(&path("/d"), note.into_iter().collect())?;
            changes.rename(&path("/d"), &path("/e"))
        });
        moved.unwrap();
        assert_eq!(media_type(&store), None);
    }
    assert_eq!(media_type(&open_at(folder.path(), options())), None);
}

#[test]
fn a_file_in_the_place_of_the_state_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".methodical"), "text").unwrap();
    let refusal = FolderStore::open(folder.path(), options()).unwrap_err();
    assert!(matches!(refusal, OpenError::NoStateFolder(_)), "{refusal}");
    assert!(refusal.to_string().ends_with("move it away."), "{refusal}");
    let reader = open_at(folder.path(), FolderOptions::default());
    assert!(reader.remarks().iter().any(|remark| remark.contains(".methodical is no folder")));
    assert_eq!(fs::read(folder.path().join(".methodical")).unwrap(), b"text");
}

#[test]
fn a_folder_that_was_let_go_of_can_be_opened_whatever_children_begin_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    std::process::Command::new("true").status().unwrap();
                }
            });
        }
        let opened: Vec<bool> =
            (0..300).map(|_| FolderStore::open(folder.path(), options()).is_ok()).collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(opened.iter().all(|opened| *opened), "{opened:?}");
    });
}
