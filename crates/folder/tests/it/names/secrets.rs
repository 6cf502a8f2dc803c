//! What secures the server and lies in the folder: it is there for nobody, under no name.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path as DiskPath, PathBuf},
};

use methodical_folder::{FolderOptions, FolderStore, WatchedFolder};
use methodical_semantics::condition::Condition;
use methodical_store::{
    store::{Mark, Placement, Store},
    testing::{bytes, change, dump, path, staged},
};

use crate::folder::{names, open_at, options, put, refused, text};

/// A folder with a file of logins, one of tokens that is not there yet, a folder of keys, and links
/// to all of them.
fn ground() -> (tempfile::TempDir, FolderStore, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["conf", "d", "keys"] {
        fs::create_dir(at(name)).unwrap();
    }
    for (name, content) in
        [("conf/users", "secret"), ("conf/other", "open"), ("keys/key", "secret"), ("f", "open")]
    {
        fs::write(at(name), content).unwrap();
    }
    symlink("conf/users", at("link")).unwrap();
    symlink("conf", at("to-conf")).unwrap();
    symlink("../keys", at("d/to-keys")).unwrap();
    fs::hard_link(at("conf/users"), at("d/hard")).unwrap();
    let store = open_at(folder.path(), FolderOptions { hidden: true, ..options() });
    let files = vec![at("conf/users"), at("conf/tokens"), at("keys")];
    store.keep_secret(&files).unwrap();
    (folder, store, files)
}

const SECRET: [&str; 9] = [
    "/conf/users",
    "/conf/tokens",
    "/keys",
    "/keys/key",
    "/link",
    "/to-conf/users",
    "/d/to-keys",
    "/d/to-keys/key",
    "/d/hard",
];

fn is_secret(store: &FolderStore) {
    for at in SECRET {
        assert!(store.snapshot().find(&path(at)).unwrap().is_none(), "{at}");
        assert!(store.snapshot().open(&path(at)).unwrap().is_none(), "{at}");
        assert!(store.snapshot().members(&path(at)).is_err(), "{at}");
    }
    assert_eq!(names(store, "/"), ["conf", "d", "f", "to-conf"]);
    assert_eq!(names(store, "/conf"), ["other"]);
    assert_eq!(names(store, "/to-conf"), ["other"]);
    assert_eq!(names(store, "/d"), [""; 0]);
    assert!(!dump(store).contains("secret"));
}

#[test]
fn what_secures_the_server_is_found_under_no_name() {
    let (folder, store, _) = ground();
    is_secret(&store);
    // Replaced by a new file of its name, as programs do, before anybody looked again.
    fs::write(folder.path().join("new"), "secret of tomorrow").unwrap();
    fs::rename(folder.path().join("new"), folder.path().join("conf/users")).unwrap();
    fs::write(folder.path().join("conf/tokens"), "secret").unwrap();
    fs::remove_file(folder.path().join("d/hard")).unwrap();
    is_secret(&store);
    fs::hard_link(folder.path().join("conf/users"), folder.path().join("d/hard")).unwrap();
    store.sweep(methodical_semantics::timestamp::Timestamp::new(0, 0)).unwrap();
    is_secret(&store);
}

#[test]
fn nothing_takes_the_place_of_what_secures_the_server() {
    let (folder, store, _) = ground();
    let before = fs::read(folder.path().join("conf/users")).unwrap();
    for at in SECRET {
        let at = path(at);
        let placed = change(&store, &path("/"), |changes| {
            changes.place(&at, staged(&store, &path("/f"), b"x")?, Placement::default())
        });
        assert!(placed.is_err(), "{at}");
        for made in [
            change(&store, &path("/"), |changes| changes.make_collection(&at)),
            change(&store, &path("/"), |changes| changes.copy(&path("/f"), &at, true)),
            change(&store, &path("/"), |changes| changes.rename(&path("/f"), &at)),
            change(&store, &path("/"), |changes| changes.remove(&at, Mark::Nothing)),
            change(&store, &path("/"), |changes| changes.copy(&at, &path("/x"), true)),
            change(&store, &path("/"), |changes| changes.rename(&at, &path("/x"))),
        ] {
            assert!(made.is_err(), "{at}");
        }
    }
    for refusal in [
        change(&store, &path("/"), |changes| changes.remove(&path("/conf"), Mark::Tombstone)),
        change(&store, &path("/"), |changes| changes.rename(&path("/conf"), &path("/x"))),
        change(&store, &path("/"), |changes| changes.make_collection(&path("/conf/tokens"))),
    ] {
        assert_eq!(refused(refusal), Err(Condition::ReservedName));
    }
    assert_eq!(fs::read(folder.path().join("conf/users")).unwrap(), before);
    // What lies beside it is nobody's secret.
    put(&store, "/conf/other", "changed").unwrap();
    change(&store, &path("/"), |changes| changes.remove(&path("/conf/other"), Mark::Nothing))
        .unwrap();
}

#[test]
fn a_copy_takes_along_nothing_that_secures_the_server() {
    let (folder, store, _) = ground();
    change(&store, &path("/"), |changes| {
        changes.copy(&path("/conf"), &path("/conf-copy"), true)?;
        changes.copy(&path("/d"), &path("/d-copy"), true)
    })
    .unwrap();
    assert_eq!(text(&store, "/conf-copy/other").as_deref(), Some("open"));
    let read = |at: &DiskPath| fs::read_dir(at).unwrap().count();
    assert_eq!(read(&folder.path().join("conf-copy")), 1);
    assert_eq!(read(&folder.path().join("d-copy")), 0);
}

#[test]
fn what_is_no_secret_any_more_is_there_again() {
    let (folder, store, _) = ground();
    store.keep_secret(&[folder.path().join("f"), "/nowhere/at/all".into()]).unwrap();
    assert!(store.snapshot().find(&path("/f")).unwrap().is_none());
    let (_, content) = store.snapshot().open(&path("/link")).unwrap().unwrap();
    assert_eq!(bytes(content), b"secret");
    store.keep_secret(&[]).unwrap();
    assert_eq!(text(&store, "/f").as_deref(), Some("open"));
}

#[test]
fn it_stays_secret_in_a_folder_that_is_put_in_the_place_of_another() {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().join("served");
    let make = || {
        fs::create_dir(&root).unwrap();
        fs::write(root.join("users"), "secret").unwrap();
    };
    make();
    let store = WatchedFolder::open(&root, FolderOptions::default()).unwrap();
    store.keep_secret(&[root.join("users")]).unwrap();
    assert!(store.snapshot().find(&path("/users")).unwrap().is_none());
    fs::rename(&root, above.path().join("before")).unwrap();
    make();
    fs::write(root.join("new"), "open").unwrap();
    store.watch();
    assert!(store.snapshot().find(&path("/new")).unwrap().is_some());
    assert!(store.snapshot().find(&path("/users")).unwrap().is_none());
}
