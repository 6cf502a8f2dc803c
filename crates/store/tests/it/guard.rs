//! Path guards: who takes turns with whom, in which order.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use methodical_semantics::{
    error::Error,
    footprint::{Footprint, Touch},
};
use methodical_store::{
    guard::{Asked, Guards, Held, Turn, WAITING_MAX},
    testing::path,
};

#[test]
fn writers_on_one_path_go_in_the_order_they_came() {
    let guards = &Guards::new();
    let (done, order) = mpsc::channel();
    thread::scope(|scope| {
        let first = guards.acquire(content("/f")).unwrap();
        for number in 0..8 {
            let done = done.clone();
            scope.spawn(move || {
                let held = guards.acquire(content("/f")).unwrap();
                done.send(number).unwrap();
                drop(held);
            });
            // The next comes when this one stands in the queue.
            while guards.waiting() <= number {
                thread::yield_now();
            }
        }
        drop(first);
    });
    assert_eq!(order.try_iter().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    assert_eq!(guards.waiting(), 0);
}

#[test]
fn writers_on_other_paths_do_not_wait() {
    let guards = Guards::new();
    let _all: Vec<_> = ["/a", "/b", "/d/a", "/d/b", "/dd"]
        .map(|at| guards.try_acquire(put(at)).unwrap())
        .into_iter()
        .collect();
    for at in ["/a", "/b", "/d/a", "/d/b", "/dd"] {
        assert!(guards.try_acquire(put(at)).is_none(), "{at}");
    }
    assert!(guards.try_acquire(put("/d/c")).is_some());
    assert!(guards.try_acquire(tree("/d")).is_none());
    assert!(guards.try_acquire(tree("/e")).is_some());
}

#[test]
fn a_writer_on_a_tree_is_not_overtaken_by_those_below() {
    let guards = &Guards::new();
    let (done, order) = mpsc::channel();
    thread::scope(|scope| {
        let below = guards.acquire(put("/d/a")).unwrap();
        let of_tree = done.clone();
        scope.spawn(move || {
            let held = guards.acquire(tree("/d")).unwrap();
            of_tree.send("tree").unwrap();
            drop(held);
        });
        while guards.waiting() < 1 {
            thread::yield_now();
        }
        // It would not conflict with the one at work, but came after the one that waits.
        assert!(guards.try_acquire(put("/d/b")).is_none());
        assert!(guards.try_acquire(put("/e")).is_some(), "a stranger");
        scope.spawn(move || {
            let held = guards.acquire(put("/d/b")).unwrap();
            done.send("below").unwrap();
            drop(held);
        });
        while guards.waiting() < 2 {
            thread::yield_now();
        }
        drop(below);
    });
    assert_eq!(order.try_iter().collect::<Vec<_>>(), ["tree", "below"]);
}

#[test]
fn who_has_waited_too_long_is_refused_and_leaves_the_queue() {
    let guards = Guards::waiting_up_to(Duration::from_millis(1));
    let held = guards.acquire(content("/f")).unwrap();
    let refused = guards.acquire(tree("/")).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)));
    assert_eq!(refused.status(), 503);
    assert_eq!(guards.waiting(), 0);
    assert!(guards.try_acquire(content("/g")).is_some(), "the one that gave up is in the way");
    drop(held);
    assert!(guards.try_acquire(tree("/")).is_some());
}

#[test]
fn a_panic_releases_the_guard() {
    let guards = &Guards::new();
    let outcome = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let _held = guards.acquire(content("/f")).unwrap();
            std::panic::resume_unwind(Box::new("the writer failed"));
        });
        writer.join()
    });
    assert!(outcome.is_err());
    assert!(guards.try_acquire(content("/f")).is_some());
}

#[test]
fn is_free_says_what_a_try_would_find() {
    let guards = Guards::new();
    let held = guards.try_acquire(put("/d/a")).unwrap();
    for (footprint, free) in
        [(put("/d/a"), false), (put("/d/b"), true), (tree("/d"), false), (tree("/e"), true)]
    {
        assert_eq!(guards.is_free(&footprint), free, "{footprint:?}");
        assert_eq!(guards.try_acquire(footprint).is_some(), free);
    }
    drop(held);
    assert!(guards.is_free(&tree("/")));
}

#[test]
fn waiting_takes_no_thread() {
    let guards = Guards::new();
    let held = guards.acquire(content("/f")).unwrap();
    // More than there could be threads for.
    let mut turns: Vec<Turn> = (0..1000).map(|_| waits(&guards, content("/f"))).collect();
    let (woken, waker) = counted();
    for turn in &mut turns {
        assert!(poll(turn, &waker).is_pending());
    }
    drop(held);
    // One is woken, and not all of them for one to go.
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    let Poll::Ready(first) = poll(&mut turns[0], &waker) else { unreachable!("it is its turn") };
    assert!(poll(&mut turns[1], &waker).is_pending());
    drop(first);
    assert!(poll(&mut turns[1], &waker).is_ready());
}

#[test]
fn who_gives_up_waiting_leaves_the_queue() {
    let guards = Guards::new();
    let _held = guards.acquire(content("/d/f")).unwrap();
    let tree = waits(&guards, tree("/d"));
    let (woken, waker) = counted();
    let mut below = waits(&guards, content("/d/g"));
    assert!(poll(&mut below, &waker).is_pending());
    drop(tree);
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert!(poll(&mut below, &waker).is_ready());
    assert_eq!(guards.waiting(), 0);
}

#[test]
fn no_more_than_so_many_wait() {
    let guards = Guards::new();
    let _held = guards.acquire(content("/f")).unwrap();
    let turns: Vec<Turn> = (0..WAITING_MAX).map(|_| waits(&guards, content("/f"))).collect();
    let refused = guards.ask(content("/f")).unwrap_err();
    assert_eq!(refused.status(), 503);
    assert!(matches!(guards.ask(content("/g")), Ok(Asked::Held(_))), "a stranger");
    drop(turns);
    assert_eq!(guards.waiting(), 0);
}

fn waits(guards: &Guards, footprint: Footprint) -> Turn {
    match guards.ask(footprint).unwrap() {
        Asked::Waits(turn) => turn,
        Asked::Held(held) => unreachable!("{held:?} was to be had at once"),
    }
}

/// Counts how often somebody is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted() -> (Arc<Woken>, Waker) {
    let woken: Arc<Woken> = Arc::default();
    (Arc::clone(&woken), Waker::from(woken))
}

fn poll(turn: &mut Turn, waker: &Waker) -> Poll<Held> {
    Pin::new(turn).poll(&mut Context::from_waker(waker))
}

fn content(at: &str) -> Footprint {
    Footprint(vec![Touch::content(&path(at))])
}

fn put(at: &str) -> Footprint {
    let at = path(at);
    Footprint(vec![Touch::content(&at), Touch::members(&at.parent().unwrap())])
}

fn tree(at: &str) -> Footprint {
    let at = path(at);
    let above = at.parent().map(|above| Touch::members(&above));
    Footprint([Touch::tree(&at)].into_iter().chain(above).collect())
}
