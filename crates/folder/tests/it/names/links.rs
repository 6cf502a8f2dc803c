//! Symbolic links, pipes and sockets: what leads outside is not there, what is no file is not
//! served.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
    path::Path as DiskPath,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::condition::Condition;
use methodical_store::{
    store::{Mark, Placement, Store},
    testing::{bytes, change, dump, path, staged},
    walk::Reach,
};

use crate::folder::{names, open_at, options, put, refused, text};

/// A folder to serve beside one that must never be reached.
struct Ground {
    _both: tempfile::TempDir,
    inside: std::path::PathBuf,
    outside: std::path::PathBuf,
}

impl Ground {
    fn new() -> Self {
        let both = tempfile::tempdir().unwrap();
        let (inside, outside) = (both.path().join("in"), both.path().join("out"));
        for folder in [&inside, &outside, &inside.join("d"), &outside.join("d")] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(inside.join("f"), "inside").unwrap();
        fs::write(inside.join("d/f"), "deep inside").unwrap();
        fs::write(outside.join("secret"), "outside").unwrap();
        fs::write(outside.join("d/secret"), "outside").unwrap();
        Self { _both: both, inside, outside }
    }

    fn store(&self) -> FolderStore {
        open_at(&self.inside, options())
    }

    fn link(&self, target: impl AsRef<DiskPath>, name: &str) {
        symlink(target, self.inside.join(name)).unwrap();
    }

    /// All that is outside, by name and content.
    fn outside(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        for folder in [self.outside.clone(), self.outside.join("d")] {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let content = fs::read(entry.path()).unwrap_or_default();
                found.push((entry.path().display().to_string(), content));
            }
        }
        found.sort();
        found
    }
}

#[test]
fn what_leads_outside_is_not_there() {
    let ground = Ground::new();
    ground.link(&ground.outside, "absolute");
    ground.link("../out", "relative");
    ground.link("d/../../out", "winding");
    ground.link(ground.outside.join("secret"), "file");
    ground.link("file", "chained");
    ground.link("/proc/self/root", "magic");
    ground.link("nowhere", "dangling");
    ground.link("loop", "loop");
    let store = ground.store();
    let snapshot = store.snapshot();
    for name in ["absolute", "relative", "winding", "file", "chained", "magic", "dangling", "loop"]
    {
        for below in ["", "/secret", "/d", "/d/secret", "/etc/passwd"] {
            let at = path(&format!("/{name}{below}"));
            assert!(snapshot.find(&at).unwrap().is_none(), "{at}");
            assert!(snapshot.open(&at).unwrap().is_none(), "{at}");
            assert!(snapshot.members(&at).is_err(), "{at}");
        }
    }
    assert_eq!(names(&store, "/"), ["d", "f"]);
}

#[test]
fn nothing_is_written_outside() {
    let ground = Ground::new();
    ground.link("../out", "relative");
    ground.link(ground.outside.join("secret"), "file");
    ground.link("nowhere", "dangling");
    let before = ground.outside();
    let store = ground.store();
    for at in ["/file", "/relative", "/dangling"] {
        assert_eq!(put(&store, at, "written"), Err(Condition::Forbidden), "{at}");
        let made = change(&store, &path(at), |changes| changes.make_collection(&path(at)));
        assert_eq!(refused(made), Err(Condition::Forbidden), "{at}");
        for (from, to) in [(at, "/g"), ("/f", at)] {
            let expected = if from == at { Condition::NotFound } else { Condition::Forbidden };
            for copies in [true, false] {
                let done = change(&store, &path("/"), |changes| {
                    if copies {
                        return changes.copy(&path(from), &path(to), true);
                    }
                    changes.rename(&path(from), &path(to))
                });
                assert_eq!(refused(done), Err(expected), "{from} to {to}");
            }
        }
        let removed =
            change(&store, &path(at), |changes| changes.remove(&path(at), Mark::Tombstone));
        assert_eq!(refused(removed), Err(Condition::NotFound), "{at}");
    }
    for at in ["/relative/new", "/relative/secret", "/relative/d/secret"] {
        assert_eq!(put(&store, at, "written"), Err(Condition::ParentMissing), "{at}");
    }
    assert_eq!(ground.outside(), before);
    assert_eq!(fs::read_link(ground.inside.join("file")).unwrap(), ground.outside.join("secret"));
}

#[test]
fn removing_a_tree_does_not_follow_links() {
    let ground = Ground::new();
    ground.link("../../out", "d/out");
    ground.link(&ground.outside, "d/absolute");
    ground.link("../f", "d/g");
    let before = ground.outside();
    let store = ground.store();
    change(&store, &path("/d"), |changes| changes.remove(&path("/d"), Mark::Tombstone)).unwrap();
    drop(store);
    assert_eq!(ground.outside(), before);
    assert_eq!(fs::read(ground.inside.join("f")).unwrap(), b"inside");
}

