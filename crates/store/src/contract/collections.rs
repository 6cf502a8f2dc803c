//! Making collections.

use methodical_semantics::condition::Condition;

use super::{Open, change, find, names, put, refusal, text, usual};
use crate::testing::{path, seed};

pub(super) fn make_collection_makes_an_empty_one(open: Open<'_>) {
    let store = usual(open);
    change(&*store, |changes| changes.make_collection(&path("/d"))).unwrap();
    assert!(find(&*store, "/d").unwrap().is_collection());
    assert!(names(&*store, "/d").is_empty());
    put(&*store, "/d/f", "text").unwrap();
    assert_eq!(names(&*store, "/d"), [b"f"]);
}

pub(super) fn make_collection_needs_a_collection_to_hold_it(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    for at in ["/x/d", "/f/d"] {
        let refused = refusal(&*store, |changes| changes.make_collection(&path(at)));
        assert_eq!(refused, Condition::ParentMissing, "{at}");
    }
}

pub(super) fn make_collection_makes_none_where_something_is(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text"), ("/d/", ""), ("/d/f", "text")]);
    for at in ["/", "/f", "/d"] {
        let refused = refusal(&*store, |changes| changes.make_collection(&path(at)));
        assert_eq!(refused, Condition::Conflict, "{at}");
    }
}

pub(super) fn collections_hold_collections_deep_down(open: Open<'_>) {
    let store = usual(open);
    let mut at = String::new();
    for level in 0..100 {
        at = format!("{at}/{level}");
        seed(&*store, &[(&format!("{at}/"), "")]);
    }
    seed(&*store, &[(&format!("{at}/f"), "deep")]);
    assert_eq!(text(&*store, &format!("{at}/f")).as_deref(), Some("deep"));
}
