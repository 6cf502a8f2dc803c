//! What clients that synchronize hear of a folder that others change, too (RFC 6578).

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::Path as DiskPath};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use methodical_store::{
    store::{Mark, Store},
    sync::{Change, Changes, SyncQuery},
    testing::{EPOCH, change, path},
    walk::Reach,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::folder::{open_at, options, put};

fn ask(store: &FolderStore, of: &str, since: Option<&str>, max: usize) -> Result<Changes> {
    let snapshot = store.snapshot();
    let of = snapshot.find(&path(of)).unwrap().unwrap();
    snapshot.synchronizer().changes(&of, &SyncQuery { since, reach: Reach::Tree, max })
}

fn token(store: &FolderStore) -> String {
    ask(store, "/", None, usize::MAX).unwrap().token
}

/// What changed since a token, as text.
fn since(store: &FolderStore, token: &str) -> Vec<String> {
    let changes = ask(store, "/", Some(token), usize::MAX).unwrap();
    changes.members.iter().map(|it| format!("{:?} {}", it.change, it.path)).collect()
}

fn is_known(store: &FolderStore, token: &str) -> bool {
    match ask(store, "/", Some(token), usize::MAX) {
        Ok(_) => true,
        Err(Error::Refused(refusal)) if refusal.condition == Condition::ValidSyncToken => false,
        Err(error) => unreachable!("{error}"),
    }
}

#[test]
fn rfc6578_3_5_what_other_programs_do_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("d")).unwrap();
    for name in ["same", "edited", "removed", "renamed", "d/inside"] {
        fs::write(at(name), "text").unwrap();
    }
    let store = open_at(folder.path(), options());
    let first = token(&store);
    fs::write(at("edited"), "txet").unwrap();
    fs::write(at("new"), "new").unwrap();
    fs::remove_file(at("removed")).unwrap();
    fs::rename(at("renamed"), at("name")).unwrap();
    fs::rename(at("d"), at("moved")).unwrap();
    let expected = [
        "Removed /d",
        "Changed /edited",
        "Changed /moved",
        "Changed /moved/inside",
        "Changed /name",
        "Changed /new",
        "Removed /removed",
        "Removed /renamed",
    ];
    assert_eq!(since(&store, &first), expected);
}

#[test]
fn rfc6578_3_3_a_linked_folder_is_told_of_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("d/e")).unwrap();
    fs::write(at("d/e/f"), "text").unwrap();
    symlink("..", at("d/up")).unwrap();
    symlink("e", at("d/link")).unwrap();
    symlink("e/f", at("d/file")).unwrap();
    let store = open_at(folder.path(), options());
    let changes = ask(&store, "/d", None, usize::MAX).unwrap();
    let told = |changes: &Changes| -> Vec<String> {
        changes.members.iter().map(|it| format!("{:?} {}", it.change, it.path)).collect()
    };
    let expected = [
        "Changed /d/e",
        "Changed /d/e/f",
        "Changed /d/file",
        "Untraversed /d/link",
        "Untraversed /d/up",
    ];
    assert_eq!(told(&changes), expected);
    let first = ask(&store, "/d/link", None, usize::MAX).unwrap();
    assert_eq!(told(&first), ["Changed /d/link/f"], "by its own address it is a folder");
    fs::write(at("d/e/f"), "other").unwrap();
    let changes = ask(&store, "/d", Some(&changes.token), usize::MAX).unwrap();
    assert_eq!(told(&changes), ["Changed /d/e/f", "Changed /d/file"], "once each");
    let changes = ask(&store, "/d/link", Some(&first.token), usize::MAX).unwrap();
    assert_eq!(told(&changes), ["Changed /d/link/f"]);
    fs::remove_file(at("d/link")).unwrap();
    fs::create_dir(at("d/link")).unwrap();
    assert!(ask(&store, "/d/link", Some(&changes.token), usize::MAX).is_err(), "another folder");
}

#[test]
fn rfc6578_3_2_a_token_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "text").unwrap();
    let store = open_at(folder.path(), options());
    let first = token(&store);
    put(&store, "/g", "text").unwrap();
    let second = token(&store);
    put(&store, "/came", "text").unwrap();
    drop(store);
    fs::remove_file(folder.path().join("f")).unwrap();
    fs::remove_file(folder.path().join("came")).unwrap();
    let store = open_at(folder.path(), options());
    assert_eq!(since(&store, &first), ["Removed /came", "Removed /f", "Changed /g"]);
    assert_eq!(since(&store, &second), ["Removed /came", "Removed /f"]);
    let read_only = FolderOptions { writable: false, ..options() };
    drop(store);
    let store = open_at(folder.path(), read_only);
    assert_eq!(since(&store, &second), ["Removed /came", "Removed /f"]);
}

