//! Facts of a folder that others change, too, and what it costs to keep them.

use std::{fs, os::unix::fs::symlink};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{path::Path, timestamp::Timestamp};
use methodical_store::{
    facts::{OnMove, Row, rows},
    store::{Mark, Store},
    testing::{change, path},
    work::at_once,
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::folder::{open_at, options, put};

#[test]
fn facts_survive_a_restart_and_are_known_to_who_only_reads() {
    let folder = stated_folder();
    for writable in [false, true] {
        let store = open_at(folder.path(), FolderOptions { writable, ..options() });
        for row in rows() {
            assert_eq!(stated(&store, row, "/f").as_deref(), Some(row.name));
            assert_eq!(stated(&store, row, "/d/g").as_deref(), Some(row.name));
            assert_eq!(stated(&store, row, "/plain"), None);
        }
    }
}

#[test]
fn what_others_rename_keeps_the_facts_that_go_with_it() {
    let folder = stated_folder();
    {
        let store = open_at(folder.path(), options());
        fs::rename(folder.path().join("f"), folder.path().join("d/f")).unwrap();
        for sweeps in 0..5 {
            for row in rows() {
                let goes = Some(row.name).filter(|_| row.on_move == OnMove::Goes);
                assert_eq!(stated(&store, row, "/d/f").as_deref(), goes, "after {sweeps}");
                let stays = Some(row.name).filter(|_| row.on_move == OnMove::Stays && sweeps < 4);
                assert_eq!(stated(&store, row, "/f").as_deref(), stays, "after {sweeps}");
            }
            store.sweep(now()).unwrap();
        }
        put(&store, "/d/f", "other").unwrap();
        fs::rename(folder.path().join("d"), folder.path().join("e")).unwrap();
        // What a client makes at the former name has nothing of it but what stays there.
        change(&store, &Path::root(), |it| it.make_collection(&path("/d"))).unwrap();
        put(&store, "/d/g", "new").unwrap();
    }
    let store = open_at(folder.path(), options());
    for row in rows() {
        let goes = Some(row.name).filter(|_| row.on_move == OnMove::Goes);
        assert_eq!(stated(&store, row, "/e/f").as_deref(), goes);
        assert_eq!(stated(&store, row, "/e/g").as_deref(), goes);
        let stays = Some(row.name).filter(|_| row.on_move == OnMove::Stays);
        assert_eq!(stated(&store, row, "/d/g").as_deref(), stays);
    }
}

#[test]
fn what_others_replace_keeps_the_facts_of_its_name() {
    let folder = stated_folder();
    let store = open_at(folder.path(), options());
    fs::write(folder.path().join("new"), "edited").unwrap();
    fs::rename(folder.path().join("new"), folder.path().join("f")).unwrap();
    store.sweep(now()).unwrap();
    for row in rows() {
        assert_eq!(stated(&store, row, "/f").as_deref(), Some(row.name));
    }
}

#[test]
fn facts_of_what_others_removed_are_forgotten_in_the_end() {
    let folder = stated_folder();
    let store = open_at(folder.path(), options());
    fs::remove_file(folder.path().join("f")).unwrap();
    fs::remove_dir_all(folder.path().join("d")).unwrap();
    (0..3).for_each(|_| store.sweep(now()).unwrap());
    store.sweep(Timestamp::new(now().seconds() + 31 * 24 * 60 * 60, 0)).unwrap();
    drop(store);
    assert_eq!(kept(&folder), 0);
}

#[test]
fn the_ledger_forgets_what_was_removed() {
    let folder = stated_folder();
    let store = open_at(folder.path(), options());
    change(&store, &Path::root(), |it| {
        it.rename(&path("/f"), &path("/h"))?;
        it.remove(&path("/h"), Mark::Nothing)?;
        it.remove(&path("/d"), Mark::Tombstone)
    })
    .unwrap();
    drop(store);
    let stay = rows().filter(|row| row.on_move == OnMove::Stays).count();
    assert_eq!(kept(&folder), stay, "what stays where something was moved away");
}

#[test]
fn a_link_has_the_facts_of_what_it_leads_to() {
    let folder = stated_folder();
    symlink("f", folder.path().join("link")).unwrap();
    let store = open_at(folder.path(), options());
    for row in rows() {
        assert_eq!(stated(&store, row, "/link").as_deref(), Some(row.name));
        state(&store, row, "/link", "other");
        assert_eq!(stated(&store, row, "/f").as_deref(), Some("other"));
    }
}

#[test]
fn only_a_fact_that_is_not_held_in_memory_is_asked_of_the_ledger() {
    let folder = stated_folder();
    let store = open_at(folder.path(), options());
    let before = store.ledger_uses();
    for row in rows() {
        assert_eq!(stated(&store, row, "/plain"), None);
        assert_eq!(stated(&store, row, "/none"), None);
        if row.in_memory {
            assert_eq!(stated(&store, row, "/f").as_deref(), Some(row.name));
        }
    }
    put(&store, "/plain", "other").unwrap();
    assert_eq!(store.ledger_uses(), before);
    for row in rows().filter(|row| !row.in_memory) {
        let asked = at_once(|| store.snapshot().fact(row, &path("/f")));
        assert!(asked.is_none(), "it is left to who may wait");
    }
    assert_eq!(store.ledger_uses(), before);
    let asked: Vec<_> = rows().filter(|row| !row.in_memory).collect();
    assert!(asked.iter().all(|row| stated(&store, row, "/f").is_some()));
    assert!(store.ledger_uses() >= before + asked.len() as u64);
}

fn state(store: &FolderStore, row: &'static Row, at: &str, value: &str) {
    let value = Some(value.as_bytes().to_vec());
    change(store, &Path::root(), |it| it.set_fact(row, &path(at), value)).unwrap();
}

fn stated(store: &FolderStore, row: &'static Row, at: &str) -> Option<String> {
    let kept = store.snapshot().fact(row, &path(at)).unwrap();
    kept.map(|bytes| String::from_utf8(bytes).unwrap())
}

/// How many facts the ledger keeps.
fn kept(folder: &TempDir) -> usize {
    let ledger = Connection::open(folder.path().join(".methodical/ledger.sqlite")).unwrap();
    let count = "SELECT (SELECT COUNT(*) FROM facts) + (SELECT COUNT(*) FROM path_facts)";
    ledger.query_row(count, [], |row| row.get::<_, u32>(0)).unwrap() as usize
}

/// A folder with two files that have every fact, each its name, and one that has none.
fn stated_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    change(&store, &Path::root(), |it| it.make_collection(&path("/d"))).unwrap();
    for at in ["/f", "/d/g", "/plain"] {
        put(&store, at, "text").unwrap();
    }
    for row in rows() {
        state(&store, row, "/f", row.name);
        state(&store, row, "/d/g", row.name);
    }
    drop(store);
    folder
}

fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::new(now.as_secs().cast_signed(), 0)
}
