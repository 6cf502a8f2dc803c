//! Copying and renaming.

use methodical_semantics::condition::Condition;

use super::{
    Open, change, find, names,
    placing::{media_type, of_type},
    put, put_as, refusal, text, usual,
};
use crate::testing::{self, path, seed};

pub(super) fn copy_makes_another_file(open: Open<'_>) {
    let store = usual(open);
    put_as(&*store, "/f", "text", of_type("text/x")).unwrap();
    for tree in [true, false] {
        let to = format!("/g{tree}");
        change(&*store, |changes| changes.copy(&path("/f"), &path(&to), tree)).unwrap();
        assert_eq!(text(&*store, &to).as_deref(), Some("text"));
        assert_eq!(media_type(&*store, &to).as_deref(), Some("text/x"));
    }
    assert_eq!(text(&*store, "/f").as_deref(), Some("text"), "the source stays");
    assert_eq!(media_type(&*store, "/f").as_deref(), Some("text/x"));
}

pub(super) fn copies_do_not_share_their_content(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "before")]);
    change(&*store, |changes| changes.copy(&path("/f"), &path("/g"), true)).unwrap();
    put_as(&*store, "/f", "after", of_type("text/x")).unwrap();
    assert_eq!(text(&*store, "/g").as_deref(), Some("before"));
    assert_eq!(media_type(&*store, "/g"), None);
}

pub(super) fn copy_takes_all_below_a_collection_or_nothing(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    put_as(&*store, "/d/e/f", "typed", of_type("text/x")).unwrap();
    change(&*store, |changes| changes.copy(&path("/d"), &path("/whole"), true)).unwrap();
    change(&*store, |changes| changes.copy(&path("/d"), &path("/alone"), false)).unwrap();
    assert_eq!(names(&*store, "/whole"), [b"e", b"f"]);
    assert_eq!(text(&*store, "/whole/f").as_deref(), Some("one"));
    assert_eq!(text(&*store, "/whole/e/f").as_deref(), Some("typed"));
    assert_eq!(media_type(&*store, "/whole/e/f").as_deref(), Some("text/x"));
    assert!(find(&*store, "/alone").unwrap().is_collection());
    assert!(names(&*store, "/alone").is_empty());
    assert_eq!(names(&*store, "/d"), [b"e", b"f"], "the source stays");
}

pub(super) fn copy_into_itself_has_an_end(open: Open<'_>) {
    // RFC 4918 9.8.3: an infinite-depth COPY of /A/ into /A/B/ must not recurse for ever.
    let store = usual(open);
    seed(&*store, TREE);
    change(&*store, |changes| changes.copy(&path("/d"), &path("/d/e/d"), true)).unwrap();
    assert_eq!(names(&*store, "/d/e/d"), [b"e", b"f"]);
    assert_eq!(names(&*store, "/d/e/d/e"), [b"f"]);
    assert_eq!(text(&*store, "/d/e/d/e/f").as_deref(), Some("two"));
}

pub(super) fn copy_refuses_what_does_not_fit(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    let copy = |from, to| refusal(&*store, |changes| changes.copy(&path(from), &path(to), true));
    assert_eq!(copy("/x", "/y"), Condition::NotFound);
    assert_eq!(copy("/d/f", "/x/y"), Condition::ParentMissing);
    assert_eq!(copy("/d", "/x/y"), Condition::ParentMissing);
    assert_eq!(copy("/d", "/d/f/x"), Condition::ParentMissing, "below a file");
    assert_eq!(copy("/d/f", "/d/e/f"), Condition::Conflict);
    assert_eq!(copy("/d/f", "/d/e"), Condition::Conflict);
    assert_eq!(copy("/d/e", "/d/f"), Condition::Conflict);
    assert_eq!(copy("/d", "/d"), Condition::Conflict);
    assert_eq!(copy("/d/e", "/"), Condition::Conflict);
}

pub(super) fn rename_takes_a_file_with_all_that_is_known_of_it(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", "")]);
    put_as(&*store, "/f", "text", of_type("text/x")).unwrap();
    change(&*store, |changes| changes.rename(&path("/f"), &path("/d/g"))).unwrap();
    assert!(find(&*store, "/f").is_none());
    assert_eq!(text(&*store, "/d/g").as_deref(), Some("text"));
    assert_eq!(media_type(&*store, "/d/g").as_deref(), Some("text/x"));
    put(&*store, "/f", "another").unwrap();
    assert_eq!(media_type(&*store, "/f"), None, "it went with the file");
}

pub(super) fn rename_takes_all_below_a_collection(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    seed(&*store, &[("/d!", "alike"), ("/to/", "")]);
    put_as(&*store, "/d/e/f", "typed", of_type("text/x")).unwrap();
    change(&*store, |changes| changes.rename(&path("/d"), &path("/to/t"))).unwrap();
    let expected = "/ collection\n/d! file 5 \"alike\"\n/to/ collection\n/to/t/ collection\n\
                    /to/t/e/ collection\n/to/t/e/f file 5 \"typed\" text/x\n\
                    /to/t/f file 3 \"one\"\n";
    assert_eq!(testing::dump(&*store), expected);
}

pub(super) fn rename_refuses_what_does_not_fit(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    seed(&*store, &[("/full/", ""), ("/full/f", ""), ("/empty/", "")]);
    let rename = |from, to| refusal(&*store, |changes| changes.rename(&path(from), &path(to)));
    assert_eq!(rename("/x", "/y"), Condition::NotFound);
    assert_eq!(rename("/d/f", "/x/y"), Condition::ParentMissing);
    assert_eq!(rename("/full", "/d/f/x"), Condition::ParentMissing, "below a file");
    assert_eq!(rename("/d/f", "/d/e/f"), Condition::Conflict, "a file");
    assert_eq!(rename("/d/f", "/empty"), Condition::Conflict, "an empty collection");
    assert_eq!(rename("/full", "/d/f"), Condition::Conflict);
    assert_eq!(rename("/full", "/empty"), Condition::Conflict);
    assert_eq!(rename("/d/f", "/"), Condition::Conflict, "the root");
}

pub(super) fn rename_refuses_itself_and_below(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, TREE);
    let rename = |from, to| refusal(&*store, |changes| changes.rename(&path(from), &path(to)));
    for (from, to) in [("/d", "/d"), ("/d", "/d/x"), ("/d", "/d/e/x"), ("/d/f", "/d/f")] {
        assert_eq!(rename(from, to), Condition::Forbidden, "{from} to {to}");
    }
    assert_eq!(rename("/", "/x"), Condition::Forbidden, "the root stays");
}

pub(super) fn rename_brings_another_etag_than_was_there(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/a", "one"), ("/b", "two")]);
    let etag = |at| find(&*store, at).unwrap().etag().unwrap();
    let before = etag("/a");
    change(&*store, |changes| changes.rename(&path("/a"), &path("/c"))).unwrap();
    change(&*store, |changes| changes.rename(&path("/b"), &path("/a"))).unwrap();
    assert_ne!(etag("/a"), before);
}

/// The tree that is copied and moved.
const TREE: &[(&str, &str)] = &[("/d/", ""), ("/d/f", "one"), ("/d/e/", ""), ("/d/e/f", "two")];
