//! What other programs rename keeps what is known of it, wherever the disk lets us tell.

use std::fs;

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{path::Path, timestamp::Timestamp, xml::Name};
use methodical_store::{
    store::{Changes, Mark, Placement, Store},
    testing::{change, path, staged},
};
use rusqlite::Connection;

use crate::folder::{Disk, open_at, options, put};

#[test]
fn a_file_that_others_rename_keeps_what_is_known_of_it() {
    let folder = seeded();
    {
        let store = open_at(folder.path(), options());
        fs::rename(folder.path().join("f"), folder.path().join("d/g")).unwrap();
        assert!(store.snapshot().find(&path("/f")).unwrap().is_none());
        for sweeps in 0..4 {
            assert_eq!(known(&store, "/d/g"), "file text/x", "after {sweeps} sweeps");
            sweep(&store);
        }
        fs::rename(folder.path().join("d/g"), folder.path().join("h")).unwrap();
        assert_eq!(known(&store, "/h"), "file text/x", "once more");
    }
    assert_eq!(known(&open_at(folder.path(), options()), "/h"), "file text/x");
}

#[test]
fn so_does_one_that_is_renamed_while_no_server_runs() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::NoExchange] {
        let folder = tempfile::tempdir().unwrap();
        seed(&disk.open_at(folder.path(), options()));
        fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
        let reader = open_at(folder.path(), FolderOptions::default());
        assert_eq!(known(&reader, "/g"), "file text/x", "{disk:?}");
        let store = disk.open_at(folder.path(), options());
        assert_eq!(known(&store, "/g"), "file text/x", "{disk:?}");
        (0..3).for_each(|_| sweep(&store));
        drop(store);
        assert_eq!(known(&open_at(folder.path(), options()), "/g"), "file text/x", "{disk:?}");
    }
}

#[test]
fn so_do_a_folder_and_what_lies_below_it() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    fs::rename(folder.path().join("d"), folder.path().join("e")).unwrap();
    for sweeps in 0..4 {
        assert_eq!(known(&store, "/e"), "folder ", "after {sweeps} sweeps");
        assert_eq!(known(&store, "/e/f"), "inner ", "after {sweeps} sweeps");
        sweep(&store);
    }
    change(&store, &Path::root(), |it| it.make_collection(&path("/d"))).unwrap();
    assert_eq!(known(&store, "/d"), " ");
}

#[test]
fn neither_a_copy_nor_a_second_name_takes_anything_away() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    fs::hard_link(folder.path().join("f"), folder.path().join("second")).unwrap();
    fs::copy(folder.path().join("f"), folder.path().join("copy")).unwrap();
    for _ in 0..3 {
        assert_eq!(known(&store, "/f"), "file text/x");
        assert_eq!(known(&store, "/second"), " ");
        assert_eq!(known(&store, "/copy"), " ");
        sweep(&store);
    }
    fs::remove_file(folder.path().join("f")).unwrap();
    assert_eq!(known(&store, "/copy"), " ");
    assert_eq!(known(&store, "/second"), "file text/x", "to link and unlink is to rename");
}

#[test]
fn the_name_keeps_what_is_known_of_it_when_an_editor_saves() {
    let folder = seeded();
    let (file, new) = (folder.path().join("f"), folder.path().join("f.new"));
    let store = open_at(folder.path(), options());
    fs::write(&new, "edited").unwrap();
    fs::rename(&new, &file).unwrap();
    assert_eq!(known(&store, "/f"), "file text/x");
    // Others move the old one out of the way before.
    let backup = folder.path().join("f~");
    for sweeps in 0..3 {
        fs::rename(&file, &backup).unwrap();
        if sweeps == 1 {
            // In the midst of it.
            sweep(&store);
            assert_eq!(known(&store, "/f~"), "file text/x", "as long as there is no other");
        }
        fs::write(&file, "edited again").unwrap();
        assert_eq!(known(&store, "/f"), "file text/x");
        assert_eq!(known(&store, "/f~"), " ");
        sweep(&store);
    }
    drop(store);
    let store = open_at(folder.path(), options());
    assert_eq!(known(&store, "/f"), "file text/x");
    fs::rename(&file, folder.path().join("g")).unwrap();
    assert_eq!(known(&store, "/g"), "file text/x", "it is what bore the name last");
}

