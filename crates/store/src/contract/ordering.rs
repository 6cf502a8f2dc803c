//! The order of members (RFC 3648), and values that are searched.

use methodical_semantics::{
    header::ordering_type::OrderingType,
    rule::ordering::{Side, numbered},
};

use super::{Open, change, put, usual};
use crate::{
    facts::{
        Row,
        order::{Number, ORDER, ORDERING, Ordering, Place},
        rows,
    },
    store::{Mark, Store},
    testing::{path, seed},
    walk::Reach,
};

/// Has a collection be ordered; the number of its order.
fn ordered(store: &dyn Store, at: &str) -> Number {
    let of_type = OrderingType::parse("DAV:custom").unwrap();
    let ordering = Ordering::anew(of_type).unwrap();
    state(store, &ORDERING.row, at, Some(ORDERING.encoded(&ordering)));
    ordering.number
}

/// Gives members of a collection places, in this order.
fn placed(store: &dyn Store, number: Number, names: &[&str]) {
    for (at, name) in (0..).zip(names) {
        let place = Place { number, key: numbered(at) };
        state(store, &ORDER.row, name, Some(ORDER.encoded(&place)));
    }
}

fn state(store: &dyn Store, row: &'static Row, at: &str, value: Option<Vec<u8>>) {
    change(store, |changes| changes.set_fact(row, &path(at), value)).unwrap();
}

/// The names of a collection's members as they come.
fn names(store: &dyn Store, of: &str) -> String {
    let snapshot = store.snapshot();
    let members = snapshot.members(&path(of)).unwrap();
    let names = members.map(|found| found.unwrap().path.name_text().into_owned());
    let names: Vec<String> = names.collect();
    let walked = snapshot.walk(&path(of), Reach::Members).unwrap();
    let walked: Vec<_> = walked.map(|found| found.unwrap().path.name_text().into_owned()).collect();
    assert_eq!(walked, names);
    names.join(" ")
}

pub(super) fn the_nearest_of_values_that_are_sorted_is_found(open: Open<'_>) {
    for row in rows().filter(|row| row.is_sorted) {
        let store = usual(open);
        let nearest = |low: &str, high: &str, side| {
            let between = (low.as_bytes(), high.as_bytes());
            let found = store.snapshot().nearest(row, between, side).unwrap();
            found.map(|value| String::from_utf8(value).unwrap())
        };
        assert_eq!(nearest("", "z", Side::Before), None);
        seed(&*store, &[("/d/", ""), ("/d/a", "a"), ("/b", "b"), ("/c", "c")]);
        let of = |value: &str| Some(value.as_bytes().to_vec());
        for (at, value) in [("/d/a", "m"), ("/b", "m"), ("/c", "q"), ("/d", "c")] {
            state(&*store, row, at, of(value));
        }
        assert_eq!(nearest("", "z", Side::Behind).as_deref(), Some("c"));
        assert_eq!(nearest("", "z", Side::Before).as_deref(), Some("q"));
        assert_eq!(nearest("c", "q", Side::Before).as_deref(), Some("m"), "both are excluded");
        assert_eq!(nearest("m", "z", Side::Behind).as_deref(), Some("q"));
        assert_eq!(nearest("c", "m", Side::Behind), None);
        assert_eq!(nearest("q", "c", Side::Behind), None, "nothing is between");
        // One of two that have it.
        state(&*store, row, "/b", of("n"));
        assert_eq!(nearest("c", "n", Side::Before).as_deref(), Some("m"));
        change(&*store, |changes| changes.rename(&path("/d"), &path("/e"))).unwrap();
        assert_eq!(nearest("c", "n", Side::Before).as_deref(), Some("m"), "it went along");
        change(&*store, |changes| changes.remove(&path("/e"), Mark::Nothing)).unwrap();
        assert_eq!(nearest("", "n", Side::Before), None, "what is gone has none");
        state(&*store, row, "/c", None);
        assert_eq!(nearest("n", "z", Side::Behind), None);
        assert_eq!(nearest("", "z", Side::Behind).as_deref(), Some("n"));
    }
}

pub(super) fn members_come_in_the_order_that_is_kept(open: Open<'_>) {
    let store = usual(open);
    let made = ["/d/", "/d/c/", "/d/c/x", "/d/a", "/d/b", "/d/e", "/d/f", "/other/"];
    seed(&*store, &made.map(|at| (at, if at.ends_with('/') { "" } else { "text" })));
    let number = ordered(&*store, "/d");
    assert_eq!(names(&*store, "/d"), "a b c e f", "by name, where none has a place");
    placed(&*store, number, &["/d/e", "/d/c", "/d/a"]);
    assert_eq!(names(&*store, "/d"), "e c a b f", "what has none comes last, by name");
    let snapshot = store.snapshot();
    let walked = snapshot.walk(&path("/d"), Reach::Tree).unwrap();
    let walked: Vec<_> = walked.map(|found| found.unwrap().path.encoded()).collect();
    assert_eq!(walked, ["/d/e", "/d/c", "/d/c/x", "/d/a", "/d/b", "/d/f"]);
    drop(snapshot);
    put(&*store, "/d/c2", "new").unwrap();
    put(&*store, "/d/e", "other content").unwrap();
    change(&*store, |changes| {
        changes.rename(&path("/d/c"), &path("/d/z"))?;
        changes.remove(&path("/d/b"), Mark::Nothing)
    })
    .unwrap();
    assert_eq!(names(&*store, "/d"), "e z a c2 f", "another name keeps the place");
    change(&*store, |changes| changes.rename(&path("/d/e"), &path("/other/e"))).unwrap();
    let other = ordered(&*store, "/other");
    put(&*store, "/other/b", "b").unwrap();
    placed(&*store, other, &["/other/b"]);
    assert_eq!(names(&*store, "/other"), "b e", "a place is one in its own order alone");
}

pub(super) fn an_order_goes_with_its_collection_and_ends_with_its_number(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/a", "a"), ("/d/b", "b"), ("/d/c", "c"), ("/to/", "")]);
    let number = ordered(&*store, "/d");
    placed(&*store, number, &["/d/c", "/d/a", "/d/b"]);
    change(&*store, |changes| {
        changes.copy(&path("/d"), &path("/copy"), true)?;
        changes.rename(&path("/d"), &path("/to/e"))
    })
    .unwrap();
    assert_eq!(names(&*store, "/copy"), "c a b");
    assert_eq!(names(&*store, "/to/e"), "c a b");
    ordered(&*store, "/copy");
    assert_eq!(names(&*store, "/copy"), "a b c", "another order");
    assert_eq!(names(&*store, "/to/e"), "c a b", "the one that was copied stays");
}
