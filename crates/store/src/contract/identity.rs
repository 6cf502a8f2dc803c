//! The ids of resources (RFC 5842 sections 2.7 and 3.1).

use super::{Open, change, put, usual};
use crate::{
    resource::Id,
    store::{Mark, Store},
    testing::{path, seed},
};

/// The id that a resource tells.
fn id(store: &dyn Store, at: &str) -> Id {
    let snapshot = store.snapshot();
    let found = snapshot.find(&path(at)).unwrap().unwrap();
    snapshot.identifier().unwrap().id(&found).unwrap()
}

pub(super) fn every_resource_has_an_id_of_its_own(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/d/g", "text")]);
    let mut ids: Vec<Id> = ["/", "/d", "/d/f", "/d/g"].map(|at| id(&*store, at)).into();
    assert_eq!(ids, ["/", "/d", "/d/f", "/d/g"].map(|at| id(&*store, at)));
    for _ in 0..20 {
        change(&*store, |changes| changes.remove(&path("/d"), Mark::Nothing)).unwrap();
        seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/d/g", "text")]);
        ids.extend(["/d", "/d/f", "/d/g"].map(|at| id(&*store, at)));
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "none is ever given to another");
}

pub(super) fn an_id_stays_whatever_the_content(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text")]);
    let before = ["/d", "/d/f"].map(|at| id(&*store, at));
    for round in 0..3 {
        put(&*store, "/d/f", "other").unwrap();
        assert_eq!(["/d", "/d/f"].map(|at| id(&*store, at)), before, "round {round}");
    }
    put(&*store, "/d/f", "once").unwrap();
    put(&*store, "/d/f", "twice, unasked").unwrap();
    assert_eq!(id(&*store, "/d/f"), before[1]);
}

pub(super) fn an_id_goes_with_a_resource_that_moves(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/f", "text"), ("/g", "over")]);
    let ids = ["/d", "/f"].map(|at| id(&*store, at));
    put(&*store, "/f", "other").unwrap();
    change(&*store, |changes| {
        changes.remove(&path("/g"), Mark::Nothing)?;
        changes.rename(&path("/f"), &path("/g"))?;
        changes.rename(&path("/d"), &path("/e"))
    })
    .unwrap();
    assert_eq!(["/e", "/g"].map(|at| id(&*store, at)), ids);
    put(&*store, "/g", "once more").unwrap();
    seed(&*store, &[("/d/", ""), ("/f", "new")]);
    assert_eq!(["/e", "/g"].map(|at| id(&*store, at)), ids);
    assert!(["/d", "/f"].iter().all(|at| !ids.contains(&id(&*store, at))), "these are new");
    change(&*store, |changes| {
        changes.rename(&path("/g"), &path("/h"))?;
        let content = crate::testing::staged(&*store, &path("/h"), b"and placed")?;
        changes.place(&path("/h"), content, crate::store::Placement::default())
    })
    .unwrap();
    assert_eq!(id(&*store, "/h"), ids[1]);
}

pub(super) fn a_copy_has_another_id_and_what_it_updates_keeps_its_own(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/e/", ""), ("/g", "over")]);
    let (dir, file) = (id(&*store, "/d"), id(&*store, "/d/f"));
    change(&*store, |changes| changes.copy(&path("/d"), &path("/new"), true)).unwrap();
    assert!(![dir, file].contains(&id(&*store, "/new")));
    assert!(![dir, file].contains(&id(&*store, "/new/f")));
    put(&*store, "/d/f", "kept").unwrap();
    change(&*store, |changes| changes.copy(&path("/d/f"), &path("/h"), true)).unwrap();
    assert_ne!(id(&*store, "/h"), file);
    let updated = ["/e", "/g"].map(|at| id(&*store, at));
    change(&*store, |changes| {
        changes.remove(&path("/e"), Mark::Nothing)?;
        changes.copy(&path("/d"), &path("/e"), true)?;
        changes.remove(&path("/g"), Mark::Nothing)?;
        changes.copy(&path("/d/f"), &path("/g"), true)
    })
    .unwrap();
    assert_eq!(["/e", "/g"].map(|at| id(&*store, at)), updated);
    assert_eq!([id(&*store, "/d"), id(&*store, "/d/f")], [dir, file]);
    change(&*store, |changes| {
        changes.remove(&path("/g"), Mark::Nothing)?;
        changes.copy(&path("/d"), &path("/g"), false)
    })
    .unwrap();
    assert_ne!(id(&*store, "/g"), updated[1], "a folder is no file that was updated");
}
