//! Removing resources.

use methodical_semantics::condition::Condition;

use super::{Open, change, find, names, refusal, usual};
use crate::{
    store::Mark,
    testing::{self, path, seed},
};

pub(super) fn remove_takes_a_file(open: Open<'_>) {
    for mark in [Mark::Nothing, Mark::Tombstone] {
        let store = usual(open);
        seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/d/g", "text")]);
        change(&*store, |changes| changes.remove(&path("/d/f"), mark)).unwrap();
        assert!(find(&*store, "/d/f").is_none());
        assert_eq!(names(&*store, "/d"), [b"g"]);
    }
}

pub(super) fn remove_takes_a_collection_with_all_below(open: Open<'_>) {
    for mark in [Mark::Nothing, Mark::Tombstone] {
        let store = usual(open);
        seed(&*store, &[("/d/", ""), ("/d/f", "1"), ("/d/e/", ""), ("/d/e/f", "2"), ("/e/", "")]);
        change(&*store, |changes| changes.remove(&path("/d"), mark)).unwrap();
        for at in ["/d", "/d/f", "/d/e", "/d/e/f"] {
            assert!(find(&*store, at).is_none(), "{at}");
        }
        assert_eq!(testing::dump(&*store), "/ collection\n/e/ collection\n");
    }
}

pub(super) fn remove_leaves_what_is_named_alike(open: Open<'_>) {
    let store = usual(open);
    let alike =
        [("/d/", ""), ("/d/f", "1"), ("/d!", "2"), ("/dd/", ""), ("/dd/f", "3"), ("/D", "")];
    seed(&*store, &alike);
    change(&*store, |changes| changes.remove(&path("/d"), Mark::Tombstone)).unwrap();
    assert_eq!(names(&*store, "/"), [b"D".to_vec(), b"d!".to_vec(), b"dd".to_vec()]);
    assert_eq!(names(&*store, "/dd"), [b"f"]);
}

pub(super) fn remove_refuses_what_is_not_there(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    for at in ["/x", "/x/y", "/f/x"] {
        let refused = refusal(&*store, |changes| changes.remove(&path(at), Mark::Tombstone));
        assert_eq!(refused, Condition::NotFound, "{at}");
        assert!(!super::was_deleted(&*store, at), "{at} never was");
    }
}

pub(super) fn remove_refuses_the_root(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    let refused = refusal(&*store, |changes| changes.remove(&path("/"), Mark::Tombstone));
    assert_eq!(refused, Condition::Forbidden);
}
