//! Killed between any two steps, a folder is in the old state or the new when it is opened again.

use std::{path::Path as DiskPath, time::Duration};

use methodical_folder::{Durability, FolderOptions};
use methodical_semantics::{
    error::Result,
    footprint::{Footprint, Touch},
    header::depth::Depth,
    lock::{Lock, Scope},
    path::Path,
    timestamp::Timestamp,
    xml::Name,
};
use methodical_store::{
    facts::{Fact, toys::TOYS},
    store::{Changes, Mark, Placement, Store},
    testing::{dump, dump_facts_left, dump_locks, dump_tombstones, path},
};

use crate::folder::{Disk, open_at, options, out_of_sight};

type Work = fn(&mut dyn Changes) -> Result<()>;

#[test]
fn content_at_a_new_name() {
    killed_anywhere(|changes| place(changes, "/new", "new", None));
}

#[test]
fn content_at_a_new_name_with_a_media_type() {
    killed_anywhere(|changes| place(changes, "/new", "new", Some("text/x")));
}

#[test]
fn content_in_place_of_other() {
    killed_anywhere(|changes| place(changes, "/a", "replaced", None));
}

#[test]
fn content_and_type_in_place_of_others() {
    killed_anywhere(|changes| place(changes, "/typed", "replaced", Some("text/y")));
    killed_anywhere(|changes| place(changes, "/typed", "replaced", None));
}

#[test]
fn content_where_something_was_deleted() {
    killed_anywhere(|changes| place(changes, "/deleted", "again", None));
}

#[test]
fn a_new_collection() {
    killed_anywhere(|changes| changes.make_collection(&path("/new")));
    killed_anywhere(|changes| changes.make_collection(&path("/deleted")));
}

#[test]
fn a_file_that_goes() {
    killed_anywhere(|changes| changes.remove(&path("/a"), Mark::Nothing));
    killed_anywhere(|changes| changes.remove(&path("/a"), Mark::Tombstone));
    killed_anywhere(|changes| changes.remove(&path("/typed"), Mark::Tombstone));
}

#[test]
fn a_tree_that_goes() {
    killed_anywhere(|changes| changes.remove(&path("/tree"), Mark::Nothing));
    killed_anywhere(|changes| changes.remove(&path("/tree"), Mark::Tombstone));
}

#[test]
fn copies() {
    killed_anywhere(|changes| changes.copy(&path("/a"), &path("/new"), true));
    killed_anywhere(|changes| changes.copy(&path("/typed"), &path("/new"), true));
    killed_anywhere(|changes| changes.copy(&path("/tree"), &path("/new"), true));
}

#[test]
fn renames() {
    killed_anywhere(|changes| changes.rename(&path("/a"), &path("/new")));
    killed_anywhere(|changes| changes.rename(&path("/typed"), &path("/new")));
    killed_anywhere(|changes| changes.rename(&path("/tree"), &path("/other/new")));
}

#[test]
fn overwriting() {
    killed_anywhere(|changes| {
        changes.remove(&path("/other"), Mark::Nothing)?;
        changes.rename(&path("/tree"), &path("/other"))
    });
    killed_anywhere(|changes| {
        changes.remove(&path("/a"), Mark::Nothing)?;
        changes.copy(&path("/typed"), &path("/a"), true)
    });
}

#[test]
fn properties() {
    killed_anywhere(|changes| describe(changes, "/a", "new"));
    killed_anywhere(|changes| describe(changes, "/tree", ""));
    killed_anywhere(|changes| {
        describe(changes, "/a", "new")?;
        changes.set_modified(&path("/a"), Timestamp::new(1, 0))
    });
    killed_anywhere_on(Disk::Usual, Durability::Full, |changes| {
        changes.set_modified(&path("/tree"), Timestamp::new(1, 0))?;
        describe(changes, "/tree", "new")
    });
    killed_anywhere(|changes| {
        changes.make_collection(&path("/new"))?;
        describe(changes, "/new", "new")
    });
}

#[test]
fn facts() {
    killed_anywhere(|changes| state(changes, "/a", "new"));
    killed_anywhere(|changes| {
        for toy in &TOYS {
            changes.set_fact(&toy.row, &path("/stated/f"), None)?;
        }
        Ok(())
    });
    killed_anywhere(|changes| {
        changes.make_collection(&path("/new"))?;
        state(changes, "/new", "new")?;
        changes.copy(&path("/stated"), &path("/new/copy"), true)
    });
    killed_anywhere(|changes| changes.remove(&path("/stated"), Mark::Nothing));
    killed_anywhere(|changes| changes.rename(&path("/stated"), &path("/new")));
    killed_anywhere(|changes| {
        changes.remove(&path("/tree"), Mark::Tombstone)?;
        changes.rename(&path("/stated"), &path("/tree"))?;
        changes.copy(&path("/tree/f"), &path("/stated"), true)
    });
    killed_anywhere_on(Disk::Usual, Durability::Full, |changes| {
        changes.rename(&path("/stated/f"), &path("/new"))?;
        changes.remove(&path("/stated"), Mark::Nothing)
    });
}