#[test]
fn copying_a_tree_leaves_out_what_leads_outside() {
    let ground = Ground::new();
    ground.link("../../out", "d/out");
    ground.link("../f", "d/linked");
    ground.link("..", "d/up");
    ground.link("e", "d/alias");
    fs::create_dir(ground.inside.join("d/e")).unwrap();
    fs::write(ground.inside.join("d/e/.hidden"), "not served").unwrap();
    let store = ground.store();
    change(&store, &path("/"), |changes| changes.copy(&path("/d"), &path("/copy"), true)).unwrap();
    assert_eq!(text(&store, "/copy/linked").as_deref(), Some("inside"));
    let copied = ground.inside.join("copy");
    assert!(!copied.join("out").exists() && !copied.join("e/.hidden").exists());
    assert!(fs::symlink_metadata(copied.join("linked")).unwrap().is_file());
    assert!(fs::symlink_metadata(copied.join("alias")).unwrap().is_dir());
    // The link upwards holds the tree itself: it ends where it would begin again.
    assert!(copied.join("up/f").exists() && !copied.join("up/d").exists());
}

#[test]
fn links_inside_lead_where_they_say() {
    let ground = Ground::new();
    ground.link("f", "relative");
    ground.link("d", "folder");
    ground.link(ground.inside.join("d"), "absolute");
    ground.link(ground.inside.join("relative"), "chained");
    ground.link("../in/f", "out_and_in");
    let store = ground.store();
    assert_eq!(text(&store, "/relative").as_deref(), Some("inside"));
    assert_eq!(text(&store, "/chained").as_deref(), Some("inside"));
    assert_eq!(text(&store, "/folder/f").as_deref(), Some("deep inside"));
    assert_eq!(text(&store, "/absolute/f").as_deref(), Some("deep inside"));
    assert_eq!(names(&store, "/absolute"), ["f"]);
    assert_eq!(text(&store, "/out_and_in"), None, "it leads outside on its way");
    assert_eq!(names(&store, "/"), ["absolute", "chained", "d", "f", "folder", "relative"]);
}

#[test]
fn a_walk_does_not_go_in_circles() {
    let ground = Ground::new();
    ground.link(".", "self");
    ground.link("..", "d/up");
    ground.link("d", "folder");
    let store = ground.store();
    let below = |of: &str| {
        let walk = store.snapshot().walk(&path(of), Reach::Tree).unwrap();
        let mut found: Vec<String> = walk.map(|found| found.unwrap().href()).collect();
        found.sort();
        found
    };
    let all = ["/d/", "/d/f", "/d/up/", "/f", "/folder/", "/folder/f", "/folder/up/", "/self/"];
    assert_eq!(below("/"), all);
    let up = below("/d");
    assert!(up.contains(&"/d/up/f".to_owned()), "{up:?}");
    assert!(!up.iter().any(|at| at.starts_with("/d/up/d/f")), "{up:?}");
}

#[test]
fn a_write_through_a_link_replaces_what_it_leads_to() {
    let ground = Ground::new();
    ground.link("f", "relative");
    ground.link(ground.inside.join("d"), "absolute");
    let store = ground.store();
    put(&store, "/relative", "one").unwrap();
    put(&store, "/absolute/f", "two").unwrap();
    put(&store, "/absolute/new", "three").unwrap();
    assert!(fs::symlink_metadata(ground.inside.join("relative")).unwrap().is_symlink());
    assert_eq!(fs::read(ground.inside.join("f")).unwrap(), b"one");
    assert_eq!(fs::read(ground.inside.join("d/f")).unwrap(), b"two");
    assert_eq!(fs::read(ground.inside.join("d/new")).unwrap(), b"three");
    let as_ = Placement { media_type: Some("text/x".into()), modified: None };
    let content = staged(&store, &path("/relative"), b"typed").unwrap();
    change(&store, &path("/"), |changes| changes.place(&path("/relative"), content, as_)).unwrap();
    for at in ["/f", "/relative"] {
        let found = store.snapshot().find(&path(at)).unwrap().unwrap();
        assert_eq!(found.media_type.as_deref(), Some("text/x"), "{at} is the same file");
    }
}

#[test]
fn removing_a_link_leaves_what_it_leads_to() {
    let ground = Ground::new();
    ground.link("f", "file");
    ground.link("d", "folder");
    let store = ground.store();
    for at in ["/file", "/folder"] {
        change(&store, &path(at), |changes| changes.remove(&path(at), Mark::Tombstone)).unwrap();
    }
    assert_eq!(
        dump(&store),
        "/ collection\n/d/ collection\n/d/f file 11 \"deep inside\"\n\
                              /f file 6 \"inside\"\n"
    );
    assert!(store.snapshot().deleted_at(&path("/file")).unwrap().is_some());
}

#[test]
fn a_link_is_not_moved_to_where_it_would_lead_elsewhere() {
    let ground = Ground::new();
    ground.link("f", "link");
    let store = ground.store();
    let rename =
        |to| change(&store, &path("/"), |changes| changes.rename(&path("/link"), &path(to)));
    assert_eq!(refused(rename("/d/link")), Err(Condition::Forbidden));
    rename("/renamed").unwrap();
    assert_eq!(text(&store, "/renamed").as_deref(), Some("inside"));
}

