//! Work ends when nobody waits for it any more.

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{
    resource::{Kind, Resource},
    store::{Members, Placement, Store},
    testing::{change, memory, path, staged},
    transaction::write,
    walk::{Reach, Walk},
    work::{Wanted, Work, at_once, go_on, would_wait},
};

/// A collection without an end.
fn endless(of: &Path) -> Members<'static> {
    let of = of.clone();
    Box::new((0..).map(move |number: u64| {
        let at = of.join(number.to_string().as_bytes()).unwrap();
        Ok(Resource::computed(&at, Kind::File, 0, Timestamp::new(0, 0)))
    }))
}

#[test]
fn a_walk_ends_when_nobody_waits_for_it() {
    let wanted = Wanted::default();
    let work = wanted.work();
    let walk = Walk::below(&Path::root(), Reach::Tree, |of: &Path| Ok(endless(of))).unwrap();
    let seen: Vec<bool> = work.done_by(|| {
        let mut wanted = Some(wanted);
        let told = walk.enumerate().map(|(at, found)| {
            // The client goes in the middle.
            drop(wanted.take_if(|_| at == 5));
            found.is_ok()
        });
        told.collect()
    });
    assert_eq!(seen, [true, true, true, true, true, true, false]);
}

#[test]
fn what_changed_is_not_looked_for_when_nobody_waits() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "a").unwrap();
    let store = FolderStore::open(folder.path(), FolderOptions::default()).unwrap();
    let root = store.snapshot().find(&path("/")).unwrap().unwrap();
    let gone = Wanted::default().work();
    assert!(gone.done_by(|| store.snapshot().synchronizer().token(&root)).is_err());
    assert!(store.snapshot().synchronizer().token(&root).is_ok());
}

#[test]
fn a_thread_goes_on_with_its_work_and_no_longer() {
    let (outer, inner) = (Wanted::default(), Wanted::default());
    assert!(Work::current().is_none());
    outer.work().done_by(|| {
        let unwanted = inner.work();
        drop(inner);
        unwanted.done_by(|| assert!(go_on().is_err()));
        assert!(go_on().is_ok());
        let current = Work::current().unwrap();
        let elsewhere = || std::thread::spawn(|| current.done_by(|| go_on().is_ok())).join();
        assert!(elsewhere().unwrap());
    });
    assert!(Work::current().is_none());
}

#[test]
fn what_turns_to_the_ledger_is_left_to_who_may_wait() {
    let folder = tempfile::tempdir().unwrap();
    let options = FolderOptions { writable: true, ..FolderOptions::default() };
    let store = FolderStore::open(folder.path(), options).unwrap();
    let media_type = || Placement { media_type: Some("text/x".into()), modified: None };
    let typed = || {
        let content = staged(&store, &path("/a"), b"a")?;
        change(&store, &path("/a"), |changes| changes.place(&path("/a"), content, media_type()))
    };
    assert!(at_once(typed).is_none());
    assert!(store.snapshot().find(&path("/a")).unwrap().is_none(), "nothing was changed");
    typed().unwrap();
    assert!(store.snapshot().find(&path("/a")).unwrap().is_some());
}

#[test]
fn what_is_to_be_done_again_is_not_committed_before() {
    let store = memory();
    let write = || {
        let footprint = || Footprint(vec![Touch::tree(&path("/d"))]);
        write(
            &store,
            Timestamp::new(0, 0),
            |_| Ok(footprint()),
            |transaction| {
                // A look that had to wait, and saw enough all the same.
                would_wait();
                transaction.make_collection(&path("/d"))
            },
        )
    };
    assert!(at_once(write).is_none());
    assert!(store.snapshot().find(&path("/d")).unwrap().is_none(), "it was done already");
    write().unwrap();
    assert!(store.snapshot().find(&path("/d")).unwrap().is_some());
}