#[test]
fn our_own_writing_keeps_it_to_be_found() {
    for killed in [false, true] {
        let folder = seeded();
        let store = open_at(folder.path(), options());
        put_typed(&store, "/f", "text/x");
        put_typed(&store, "/f", "text/x");
        if killed {
            sweep(&store);
            store.crash_after(0);
        }
        drop(store);
        fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
        let store = open_at(folder.path(), options());
        assert_eq!(known(&store, "/g"), "file text/x");
        put_typed(&store, "/g", "text/x");
        assert_eq!(known(&store, "/g"), "file text/x", "it is replaced");
        fs::rename(folder.path().join("g"), folder.path().join("h")).unwrap();
        assert_eq!(known(&store, "/h"), "file text/x");
        put(&store, "/h", "untyped").unwrap();
        assert_eq!(known(&store, "/h"), "file ");
    }
}

#[test]
fn what_was_replaced_and_then_moved_is_found_after_a_restart() {
    for by_others in [false, true] {
        let folder = seeded();
        let store = open_at(folder.path(), options());
        put_typed(&store, "/f", "text/x");
        if by_others {
            fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
            put(&store, "/f", "new").unwrap();
        } else {
            change(&store, &Path::root(), |it| it.rename(&path("/f"), &path("/g"))).unwrap();
        }
        drop(store);
        fs::rename(folder.path().join("g"), folder.path().join("h")).unwrap();
        assert_eq!(known(&open_at(folder.path(), options()), "/h"), "file text/x", "{by_others}");
    }
}

#[test]
fn what_a_client_makes_at_the_former_name_has_nothing_of_it() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
    put(&store, "/f", "new").unwrap();
    for _ in 0..3 {
        assert_eq!(known(&store, "/f"), " ");
        assert_eq!(known(&store, "/g"), "file text/x");
        sweep(&store);
    }
    fs::rename(folder.path().join("d"), folder.path().join("e")).unwrap();
    change(&store, &Path::root(), |it| it.copy(&path("/f"), &path("/d"), true)).unwrap();
    assert_eq!([known(&store, "/e"), known(&store, "/e/f")], ["folder ", "inner "]);
    drop(store);
    let store = open_at(folder.path(), options());
    assert_eq!([known(&store, "/g"), known(&store, "/e/f")], ["file text/x", "inner "]);
}

#[test]
fn what_was_renamed_is_copied_moved_described_and_removed_with_it() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    let renamed = |from: &str, to: &str| {
        fs::rename(folder.path().join(from), folder.path().join(to)).unwrap();
    };
    renamed("f", "d/g");
    change(&store, &Path::root(), |it| it.copy(&path("/d"), &path("/copy"), true)).unwrap();
    assert_eq!(known(&store, "/copy/g"), "file text/x");
    assert_eq!(known(&store, "/d/g"), "file text/x");
    renamed("d/g", "g");
    change(&store, &Path::root(), |it| it.rename(&path("/g"), &path("/h"))).unwrap();
    assert_eq!(known(&store, "/h"), "file text/x");
    renamed("h", "i");
    describe(&store, "/i", "other");
    assert_eq!(known(&store, "/i"), "other text/x");
    renamed("i", "j");
    change(&store, &Path::root(), |it| {
        it.copy(&path("/j"), &path("/k"), true)?;
        it.remove(&path("/j"), Mark::Nothing)
    })
    .unwrap();
    assert_eq!(known(&store, "/k"), "other text/x");
    put(&store, "/i", "new").unwrap();
    put(&store, "/j", "new").unwrap();
    assert_eq!([known(&store, "/i"), known(&store, "/j")], [" ", " "]);
    drop(store);
    let store = open_at(folder.path(), options());
    assert_eq!(known(&store, "/k"), "other text/x");
    assert_eq!([known(&store, "/i"), known(&store, "/j")], [" ", " "]);
}

#[test]
fn what_was_renamed_keeps_it_wherever_a_process_is_killed() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::NoExchange] {
        for steps in 0..STEPS_MAX {
            let folder = seeded();
            fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
            let store = disk.open_at(folder.path(), options());
            store.crash_after(steps);
            let content = staged(&store, &path("/g"), b"other");
            let as_ = Placement { media_type: Some("text/x".into()), modified: None };
            let placed = content.and_then(|content| {
                change(&store, &Path::root(), |it| {
                    it.place(&path("/g"), content, as_)?;
                    it.rename(&path("/g"), &path("/h"))
                })
            });
            drop(store);
            let store = disk.open_at(folder.path(), options());
            let moved = store.snapshot().find(&path("/h")).unwrap().is_some();
            let at = if moved { "/h" } else { "/g" };
            assert_eq!(known(&store, at), "file text/x", "{disk:?}, {steps} steps");
            if placed.is_ok() {
                assert!(moved);
                break;
            }
            assert!(steps + 1 < STEPS_MAX, "it never came to its end");
        }
    }
}

