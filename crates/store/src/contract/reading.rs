//! Looking at resources.

use methodical_semantics::condition::Condition;

use super::{Open, find, names, put, text, usual};
use crate::{
    resource::Resource,
    store::Store,
    testing::{self, path, seed},
    walk::Reach,
};

pub(super) fn the_root_is_a_collection_that_is_always_there(open: Open<'_>) {
    let store = usual(open);
    let root = find(&*store, "/").unwrap();
    assert!(root.is_collection() && root.path.is_root());
    assert!(root.etag().is_none() && root.length == 0);
    assert!(names(&*store, "/").is_empty());
    assert_eq!(testing::dump(&*store), "/ collection\n");
}

pub(super) fn find_open_and_members_agree(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    for (at, content) in TREE {
        let found = find(&*store, at).unwrap();
        assert_eq!(found.path, path(at));
        assert_eq!(found.is_collection(), at.ends_with('/'));
        assert_eq!(found.etag().is_some(), !found.is_collection());
        let opened = store.snapshot().open(&found.path).unwrap();
        match opened {
            None => assert!(found.is_collection()),
            Some((resource, bytes)) => {
                assert_eq!(known(&resource), known(&found));
                assert_eq!(testing::bytes(bytes), content.as_bytes());
            }
        }
        let among = as_member(&*store, &found);
        assert_eq!(known(&among), known(&found));
    }
    assert_eq!(names(&*store, "/"), [b"d".to_vec(), b"f".to_vec()]);
    assert_eq!(names(&*store, "/d/"), [b"e".to_vec(), b"f".to_vec()]);
    assert!(names(&*store, "/d/e/").is_empty());
}

pub(super) fn what_is_not_there_is_not_found(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    for at in ["/x", "/d/x", "/x/y", "/f/x", "/f/x/y"] {
        assert!(find(&*store, at).is_none(), "{at}");
        assert!(text(&*store, at).is_none(), "{at}");
    }
    assert!(text(&*store, "/d").is_none(), "a collection has no content");
}

pub(super) fn only_collections_have_members(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    let snapshot = store.snapshot();
    for at in ["/x", "/d/x", "/x/y", "/f", "/f/x", "/.x", "/.methodical"] {
        let refused = snapshot.members(&path(at)).err();
        assert_eq!(refused.map(|error| error.status()), Some(Condition::NotFound.status()), "{at}");
    }
}

pub(super) fn a_walk_gives_what_members_give(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    for at in ["/", "/d/", "/d/e/"] {
        let snapshot = store.snapshot();
        let walk = snapshot.walk(&path(at), Reach::Members).unwrap();
        let mut walked: Vec<_> = walk.map(|found| known(&found.unwrap())).collect();
        let members = snapshot.members(&path(at)).unwrap();
        let mut listed: Vec<_> = members.map(|found| known(&found.unwrap())).collect();
        walked.sort();
        listed.sort();
        assert_eq!(walked, listed, "{at}");
    }
    for at in ["/x", "/f", "/.methodical"] {
        let refused = store.snapshot().walk(&path(at), Reach::Members).err();
        assert_eq!(refused.map(|error| error.status()), Some(Condition::NotFound.status()), "{at}");
    }
}

pub(super) fn a_walk_outlives_its_snapshot_and_goes_everywhere(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    let walk = store.snapshot().walk(&path("/"), Reach::Tree).unwrap();
    let walked: Vec<String> = walk.map(|found| found.unwrap().href()).collect();
    let mut sorted = walked.clone();
    sorted.sort();
    let mut all: Vec<&str> = TREE.iter().map(|(at, _)| *at).collect();
    all.sort_unstable();
    assert_eq!(sorted, all);
    for at in &walked {
        let above = path(at).parent().unwrap();
        let before = walked.iter().take_while(|other| *other != at);
        let seen = before.into_iter().any(|other| path(other) == above);
        assert!(seen || above.is_root(), "{at} comes before what holds it: {walked:?}");
    }
}

pub(super) fn content_that_was_opened_stays_as_it_was(open: Open<'_>) {
    let store = usual(open);
    put(&*store, "/f", "before").unwrap();
    let snapshot = store.snapshot();
    let (_, content) = snapshot.open(&path("/f")).unwrap().unwrap();
    put(&*store, "/f", "after!").unwrap();
    assert_eq!(testing::bytes(content), b"before");
}

/// All that must be the same on whatever way a resource is looked at.
fn known(resource: &Resource) -> String {
    let etag = resource.etag();
    let Resource { path, kind, length, modified, media_type, .. } = resource;
    format!("{path} {kind:?} {length} {modified:?} {etag:?} {media_type:?}")
}

fn as_member(store: &dyn Store, resource: &Resource) -> Resource {
    let snapshot = store.snapshot();
    let of = resource.path.parent().unwrap();
    let mut members = snapshot.members(&of).unwrap().map(Result::unwrap);
    members.find(|member| member.path == resource.path).unwrap()
}

const TREE: &[(&str, &str)] = &[("/f", "one"), ("/d/", ""), ("/d/f", ""), ("/d/e/", "")];