#[test]
fn locks() {
    killed_anywhere(|changes| changes.set_lock(lock("/a", "urn:x:new")));
    killed_anywhere(|changes| changes.remove_lock("urn:x:held"));
    killed_anywhere(|changes| {
        place(changes, "/new", "", None)?;
        changes.set_lock(lock("/new", "urn:x:new"))
    });
    killed_anywhere(|changes| changes.remove(&path("/locked"), Mark::Nothing));
    killed_anywhere(|changes| {
        changes.remove(&path("/locked"), Mark::Nothing)?;
        changes.rename(&path("/a"), &path("/locked"))?;
        changes.set_lock(lock("/locked", "urn:x:held"))
    });
}

#[test]
fn rfc4918_6_6_locks_outlive_a_restart() {
    let folder = seeded();
    let kept = lock("/locked", "urn:x:held");
    let lock_of = |store: &dyn Store| {
        let locks = store.snapshot().locks();
        locks.find("urn:x:held").map(|lock| Lock::clone(lock))
    };
    assert_eq!(lock_of(&open_at(folder.path(), options())), Some(kept.clone()));
    let read_only = FolderOptions { writable: false, ..options() };
    assert_eq!(lock_of(&open_at(folder.path(), read_only)), Some(kept.clone()));
    {
        let store = open_at(folder.path(), options());
        let longer = Lock { expires: Timestamp::new(9_000_000_000, 7), ..kept };
        commit(&store, |changes| changes.set_lock(lock("/a", "urn:x:other"))).unwrap();
        commit(&store, |changes| changes.remove_lock("urn:x:other")).unwrap();
        let refreshed = longer.clone();
        let footprint = Footprint(vec![Touch::tree(&Path::root())]);
        let mut changes = store.changes(&footprint).unwrap();
        changes.set_lock(refreshed).unwrap();
        changes.commit().unwrap();
        assert_eq!(lock_of(&store), Some(longer));
    }
    let again = open_at(folder.path(), options());
    assert_eq!(lock_of(&again).unwrap().expires, Timestamp::new(9_000_000_000, 7));
    assert_eq!(again.snapshot().locks().len(), 1);
    std::fs::remove_file(folder.path().join("locked")).unwrap();
    again.sweep(Timestamp::new(0, 0)).unwrap();
    assert_eq!(lock_of(&again), None, "what it was on was removed by others");
}

#[test]
fn many_changes() {
    let work: Work = |changes| {
        place(changes, "/new", "new", None)?;
        place(changes, "/a", "replaced", Some("text/y"))?;
        changes.make_collection(&path("/made"))?;
        place(changes, "/made/f", "inside", None)?;
        changes.copy(&path("/tree"), &path("/made/tree"), true)?;
        describe(changes, "/made/f", "new")?;
        changes.rename(&path("/tree"), &path("/deleted"))?;
        changes.remove(&path("/typed"), Mark::Tombstone)
    };
    killed_anywhere(work);
    killed_anywhere_on(Disk::Usual, Durability::Full, work);
}

#[test]
fn two_names_that_change_places() {
    killed_anywhere(|changes| {
        changes.rename(&path("/a"), &path("/aside"))?;
        changes.rename(&path("/typed"), &path("/a"))?;
        changes.rename(&path("/aside"), &path("/typed"))
    });
}

/// Does the work on a new folder again and again, killed one step later each time, until it is not.
fn killed_anywhere(work: Work) {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::Apart, Disk::NoExchange] {
        killed_anywhere_on(disk, Durability::Relaxed, work);
    }
}

fn killed_anywhere_on(disk: Disk, durability: Durability, work: Work) {
    let (before, after) = (outcome(|_| Ok(())), outcome(work));
    assert_ne!(before, after);
    for steps in 0..STEPS_MAX {
        let folder = seeded();
        let store = disk.open_at(folder.path(), FolderOptions { durability, ..options() });
        store.crash_after(steps);
        let acknowledged = commit(&store, work).is_ok();
        let killed = store.is_down();
        drop(store);
        let found = reopened(folder.path());
        assert!(found == before || found == after, "{disk:?}, {steps} steps:\n{found}");
        assert!(!acknowledged || found == after, "forgot: {disk:?}, {steps} steps:\n{found}");
        assert_eq!(reopened(folder.path()), found, "changed once more after {steps} steps");
        if !killed {
            assert_eq!(found, after);
            assert!(steps > 0, "no step of this work was ever counted");
            return;
        }
    }
    unreachable!("the work never came to its end");
}

