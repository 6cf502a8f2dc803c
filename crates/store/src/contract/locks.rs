//! Write locks (RFC 4918 section 6).

use std::time::Duration;

use methodical_semantics::{
    condition::Condition,
    error::Error,
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    lock::{Lock, Scope},
    timestamp::Timestamp,
};

use super::{Open, change, refusal, usual};
use crate::{
    locking::{LOCKS_MAX, LOCKS_OF_ONE_MAX, break_lock},
    store::{Changes, Mark, Placement, Store},
    testing::{hold, path, seed, staged},
};

/// The tokens of the locks in whose scope a path is.
fn covering(store: &dyn Store, at: &str) -> Vec<String> {
    let locks = store.snapshot().locks();
    let found = locks.covering(&path(at), Timestamp::new(0, 0));
    found.into_iter().map(|lock| lock.token.to_string()).collect()
}

fn lock(root: &str, token: &str) -> Lock {
    Lock {
        token: token.into(),
        root: path(root),
        scope: Scope::Shared,
        depth: Depth::Zero,
        owner: Some("<D:owner xmlns:D=\"DAV:\">\u{e4}</D:owner>".into()),
        timeout: Duration::from_mins(1),
        expires: Timestamp::new(60, 1),
        principal: Some("ann".into()),
        address: None,
    }
}

pub(super) fn a_lock_is_held_until_it_ends(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "")]);
    hold(&*store, "/d", "urn:x:1");
    change(&*store, |changes| changes.set_lock(lock("/d/f", "urn:x:2"))).unwrap();
    assert_eq!(covering(&*store, "/d/f"), ["urn:x:1", "urn:x:2"]);
    let locks = store.snapshot().locks();
    assert_eq!(**locks.find("urn:x:2").unwrap(), lock("/d/f", "urn:x:2"));
    change(&*store, |changes| changes.remove_lock("urn:x:1")).unwrap();
    assert_eq!(covering(&*store, "/d/f"), ["urn:x:2"]);
    assert_eq!(locks.len(), 2, "what was looked at stays as it was");
    change(&*store, |changes| changes.remove_lock("urn:x:none")).unwrap();
}

pub(super) fn a_lock_is_broken_whoever_holds_it(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "")]);
    change(&*store, |changes| changes.set_lock(lock("/f", "urn:x:1"))).unwrap();
    let broken = |token| break_lock(&*store, Timestamp::new(1, 0), token);
    assert_eq!(*broken("urn:x:1").unwrap(), lock("/f", "urn:x:1"));
    assert!(store.snapshot().locks().is_empty());
    let none = broken("urn:x:1").unwrap_err();
    let condition = Condition::LockTokenMatchesRequestUri;
    assert!(matches!(none, Error::Refused(refusal) if refusal.condition == condition));
}

pub(super) fn a_lock_is_replaced_by_one_of_the_same_token(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "")]);
    change(&*store, |changes| changes.set_lock(lock("/f", "urn:x:1"))).unwrap();
    let longer = Lock { expires: Timestamp::new(120, 0), ..lock("/f", "urn:x:1") };
    change(&*store, |changes| changes.set_lock(longer.clone())).unwrap();
    let locks = store.snapshot().locks();
    assert_eq!((locks.len(), &**locks.find("urn:x:1").unwrap()), (1, &longer));
}

pub(super) fn a_lock_needs_something_to_lock(open: Open<'_>) {
    let store = usual(open);
    let refused = refusal(&*store, |changes| changes.set_lock(lock("/f", "urn:x:1")));
    assert_eq!(refused, Condition::NotFound);
}

pub(super) fn a_lock_ends_with_its_resource(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", ""), ("/d!", "")]);
    for at in ["/d", "/d/f", "/d!"] {
        hold(&*store, at, &format!("urn:x:{at}"));
    }
    change(&*store, |changes| changes.remove(&path("/d"), Mark::Nothing)).unwrap();
    seed(&*store, &[("/d/", ""), ("/d/f", "")]);
    assert!(covering(&*store, "/d/f").is_empty());
    assert_eq!(covering(&*store, "/d!"), ["urn:x:/d!"]);
}

pub(super) fn a_lock_stays_behind_when_its_resource_moves(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", ""), ("/e/", "")]);
    hold(&*store, "/d/f", "urn:x:1");
    hold(&*store, "/e", "urn:x:2");
    change(&*store, |changes| changes.rename(&path("/d"), &path("/e/d"))).unwrap();
    assert_eq!(covering(&*store, "/e/d/f"), ["urn:x:2"]);
    seed(&*store, &[("/d/", ""), ("/d/f", "")]);
    assert!(covering(&*store, "/d/f").is_empty());
}

pub(super) fn a_copy_takes_no_lock_along(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "")]);
    hold(&*store, "/d/f", "urn:x:1");
    change(&*store, |changes| changes.copy(&path("/d"), &path("/e"), true)).unwrap();
    assert!(covering(&*store, "/e/f").is_empty());
    assert_eq!(covering(&*store, "/d/f"), ["urn:x:1"]);
}

