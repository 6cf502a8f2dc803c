use std::time::Duration;

use methodical_semantics::{
    header::depth::Depth,
    lock::{Lock, Locks, Scope},
    path::Path,
    timestamp::Timestamp,
};

fn of(text: &str) -> Path {
    Path::decode(text).unwrap().0
}

fn lock(root: &str, depth: Depth, expires: i64) -> Lock {
    Lock {
        token: format!("{root} {expires}").into(),
        root: of(root),
        scope: Scope::Shared,
        depth,
        owner: None,
        timeout: Duration::from_secs(1),
        expires: Timestamp::new(expires, 0),
        principal: None,
        address: None,
    }
}

#[test]
fn rfc4918_7_4_a_lock_covers_its_root_or_all_below() {
    let mut locks = Locks::default();
    for (root, depth) in [("/", Depth::Zero), ("/a", Depth::Infinity), ("/a/b", Depth::Zero)] {
        locks.set(lock(root, depth, 10));
    }
    let covering = |path| {
        let found = locks.covering(&of(path), Timestamp::new(9, 0));
        found.iter().map(|lock| lock.root.encoded()).collect::<Vec<_>>().join(" ")
    };
    let found = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/b"].map(covering);
    assert_eq!(found, ["/", "/a", "/a /a/b", "/a", "", ""]);
}

#[test]
fn rfc4918_6_6_an_expired_lock_covers_nothing() {
    let mut locks = Locks::default();
    locks.set(lock("/a/b", Depth::Infinity, 10));
    let at = |second| Timestamp::new(second, 0);
    let seen = |second| {
        (locks.covering(&of("/a/b"), at(second)).len(), locks.below(&of("/a"), at(second)).count())
    };
    assert_eq!((seen(9), seen(10)), ((1, 1), (0, 0)));
    assert_eq!(locks.within(&of("/a")).count(), 1);
}

#[test]
fn locks_are_set_and_removed_by_their_tokens() {
    let mut locks = Locks::default();
    locks.set(lock("/a", Depth::Zero, 1));
    locks.set(lock("/a", Depth::Zero, 2));
    locks.set(lock("/a!", Depth::Zero, 3));
    locks.set(Lock { root: of("/a/b"), ..lock("/a", Depth::Zero, 2) });
    assert_eq!((locks.len(), locks.iter().count()), (3, 3));
    assert_eq!(locks.below(&of("/a"), Timestamp::new(0, 0)).count(), 1);
    assert_eq!(locks.within(&of("/a")).count(), 2);
    locks.remove("/a 1");
    locks.remove("none");
    assert!(locks.find("/a 1").is_none() && locks.find("/a 2").is_some());
    locks.remove("/a 2");
    locks.remove("/a! 3");
    assert_eq!(locks, Locks::default());
}