#[test]
fn what_is_gone_for_long_is_forgotten() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    fs::rename(folder.path().join("f"), folder.path().join("hidden")).unwrap();
    fs::rename(folder.path().join("hidden"), folder.path().join(".hidden")).unwrap();
    let now = now();
    (0..2).for_each(|_| store.sweep(now).unwrap());
    let later = |days: i64| Timestamp::new(now.seconds() + days * 24 * 60 * 60, 0);
    store.sweep(later(29)).unwrap();
    fs::rename(folder.path().join(".hidden"), folder.path().join("g")).unwrap();
    assert_eq!(known(&store, "/g"), "file text/x");
    fs::rename(folder.path().join("g"), folder.path().join(".hidden")).unwrap();
    store.sweep(later(31)).unwrap();
    fs::rename(folder.path().join(".hidden"), folder.path().join("g")).unwrap();
    assert_eq!(known(&store, "/g"), " ");
}

#[test]
fn a_ledger_of_before_learns_what_there_is() {
    let folder = seeded();
    let ledger = Connection::open(folder.path().join(".methodical/ledger.sqlite")).unwrap();
    let before = "DROP TABLE origins; DROP TABLE ids; DROP TABLE ids_asked;
        DROP TABLE facts; DROP TABLE path_facts;
        ALTER TABLE locks DROP COLUMN address;
        DELETE FROM migrations WHERE number > 8";
    ledger.execute_batch(before).unwrap();
    drop(ledger);
    let reader = open_at(folder.path(), FolderOptions::default());
    assert_eq!(known(&reader, "/f"), "file text/x");
    let store = open_at(folder.path(), options());
    assert_eq!(known(&store, "/f"), "file text/x");
    sweep(&store);
    fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
    assert_eq!(known(&store, "/g"), "file text/x");
}

#[test]
fn a_number_that_was_given_again_is_another_file() {
    for change in ["born = born - 1", "nanoseconds = nanoseconds + 1", "disk = 7"] {
        let folder = seeded();
        let ledger = Connection::open(folder.path().join(".methodical/ledger.sqlite")).unwrap();
        ledger.execute(&format!("UPDATE origins SET {change}"), []).unwrap();
        drop(ledger);
        let store = open_at(folder.path(), options());
        fs::rename(folder.path().join("f"), folder.path().join("g")).unwrap();
        (0..3).for_each(|_| sweep(&store));
        assert_eq!(known(&store, "/g"), " ", "{change}");
    }
}

#[test]
fn nothing_is_asked_of_the_ledger_for_what_nothing_is_known_of() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    put(&store, "/plain", "text").unwrap();
    let before = store.ledger_uses();
    assert_eq!(known(&store, "/plain"), " ");
    put(&store, "/plain", "other").unwrap();
    assert_eq!(store.ledger_uses(), before);
}

/// The dead property of a resource and its media type.
fn known(store: &FolderStore, at: &str) -> String {
    let snapshot = store.snapshot();
    let found = snapshot.find(&path(at)).unwrap().unwrap();
    let listed = snapshot.members(&path(at).parent().unwrap()).unwrap();
    let listed = listed.map(Result::unwrap).find(|member| member.path == found.path).unwrap();
    assert_eq!(listed.media_type, found.media_type);
    let properties = snapshot.properties(&found).unwrap();
    assert_eq!(snapshot.properties(&listed).unwrap(), properties);
    let said = properties.value(&Name::new("urn:x", "a")).unwrap_or_default();
    format!("{said} {}", found.media_type.as_deref().unwrap_or_default())
}

fn sweep(store: &FolderStore) {
    store.sweep(now()).unwrap();
}

fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::new(now.as_secs().cast_signed(), 0)
}

fn describe(store: &FolderStore, at: &str, value: &'static str) {
    let described = [(Name::new("urn:x", "a"), value.into())];
    let described = described.into_iter().collect();
    change(store, &Path::root(), |it| it.set_properties(&path(at), described)).unwrap();
}

fn put_typed(store: &FolderStore, at: &str, media_type: &str) {
    let content = staged(store, &path(at), b"text").unwrap();
    let as_ = Placement { media_type: Some(media_type.into()), modified: None };
    change(store, &path(at), |it| it.place(&path(at), content, as_)).unwrap();
}

/// A folder with a file and a folder of which something is known.
fn seeded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    seed(&open_at(folder.path(), options()));
    folder
}

fn seed(store: &FolderStore) {
    change(store, &Path::root(), |it: &mut dyn Changes| it.make_collection(&path("/d"))).unwrap();
    put(store, "/d/f", "inner").unwrap();
    put_typed(store, "/f", "text/x");
    describe(store, "/d", "folder");
    describe(store, "/d/f", "inner");
    describe(store, "/f", "file");
}

/// More steps than the work above takes.
const STEPS_MAX: u32 = 60;
