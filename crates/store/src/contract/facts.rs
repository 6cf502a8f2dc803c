//! Facts: each row keeps its word, and so does one of every kind that a row can be of.

use std::collections::BTreeSet;

use methodical_semantics::{
    condition::Condition,
    footprint::{Footprint, Touch},
    timestamp::Timestamp,
};

use super::{Open, change, find, put, refusal, text, usual};
use crate::{
    facts::{FACT_BYTES_MAX, MIRRORED_BYTES_MAX, OnCopy, OnMove, Row, rows},
    store::{Mark, Store},
    testing::{path, seed},
};

/// Gives a resource a fact.
fn state(store: &dyn Store, row: &'static Row, at: &str, value: &str) {
    let value = Some(value.as_bytes().to_vec());
    change(store, |changes| changes.set_fact(row, &path(at), value)).unwrap();
}

/// Returns what the fact at a path says; nothing where there is none.
fn stated(store: &dyn Store, row: &'static Row, at: &str) -> Option<String> {
    let snapshot = store.snapshot();
    let kept = snapshot.fact(row, &path(at)).unwrap();
    if let Some(found) = snapshot.find(&path(at)).unwrap() {
        assert_eq!(snapshot.fact_reader()(row, &found).unwrap(), kept, "{} {at}", row.name);
    }
    kept.map(|bytes| String::from_utf8(bytes).unwrap())
}

/// Sees what each of some paths says.
fn says(store: &dyn Store, row: &'static Row, expected: &[(&str, Option<&str>)]) {
    for (at, value) in expected {
        assert_eq!(stated(store, row, at).as_deref(), *value, "{} at {at}", row.name);
    }
}

