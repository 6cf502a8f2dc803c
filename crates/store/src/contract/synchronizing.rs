//! What changed below a collection since a client last asked (RFC 6578).

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};

use super::{Open, change, find, put, usual};
use crate::{
    store::{Mark, Store},
    sync::{Change, Changes, SyncQuery},
    testing::{path, seed},
    walk::Reach,
};

fn ask(
    store: &dyn Store,
    of: &str,
    (since, reach, max): (Option<&str>, Reach, usize),
) -> Result<Changes> {
    let of = find(store, of).unwrap();
    store.snapshot().synchronizer().changes(&of, &SyncQuery { since, reach, max })
}

/// All that changed, everywhere below.
fn since(store: &dyn Store, of: &str, token: &str) -> Changes {
    let changes = ask(store, of, (Some(token), Reach::Tree, usize::MAX)).unwrap();
    assert!(!changes.is_cut);
    changes
}

/// The present state as one text, and its token.
fn whole(store: &dyn Store, of: &str) -> (String, String) {
    let changes = ask(store, of, (None, Reach::Tree, usize::MAX)).unwrap();
    (text(&changes), changes.token)
}

/// Paths, with a mark before those that are gone.
fn text(changes: &Changes) -> String {
    let texts: Vec<String> = changes
        .members
        .iter()
        .map(|member| {
            let mark = match member.change {
                Change::Changed => "",
                Change::Removed => "-",
                Change::Untraversed => "!",
            };
            let slash = if member.is_collection { "/" } else { "" };
            format!("{mark}{}{slash}", member.path)
        })
        .collect();
    texts.join(" ")
}

fn token(store: &dyn Store, of: &str) -> String {
    store.snapshot().synchronizer().token(&find(store, of).unwrap()).unwrap()
}

fn remove(store: &dyn Store, at: &str) {
    change(store, |changes| changes.remove(&path(at), Mark::Nothing)).unwrap();
}

pub(super) fn a_token_stays_while_nothing_changes(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/e/", ""), ("/e/f", "text")]);
    let before = token(&*store, "/d");
    assert_eq!(token(&*store, "/d"), before);
    let (told, given) = whole(&*store, "/d");
    assert_eq!((told.as_str(), &given), ("/d/f", &before));
    put(&*store, "/e/f", "other").unwrap();
    token(&*store, "/");
    assert_eq!(token(&*store, "/d"), before, "it was elsewhere");
    assert_eq!(since(&*store, "/d", &before).token, before);
    put(&*store, "/d/f", "next").unwrap();
    assert_ne!(token(&*store, "/d"), before);
}

pub(super) fn a_token_is_of_one_collection(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/e/", "")]);
    let (of_d, of_e) = (token(&*store, "/d"), token(&*store, "/e"));
    assert_ne!(of_d, of_e);
    let refused = ask(&*store, "/e", (Some(&of_d), Reach::Tree, usize::MAX));
    assert!(is_refused(&refused), "{refused:?}");
}

pub(super) fn what_changed_is_told_once(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text"), ("/d/g", "text"), ("/d/e/", ""), ("/d!", "x")]);
    let (told, first) = whole(&*store, "/d");
    assert_eq!(told, "/d/e/ /d/f /d/g");
    put(&*store, "/d/f", "other").unwrap();
    put(&*store, "/d/e/new", "new").unwrap();
    put(&*store, "/d!", "y").unwrap();
    remove(&*store, "/d/g");
    let changes = since(&*store, "/d", &first);
    assert_eq!(text(&changes), "/d/e/new /d/f -/d/g");
    assert_eq!(text(&since(&*store, "/d", &changes.token)), "");
    assert_eq!(text(&since(&*store, "/d", &first)), "/d/e/new /d/f -/d/g", "as often as asked");
    let members = ask(&*store, "/d", (Some(&first), Reach::Members, usize::MAX)).unwrap();
    assert_eq!(text(&members), "/d/f -/d/g");
    assert_eq!(members.token, changes.token, "RFC 6578 section 3.3");
    assert_eq!(whole(&*store, "/d").0, "/d/e/ /d/e/new /d/f", "RFC 6578 section 3.4");
}

pub(super) fn what_is_made_again_is_another(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/e/", ""), ("/d/e/f", "text"), ("/d/g", "text")]);
    let first = token(&*store, "/d");
    remove(&*store, "/d/e");
    remove(&*store, "/d/g");
    seed(&*store, &[("/d/e/", ""), ("/d/g", "text")]);
    let changes = since(&*store, "/d", &first);
    assert_eq!(text(&changes), "/d/e/ -/d/e/f /d/g", "RFC 6578 section 3.5.1");
    remove(&*store, "/d");
    seed(&*store, &[("/d/", "")]);
    assert_eq!(text(&since(&*store, "/d", &changes.token)), "-/d/e/ -/d/g");
}

