//! Dead properties, and the modification time that is set.

use methodical_semantics::{condition::Condition, error::Error, timestamp::Timestamp, xml::Name};

use super::{Open, change, find, put, refusal, text, usual};
use crate::{
    properties::{PROPERTIES_BYTES_MAX, PROPERTIES_MAX, PROPERTY_BYTES_MAX, Properties},
    store::{Mark, Store},
    testing::{path, seed},
};

fn named(name: &str) -> Name {
    Name::new("urn:x", name)
}

/// Gives a resource one property.
fn describe(store: &dyn Store, at: &str, value: &str) {
    let mut properties = Properties::default();
    properties.set(named("a"), value).unwrap();
    change(store, |changes| changes.set_properties(&path(at), properties)).unwrap();
}

/// Returns what the property of a resource says; nothing where it has none.
fn described(store: &dyn Store, at: &str) -> Option<String> {
    let snapshot = store.snapshot();
    let found = snapshot.find(&path(at)).unwrap().unwrap();
    snapshot.properties(&found).unwrap().value(&named("a")).map(str::to_owned)
}

pub(super) fn properties_are_kept_as_they_were_given(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/f", "text")]);
    let mut properties = Properties::default();
    for (namespace, name) in [("", "a"), ("urn:x", "a"), ("urn:x", "b"), ("DAV:", "displayname")] {
        let value = format!("<{name}>\r\n <![CDATA[<]]>&#13;\u{10fff0}\u{e9}</{name}>");
        properties.set(Name::new(namespace, name), &value).unwrap();
    }
    for at in ["/", "/d", "/f"] {
        let set = properties.clone();
        change(&*store, |changes| changes.set_properties(&path(at), set)).unwrap();
        let snapshot = store.snapshot();
        let found = snapshot.find(&path(at)).unwrap().unwrap();
        assert_eq!(snapshot.properties(&found).unwrap(), properties, "{at}");
    }
    let none = Properties::default();
    change(&*store, |changes| changes.set_properties(&path("/f"), none)).unwrap();
    assert_eq!(described(&*store, "/f"), None);
    assert!(described(&*store, "/d").is_some());
}

pub(super) fn properties_survive_other_content(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "before")]);
    let etag = find(&*store, "/f").unwrap().etag();
    describe(&*store, "/f", "kept");
    assert_eq!(find(&*store, "/f").unwrap().etag(), etag, "they are not the content");
    put(&*store, "/f", "after").unwrap();
    assert_eq!(described(&*store, "/f").as_deref(), Some("kept"));
}

pub(super) fn properties_go_with_a_resource_that_moves(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/d!", "alike"), ("/to/", "")]);
    describe(&*store, "/d", "folder");
    describe(&*store, "/d/f", "file");
    describe(&*store, "/d!", "alike");
    change(&*store, |changes| changes.rename(&path("/d"), &path("/to/t"))).unwrap();
    assert_eq!(described(&*store, "/to/t").as_deref(), Some("folder"));
    assert_eq!(described(&*store, "/to/t/f").as_deref(), Some("file"));
    assert_eq!(described(&*store, "/d!").as_deref(), Some("alike"));
    seed(&*store, &[("/d/", ""), ("/d/f", "another")]);
    assert_eq!(described(&*store, "/d"), None, "they went with it");
    assert_eq!(described(&*store, "/d/f"), None);
}

pub(super) fn properties_are_copied(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/g", "text")]);
    describe(&*store, "/d", "folder");
    describe(&*store, "/d/f", "file");
    describe(&*store, "/g", "replaced");
    change(&*store, |changes| {
        changes.copy(&path("/d"), &path("/whole"), true)?;
        changes.copy(&path("/d"), &path("/alone"), false)?;
        changes.copy(&path("/d"), &path("/d/inside"), true)?;
        changes.remove(&path("/g"), Mark::Nothing)?;
        changes.copy(&path("/d/f"), &path("/g"), true)
    })
    .unwrap();
    for (at, value) in [("/d", "folder"), ("/whole", "folder"), ("/alone", "folder")] {
        assert_eq!(described(&*store, at).as_deref(), Some(value), "{at}");
    }
    for at in ["/d/f", "/whole/f", "/d/inside/f", "/g"] {
        assert_eq!(described(&*store, at).as_deref(), Some("file"), "{at}");
    }
    describe(&*store, "/whole/f", "other");
    assert_eq!(described(&*store, "/d/f").as_deref(), Some("file"), "each has its own");
}

