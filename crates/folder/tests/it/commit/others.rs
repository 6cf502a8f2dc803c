//! Other programs that change the folder while we do: what they made is never lost to a change that
//! was not about it, and a commit that they get in the way of is undone.

use std::{fs, path::Path as DiskPath};

use methodical_folder::FolderStore;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{
    store::{Changes, Mark, Placement, Store},
    testing::{dump, path},
};

use crate::{
    folder::{Disk, names, open_at, options, out_of_sight, put, refused, text},
    names::mounts::on_mounts,
};

type Work = fn(&mut dyn Changes) -> Result<()>;

#[test]
fn a_name_that_others_took_meanwhile_stays_theirs() {
    let ways: [(Work, &str); 6] = [
        (|it| it.copy(&path("/f"), &path("/taken"), true), "/f"),
        (|it| it.rename(&path("/f"), &path("/taken")), "/f"),
        (|it| it.rename(&path("/d"), &path("/taken")), "/d"),
        (|it| it.make_collection(&path("/taken")), "/"),
        (|it| it.copy(&path("/d"), &path("/taken"), true), "/d"),
        (|it| it.copy(&path("/d"), &path("/taken"), false), "/d"),
    ];
    for (way, (work, source)) in ways.into_iter().enumerate() {
        for disk in [Disk::Usual, Disk::Apart] {
            let folder = seeded();
            let store = disk.open_at(folder.path(), options());
            let taken = folder.path().join("taken");
            let outcome = disturbed(&store, work, || fs::write(&taken, "theirs").unwrap());
            assert_eq!(refused(outcome), Err(Condition::Conflict), "way {way}, {disk:?}");
            assert_eq!(text(&store, "/taken").as_deref(), Some("theirs"));
            assert!(store.snapshot().find(&path(source)).unwrap().is_some());
            assert_eq!(out_of_sight(folder.path()), [""; 0], "way {way}, {disk:?}");
        }
    }
}

#[test]
fn of_several_changes_none_is_made_when_one_cannot_be() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::Apart] {
        let folder = seeded();
        let store = disk.open_at(folder.path(), options());
        let before = dump(&store);
        let work: Work = |it| {
            place(it, "/f", Some("text/x"))?;
            it.set_modified(&path("/d"), Timestamp::new(1, 0))?;
            place(it, "/new", Some("text/x"))?;
            it.make_collection(&path("/made"))?;
            place(it, "/made/f", None)?;
            it.rename(&path("/typed"), &path("/moved"))?;
            it.remove(&path("/d"), Mark::Tombstone)?;
            it.make_collection(&path("/taken"))
        };
        let taken = folder.path().join("taken");
        let outcome = disturbed(&store, work, || fs::write(&taken, "theirs").unwrap());
        assert_eq!(refused(outcome), Err(Condition::Conflict), "{disk:?}");
        fs::remove_file(&taken).unwrap();
        assert_eq!(dump(&store), before, "{disk:?}");
        assert!(store.snapshot().deleted_at(&path("/d")).unwrap().is_none());
        assert_eq!(out_of_sight(folder.path()), [""; 0], "{disk:?}");
        drop(store);
        let store = open_at(folder.path(), options());
        assert_eq!(dump(&store), before, "{disk:?}, opened again");
        disturbed(&store, work, || ()).unwrap();
        assert_eq!(names(&store, "/"), ["f", "made", "moved", "new", "taken"]);
    }
}

#[test]
fn what_cannot_be_taken_back_is_finished() {
    let folder = seeded();
    let store = Disk::NoExchange.open_at(folder.path(), options());
    let work: Work = |it| {
        place(it, "/f", Some("text/x"))?;
        it.make_collection(&path("/taken"))?;
        it.remove(&path("/d"), Mark::Tombstone)
    };
    let taken = folder.path().join("taken");
    let outcome = disturbed(&store, work, || fs::write(&taken, "theirs").unwrap());
    assert!(matches!(outcome, Err(Error::Failed(_))), "{outcome:?}");
    let after = "/ collection\n/f file 3 \"new\" text/x\n/taken file 6 \"theirs\"\n\
                 /typed file 3 \"new\" text/x\n";
    assert_eq!(dump(&store), after);
    assert!(store.snapshot().deleted_at(&path("/d")).unwrap().is_some());
    drop(store);
    assert_eq!(dump(&open_at(folder.path(), options())), after);
    assert_eq!(out_of_sight(folder.path()), [""; 0]);
}

#[test]
fn a_collection_that_others_removed_meanwhile_is_missing() {
    let ways: [Work; 4] = [
        |it| place(it, "/d/new", None),
        |it| place(it, "/d/new", Some("text/x")),
        |it| it.make_collection(&path("/d/new")),
        |it| it.rename(&path("/f"), &path("/d/new")),
    ];
    for (way, work) in ways.into_iter().enumerate() {
        let folder = seeded();
        let store = open_at(folder.path(), options());
        let outcome =
            disturbed(&store, work, || fs::remove_dir_all(folder.path().join("d")).unwrap());
        assert_eq!(refused(outcome), Err(Condition::ParentMissing), "way {way}");
        assert_eq!(text(&store, "/f").as_deref(), Some("text"));
        assert_eq!(out_of_sight(folder.path()), [""; 0], "way {way}");
    }
}