#[test]
fn rfc6578_3_2_a_token_that_was_lost_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "text").unwrap();
    let store = open_at(folder.path(), options());
    let first = token(&store);
    store.crash_after(0);
    drop(store);
    let store = open_at(folder.path(), options());
    assert!(!is_known(&store, &first), "something may have come and gone");
    let second = token(&store);
    assert_ne!(second, first, "the same state, but known anew");
    assert!(!is_known(&store, &first));
    assert_eq!(token(&store), second);
    drop(store);
    assert_eq!(token(&open_at(folder.path(), options())), second, "it is kept");
}

#[test]
fn rfc6578_3_2_where_nothing_is_written_a_token_is_always_good_for_its_own_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, "text").unwrap();
    let read_only = FolderOptions { writable: false, ..options() };
    let first = token(&open_at(folder.path(), read_only.clone()));
    assert!(since(&open_at(folder.path(), read_only.clone()), &first).is_empty());
    fs::write(&file, "other").unwrap();
    let store = open_at(folder.path(), read_only);
    assert!(!is_known(&store, &first), "nobody knows what changed");
    let second = token(&store);
    fs::remove_file(&file).unwrap();
    assert_eq!(since(&store, &second), ["Removed /f"]);
    assert!(!folder.path().join(".methodical").exists());
}

#[test]
fn rfc6578_3_2_the_sweep_keeps_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, "text").unwrap();
    let store = open_at(folder.path(), options());
    let first = token(&store);
    assert!(!folder.path().join(".methodical").exists(), "looking writes nothing");
    store.sweep(methodical_semantics::timestamp::Timestamp::new(EPOCH, 0)).unwrap();
    store.crash_after(0);
    drop(store);
    fs::remove_file(&file).unwrap();
    let store = open_at(folder.path(), options());
    assert_eq!(since(&store, &first), ["Removed /f"]);
}

#[test]
fn rfc6578_3_2_tokens_and_what_came_since_are_kept_soon() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    assert!(store.notes_are_kept(), "nobody synchronizes");
    put(&store, "/f", "text").unwrap();
    let mut tokens = Vec::new();
    for round in 0..3 {
        put(&store, "/f", &format!("text {round}")).unwrap();
        tokens.push(token(&store));
        put(&store, &format!("/came-{round}"), "").unwrap();
        assert!(!store.notes_are_kept());
        store.flush_notes().unwrap();
        let uses = store.ledger_uses();
        store.flush_notes().unwrap();
        assert_eq!(store.ledger_uses(), uses, "there is nothing new");
    }
    store.crash_after(0);
    drop(store);
    for round in 0..3 {
        fs::remove_file(folder.path().join(format!("came-{round}"))).unwrap();
    }
    let store = open_at(folder.path(), options());
    let gone = ["Removed /came-0", "Removed /came-1", "Removed /came-2"];
    assert_eq!(since(&store, &tokens[2]), gone);
    assert_eq!(
        since(&store, &tokens[0]),
        ["Removed /came-0", "Removed /came-1", "Removed /came-2", "Changed /f"]
    );
}

#[test]
fn rfc6578_3_2_what_was_kept_is_kept_again_where_others_removed_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, "text").unwrap();
    let store = open_at(folder.path(), options());
    let first = token(&store);
    store.sweep(methodical_semantics::timestamp::Timestamp::new(EPOCH, 0)).unwrap();
    fs::remove_dir_all(folder.path().join(".methodical")).unwrap();
    put(&store, "/g", "text").unwrap();
    let second = token(&store);
    drop(store);
    fs::remove_file(&file).unwrap();
    let store = open_at(folder.path(), options());
    for token in [first, second] {
        assert!(!is_known(&store, &token) || since(&store, &token).contains(&"Removed /f".into()));
    }
}

