//! Every operation of some transactions fails, and then "crashes": the old state or the new.

use std::sync::Arc;

use methodical_semantics::{
    error::Result,
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
    xml::Name,
};
use methodical_store::{
    faulty::{Fault, Faults, Faulty, each_fault},
    properties::Properties,
    store::{Mark, Placement, Store},
    testing::{dump, dump_tombstones, memory, path, seed},
    transaction::{Transaction, write},
    view::View,
};

/// What a transaction is tried on.
pub(crate) trait Ground {
    /// The store, whose operations fail as told.
    fn faulty(&self, faults: &Arc<Faults>) -> Box<dyn Store>;

    /// The store as a new process finds it, without faults.
    fn reopened(&self) -> Arc<dyn Store>;
}

/// Tries all scripts with both faults at every operation.
pub(crate) fn old_state_or_new(ground: impl Fn() -> Box<dyn Ground>) {
    for (name, script) in SCRIPTS {
        let (old, new) = states(&*ground(), *script);
        assert_ne!(old, new, "{name}");
        let met = each_fault(Fault::Fails, |faults| {
            let ground = ground();
            seed(&*ground.reopened(), SEED);
            let store = ground.faulty(faults);
            let outcome = run(&*store, *script);
            let expected = if outcome.is_ok() { &new } else { &old };
            assert_eq!(&observed(&*ground.reopened()), expected, "{name} {faults:?}");
            if outcome.is_err() {
                // What failed left nothing behind that keeps it from being done again.
                run(&*store, *script).unwrap();
                assert_eq!(observed(&*ground.reopened()), new, "{name} {faults:?}");
            }
        });
        let crashed = each_fault(Fault::Crashes, |faults| {
            let ground = ground();
            seed(&*ground.reopened(), SEED);
            let store = ground.faulty(faults);
            let outcome = run(&*store, *script);
            drop(store);
            let found = observed(&*ground.reopened());
            assert!(found == new || found == old && outcome.is_err(), "{name} {faults:?} {found}");
            if found == old {
                run(&*ground.reopened(), *script).unwrap();
                assert_eq!(observed(&*ground.reopened()), new, "{name} {faults:?}");
            }
        });
        assert!(met > 0 && crashed >= met, "{name}: {met} failed, {crashed} crashed");
    }
}

fn states(ground: &dyn Ground, script: Script) -> (String, String) {
    let store = ground.reopened();
    seed(&*store, SEED);
    let old = observed(&*store);
    run(&*store, script).unwrap();
    (old, observed(&*store))
}

fn observed(store: &dyn Store) -> String {
    let asked = ["/a", "/b", "/c", "/t", "/t/f", "/new"].map(path);
    dump(store) + &dump_tombstones(store, &asked)
}

fn run(store: &dyn Store, script: Script) -> Result<()> {
    let admit = |_: &View<'_>| Ok(Footprint(vec![Touch::tree(&Path::root())]));
    write(store, Timestamp::new(0, 0), admit, script).map(drop)
}

type Script = fn(&mut Transaction<'_>) -> Result<()>;

const SCRIPTS: &[(&str, Script)] = &[
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
    fn faulty(&self, faults: &Arc<Faults>) -> Box<dyn Store> {
        Box::new(Faulty::new(Arc::clone(&self.0), faults))
    }

    fn reopened(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0)
    }
}

#[test]
fn a_store_in_memory_is_in_the_old_state_or_the_new() {
    old_state_or_new(|| Box::new(Memory(Arc::new(memory()))));
}