#[test]
fn a_file_that_others_removed_or_replaced_meanwhile() {
    let folder = seeded();
    let store = open_at(folder.path(), options());
    let file = folder.path().join("f");
    // What is placed is placed, whatever stood there.
    disturbed(&store, |it| place(it, "/f", None), || fs::remove_file(&file).unwrap()).unwrap();
    assert_eq!(text(&store, "/f").as_deref(), Some("new"));
    let replaced = || fs::write(&file, "theirs").unwrap();
    disturbed(&store, |it| place(it, "/f", None), replaced).unwrap();
    assert_eq!(text(&store, "/f").as_deref(), Some("new"));
    let gone = disturbed(
        &store,
        |it| it.remove(&path("/f"), Mark::Tombstone),
        || fs::remove_file(&file).unwrap(),
    );
    assert_eq!(refused(gone), Err(Condition::NotFound));
}

#[test]
fn content_does_not_take_the_place_of_what_is_no_file() {
    for media_type in [None, Some("text/x")] {
        let folder = seeded();
        let store = open_at(folder.path(), options());
        let work: Work = match media_type {
            None => |it| place(it, "/new", None),
            Some(_) => |it| place(it, "/new", Some("text/x")),
        };
        let new = folder.path().join("new");
        let outcome = disturbed(&store, work, || {
            fs::create_dir(&new).unwrap();
            fs::write(new.join("f"), "theirs").unwrap();
        });
        assert_eq!(refused(outcome), Err(Condition::Conflict));
        assert_eq!(text(&store, "/new/f").as_deref(), Some("theirs"));
        assert_eq!(out_of_sight(folder.path()), [""; 0]);
    }
}

#[test]
fn a_large_tree_is_removed_at_once_and_its_remains_beside_the_work() {
    let folder = seeded();
    let large = folder.path().join("large");
    for at in 0..20 {
        let below = large.join(at.to_string());
        fs::create_dir_all(&below).unwrap();
        for name in 0..100 {
            fs::write(below.join(name.to_string()), "").unwrap();
        }
    }
    let store = open_at(folder.path(), options());
    for mark in [Mark::Nothing, Mark::Tombstone] {
        let at = if mark == Mark::Nothing { "/large" } else { "/d" };
        methodical_store::testing::change(&store, &path(at), |it| it.remove(&path(at), mark))
            .unwrap();
        assert!(store.snapshot().find(&path(at)).unwrap().is_none());
    }
    while !out_of_sight(folder.path()).is_empty() {
        std::thread::yield_now();
    }
    drop(store);
    assert_eq!(names(&open_at(folder.path(), options()), "/"), ["f", "typed"]);
}

#[test]
fn a_disk_that_is_mounted_inside() {
    let name = "commit::others::a_disk_that_is_mounted_inside";
    // Where the system lets nobody mount one, the disks that only seem to lie apart are tried.
    on_mounts(name, "mkdir m && mount -t tmpfs none m", on_a_mounted_disk);
}

fn on_a_mounted_disk(folder: &DiskPath) {
    let store = open_at(folder, options());
    let done = |work: Work| disturbed(&store, work, || ());
    put(&store, "/m/f", "one").unwrap();
    put(&store, "/m/f", "two").unwrap();
    assert_eq!(text(&store, "/m/f").as_deref(), Some("two"));
    done(|it| place(it, "/m/f", Some("text/x"))).unwrap();
    done(|it| {
        it.make_collection(&path("/m/d"))?;
        place(it, "/m/d/f", Some("text/y"))?;
        it.copy(&path("/m/d"), &path("/d"), true)?;
        it.copy(&path("/m/d"), &path("/m/e"), true)
    })
    .unwrap();
    done(|it| it.rename(&path("/d"), &path("/m/moved"))).unwrap();
    done(|it| it.rename(&path("/m/f"), &path("/f"))).unwrap();
    done(|it| it.remove(&path("/m/e"), Mark::Tombstone)).unwrap();
    done(|it| it.remove(&path("/m/d"), Mark::Nothing)).unwrap();
    let after = "/ collection\n/f file 3 \"new\" text/x\n/m/ collection\n/m/moved/ collection\n\
                 /m/moved/f file 3 \"new\" text/y\n";
    assert_eq!(dump(&store), after);
    // Content that was staged for another disk.
    let content = methodical_store::testing::staged(&store, &path("/x"), b"staged").unwrap();
    let as_ = Placement::default();
    let placed = methodical_store::testing::change(&store, &path("/m/f"), |it| {
        it.place(&path("/m/f"), content, as_)
    });
    placed.unwrap();
    assert_eq!(text(&store, "/m/f").as_deref(), Some("staged"));
    assert_eq!(
        refused(done(|it| it.remove(&path("/m"), Mark::Nothing))),
        Err(Condition::Forbidden)
    );
    let marked = done(|it| it.remove(&path("/m"), Mark::Tombstone));
    assert_eq!(refused(marked), Err(Condition::Forbidden));
    assert_eq!(text(&store, "/m/f").as_deref(), Some("staged"));
    assert_eq!(out_of_sight(folder), [""; 0]);
}

/// Changes that others get in the way of between being asked for and being made.
fn disturbed(store: &FolderStore, work: Work, others: impl FnOnce()) -> Result<()> {
    let everywhere = Footprint(vec![Touch::tree(&Path::root())]);
    let mut changes = store.changes(&everywhere)?;
    work(&mut *changes)?;
    others();
    changes.commit().map(|_| ())
}

fn place(changes: &mut dyn Changes, at: &str, media_type: Option<&str>) -> Result<()> {
    let at = path(at);
    let mut staging = changes.stage(&at)?;
    staging.write(b"new")?;
    let media_type = media_type.map(Into::into);
    changes.place(&at, staging.finish()?, Placement { media_type, modified: None })
}

fn seeded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let work: Work = |it| {
        place(it, "/typed", Some("text/x"))?;
        it.make_collection(&path("/d"))?;
        place(it, "/d/f", Some("text/d"))
    };
    disturbed(&store, work, || ()).unwrap();
    put(&store, "/f", "text").unwrap();
    folder
}
