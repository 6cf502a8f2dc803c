//! A disk without room: deleting works, and all else changes nothing.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path as DiskPath,
    time::Duration,
};

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_semantics::{
    condition::Condition, error::Result, header::depth::Depth, lock::Scope, path::Path,
    timestamp::Timestamp, xml::Name,
};
use methodical_store::{
    locking::NewLock,
    properties::Properties,
    store::{Changes, Mark, Placement, Store},
    testing::{change, dump, dump_locks, dump_tombstones, path, staged},
    transaction::{Transaction, write},
};

use crate::{
    folder::{open_at, options, out_of_sight, refused},
    names::mounts::on_mounts,
};

const SMALL: &str = "mount -t tmpfs -o size=2m none . && cd \"$0\"";

fn full(folder: &DiskPath) {
    let mut filler = File::create(folder.join("filler")).unwrap();
    while filler.write_all(&[1; 4096]).is_ok() {}
    drop(filler);
    for number in 0..100 {
        if fs::write(folder.join(format!("filler{number}")), "x").is_err() {
            return;
        }
    }
    unreachable!("the disk is not full");
}

fn seed(folder: &DiskPath) {
    fs::create_dir_all(folder.join("t/u")).unwrap();
    for file in ["keep", "t/f", "t/u/f"] {
        fs::write(folder.join(file), file).unwrap();
    }
}

fn properties() -> Properties {
    [(Name::new("urn:x", "a"), "1".into())].into_iter().collect()
}

type Work = fn(&mut Transaction<'_>) -> Result<()>;

fn locked(at: &str) -> NewLock {
    let (scope, depth) = (Scope::Exclusive, Depth::Zero);
    let timeout = Duration::from_hours(1);
    NewLock { root: path(at), scope, depth, owner: None, timeout, principal: None, address: None }
}

fn run(store: &FolderStore, work: Work) -> Result<()> {
    let admit = |_: &methodical_store::view::View<'_>| {
        let root = methodical_semantics::footprint::Touch::tree(&Path::root());
        Ok(methodical_semantics::footprint::Footprint(vec![root]))
    };
    write(store, Timestamp::new(0, 0), admit, work).map(drop)
}

/// What cannot be done without room is refused for that reason and leaves no trace.
fn nothing_is_changed(folder: &DiskPath, store: &FolderStore) {
    let works: [Work; 4] = [
        |it| it.set_properties(&path("/keep"), properties()),
        |it| it.lock(locked("/keep")).map(drop),
        |it| {
            it.set_properties(&path("/keep"), properties())?;
            it.rename(&path("/keep"), &path("/moved"))
        },
        |it| {
            it.remove(&path("/keep"), Mark::Nothing)?;
            it.rename(&path("/t"), &path("/keep"))
        },
    ];
    let state = |store: &FolderStore| dump(store) + &dump_locks(store);
    let before = state(store);
    for work in works {
        // What the ledger had set aside is used up in the end.
        let mut outcome = Ok(());
        for _ in 0..50 {
            outcome = refused(run(store, work));
            if outcome.is_err() {
                break;
            }
            run(store, |it| it.set_properties(&path("/keep"), Properties::default()))
                .unwrap_or_default();
        }
        assert_eq!(outcome, Err(Condition::InsufficientStorage));
    }
    assert_eq!(state(store), before);
    let content = staged(store, &path("/new"), &[7; 5000]);
    assert_eq!(refused(content), Err(Condition::InsufficientStorage));
    assert_eq!(out_of_sight(folder), [""; 0]);
}

fn removed(store: &FolderStore, at: &str) {
    change(store, &path(at), |it| it.remove(&path(at), Mark::Tombstone)).unwrap();
    assert!(store.snapshot().find(&path(at)).unwrap().is_none(), "{at}");
}

fn remembered(store: &FolderStore) -> String {
    dump_tombstones(store, &["/t", "/filler"].map(path))
}

