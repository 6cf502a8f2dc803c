//! Writers beside each other. Threads meet over channels; a wait that has no end in a store that
//! breaks the contract is ended by [`RENDEZVOUS_MAX`].

use std::{
    sync::mpsc::{Receiver, TryRecvError, channel},
    thread,
    time::Duration,
};

use methodical_semantics::{
    error::{Error, Result},
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
};

use super::{Open, find, put, refusal, text, usual};
use crate::{
    facts::toys::TOYS,
    properties::Properties,
    store::{Changes, Placement, Store},
    testing::{self, path, seed},
    transaction::{Transaction, write},
    view::View,
};

pub(super) fn writers_on_different_paths_do_not_wait(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/dd/", "")]);
    let pairs = [("/a", "/b"), ("/d", "/dd"), ("/d/a", "/d/b"), ("/d/x", "/x")];
    for (one, other) in pairs {
        let tree = |at| Footprint(vec![Touch::tree(&path(at))]);
        both_at_once(&*store, &tree(one), &tree(other));
    }
}

pub(super) fn writers_of_members_do_not_wait(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", "")]);
    let member = |at| Footprint(vec![Touch::content(&path(at)), Touch::members(&path("/d"))]);
    let mut first = store.changes(&member("/d/a")).unwrap();
    place(&mut *first, "/d/a", "one").unwrap();
    thread::scope(|scope| {
        let second = scope.spawn(|| {
            let mut second = store.changes(&member("/d/b"))?;
            place(&mut *second, "/d/b", "two")?;
            second.commit()
        });
        assert!(second.join().unwrap().is_ok());
    });
    first.commit().unwrap();
    assert_eq!(text(&*store, "/d/a").as_deref(), Some("one"));
    assert_eq!(text(&*store, "/d/b").as_deref(), Some("two"));
}

pub(super) fn writers_on_one_path_take_turns(open: Open<'_>) {
    let store = usual(open);
    let content = |at| Footprint(vec![Touch::content(&path(at))]);
    take_turns(&*store, &content("/f"), &content("/f"));
}

pub(super) fn writers_on_a_tree_and_below_take_turns(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/e/", "")]);
    let tree = Footprint(vec![Touch::tree(&path("/d"))]);
    let below = Footprint(vec![Touch::content(&path("/d/e/f")), Touch::members(&path("/d/e"))]);
    take_turns(&*store, &tree, &below);
    take_turns(&*store, &below, &tree);
}

pub(super) fn no_update_is_lost(open: Open<'_>) {
    let store = usual(open);
    put(&*store, "/n", "0").unwrap();
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| (0..UPDATES).for_each(|_| increment(&*store)));
        }
    });
    assert_eq!(text(&*store, "/n"), Some((WRITERS * UPDATES).to_string()));
}

pub(super) fn readers_do_not_wait(open: Open<'_>) {
    let store = usual(open);
    put(&*store, "/f", "before").unwrap();
    let everything = Footprint(vec![Touch::tree(&Path::root())]);
    let mut changes = store.changes(&everything).unwrap();
    place(&mut *changes, "/f", "after").unwrap();
    thread::scope(|scope| {
        let read = scope.spawn(|| text(&*store, "/f"));
        assert_eq!(read.join().unwrap().as_deref(), Some("before"));
    });
    changes.commit().unwrap();
    assert_eq!(text(&*store, "/f").as_deref(), Some("after"));
}

pub(super) fn the_guard_ends_with_the_changes(open: Open<'_>) {
    let store = usual(open);
    let footprint = Footprint(vec![Touch::content(&path("/f"))]);
    drop(store.changes(&footprint).unwrap());
    store.changes(&footprint).unwrap().commit().unwrap();
    refusal(&*store, |changes| changes.copy(&path("/x"), &path("/f"), true));
    let panicked = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let _changes = store.changes(&footprint).unwrap();
            std::panic::resume_unwind(Box::new("a writer that comes to grief"));
        });
        writer.join().is_err()
    });
    assert!(panicked);
    put(&*store, "/f", "text").unwrap();
}

