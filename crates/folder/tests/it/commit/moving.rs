//! What has another name from now on, with what lies below it.

use std::{env, fs, os::unix::fs::symlink, path::Path as DiskPath, process::Command};

use methodical_folder::FolderStore;
use methodical_semantics::{
    condition::Condition,
    path::{Path, SEGMENTS_MAX},
};
use methodical_store::{
    store::{Mark, Store},
    testing::{change, path},
};

use crate::{
    folder::{open_at, options, out_of_sight, put, refused, text},
    names::mounts::on_mounts,
};

/// Links that lead out of `/a/b` and within it.
fn linked(folder: &DiskPath) {
    fs::create_dir_all(folder.join("a/b/deep")).unwrap();
    fs::create_dir_all(folder.join("c/d")).unwrap();
    for file in ["a/out", "a/b/in", "top"] {
        fs::write(folder.join(file), file).unwrap();
    }
    for (text, at) in [
        ("../out", "a/b/up"),
        ("../../out", "a/b/deep/up"),
        ("../../../top", "a/b/deep/top"),
        ("../in", "a/b/deep/in"),
        ("../b/in", "a/b/by name"),
        ("in", "a/b/beside"),
        ("../nowhere", "a/b/lost"),
        ("../../../../../../../etc/hostname", "a/b/outside"),
    ] {
        symlink(text, folder.join(at)).unwrap();
    }
}

fn leads_where_it_led(folder: &DiskPath, store: &FolderStore, to: &str) {
    change(store, &path("/"), |it| it.rename(&path("/a/b"), &path(to))).unwrap();
    for (link, target) in [
        ("up", "a/out"),
        ("deep/up", "a/out"),
        ("deep/top", "top"),
        ("deep/in", "a/b/in"),
        ("by%20name", "a/b/in"),
        ("beside", "a/b/in"),
    ] {
        assert_eq!(text(store, &format!("{to}/{link}")).as_deref(), Some(target), "{to}/{link}");
    }
    let said = |link: &str| fs::read_link(folder.join(&to[1..]).join(link)).unwrap();
    // What leads within says what it said; so does what leads nowhere.
    for (link, text) in [("deep/in", "../in"), ("beside", "in"), ("lost", "../nowhere")] {
        assert_eq!(said(link), DiskPath::new(text));
    }
    assert!(!said("up").is_absolute() && !folder.join("a/b").exists());
    assert_eq!(out_of_sight(folder), [""; 0]);
}

#[test]
fn links_that_lead_out_of_a_moved_collection_lead_there_still() {
    for to in ["/c/d/b", "/e", "/a/renamed"] {
        let folder = tempfile::tempdir().unwrap();
        linked(folder.path());
        let store = open_at(folder.path(), options());
        leads_where_it_led(folder.path(), &store, to);
    }
}

#[test]
fn links_that_lead_out_of_what_goes_to_another_disk_lead_there_still() {
    let name = "commit::moving::links_that_lead_out_of_what_goes_to_another_disk_lead_there_still";
    on_mounts(name, "mkdir m && mount -t tmpfs none m", |folder| {
        linked(folder);
        leads_where_it_led(folder, &open_at(folder, options()), "/m/b");
    });
}

/// A chain of collections of one letter.
fn chain(folder: &DiskPath, name: &str, levels: usize) -> Path {
    let path = (0..levels).fold(Path::root(), |path, _| path.join(name.as_bytes()).unwrap());
    fs::create_dir_all(folder.join(vec![name; levels].join("/"))).unwrap();
    path
}

#[test]
fn nothing_comes_to_stand_deeper_than_paths_go() {
    let folder = tempfile::tempdir().unwrap();
    let (half, rest) = (SEGMENTS_MAX / 2, SEGMENTS_MAX - SEGMENTS_MAX / 2 + 1);
    let below = chain(folder.path(), "a", half);
    chain(folder.path(), "b", rest);
    let store = open_at(folder.path(), options());
    let deeper = below.join(b"x").unwrap();
    let moved = change(&store, &path("/"), |it| it.rename(&path("/b"), &deeper));
    assert_eq!(refused(moved), Err(Condition::Forbidden));
    let copied = change(&store, &path("/"), |it| it.copy(&path("/b"), &deeper, true));
    assert_eq!(refused(copied), Err(Condition::Forbidden));
    // One level higher there is room for it.
    let to = below.parent().unwrap().join(b"y").unwrap();
    change(&store, &path("/"), |it| it.copy(&path("/b"), &to, true)).unwrap();
    let deepest = |to: &Path| (1..rest).fold(to.clone(), |path, _| path.join(b"b").unwrap());
    assert!(store.snapshot().find(&deepest(&to)).unwrap().is_some());
    let beside = to.parent().unwrap().join(b"z").unwrap();
    change(&store, &path("/"), |it| it.rename(&path("/b"), &beside)).unwrap();
    assert!(store.snapshot().find(&deepest(&beside)).unwrap().is_some());
    assert_eq!(out_of_sight(folder.path()), [""; 0]);
}

#[test]
fn what_is_deep_takes_few_descriptors() {
    if env::var_os(LIMITED).is_some() {
        return deep_with_few_descriptors();
    }
    let script = "ulimit -n 40; exec \"$0\" \"$@\"";
    let name = "commit::moving::what_is_deep_takes_few_descriptors";
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", script]).arg(env::current_exe().unwrap()).args(["--exact", name]);
    let output = limited.env(LIMITED, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn deep_with_few_descriptors() {
    let folder = tempfile::tempdir().unwrap();
    let levels = SEGMENTS_MAX - 10;
    let deepest = chain(folder.path(), "a", levels);
    let store = open_at(folder.path(), options());
    let leaf = deepest.join(b"f").unwrap();
    put(&store, &leaf.encoded(), "leaf").unwrap();
    change(&store, &path("/"), |it| it.copy(&path("/a"), &path("/b"), true)).unwrap();
    let copied = format!("/b{}/f", "/a".repeat(levels - 1));
    assert_eq!(text(&store, &copied).as_deref(), Some("leaf"));
    change(&store, &path("/"), |it| it.rename(&path("/b"), &path("/c"))).unwrap();
    for at in ["/a", "/c"] {
        change(&store, &path(at), |it| it.remove(&path(at), Mark::Tombstone)).unwrap();
    }
    while !out_of_sight(folder.path()).is_empty() {
        std::thread::yield_now();
    }
}

const LIMITED: &str = "METHODICAL_TEST_LIMITED";