#[test]
fn what_has_members_is_deleted_on_a_full_disk_on_which_nothing_was_ever_kept() {
    let name =
        "commit::full::what_has_members_is_deleted_on_a_full_disk_on_which_nothing_was_ever_kept";
    on_mounts(name, SMALL, |folder| {
        for durability in [Durability::Relaxed, Durability::Full] {
            seed(folder);
            let options = FolderOptions { durability, ..options() };
            let store = open_at(folder, options.clone());
            full(folder);
            nothing_is_changed(folder, &store);
            removed(&store, "/t");
            removed(&store, "/filler");
            assert_eq!(remembered(&store), "/t gone\n/filler gone\n");
            drop(store);
            assert_eq!(out_of_sight(folder), [""; 0]);
            // Once there was room it was written down.
            let store = open_at(folder, options);
            assert_eq!(remembered(&store), "/t gone\n/filler gone\n");
            drop(store);
            for entry in fs::read_dir(folder).unwrap() {
                let at = entry.unwrap().path();
                if at.is_dir() { fs::remove_dir_all(at) } else { fs::remove_file(at) }.unwrap();
            }
        }
    });
}

#[test]
fn what_is_known_of_goes_on_a_full_disk_with_a_ledger() {
    let name = "commit::full::what_is_known_of_goes_on_a_full_disk_with_a_ledger";
    on_mounts(name, SMALL, |folder| {
        seed(folder);
        let store = open_at(folder, options());
        let typed: fn(&mut dyn Changes) -> Result<()> = |it| {
            let mut staging = it.stage(&path("/t/typed"))?;
            staging.write(b"x")?;
            let as_ = Placement { media_type: Some("text/x".into()), modified: None };
            it.place(&path("/t/typed"), staging.finish()?, as_)
        };
        change(&store, &path("/t"), typed).unwrap();
        run(&store, |it| it.set_properties(&path("/t/f"), properties())).unwrap();
        full(folder);
        // The log takes what was set aside for it, and then no more.
        while run(&store, |it| it.set_properties(&path("/t/f"), properties())).is_ok() {}
        while run(&store, |it| it.lock(locked("/t/u/f")).map(drop)).is_ok() {}
        removed(&store, "/t");
        fs::create_dir(folder.join("t")).unwrap();
        File::create(folder.join("t/f")).unwrap();
        let found = store.snapshot().find(&path("/t/f")).unwrap().unwrap();
        assert!(store.snapshot().properties(&found).unwrap().is_empty());
        assert!(store.snapshot().locks().iter().next().is_none());
        removed(&store, "/filler");
        store.sweep(Timestamp::new(0, 0)).unwrap();
        let shown = dump(&store);
        drop(store);
        let store = open_at(folder, options());
        assert_eq!(dump(&store), shown);
        assert!(store.snapshot().locks().iter().next().is_none());
    });
}

#[test]
fn a_server_starts_on_a_full_disk_and_knows_what_is_remembered() {
    let name = "commit::full::a_server_starts_on_a_full_disk_and_knows_what_is_remembered";
    on_mounts(name, SMALL, |folder| {
        seed(folder);
        // A ledger that could only be begun.
        fs::create_dir(folder.join(".methodical")).unwrap();
        File::create(folder.join(".methodical/ledger.sqlite")).unwrap();
        full(folder);
        let store = FolderStore::open(folder, options()).unwrap();
        assert!(store.remarks().iter().any(|it| it.contains("full")), "{:?}", store.remarks());
        removed(&store, "/filler");
        change(&store, &path("/t/f"), |it| it.set_properties(&path("/t/f"), properties())).unwrap();
        let shown = dump(&store);
        drop(store);
        full(folder);
        let store = FolderStore::open(folder, options()).unwrap();
        fs::remove_file(folder.join("filler")).unwrap();
        let seen = dump(&store);
        assert!(seen.contains("urn:x") && shown.contains("urn:x"), "{seen}");
    });
}

#[test]
fn who_only_declares_content_takes_no_room() {
    on_mounts("commit::full::who_only_declares_content_takes_no_room", ROOMY, |folder| {
        let store = open_at(folder, options());
        // Each fits, and so they are begun; none sends more than a little.
        let mut silent: Vec<_> =
            (0..8).map(|_| store.stage(&path("/silent"), Some(14 << 20)).unwrap()).collect();
        for staging in &mut silent {
            staging.write(b"a").unwrap();
        }
        let honest = vec![b'x'; 4 << 20];
        for name in ["/a", "/b"] {
            let content = staged(&store, &path(name), &honest).unwrap();
            let as_ = Placement::default();
            change(&store, &path(name), |it| it.place(&path(name), content, as_)).unwrap();
        }
        // What can never fit is refused before its first byte.
        let never = store.stage(&path("/never"), Some(1 << 30)).map(drop);
        assert_eq!(refused(never), Err(Condition::InsufficientStorage));
    });
}

const ROOMY: &str = "mount -t tmpfs -o size=16m none . && cd \"$0\"";
