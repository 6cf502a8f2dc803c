//! Giving files content, and what is known of it.

use methodical_semantics::{condition::Condition, timestamp::Timestamp};

use super::{Open, change, find, put, put_as, refusal, text, usual};
use crate::{
    store::{Mark, Placement, Store},
    testing::{path, seed, staged},
};

pub(super) fn place_makes_a_file(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/empty", "")]);
    put(&*store, "/d/f", "text").unwrap();
    assert_eq!(text(&*store, "/d/f").as_deref(), Some("text"));
    assert_eq!(text(&*store, "/d/empty").as_deref(), Some(""));
}

pub(super) fn place_replaces_a_file(open: Open<'_>) {
    let store = usual(open);
    put(&*store, "/f", "a long text").unwrap();
    put(&*store, "/f", "short").unwrap();
    assert_eq!(text(&*store, "/f").as_deref(), Some("short"));
    put(&*store, "/f", "").unwrap();
    assert_eq!(text(&*store, "/f").as_deref(), Some(""));
}

pub(super) fn place_needs_a_collection_to_hold_it(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text")]);
    assert_eq!(refused(&*store, "/d/f"), Condition::ParentMissing);
    assert_eq!(refused(&*store, "/d/e/f"), Condition::ParentMissing);
    assert_eq!(refused(&*store, "/f/below"), Condition::ParentMissing, "below a file");
}

pub(super) fn place_does_not_replace_a_collection(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text")]);
    assert_eq!(refused(&*store, "/d"), Condition::Conflict);
    assert_eq!(refused(&*store, "/"), Condition::Conflict);
}

pub(super) fn every_change_of_bytes_changes_the_etag(open: Open<'_>) {
    let store = usual(open);
    let mut seen = Vec::new();
    // Faster than most clocks of disks tick, always of the same size.
    for round in 0..100 {
        put(&*store, "/f", &format!("{:03}", round % 7)).unwrap();
        let etag = find(&*store, "/f").unwrap().etag().unwrap();
        assert!(!etag.is_weak());
        assert!(!seen.contains(&etag), "round {round} gave {etag} a second time");
        seen.push(etag);
    }
}

pub(super) fn the_etag_of_a_commit_is_that_of_the_file(open: Open<'_>) {
    let store = usual(open);
    for content in ["one", "two"] {
        let committed = put(&*store, "/f", content).unwrap();
        let etag = find(&*store, "/f").unwrap().etag().unwrap();
        assert_eq!(committed.etags, [(path("/f"), etag)]);
    }
    assert!(change(&*store, |_| Ok(())).unwrap().etags.is_empty());
    let placed_and_removed = change(&*store, |changes| {
        changes.place(&path("/x"), staged(&*store, &path("/x"), b"x")?, Placement::default())?;
        changes.remove(&path("/x"), Mark::Nothing)
    });
    assert!(placed_and_removed.unwrap().etags.is_empty());
    let placed_and_moved = change(&*store, |changes| {
        changes.place(&path("/x"), staged(&*store, &path("/x"), b"x")?, Placement::default())?;
        changes.rename(&path("/x"), &path("/y"))
    });
    assert!(placed_and_moved.unwrap().etags.is_empty());
}

pub(super) fn the_modification_time_that_was_given_is_kept(open: Open<'_>) {
    let store = usual(open);
    let given = Timestamp::new(784_111_777, 0);
    let as_ = Placement { modified: Some(given), ..Placement::default() };
    put_as(&*store, "/f", "text", as_.clone()).unwrap();
    // A store may add a fraction of a second, which HTTP dates cannot hold.
    let modified = |at| find(&*store, at).unwrap().modified.whole_second();
    assert_eq!(modified("/f"), given);
    put(&*store, "/f", "text").unwrap();
    assert_ne!(modified("/f"), given, "it is that of the former content");
    put_as(&*store, "/f", "text", as_).unwrap();
    change(&*store, |changes| changes.rename(&path("/f"), &path("/g"))).unwrap();
    assert_eq!(modified("/g"), given, "a new name is no new content");
}

pub(super) fn the_media_type_that_was_given_is_remembered(open: Open<'_>) {
    let store = usual(open);
    put(&*store, "/f", "text").unwrap();
    assert_eq!(media_type(&*store, "/f"), None);
    put_as(&*store, "/f", "text", of_type("text/x; charset=utf-8")).unwrap();
    assert_eq!(media_type(&*store, "/f").as_deref(), Some("text/x; charset=utf-8"));
    put_as(&*store, "/f", "text", of_type("text/y")).unwrap();
    assert_eq!(media_type(&*store, "/f").as_deref(), Some("text/y"));
}

pub(super) fn replacing_without_a_media_type_forgets_it(open: Open<'_>) {
    let store = usual(open);
    put_as(&*store, "/f", "text", of_type("text/x")).unwrap();
    put(&*store, "/f", "text").unwrap();
    assert_eq!(media_type(&*store, "/f"), None);
}

pub(super) fn a_new_file_does_not_inherit_a_media_type(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", "")]);
    put_as(&*store, "/d/f", "text", of_type("text/x")).unwrap();
    put_as(&*store, "/f", "text", of_type("text/x")).unwrap();
    for at in ["/f", "/d"] {
        change(&*store, |changes| changes.remove(&path(at), Mark::Tombstone)).unwrap();
    }
    seed(&*store, &[("/f", "text"), ("/d/", ""), ("/d/f", "text")]);
    assert_eq!(media_type(&*store, "/f"), None);
    assert_eq!(media_type(&*store, "/d/f"), None);
}

/// The media type that is remembered for a file.
pub(super) fn media_type(store: &dyn Store, at: &str) -> Option<Box<str>> {
    let remembered = find(store, at).unwrap().media_type;
    let (opened, _) = store.snapshot().open(&path(at)).unwrap().unwrap();
    assert_eq!(opened.media_type, remembered);
    remembered
}

/// Content of a media type of its own.
pub(super) fn of_type(media_type: &str) -> Placement {
    Placement { media_type: Some(media_type.into()), ..Placement::default() }
}

fn refused(store: &dyn Store, at: &str) -> Condition {
    let at = path(at);
    refusal(store, |changes| changes.place(&at, staged(store, &at, b"new")?, Placement::default()))
}
