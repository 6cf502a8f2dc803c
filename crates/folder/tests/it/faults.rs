//! Every operation of some transactions fails, and then "crashes": the old state or the new.

use std::{cell::RefCell, sync::Arc, time::Duration};

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_semantics::{
    error::Result,
    footprint::{Footprint, Touch},
    header::depth::Depth,
    lock::Scope,
    path::Path,
    timestamp::Timestamp,
    xml::Name,
};
use methodical_store::{
    facts::toys::TOYS,
    faulty::{Fault, Faults, Faulty, each_fault, under},
    locking::NewLock,
    properties::Properties,
    store::{Mark, Placement, Store},
    testing::{dump, dump_facts_left, dump_locks, dump_tombstones, memory, path, seed},
    transaction::{Transaction, write},
    view::View,
};
use tempfile::TempDir;

use crate::folder::{self, Disk};

/// What a transaction is tried on.
trait Ground {
    /// Runs a script, its operations failing as told. After a crash nothing is finished or cleaned.
    fn run(&self, faults: &Arc<Faults>, script: Script) -> Result<()>;

    /// Looks at the store as the next who comes finds it: the same store, or after a crash a new
    /// one.
    fn look(&self, look: &mut dyn FnMut(&dyn Store));

    /// Has the next look find what is kept, and not what is held in memory.
    fn reopen(&self) {}

    /// Sees that nothing is left behind, and nothing forgotten.
    fn close(&self) {}
}

/// Tries all scripts, their operations failing one by one.
fn tried(fault: Fault, scripts: &[Named], ground: impl Fn() -> Box<dyn Ground>) {
    for (name, script) in scripts {
        let (old, new) = states(&*ground(), *script);
        assert_ne!(old, new, "{name}");
        let met = each_fault(fault, |faults| {
            let ground = ground();
            ground.look(&mut |store| prepare(store));
            let outcome = ground.run(faults, *script);
            let found = observed(&*ground);
            assert!(found == old || found == new, "a third state: {name}, {faults:?}\n{found}");
            let told = if outcome.is_ok() { &new } else { &old };
            // A process that ended told nobody.
            let fits = fault == Fault::Crashes && outcome.is_err() || found == *told;
            assert!(fits, "other than told, {outcome:?}: {name}, {faults:?}\n{found}");
            if found == old {
                // What was taken back is so for good.
                ground.reopen();
                assert_eq!(observed(&*ground), old, "{name}, {faults:?}");
                // What failed left nothing behind that keeps it from being done again.
                ground.look(&mut |store| run(store, *script).unwrap());
                assert_eq!(observed(&*ground), new, "{name}, {faults:?}");
            }
            ground.close();
        });
        assert!(met > 0, "{name} has no operation");
    }
}

fn prepare(store: &dyn Store) {
    seed(store, SEED);
    let facts: Script = |it| {
        stated(it, "/c", "of c")?;
        stated(it, "/c/f", "of c/f")
    };
    run(store, facts).unwrap();
}

fn states(ground: &dyn Ground, script: Script) -> (String, String) {
    ground.look(&mut |store| prepare(store));
    let old = observed(ground);
    ground.look(&mut |store| run(store, script).unwrap());
    (old, observed(ground))
}

fn observed(ground: &dyn Ground) -> String {
    let asked = ["/a", "/b", "/c", "/t", "/t/f", "/t/t/f", "/new"].map(path);
    let mut text = String::new();
    ground.look(&mut |store| {
        text = dump(store) + &dump_tombstones(store, &asked) + &dump_locks(store);
        text += &dump_facts_left(store, &asked);
    });
    text
}

fn run(store: &dyn Store, script: Script) -> Result<()> {
    let admit = |_: &View<'_>| Ok(Footprint(vec![Touch::tree(&Path::root())]));
    write(store, Timestamp::new(0, 0), admit, script).map(drop)
}