pub(super) fn what_came_and_went_is_told_as_gone(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text")]);
    let first = token(&*store, "/d");
    put(&*store, "/d/new", "text").unwrap();
    remove(&*store, "/d/new");
    let changes = since(&*store, "/d", &first);
    assert_eq!(text(&changes), "-/d/new", "RFC 6578 section 3.5.2");
    let then = since(&*store, "/d", &changes.token);
    assert_eq!((text(&then).as_str(), &then.token), ("", &changes.token), "it has an end");
}

pub(super) fn what_went_with_its_collection_is_not_told(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/e/", ""), ("/d/e/f", "text"), ("/d/e/g/", "")]);
    let first = token(&*store, "/");
    remove(&*store, "/d/e/f");
    let second = since(&*store, "/", &first).token;
    remove(&*store, "/d/e");
    assert_eq!(text(&since(&*store, "/", &second)), "-/d/e/", "RFC 6578 section 3.5.2");
    assert_eq!(text(&since(&*store, "/", &first)), "-/d/e/");
    seed(&*store, &[("/d/e/", "")]);
    assert_eq!(text(&since(&*store, "/", &first)), "/d/e/ -/d/e/f -/d/e/g/");
}

pub(super) fn a_moved_tree_is_gone_here_and_new_there(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/e/", ""), ("/d/e/f", "text")]);
    let first = token(&*store, "/");
    change(&*store, |changes| changes.rename(&path("/d/e"), &path("/d/g"))).unwrap();
    let changes = since(&*store, "/", &first);
    assert_eq!(text(&changes), "-/d/e/ /d/g/ /d/g/f");
    change(&*store, |changes| changes.rename(&path("/d/g"), &path("/d/h"))).unwrap();
    remove(&*store, "/d/h/f");
    let changes = since(&*store, "/", &changes.token);
    assert_eq!(text(&changes), "-/d/g/ /d/h/ -/d/h/f", "who moved it takes it for there");
}

pub(super) fn an_answer_that_is_cut_goes_on(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/a", "1"), ("/b", "2"), ("/c", "3"), ("/d", "4"), ("/e", "5")]);
    let mut page = ask(&*store, "/", (None, Reach::Members, 2)).unwrap();
    assert_eq!((text(&page).as_str(), page.is_cut), ("/a /b", true));
    page = ask(&*store, "/", (Some(&page.token), Reach::Members, 2)).unwrap();
    assert_eq!((text(&page).as_str(), page.is_cut), ("/c /d", true));
    page = ask(&*store, "/", (Some(&page.token), Reach::Members, 2)).unwrap();
    assert_eq!((text(&page).as_str(), page.is_cut), ("/e", false));
    assert_eq!(page.token, token(&*store, "/"));
    remove(&*store, "/a");
    remove(&*store, "/c");
    let page = ask(&*store, "/", (Some(&page.token), Reach::Members, 1)).unwrap();
    assert_eq!((text(&page).as_str(), page.is_cut), ("-/a", true));
    let page = ask(&*store, "/", (Some(&page.token), Reach::Members, 1)).unwrap();
    assert_eq!((text(&page).as_str(), page.is_cut), ("-/c", false), "exactly as many as asked for");
}

pub(super) fn changes_in_between_are_told_at_the_end(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/a", "1"), ("/b", "2"), ("/c", "3"), ("/d", "4")]);
    let first = ask(&*store, "/", (None, Reach::Members, 2)).unwrap();
    remove(&*store, "/a");
    remove(&*store, "/d");
    put(&*store, "/b", "other").unwrap();
    let rest = ask(&*store, "/", (Some(&first.token), Reach::Members, 10)).unwrap();
    assert_eq!((text(&rest).as_str(), rest.is_cut), ("/c -/d -/a /b", false));
    let little = ask(&*store, "/", (Some(&first.token), Reach::Members, 2)).unwrap();
    assert_eq!((text(&little).as_str(), little.is_cut), ("/c -/d", true));
    let then = ask(&*store, "/", (Some(&little.token), Reach::Members, 10)).unwrap();
    assert_eq!((text(&then).as_str(), then.is_cut), ("-/a /b -/d", false));
    assert_eq!(then.token, rest.token);
}

pub(super) fn a_token_that_was_not_given_is_refused(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "text")]);
    let given = token(&*store, "/d");
    put(&*store, "/d/f", "other").unwrap();
    let digits = "0".repeat(32);
    let cut = format!("{given};0;/e/f");
    let unknown = format!("tag:methodical,2026:sync:{digits}-1-0");
    for wrong in ["", "urn:x:1", &unknown, &cut, &format!("{unknown};0;/d/f")] {
        let refused = ask(&*store, "/d", (Some(wrong), Reach::Tree, usize::MAX));
        assert!(is_refused(&refused), "{wrong} {refused:?}");
    }
}

fn is_refused(answer: &Result<Changes>) -> bool {
    let Err(Error::Refused(refusal)) = answer else { return false };
    refusal.condition == Condition::ValidSyncToken
}