#[test]
fn no_link_is_followed_where_none_may_be() {
    let ground = Ground::new();
    ground.link("f", "file");
    ground.link("d", "folder");
    let store = open_at(&ground.inside, FolderOptions { follow_symlinks: false, ..options() });
    assert_eq!(names(&store, "/"), ["d", "f"]);
    assert!(store.snapshot().find(&path("/file")).unwrap().is_none());
    assert!(store.snapshot().find(&path("/folder/f")).unwrap().is_none());
    assert_eq!(put(&store, "/file", "x"), Err(Condition::Forbidden));
    assert_eq!(put(&store, "/folder/f", "x"), Err(Condition::ParentMissing));
}

#[test]
fn no_link_leads_to_what_is_the_servers_own() {
    let ground = Ground::new();
    ground.link(".methodical", "state");
    ground.link(".methodical/ledger.sqlite", "ledger");
    ground.link(ground.inside.join(".methodical/ledger.sqlite"), "absolute");
    let store = open_at(&ground.inside, FolderOptions { hidden: true, ..options() });
    put(&store, "/gone", "x").unwrap();
    change(&store, &path("/gone"), |changes| changes.remove(&path("/gone"), Mark::Tombstone))
        .unwrap();
    assert!(ground.inside.join(".methodical/ledger.sqlite").exists());
    for at in ["/state", "/state/ledger.sqlite", "/ledger", "/absolute"] {
        assert!(store.snapshot().find(&path(at)).unwrap().is_none(), "{at}");
        assert!(store.snapshot().open(&path(at)).unwrap().is_none(), "{at}");
        assert!(put(&store, at, "x").is_err(), "{at}");
    }
    assert_eq!(names(&store, "/"), ["d", "f"]);
}

#[test]
fn two_addresses_of_one_file_take_turns() {
    let ground = Ground::new();
    ground.link("f", "link");
    ground.link(".", "self");
    fs::write(ground.inside.join("f"), "0").unwrap();
    let store = &ground.store();
    thread::scope(|scope| {
        for at in ["/f", "/link", "/self/f", "/self/self/link"] {
            scope.spawn(move || {
                for _ in 0..INCREMENTS {
                    increment(store, at);
                }
            });
        }
    });
    assert_eq!(text(store, "/f"), Some((4 * INCREMENTS).to_string()));
}

#[test]
fn a_folder_that_is_turned_into_a_link_lets_nothing_out() {
    let ground = Ground::new();
    ground.link("../out/d", "aside");
    fs::write(ground.inside.join("d/secret"), "inside").unwrap();
    let before = ground.outside();
    let (store, over) = (&ground.store(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let dir = fs::File::open(&ground.inside).unwrap();
            while !over.load(Ordering::Relaxed) {
                let exchange = rustix::fs::RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(&dir, "d", &dir, "aside", exchange).unwrap();
            }
        });
        for round in 0..ROUNDS {
            if let Ok(Some((_, content))) = store.snapshot().open(&path("/d/secret")) {
                assert_eq!(bytes(content), b"inside");
            }
            // Whatever becomes of them, nothing of it may come to stand outside.
            put(store, &format!("/d/new{}", round % 10), "written").unwrap_or(());
            let removed = change(store, &path("/d/new1"), |changes| {
                changes.remove(&path("/d/new1"), Mark::Nothing)
            });
            removed.map(|_| ()).unwrap_or_default();
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(ground.outside(), before);
}

#[test]
fn pipes_and_sockets_are_not_served_and_not_replaced() {
    let ground = Ground::new();
    let dir = fs::File::open(&ground.inside).unwrap();
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(&dir, "pipe", rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let _socket = UnixListener::bind(ground.inside.join("socket")).unwrap();
    ground.link("pipe", "link");
    let store = ground.store();
    assert_eq!(names(&store, "/"), ["d", "f"]);
    for at in ["/pipe", "/socket", "/link"] {
        assert!(store.snapshot().find(&path(at)).unwrap().is_none(), "{at}");
        // Opening a pipe must not wait for somebody to write into it.
        assert!(store.snapshot().open(&path(at)).unwrap().is_none(), "{at}");
        assert_eq!(put(&store, at, "x"), Err(Condition::Forbidden), "{at}");
    }
}

/// Adds one to the number in a file.
fn increment(store: &FolderStore, at: &str) {
    let at = path(at);
    change(store, &at, |changes| {
        let (_, content) = changes.snapshot().open(&at)?.unwrap();
        let number: u32 = String::from_utf8(bytes(content)).unwrap().parse().unwrap();
        let mut staging = changes.stage(&at)?;
        staging.write((number + 1).to_string().as_bytes())?;
        changes.place(&at, staging.finish()?, Placement::default())
    })
    .unwrap();
}

const INCREMENTS: usize = 50;
const ROUNDS: usize = 1000;