type Script = fn(&mut Transaction<'_>) -> Result<()>;
type Named = (&'static str, Script);

const SCRIPTS: &[Named] = &[
    ("a new file", |it| place(it, "/new", Some("text/x"))),
    ("a replaced file", |it| place(it, "/a", None)),
    ("a replaced file of another type", |it| place(it, "/a", Some("text/y"))),
    ("a collection", |it| it.make_collection(&path("/new"))),
    ("a removed file", |it| it.remove(&path("/a"), Mark::Tombstone)),
    ("a removed tree", |it| it.remove(&path("/t"), Mark::Tombstone)),
    ("a removed tree that is forgotten", |it| it.remove(&path("/t"), Mark::Nothing)),
    ("a copied tree", |it| it.copy(&path("/t"), &path("/new"), true)),
    ("a moved tree", |it| it.rename(&path("/t"), &path("/new"))),
    ("a tree moved over a file", |it| {
        it.remove(&path("/a"), Mark::Nothing)?;
        it.rename(&path("/t"), &path("/a"))
    }),
    ("a tree copied over a tree", |it| {
        it.remove(&path("/c"), Mark::Nothing)?;
        it.copy(&path("/t"), &path("/c"), true)
    }),
    ("two files that change their names", |it| {
        it.rename(&path("/a"), &path("/aside"))?;
        it.rename(&path("/b"), &path("/a"))?;
        it.rename(&path("/aside"), &path("/b"))
    }),
    ("two new files", |it| {
        place(it, "/new", Some("text/x"))?;
        place(it, "/t/new", None)
    }),
    ("properties and a time", |it| {
        it.set_properties(&path("/t"), described("new"))?;
        it.copy(&path("/t"), &path("/new"), false)?;
        it.set_modified(&path("/t/f"), Timestamp::new(1, 0))
    }),
    ("facts", |it| {
        stated(it, "/t/f", "deep")?;
        stated(it, "/a", "first")
    }),
    ("facts of what is moved and copied", |it| {
        stated(it, "/t/f", "deep")?;
        stated(it, "/a", "first")?;
        it.copy(&path("/c"), &path("/new"), true)?;
        it.rename(&path("/c"), &path("/t/c"))?;
        it.remove(&path("/b"), Mark::Nothing)?;
        it.rename(&path("/a"), &path("/b"))
    }),
    ("a lock", |it| it.lock(wanted("/a")).map(drop)),
    ("a lock that makes its file", |it| {
        place(it, "/new", None)?;
        it.lock(wanted("/new")).map(drop)
    }),
    ("a file moved over another, with what is known of it", |it| {
        it.remove(&path("/c/f"), Mark::Nothing)?;
        it.set_properties(&path("/a"), described("new"))?;
        it.rename(&path("/a"), &path("/c/f"))
    }),
    ("a replaced file before others", |it| {
        place(it, "/a", Some("text/y"))?;
        place(it, "/b", None)?;
        it.set_modified(&path("/t"), Timestamp::new(1, 0))?;
        it.rename(&path("/t"), &path("/c/t"))?;
        it.make_collection(&path("/new"))
    }),
    ("something of everything", |it| {
        it.make_collection(&path("/new"))?;
        place(it, "/new/f", Some("text/x"))?;
        it.copy(&path("/t"), &path("/new/t"), true)?;
        it.rename(&path("/t/f"), &path("/new/g"))?;
        it.remove(&path("/t"), Mark::Tombstone)?;
        it.remove(&path("/a"), Mark::Tombstone)?;
        place(it, "/b", None)
    }),
];

fn described(value: &str) -> Properties {
    [(Name::new("urn:x", "a"), value.into())].into_iter().collect()
}

fn stated(it: &mut Transaction<'_>, at: &str, value: &str) -> Result<()> {
    TOYS.iter().try_for_each(|toy| it.set_fact(toy, &path(at), &value.as_bytes().to_vec()))
}

fn wanted(at: &str) -> NewLock {
    NewLock {
        root: path(at),
        scope: Scope::Exclusive,
        depth: Depth::Zero,
        owner: None,
        timeout: Duration::from_hours(1),
        principal: None,
        address: None,
    }
}

fn place(it: &mut Transaction<'_>, at: &str, media_type: Option<&str>) -> Result<()> {
    let mut staging = it.stage(&path(at))?;
    staging.write(b"new ")?;
    staging.write(b"content")?;
    let as_ = Placement { media_type: media_type.map(Into::into), modified: None };
    it.place(&path(at), staging.finish()?, as_)
}

const SEED: &[(&str, &str)] = &[
    ("/a", "1"),
    ("/b", "22"),
    ("/c/", ""),
    ("/c/f", "333"),
    ("/t/", ""),
    ("/t/f", "leaf"),
    ("/t/t/", ""),
    ("/t/t/f", "deep leaf"),
];

struct Memory(Arc<dyn Store>);

impl Ground for Memory {
    fn run(&self, faults: &Arc<Faults>, script: Script) -> Result<()> {
        run(&Faulty::new(Arc::clone(&self.0), faults), script)
    }

    fn look(&self, look: &mut dyn FnMut(&dyn Store)) {
        look(&*self.0);
    }
}

#[test]
fn a_store_in_memory_is_in_the_old_state_or_the_new() {
    for fault in [Fault::Fails, Fault::FindsNoRoom, Fault::Crashes] {
        tried(fault, SCRIPTS, || Box::new(Memory(Arc::new(memory()))));
    }
}

/// A folder, whose every change of the disk is an operation.
struct Folder {
    ground: TempDir,
    disk: Disk,
    durability: Durability,
    fault: Fault,
    store: RefCell<Option<FolderStore>>,
}

impl Folder {
    fn opened(&self, durability: Durability) -> FolderStore {
        let options = FolderOptions { durability, ..folder::options() };
        self.disk.open_at(self.ground.path(), options)
    }
}

impl Ground for Folder {
    fn run(&self, faults: &Arc<Faults>, script: Script) -> Result<()> {
        drop(self.store.take());
        let store = self.opened(self.durability);
        let (outcome, store) = under(faults, || {
            let outcome = run(&store, script);
            // A process that ended cleans nothing up: what is dropped here changes nothing either.
            (outcome, Some(store).filter(|_| self.fault != Fault::Crashes))
        });
        *self.store.borrow_mut() = store;
        outcome
    }

    fn look(&self, look: &mut dyn FnMut(&dyn Store)) {
        let mut store = self.store.borrow_mut();
        look(store.get_or_insert_with(|| self.opened(Durability::Relaxed)));
    }

    fn reopen(&self) {
        drop(self.store.take());
    }

    fn close(&self) {
        let before = observed(self);
        drop(self.store.take());
        assert_eq!(observed(self), before);
        drop(self.store.take());
        assert_eq!(folder::out_of_sight(self.ground.path()), [""; 0]);
    }
}

fn tried_on_folders(fault: Fault, disk: Disk, durability: Durability, scripts: &[Named]) {
    tried(fault, scripts, || {
        let (ground, store) = (tempfile::tempdir().unwrap(), RefCell::default());
        Box::new(Folder { ground, disk, durability, fault, store })
    });
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_when_a_system_call_fails() {
    tried_on_folders(Fault::Fails, Disk::Usual, Durability::Relaxed, SCRIPTS);
}

/// One change of the disk after the other is answered like this, in all scripts.
fn answered(errno: rustix::io::Errno) {
    let fault = Fault::Answers(errno.raw_os_error());
    tried_on_folders(fault, Disk::Usual, Durability::Relaxed, SCRIPTS);
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_when_the_disk_is_full() {
    answered(rustix::io::Errno::NOSPC);
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_when_a_quota_is_used_up() {
    answered(rustix::io::Errno::DQUOT);
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_when_a_name_cannot_go_there() {
    answered(rustix::io::Errno::XDEV);
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_when_the_disk_comes_to_be_read_only() {
    answered(rustix::io::Errno::ROFS);
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_when_the_process_ends() {
    tried_on_folders(Fault::Crashes, Disk::Usual, Durability::Relaxed, SCRIPTS);
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_where_syncs_fail() {
    for fault in [Fault::Fails, Fault::Crashes] {
        tried_on_folders(fault, Disk::Usual, Durability::Full, &SCRIPTS[SCRIPTS.len() - 1..]);
    }
}

#[test]
fn a_folder_is_in_the_old_state_or_the_new_on_a_disk_of_another_kind() {
    for fault in [Fault::Fails, Fault::Crashes] {
        for disk in [Disk::NamedFilesOnly, Disk::Apart] {
            tried_on_folders(fault, disk, Durability::Relaxed, &SCRIPTS[SCRIPTS.len() - 2..]);
        }
    }
}

#[test]
fn a_recovery_that_is_cut_short_is_taken_up_again() {
    let overwriting: Script = |it| {
        it.remove(&path("/a"), Mark::Tombstone)?;
        it.rename(&path("/t"), &path("/a"))?;
        place(it, "/b", Some("text/x"))
    };
    let folder = || Folder {
        ground: tempfile::tempdir().unwrap(),
        disk: Disk::Usual,
        durability: Durability::Relaxed,
        fault: Fault::Crashes,
        store: RefCell::default(),
    };
    let (old, new) = states(&folder(), overwriting);
    let (mut cut_short, mut operation, mut met) = (0, 0, true);
    while met {
        operation += 1;
        cut_short += each_fault(Fault::Crashes, |again| {
            let folder = folder();
            folder.look(&mut |store| prepare(store));
            let killed = Arc::new(Faults::at(operation, Fault::Crashes));
            let outcome = folder.run(&killed, overwriting);
            met = killed.is_met();
            under(again, || drop(FolderStore::open(folder.ground.path(), folder::options())));
            let found = observed(&folder);
            let fits = found == new || found == old && outcome.is_err();
            assert!(fits, "killed at {operation}, {again:?}\n{found}");
            folder.close();
        });
    }
    assert!(cut_short > 0, "no recovery had anything to do");
}