/// Something that happens to a folder.
#[derive(Debug, Clone)]
enum Event {
    Edited(&'static str),
    Made(&'static str),
    Gone(&'static str),
    Renamed(&'static str, &'static str),
    /// By the client itself, which takes it for there.
    Put(&'static str),
    Deleted(&'static str),
    Moved(&'static str, &'static str),
    /// The client asks for so many.
    SyncQuery(usize),
    /// It asks until it knows all.
    Synchronized,
    Swept,
    Kept,
    Reopened,
    Killed,
}

fn event() -> impl Strategy<Value = Event> {
    let at = || select(vec!["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "d!"]);
    prop_oneof![
        2 => at().prop_map(Event::Edited),
        2 => at().prop_map(Event::Made),
        2 => at().prop_map(Event::Gone),
        2 => (at(), at()).prop_map(|(from, to)| Event::Renamed(from, to)),
        2 => at().prop_map(Event::Put),
        2 => at().prop_map(Event::Deleted),
        1 => (at(), at()).prop_map(|(from, to)| Event::Moved(from, to)),
        3 => (1_usize..4).prop_map(Event::SyncQuery),
        2 => Just(Event::Synchronized),
        1 => Just(Event::Swept),
        2 => Just(Event::Kept),
        1 => Just(Event::Reopened),
        1 => Just(Event::Killed),
    ]
}

/// A client that believes what it is told, and the folder.
struct World {
    folder: tempfile::TempDir,
    store: Option<FolderStore>,
    token: Option<String>,
    known: BTreeMap<Path, String>,
    /// What it put there itself and was not told of yet, and whether that is kept.
    own: Vec<(Path, bool)>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Some(open_at(folder.path(), options()));
        Self { folder, store, token: None, known: BTreeMap::new(), own: Vec::new() }
    }

    fn store(&self) -> &FolderStore {
        self.store.as_ref().unwrap()
    }

    fn open(&mut self) {
        self.store = None;
        self.store = Some(open_at(self.folder.path(), options()));
    }

    fn happens(&mut self, event: &Event) {
        let at = |name: &str| self.folder.path().join(name);
        let here = |name: &str| path(&format!("/{name}"));
        // What cannot be done is not.
        match event {
            Event::Edited(name) => drop(fs::write(at(name), "edited")),
            Event::Made(name) => drop(fs::create_dir(at(name))),
            Event::Gone(name) => drop(remove(&at(name))),
            Event::Renamed(from, to) => drop(fs::rename(at(from), at(to))),
            Event::Put(name) => {
                if put(self.store(), &format!("/{name}"), "put").is_ok() {
                    self.own.push((here(name), false));
                    self.learn(&here(name));
                }
            }
            Event::Deleted(name) => {
                let at = here(name);
                drop(change(self.store(), &at, |it| it.remove(&at, Mark::Nothing)));
            }
            Event::Moved(from, to) => {
                let (from, to) = (here(from), here(to));
                drop(change(self.store(), &Path::root(), |it| it.rename(&from, &to)));
            }
            Event::SyncQuery(max) => drop(self.ask(*max)),
            Event::Synchronized => self.synchronize(),
            Event::Swept => {
                self.store().sweep(now()).unwrap();
                self.own.iter_mut().for_each(|(_, kept)| *kept = true);
            }
            Event::Kept => {
                self.store().flush_notes().unwrap();
                self.own.iter_mut().for_each(|(_, kept)| *kept = true);
            }
            Event::Reopened => self.open(),
            Event::Killed => {
                self.store().crash_after(0);
                self.open();
                // What came and went since it was kept last is forgotten.
                self.own.retain(|(own, kept)| {
                    if !kept {
                        self.known.remove(own);
                    }
                    *kept
                });
            }
        }
    }

    fn learn(&mut self, at: &Path) {
        let found = self.store().snapshot().find(at).unwrap();
        match found {
            Some(found) => {
                let tag = found.etag().map_or_else(String::new, |etag| etag.to_string());
                self.known.insert(at.clone(), tag);
            }
            None => self.known.retain(|path, _| !path.is_within(at)),
        }
    }

    /// Whether there is more.
    fn ask(&mut self, max: usize) -> bool {
        if self.token.is_none() {
            // Who begins knows nothing.
            (self.known, self.own) = (BTreeMap::new(), Vec::new());
        }
        let Ok(changes) = ask(self.store(), "/", self.token.as_deref(), max) else {
            self.token = None;
            return true;
        };
        assert!(changes.members.len() <= max);
        for member in changes.members {
            match member.change {
                Change::Changed => {
                    self.own.retain(|(own, _)| *own != member.path);
                    self.learn(&member.path);
                }
                Change::Removed => self.known.retain(|path, _| !path.is_within(&member.path)),
                Change::Untraversed => unreachable!("there are no links"),
            }
        }
        self.token = Some(changes.token);
        changes.is_cut
    }

    fn synchronize(&mut self) {
        for _ in 0..100 {
            if !self.ask(2) {
                self.own.clear();
                assert_eq!(self.known, self.truth());
                let (token, before) = (self.token.clone(), self.known.clone());
                assert!(!self.ask(1));
                assert_eq!((&self.token, &self.known), (&token, &before), "nothing changed");
                return;
            }
        }
        unreachable!("it never ends");
    }

    fn truth(&self) -> BTreeMap<Path, String> {
        let snapshot = self.store().snapshot();
        let walk = snapshot.walk(&Path::root(), Reach::Tree).unwrap();
        let found = walk.map(|found| {
            let found = found.unwrap();
            let tag = found.etag().map_or_else(String::new, |etag| etag.to_string());
            (found.path, tag)
        });
        found.collect()
    }
}

fn remove(at: &DiskPath) -> std::io::Result<()> {
    if at.is_dir() { fs::remove_dir_all(at) } else { fs::remove_file(at) }
}

fn now() -> methodical_semantics::timestamp::Timestamp {
    methodical_semantics::timestamp::Timestamp::new(EPOCH, 0)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rfc6578_b_a_client_that_believes_what_it_is_told_knows_all(events in vec(event(), 1..40)) {
        let mut world = World::new();
        for event in &events {
            world.happens(event);
        }
        world.synchronize();
    }
}

/// Runs of the client.
const CASES: u32 = 200;