pub(super) fn a_write_outside_the_footprint_is_a_failure(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/a", "1"), ("/b", "2"), ("/d/", "")]);
    let outside: [fn(&mut Transaction<'_>) -> Result<()>; 9] = [
        |it| it.stage(&path("/b")).map(drop),
        |it| it.make_collection(&path("/c")),
        |it| it.remove(&path("/b"), crate::store::Mark::Nothing),
        |it| it.copy(&path("/a"), &path("/c"), true),
        |it| it.rename(&path("/a"), &path("/c")),
        |it| it.rename(&path("/b"), &path("/a")),
        |it| it.set_properties(&path("/b"), Properties::default()),
        |it| TOYS.iter().try_for_each(|toy| it.set_fact(toy, &path("/b"), &b"x".to_vec())),
        |it| TOYS.iter().try_for_each(|toy| it.remove_fact(toy, &path("/b"))),
    ];
    let before = testing::dump_with_validators(&*store);
    for run in outside {
        let admit = |_: &View<'_>| Ok(Footprint(vec![Touch::tree(&path("/a"))]));
        let written = write(&*store, Timestamp::new(0, 0), admit, run);
        assert!(matches!(written, Err(Error::Failed(_))));
        assert_eq!(testing::dump_with_validators(&*store), before);
    }
}

/// Two writers begin before either commits.
fn both_at_once(store: &dyn Store, one: &Footprint, other: &Footprint) {
    let (told, heard) = channel();
    thread::scope(|scope| {
        let first = store.changes(one).unwrap();
        scope.spawn(move || {
            let second = store.changes(other).unwrap();
            told.send(()).unwrap();
            second.commit().unwrap();
        });
        meet(&heard);
        first.commit().unwrap();
    });
}

/// A second writer begins only after the first has committed, and sees what that wrote.
fn take_turns(store: &dyn Store, one: &Footprint, other: &Footprint) {
    let target = "/f";
    let round = text(store, target).map_or(0, |text| text.len());
    let mark = "x".repeat(round + 1);
    let (calling, called) = channel();
    let (began, has_begun) = channel();
    thread::scope(|scope| {
        let mut guarded = one.clone();
        guarded.0.push(Touch::content(&path(target)));
        let mut first = store.changes(&guarded).unwrap();
        scope.spawn(move || {
            calling.send(()).unwrap();
            let second = store.changes(other).unwrap();
            began.send(second.snapshot().find(&path(target)).unwrap()).unwrap();
            second.commit().unwrap();
        });
        meet(&called);
        place(&mut *first, target, &mark).unwrap();
        assert!(matches!(has_begun.try_recv(), Err(TryRecvError::Empty)), "it did not wait");
        first.commit().unwrap();
        let seen = meet(&has_begun).unwrap();
        assert_eq!(seen.length, mark.len() as u64, "it saw the state before the first");
    });
    assert!(find(store, target).is_some());
}

fn increment(store: &dyn Store) {
    let at = path("/n");
    let footprint = Footprint(vec![Touch::content(&at)]);
    let mut changes = store.changes(&footprint).unwrap();
    let (_, content) = changes.snapshot().open(&at).unwrap().unwrap();
    let number: usize = String::from_utf8(testing::bytes(content)).unwrap().parse().unwrap();
    place(&mut *changes, "/n", &(number + 1).to_string()).unwrap();
    changes.commit().unwrap();
}

fn place(changes: &mut dyn Changes, at: &str, text: &str) -> Result<()> {
    let at = path(at);
    let mut staging = changes.stage(&at)?;
    staging.write(text.as_bytes())?;
    changes.place(&at, staging.finish()?, Placement::default())
}

fn meet<T>(other: &Receiver<T>) -> T {
    other.recv_timeout(RENDEZVOUS_MAX).unwrap()
}

/// The time that one thread waits for another before the clause counts as broken.
const RENDEZVOUS_MAX: Duration = Duration::from_secs(20);

const WRITERS: usize = 4;
const UPDATES: usize = 25;