pub(super) fn a_lock_may_be_kept_on_what_takes_the_place(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/a", "a"), ("/b", "b")]);
    change(&*store, |changes| changes.set_lock(lock("/b", "urn:x:1"))).unwrap();
    let moved = change(&*store, |changes| {
        changes.remove(&path("/b"), Mark::Nothing)?;
        changes.rename(&path("/a"), &path("/b"))?;
        changes.set_lock(lock("/b", "urn:x:1"))
    });
    moved.unwrap();
    assert_eq!(covering(&*store, "/b"), ["urn:x:1"]);
}

pub(super) fn a_lock_is_made_together_with_its_file(open: Open<'_>) {
    let store = usual(open);
    let made = change(&*store, |changes| {
        let at = path("/new");
        changes.place(&at, staged(&*store, &at, b"")?, Placement::default())?;
        changes.set_lock(lock("/new", "urn:x:1"))
    });
    assert_eq!(made.unwrap().etags.len(), 1);
    assert_eq!(covering(&*store, "/new"), ["urn:x:1"]);
}

pub(super) fn locks_that_were_not_committed_are_none(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "")]);
    let refused = refusal(&*store, |changes| {
        changes.set_lock(lock("/f", "urn:x:1"))?;
        changes.make_collection(&path("/f"))
    });
    assert_eq!(refused, Condition::Conflict);
    assert!(covering(&*store, "/f").is_empty());
}

pub(super) fn there_are_so_many_locks_and_no_more(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "")]);
    let nobodys = |token: &str| Lock { principal: None, ..lock("/f", token) };
    let all = change(&*store, |changes| {
        (0..LOCKS_MAX).try_for_each(|n| changes.set_lock(nobodys(&format!("urn:x:{n}"))))
    });
    all.unwrap();
    let refused = refusal(&*store, |changes| changes.set_lock(lock("/f", "urn:x:more")));
    assert_eq!(refused, Condition::InsufficientStorage);
    change(&*store, |changes| changes.set_lock(lock("/f", "urn:x:7"))).unwrap();
}

pub(super) fn nobody_takes_all_locks(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "")]);
    let of = |principal: Option<&str>, address: &str, n: usize| Lock {
        principal: principal.map(Into::into),
        address: Some(address.into()),
        ..lock("/f", &format!("urn:x:{principal:?}:{address}:{n}"))
    };
    // Who logged in is one wherever it comes from; who did not, is its address.
    for (who, addresses) in [(Some("ann"), 200), (None, 1)] {
        let from = |n: usize| format!("198.51.100.{}", 1 + n % addresses);
        let share = change(&*store, |changes| {
            (0..LOCKS_OF_ONE_MAX).try_for_each(|n| changes.set_lock(of(who, &from(n), n)))
        });
        share.unwrap();
        let more = of(who, &from(0), LOCKS_OF_ONE_MAX);
        let refused = refusal(&*store, |changes| changes.set_lock(more));
        assert_eq!(refused, Condition::InsufficientStorage);
    }
    change(&*store, |changes| changes.set_lock(of(Some("bob"), "198.51.100.1", 0))).unwrap();
    change(&*store, |changes| changes.set_lock(of(None, "198.51.100.2", 0))).unwrap();
    // One that is held is refreshed all the same, and one that ended makes room.
    change(&*store, |changes| changes.set_lock(of(Some("ann"), "198.51.100.2", 1))).unwrap();
    let held = of(Some("ann"), "198.51.100.2", 1);
    change(&*store, |changes| changes.remove_lock(&held.token)).unwrap();
    change(&*store, |changes| changes.set_lock(of(Some("ann"), "198.51.100.2", 5000))).unwrap();
}

pub(super) fn of_locks_made_at_one_time_there_are_no_more(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/e/", ""), ("/d/f", ""), ("/e/f", "")]);
    let share = change(&*store, |changes| {
        (1..LOCKS_OF_ONE_MAX).try_for_each(|n| changes.set_lock(lock("/d/f", &format!("u:{n}"))))
    });
    share.unwrap();
    // Each is counted before the other is there, and there is room for one.
    let begun = ["/d/f", "/e/f"].map(|at| {
        let depth = Depth::Zero;
        let touch = Touch { path: path(at), part: Part::Lock, depth };
        let mut changes = store.changes(&Footprint(vec![touch])).unwrap();
        changes.set_lock(lock(at, at)).unwrap();
        changes
    });
    let [one, other] = begun.map(Changes::commit);
    one.unwrap();
    let condition = Condition::InsufficientStorage;
    assert!(matches!(other, Err(Error::Refused(refusal)) if refusal.condition == condition));
    assert_eq!(store.snapshot().locks().len(), LOCKS_OF_ONE_MAX);
    assert!(covering(&*store, "/e/f").is_empty());
}

pub(super) fn the_sweep_ends_locks_that_have_expired(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "")]);
    hold(&*store, "/f", "urn:x:1");
    change(&*store, |changes| changes.set_lock(lock("/f", "urn:x:2"))).unwrap();
    store.sweep(Timestamp::new(90, 0)).unwrap();
    assert_eq!(store.snapshot().locks().len(), 2, "somebody may be about to refresh it");
    store.sweep(Timestamp::new(3600, 0)).unwrap();
    assert_eq!(covering(&*store, "/f"), ["urn:x:1"]);
}