pub(super) fn every_fact_has_a_name_of_its_own(_: Open<'_>) {
    let mut names: Vec<&str> = rows().map(|row| row.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(names.iter().all(|name| !name.is_empty()));
}

pub(super) fn facts_are_kept_as_they_were_given(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/f", "text")]);
    for row in rows() {
        for (at, value) in [("/", &b"\0\xff<\r\n"[..]), ("/d", b""), ("/f", b"value")] {
            let set = Some(value.to_vec());
            change(&*store, |changes| changes.set_fact(row, &path(at), set.clone())).unwrap();
            assert_eq!(store.snapshot().fact(row, &path(at)).unwrap(), set, "{} {at}", row.name);
        }
    }
    for row in rows() {
        // Each has its own.
        state(&*store, row, "/f", row.name);
    }
    for row in rows() {
        says(&*store, row, &[("/f", Some(row.name)), ("/d", Some("")), ("/none", None)]);
        change(&*store, |changes| changes.set_fact(row, &path("/f"), None)).unwrap();
        change(&*store, |changes| changes.set_fact(row, &path("/f"), None)).unwrap();
        says(&*store, row, &[("/f", None), ("/d", Some(""))]);
    }
}

pub(super) fn facts_survive_other_content(open: Open<'_>) {
    let store = usual(open);
    for row in rows() {
        put(&*store, "/f", "before").unwrap();
        let etag = find(&*store, "/f").unwrap().etag();
        state(&*store, row, "/f", "kept");
        let stated = find(&*store, "/f").unwrap();
        // What is not told with the content does not change it.
        assert_eq!(stated.etag() != etag, row.is_told, "{}", row.name);
        assert_eq!(stated.told.is_some(), row.is_told, "{}", row.name);
        put(&*store, "/f", "after").unwrap();
        says(&*store, row, &[("/f", Some("kept"))]);
        change(&*store, |changes| changes.set_fact(row, &path("/f"), None)).unwrap();
    }
}

pub(super) fn facts_that_are_told_are_part_of_the_entity_tag(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/g", "text")]);
    for row in rows().filter(|row| row.is_told) {
        let tag = |at: &str| find(&*store, at).unwrap().etag();
        let is_told = |at: &str| find(&*store, at).unwrap().told.is_some();
        let bare = tag("/d/f");
        state(&*store, row, "/d/f", "one");
        state(&*store, row, "/d", "one");
        let one = tag("/d/f");
        assert!(is_told("/d/f") && is_told("/d") && !is_told("/g"));
        let snapshot = store.snapshot();
        let members = snapshot.members(&path("/d")).unwrap().map(|found| found.unwrap());
        let tags: Vec<_> = members.map(|member| member.etag()).collect();
        assert_eq!(tags, std::slice::from_ref(&one));
        state(&*store, row, "/d/f", "two");
        assert_eq!(
            3,
            BTreeSet::from([&bare, &one, &tag("/d/f")].map(|tag| format!("{tag:?}"))).len()
        );
        state(&*store, row, "/d/f", "one");
        assert_eq!(tag("/d/f"), one);
        // What was placed is told with the tag that a look finds.
        let committed = put(&*store, "/d/f", "after").unwrap();
        assert_eq!(committed.etags.first().map(|(_, tag)| tag), tag("/d/f").as_ref());
        change(&*store, |changes| changes.rename(&path("/d/f"), &path("/moved"))).unwrap();
        assert_eq!(is_told("/moved"), row.on_move == OnMove::Goes);
        change(&*store, |changes| changes.rename(&path("/moved"), &path("/d/f"))).unwrap();
        let bare = tag("/d/f");
        change(&*store, |changes| changes.set_fact(row, &path("/d/f"), None)).unwrap();
        assert!(!is_told("/d/f") && tag("/d/f") != bare);
    }
}

pub(super) fn facts_go_or_stay_or_end_when_a_resource_moves(open: Open<'_>) {
    for row in rows() {
        let store = usual(open);
        seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/d!", "alike"), ("/to/", "")]);
        for at in ["/d", "/d/f", "/d!"] {
            state(&*store, row, at, at);
        }
        change(&*store, |changes| changes.rename(&path("/d"), &path("/to/t"))).unwrap();
        says(&*store, row, &[("/d!", Some("/d!"))]);
        let (there, here) = match row.on_move {
            OnMove::Goes => ([Some("/d"), Some("/d/f")], [None, None]),
            OnMove::Stays => ([None, None], [Some("/d"), Some("/d/f")]),
            OnMove::Ends => ([None, None], [None, None]),
        };
        says(&*store, row, &[("/to/t", there[0]), ("/to/t/f", there[1])]);
        says(&*store, row, &[("/d", here[0]), ("/d/f", here[1])]);
        // What comes to stand there has what stayed.
        seed(&*store, &[("/d/", ""), ("/d/f", "another")]);
        says(&*store, row, &[("/d", here[0]), ("/d/f", here[1])]);
        change(&*store, |changes| changes.remove(&path("/d"), Mark::Nothing)).unwrap();
        says(&*store, row, &[("/d", None), ("/d/f", None)]);
        change(&*store, |changes| changes.rename(&path("/to/t"), &path("/d"))).unwrap();
        says(&*store, row, &[("/d", there[0]), ("/d/f", there[1])]);
    }
}

pub(super) fn what_stays_is_of_whatever_stands_there(open: Open<'_>) {
    for row in rows().filter(|row| row.on_move == OnMove::Stays) {
        let store = usual(open);
        seed(&*store, &[("/f", "text"), ("/g", "text")]);
        state(&*store, row, "/f", "of f");
        state(&*store, row, "/g", "of g");
        change(&*store, |changes| {
            changes.rename(&path("/f"), &path("/aside"))?;
            changes.rename(&path("/g"), &path("/f"))?;
            changes.rename(&path("/aside"), &path("/g"))
        })
        .unwrap();
        says(&*store, row, &[("/f", Some("of f")), ("/g", Some("of g")), ("/aside", None)]);
        change(&*store, |changes| changes.rename(&path("/f"), &path("/elsewhere"))).unwrap();
        says(&*store, row, &[("/f", Some("of f")), ("/elsewhere", None)]);
        (0..2).for_each(|_| store.sweep(Timestamp::new(0, 0)).unwrap());
        says(&*store, row, &[("/f", None), ("/g", Some("of g"))]);
    }
}

pub(super) fn facts_are_copied_or_left(open: Open<'_>) {
    for row in rows() {
        let store = usual(open);
        seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/g", "text")]);
        for (at, value) in [("/d", "folder"), ("/d/f", "file"), ("/g", "replaced")] {
            state(&*store, row, at, value);
        }
        change(&*store, |changes| {
            changes.copy(&path("/d"), &path("/whole"), true)?;
            changes.copy(&path("/d"), &path("/alone"), false)?;
            changes.copy(&path("/d"), &path("/d/inside"), true)?;
            changes.remove(&path("/g"), Mark::Nothing)?;
            changes.copy(&path("/d/f"), &path("/g"), true)
        })
        .unwrap();
        says(&*store, row, &[("/d", Some("folder")), ("/d/f", Some("file"))]);
        let copied = |value| Some(value).filter(|_| row.on_copy == OnCopy::Copied);
        for at in ["/whole", "/alone", "/d/inside"] {
            says(&*store, row, &[(at, copied("folder"))]);
        }
        for at in ["/whole/f", "/d/inside/f", "/g"] {
            says(&*store, row, &[(at, copied("file"))]);
        }
        state(&*store, row, "/whole/f", "other");
        says(&*store, row, &[("/d/f", Some("file")), ("/whole/f", Some("other"))]);
    }
}

pub(super) fn facts_of_what_was_removed_are_forgotten(open: Open<'_>) {
    let store = usual(open);
    for (row, mark) in rows().flat_map(|row| [(row, Mark::Nothing), (row, Mark::Tombstone)]) {
        seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/f", "text")]);
        for at in ["/d", "/d/f", "/f"] {
            state(&*store, row, at, "gone");
        }
        let remove = || {
            change(&*store, |changes| {
                changes.remove(&path("/d"), mark)?;
                changes.remove(&path("/f"), mark)
            })
        };
        remove().unwrap();
        seed(&*store, &[("/d/", ""), ("/d/f", "new"), ("/f/", "")]);
        says(&*store, row, &[("/d", None), ("/d/f", None), ("/f", None)]);
        remove().unwrap();
    }
}

pub(super) fn facts_are_set_together_with_other_changes(open: Open<'_>) {
    for row in rows() {
        let store = usual(open);
        seed(&*store, &[("/f", "text"), ("/g", "other")]);
        state(&*store, row, "/f", "first");
        let of = |value: &str| Some(value.as_bytes().to_vec());
        change(&*store, |changes| {
            changes.make_collection(&path("/d"))?;
            changes.set_fact(row, &path("/d"), of("made"))?;
            changes.copy(&path("/f"), &path("/copy"), true)?;
            changes.rename(&path("/f"), &path("/d/f"))?;
            changes.rename(&path("/g"), &path("/g2"))?;
            changes.set_fact(row, &path("/d/f"), of("second"))?;
            changes.set_fact(row, &path("/g2"), of("third"))?;
            changes.set_fact(row, &path("/g2"), None)?;
            changes.rename(&path("/d"), &path("/e"))
        })
        .unwrap();
        let copied = Some("first").filter(|_| row.on_copy == OnCopy::Copied);
        says(&*store, row, &[("/copy", copied), ("/g2", None), ("/g", None)]);
        match row.on_move {
            OnMove::Goes => says(
                &*store,
                row,
                &[("/e", Some("made")), ("/e/f", Some("second")), ("/d/f", None), ("/f", None)],
            ),
            OnMove::Stays => says(
                &*store,
                row,
                &[("/d", Some("made")), ("/d/f", Some("second")), ("/f", Some("first"))],
            ),
            OnMove::Ends => says(&*store, row, &[("/e", None), ("/e/f", None), ("/d", None)]),
        }
    }
}

pub(super) fn facts_are_undone_with_other_changes(open: Open<'_>) {
    for row in rows() {
        let store = usual(open);
        seed(&*store, &[("/d/", ""), ("/d/f", "text")]);
        state(&*store, row, "/d/f", "first");
        let of = |value: &str| Some(value.as_bytes().to_vec());
        refusal(&*store, |changes| {
            changes.set_fact(row, &path("/d/f"), of("never"))?;
            changes.rename(&path("/d"), &path("/e"))?;
            changes.rename(&path("/none"), &path("/n"))
        });
        says(&*store, row, &[("/d/f", Some("first")), ("/e/f", None)]);
        let footprint = Footprint(vec![Touch::tree(&path("/"))]);
        let mut dropped = store.changes(&footprint).unwrap();
        dropped.set_fact(row, &path("/d"), of("never")).unwrap();
        dropped.set_fact(row, &path("/d/f"), None).unwrap();
        let before = dropped.snapshot().fact(row, &path("/d/f")).unwrap();
        assert_eq!(before, of("first"), "changes show the state before");
        drop(dropped);
        says(&*store, row, &[("/d", None), ("/d/f", Some("first"))]);
    }
}

pub(super) fn facts_can_be_read_after_the_snapshot(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    for row in rows() {
        state(&*store, row, "/f", "kept");
        let reader = store.snapshot().fact_reader();
        let found = find(&*store, "/f").unwrap();
        assert_eq!(reader(row, &found).unwrap().as_deref(), Some(&b"kept"[..]), "{}", row.name);
    }
}

pub(super) fn facts_need_a_resource(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    for row in rows() {
        for at in ["/none", "/none/f", "/.hidden", "/.methodical/x"] {
            for value in [None, Some(Vec::new())] {
                let refused = refusal(&*store, |it| it.set_fact(row, &path(at), value));
                assert_eq!(refused, Condition::NotFound, "{} at {at}", row.name);
            }
            says(&*store, row, &[(at, None)]);
        }
    }
    assert_eq!(text(&*store, "/f").as_deref(), Some("text"));
}

pub(super) fn a_fact_has_so_many_bytes(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    for row in rows() {
        let most = if row.in_memory { MIRRORED_BYTES_MAX } else { FACT_BYTES_MAX };
        let longest = "x".repeat(most);
        state(&*store, row, "/f", &longest);
        let more = Some((longest.clone() + "x").into_bytes());
        let refused = refusal(&*store, |changes| changes.set_fact(row, &path("/f"), more));
        assert_eq!(refused, Condition::InsufficientStorage, "{}", row.name);
        assert!(stated(&*store, row, "/f") == Some(longest), "{}", row.name);
    }
}
