//! Several changes in one commit.

use methodical_semantics::{condition::Condition, error::Result, path::Path};

use super::{Open, change, find, names, refusal, text, usual};
use crate::{
    store::{Changes, Mark, Placement},
    testing::{dump, dump_with_validators, path, seed},
};

pub(super) fn several_changes_are_committed_as_one(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, SEED);
    let committed = change(&*store, all_kinds).unwrap();
    assert_eq!(dump(&*store), AFTER_ALL_KINDS);
    let mut etags = committed.etags;
    etags.sort_by(|one, other| one.0.cmp(&other.0));
    let of = |at| find(&*store, at).unwrap().etag().unwrap();
    assert_eq!(etags, [(path("/a"), of("/a")), (path("/new"), of("/new"))]);
}

pub(super) fn one_refused_change_undoes_all(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, SEED);
    let refused = refusal(&*store, |changes| {
        all_kinds(changes)?;
        changes.make_collection(&path("/missing/d"))
    });
    assert_eq!(refused, Condition::ParentMissing);
    change(&*store, all_kinds).unwrap();
    assert_eq!(dump(&*store), AFTER_ALL_KINDS, "nothing was left behind that is in the way");
}

pub(super) fn dropped_changes_change_nothing(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, SEED);
    let before = dump_with_validators(&*store);
    let mut changes = store.changes(&everywhere()).unwrap();
    all_kinds(&mut *changes).unwrap();
    drop(changes);
    assert_eq!(dump_with_validators(&*store), before);
    change(&*store, all_kinds).unwrap();
    assert_eq!(dump(&*store), AFTER_ALL_KINDS, "nothing was left behind that is in the way");
}

pub(super) fn changes_show_the_state_before(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, SEED);
    let before = dump_with_validators(&*store);
    let mut changes = store.changes(&everywhere()).unwrap();
    all_kinds(&mut *changes).unwrap();
    assert_eq!(dump_with_validators(&*store), before, "a change is seen before the commit");
    let snapshot = changes.snapshot();
    assert!(snapshot.find(&path("/new")).unwrap().is_none());
    assert!(snapshot.find(&path("/moved")).unwrap().is_none());
    assert!(snapshot.find(&path("/b")).unwrap().is_some());
    assert!(snapshot.find(&path("/tree/f")).unwrap().is_some());
    assert!(snapshot.deleted_at(&path("/b")).unwrap().is_none());
    assert_eq!(snapshot.find(&path("/a")).unwrap().unwrap().length, 1);
    changes.commit().unwrap();
    assert_eq!(dump(&*store), AFTER_ALL_KINDS);
}

pub(super) fn a_place_may_be_emptied_and_taken_at_once(open: Open<'_>) {
    // RFC 4918 9.8.4 and 9.9.3: Overwrite is a DELETE of the destination first.
    let ways: [Fill; 4] = [
        |changes, to| place(changes, to, "new"),
        |changes, to| changes.make_collection(to),
        |changes, to| changes.copy(&path("/b"), to, true),
        |changes, to| changes.rename(&path("/b"), to),
    ];
    for (way, fill) in ways.into_iter().enumerate() {
        for to in ["/a", "/tree"] {
            let store = usual(open);
            seed(&*store, SEED);
            let made = change(&*store, |changes| {
                changes.remove(&path(to), Mark::Nothing)?;
                fill(changes, &path(to))
            });
            made.unwrap();
            let is_collection = find(&*store, to).unwrap().is_collection();
            assert_eq!(is_collection, way == 1, "{to} by way {way}");
            assert!(!is_collection || names(&*store, to).is_empty(), "{to} by way {way}");
            assert!(!super::was_deleted(&*store, to), "{to} by way {way}");
            let expected =
                [Some("new"), None, Some("two"), Some("two")].get(way).copied().flatten();
            assert_eq!(text(&*store, to).as_deref(), expected, "{to} by way {way}");
            assert_eq!(find(&*store, "/b").is_none(), way == 3, "{to} by way {way}");
        }
    }
}

pub(super) fn a_collection_may_be_made_and_filled_at_once(open: Open<'_>) {
    let store = usual(open);
    let made = change(&*store, |changes| {
        changes.make_collection(&path("/d"))?;
        changes.make_collection(&path("/d/e"))?;
        place(changes, &path("/d/e/f"), "text")
    });
    made.unwrap();
    assert_eq!(text(&*store, "/d/e/f").as_deref(), Some("text"));
}

pub(super) fn changes_build_on_changes(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, SEED);
    let swapped = change(&*store, |changes| {
        changes.rename(&path("/a"), &path("/aside"))?;
        changes.rename(&path("/b"), &path("/a"))?;
        changes.rename(&path("/aside"), &path("/b"))?;
        place(changes, &path("/twice"), "first")?;
        place(changes, &path("/twice"), "second")
    });
    swapped.unwrap();
    assert_eq!(text(&*store, "/a").as_deref(), Some("two"));
    assert_eq!(text(&*store, "/b").as_deref(), Some("1"));
    assert_eq!(text(&*store, "/twice").as_deref(), Some("second"));
    assert!(find(&*store, "/aside").is_none());
    let refused = refusal(&*store, |changes| {
        changes.remove(&path("/a"), Mark::Nothing)?;
        changes.remove(&path("/a"), Mark::Nothing)
    });
    assert_eq!(refused, Condition::NotFound);
}

/// A way to make something at a path.
type Fill = fn(&mut dyn Changes, &Path) -> Result<()>;

/// One change of each kind.
fn all_kinds(changes: &mut dyn Changes) -> Result<()> {
    place(changes, &path("/new"), "new")?;
    place(changes, &path("/a"), "replaced")?;
    changes.make_collection(&path("/made"))?;
    changes.copy(&path("/tree"), &path("/copied"), true)?;
    changes.rename(&path("/tree"), &path("/moved"))?;
    changes.remove(&path("/b"), Mark::Tombstone)
}

fn place(changes: &mut dyn Changes, at: &Path, text: &str) -> Result<()> {
    let mut staging = changes.stage(at)?;
    staging.write(text.as_bytes())?;
    changes.place(at, staging.finish()?, Placement::default())
}

fn everywhere() -> methodical_semantics::footprint::Footprint {
    use methodical_semantics::footprint::{Footprint, Touch};
    Footprint(vec![Touch::tree(&Path::root())])
}

const SEED: &[(&str, &str)] = &[("/a", "1"), ("/b", "two"), ("/tree/", ""), ("/tree/f", "leaf")];

const AFTER_ALL_KINDS: &str = "/ collection\n/a file 8 \"replaced\"\n/copied/ collection\n\
                               /copied/f file 4 \"leaf\"\n/made/ collection\n\
                               /moved/ collection\n/moved/f file 4 \"leaf\"\n\
                               /new file 3 \"new\"\n";