pub(super) fn properties_of_what_was_removed_are_forgotten(open: Open<'_>) {
    let store = usual(open);
    for mark in [Mark::Nothing, Mark::Tombstone] {
        seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/f", "text")]);
        for at in ["/d", "/d/f", "/f"] {
            describe(&*store, at, "gone");
        }
        change(&*store, |changes| {
            changes.remove(&path("/d"), mark)?;
            changes.remove(&path("/f"), mark)
        })
        .unwrap();
        seed(&*store, &[("/d/", ""), ("/d/f", "new"), ("/f/", "")]);
        for at in ["/d", "/d/f", "/f"] {
            assert_eq!(described(&*store, at), None, "{at}");
        }
        change(&*store, |changes| {
            changes.remove(&path("/d"), mark)?;
            changes.remove(&path("/f"), mark)
        })
        .unwrap();
    }
}

pub(super) fn properties_can_be_read_after_the_snapshot(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    describe(&*store, "/f", "kept");
    let reader = store.snapshot().property_reader();
    let found = find(&*store, "/f").unwrap();
    assert_eq!(reader(&found).unwrap().value(&named("a")), Some("kept"));
}

pub(super) fn properties_are_set_together_with_other_changes(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text"), ("/g", "other")]);
    describe(&*store, "/f", "first");
    let of = |value: &str| -> Properties { [(named("a"), value.into())].into_iter().collect() };
    change(&*store, |changes| {
        changes.make_collection(&path("/d"))?;
        changes.set_properties(&path("/d"), of("made"))?;
        changes.rename(&path("/f"), &path("/d/f"))?;
        changes.rename(&path("/g"), &path("/f"))?;
        changes.copy(&path("/d/f"), &path("/g"), true)?;
        changes.set_properties(&path("/d/f"), of("second"))?;
        changes.rename(&path("/d"), &path("/e"))
    })
    .unwrap();
    let values = ["/e", "/e/f", "/f", "/g"].map(|at| described(&*store, at).unwrap_or_default());
    assert_eq!(values, ["made", "second", "", "first"]);
    refusal(&*store, |changes| {
        changes.set_properties(&path("/e"), of("never"))?;
        changes.rename(&path("/none"), &path("/n"))
    });
    assert_eq!(described(&*store, "/e").as_deref(), Some("made"));
}

pub(super) fn properties_need_a_resource(open: Open<'_>) {
    let store = usual(open);
    for at in ["/none", "/none/f", "/.hidden", "/.methodical/x"] {
        let set =
            |properties| refusal(&*store, |changes| changes.set_properties(&path(at), properties));
        assert_eq!(set(Properties::default()), Condition::NotFound, "{at}");
        let date = Timestamp::new(0, 0);
        let dated = refusal(&*store, |changes| changes.set_modified(&path(at), date));
        assert_eq!(dated, Condition::NotFound, "{at}");
    }
}

pub(super) fn a_resource_holds_so_much(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    let is_full = |outcome| {
        let Err(Error::Refused(refusal)) = outcome else { return false };
        refusal.condition == Condition::InsufficientStorage
    };
    let longest = "x".repeat(PROPERTY_BYTES_MAX);
    let mut large = Properties::default();
    assert!(is_full(large.set(named("a"), &(longest.clone() + "x"))));
    for at in 0..PROPERTIES_BYTES_MAX / PROPERTY_BYTES_MAX {
        large.set(named(&format!("a{at}")), &longest).unwrap();
    }
    assert!(is_full(large.set(named("one-more"), "x")));
    large.set(named("a0"), &longest).unwrap();
    let mut many = Properties::default();
    for at in 0..PROPERTIES_MAX {
        many.set(named(&format!("a{at}")), "x").unwrap();
    }
    assert!(is_full(many.set(named("one-more"), "x")));
    many.set(named("a0"), "y").unwrap();
    for properties in [large, many] {
        let set = properties.clone();
        change(&*store, |changes| changes.set_properties(&path("/f"), set)).unwrap();
        let found = find(&*store, "/f").unwrap();
        assert!(store.snapshot().properties(&found).unwrap() == properties);
    }
}

pub(super) fn the_modification_time_can_be_set(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/f", "text")]);
    describe(&*store, "/f", "kept");
    for (at, seconds) in [("/f", 784_111_777), ("/d", 784_111_778)] {
        let date = Timestamp::new(seconds, 0);
        change(&*store, |changes| changes.set_modified(&path(at), date)).unwrap();
        assert_eq!(find(&*store, at).unwrap().modified.seconds(), seconds);
    }
    change(&*store, |changes| {
        changes.rename(&path("/f"), &path("/g"))?;
        changes.set_properties(&path("/g"), Properties::default())?;
        changes.set_modified(&path("/g"), Timestamp::new(1, 0))
    })
    .unwrap();
    assert_eq!(find(&*store, "/g").unwrap().modified.seconds(), 1);
    assert_eq!(described(&*store, "/g"), None);
    assert_eq!(text(&*store, "/g").as_deref(), Some("text"));
    let root = |changes: &mut dyn crate::store::Changes| {
        changes.set_modified(&path("/"), Timestamp::new(1, 0))
    };
    assert_eq!(refusal(&*store, root), Condition::Forbidden, "the operator's own");
}