/// The state that undisturbed work leaves.
fn outcome(work: Work) -> String {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    commit(&store, work).unwrap();
    drop(store);
    reopened(folder.path())
}

/// All that can be seen of a folder that is opened anew. What is out of sight is swept by then.
fn reopened(folder: &DiskPath) -> String {
    let store = open_at(folder, options());
    let asked = [
        "/a",
        "/typed",
        "/tree",
        "/tree/f",
        "/tree/e",
        "/tree/e/g",
        "/deleted",
        "/new",
        "/stated",
        "/stated/f",
    ];
    let dated = |at: &&str| {
        let found = store.snapshot().find(&path(at)).unwrap();
        found.is_some_and(|found| found.modified.seconds() == 1)
    };
    let dated: Vec<&str> = asked.into_iter().filter(dated).collect();
    let asked = asked.map(path);
    let known =
        dump_tombstones(&store, &asked) + &dump_locks(&store) + &dump_facts_left(&store, &asked);
    let found = dump(&store) + &known + &dated.join(" ");
    drop(store);
    assert_eq!(out_of_sight(folder), [""; 0]);
    found
}

fn seeded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let made = commit(&store, |changes| {
        place(changes, "/a", "1", None)?;
        place(changes, "/typed", "two", Some("text/x"))?;
        place(changes, "/deleted", "gone", None)?;
        place(changes, "/locked", "locked", None)?;
        changes.set_lock(lock("/locked", "urn:x:held"))?;
        changes.make_collection(&path("/other"))?;
        place(changes, "/other/f", "other", Some("text/o"))?;
        changes.make_collection(&path("/tree"))?;
        place(changes, "/tree/f", "leaf", None)?;
        changes.make_collection(&path("/tree/e"))?;
        place(changes, "/tree/e/g", "typed leaf", Some("text/x"))?;
        describe(changes, "/tree", "tree")?;
        describe(changes, "/tree/e/g", "leaf")?;
        changes.make_collection(&path("/stated"))?;
        place(changes, "/stated/f", "stated leaf", None)?;
        state(changes, "/stated", "collection")?;
        state(changes, "/stated/f", "leaf")
    });
    made.unwrap();
    commit(&store, |changes| changes.remove(&path("/deleted"), Mark::Tombstone)).unwrap();
    folder
}

fn commit(store: &dyn Store, work: Work) -> Result<()> {
    let everywhere = Footprint(vec![Touch::tree(&Path::root())]);
    let mut changes = store.changes(&everywhere)?;
    work(&mut *changes)?;
    changes.commit().map(|_| ())
}

/// Gives a resource a fact of every kind.
fn state(changes: &mut dyn Changes, at: &str, value: &str) -> Result<()> {
    let set = |toy: &'static Fact<Vec<u8>>| {
        changes.set_fact(&toy.row, &path(at), Some(value.as_bytes().to_vec()))
    };
    TOYS.iter().try_for_each(set)
}

fn lock(at: &str, token: &str) -> Lock {
    Lock {
        token: token.into(),
        root: path(at),
        scope: Scope::Exclusive,
        depth: Depth::Infinity,
        owner: Some("<owner xmlns=\"DAV:\">a</owner>".into()),
        timeout: Duration::from_mins(1),
        expires: Timestamp::new(8_000_000_000, 5),
        principal: None,
        address: None,
    }
}

/// Gives a resource a property; none if it says nothing.
fn describe(changes: &mut dyn Changes, at: &str, value: &'static str) -> Result<()> {
    let value = Some(value).filter(|value| !value.is_empty());
    let described = value.map(|value| (Name::new("urn:x", "a"), value.into()));
    changes.set_properties(&path(at), described.into_iter().collect())
}

fn place(changes: &mut dyn Changes, at: &str, text: &str, media_type: Option<&str>) -> Result<()> {
    let at = path(at);
    let mut staging = changes.stage(&at)?;
    staging.write(text.as_bytes())?;
    let media_type = media_type.map(Into::into);
    changes.place(&at, staging.finish()?, Placement { media_type, modified: None })
}

/// More steps than any of the works above takes.
const STEPS_MAX: u32 = 100;
