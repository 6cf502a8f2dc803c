//! Content on its way in: out of sight, gone when it is given up, whole when it is placed.

use std::{
    env,
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path as DiskPath,
    process::Command,
    sync::Arc,
};

use methodical_content::FileSlice;
use methodical_folder::{Durability, FolderOptions, SyncCount};
use methodical_semantics::{condition::Condition, timestamp::Timestamp};
use methodical_store::{
    store::{Mark, Placement, Store},
    testing::{change, path, staged},
};

use crate::folder::{Disk, open_at, options, out_of_sight, put, refused, text};

#[test]
fn what_is_staged_is_nowhere_and_leaves_nothing() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::Apart] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        let store = disk.open_at(folder.path(), options());
        let mut staging = store.stage(&path("/d/f"), Some(1 << 21)).unwrap();
        staging.write(&vec![b'x'; 1 << 16]).unwrap();
        assert_eq!(seen(folder.path()), ["d"], "{disk:?}");
        drop(staging);
        assert_eq!(out_of_sight(folder.path()), [""; 0], "{disk:?}");
        let finished = staged(&store, &path("/d/f"), b"text").unwrap();
        assert_eq!(seen(folder.path()), ["d"], "{disk:?}");
        drop(finished);
        assert_eq!(out_of_sight(folder.path()), [""; 0], "{disk:?}");
        put(&store, "/d/f", "text").unwrap();
        put(&store, "/d/f", "text").unwrap();
        assert_eq!(out_of_sight(folder.path()), [""; 0], "{disk:?}");
    }
}

#[test]
fn content_for_a_place_that_comes_to_be_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let content = staged(&store, &path("/d/e/f"), b"text").unwrap();
    let (placed, as_) = (path("/d/e/f"), Placement::default());
    for at in ["/d", "/d/e"] {
        change(&store, &path(at), |changes| changes.make_collection(&path(at))).unwrap();
    }
    change(&store, &placed, |changes| changes.place(&placed, content, as_)).unwrap();
    assert_eq!(text(&store, "/d/e/f").as_deref(), Some("text"));
}

#[test]
fn no_state_folder_before_something_has_to_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    put(&store, "/f", "text").unwrap();
    change(&store, &path("/d"), |changes| changes.make_collection(&path("/d"))).unwrap();
    change(&store, &path("/"), |changes| changes.rename(&path("/f"), &path("/d/f"))).unwrap();
    change(&store, &path("/"), |changes| changes.copy(&path("/d/f"), &path("/g"), true)).unwrap();
    change(&store, &path("/g"), |changes| changes.remove(&path("/g"), Mark::Nothing)).unwrap();
    assert!(!folder.path().join(".methodical").exists());
    put(&store, "/d/f", "replaced").unwrap();
    let state = fs::metadata(folder.path().join(".methodical")).unwrap();
    assert_eq!(state.permissions().mode() & 0o777, 0o700, "it is nobody else's");
    assert!(!folder.path().join(".methodical/ledger.sqlite").exists());
}

#[test]
fn the_state_folder_may_be_removed_while_it_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let remove = |at: &str| {
        let at = path(at);
        change(&store, &at, |changes| changes.remove(&at, Mark::Tombstone)).unwrap();
    };
    for round in ["one", "two"] {
        put(&store, "/f", round).unwrap();
        put(&store, "/f", round).unwrap();
        put(&store, "/g", round).unwrap();
        remove("/g");
        assert!(store.snapshot().deleted_at(&path("/g")).unwrap().is_some(), "{round}");
        fs::remove_dir_all(folder.path().join(".methodical")).unwrap();
    }
    put(&store, "/h", "text").unwrap();
    remove("/h");
    assert!(store.snapshot().deleted_at(&path("/h")).unwrap().is_some());
    assert!(store.snapshot().deleted_at(&path("/g")).unwrap().is_none(), "that was removed, too");
}

#[test]
fn a_replaced_file_keeps_its_mode_bits() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let file = folder.path().join("f");
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
    for (before, after) in [(0o600, 0o600), (0o755, 0o755), (0o640, 0o640), (0o6755, 0o755)] {
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(before)).unwrap();
        let owner = fs::metadata(&file).map(|it| (it.uid(), it.gid())).unwrap();
        put(&store, "/f", "after").unwrap();
        assert_eq!(mode(), after, "{before:o}");
        assert_eq!(fs::metadata(&file).map(|it| (it.uid(), it.gid())).unwrap(), owner);
        // With a fact it goes another way.
        fs::set_permissions(&file, Permissions::from_mode(before)).unwrap();
        let as_ = Placement { media_type: Some("text/x".into()), ..Placement::default() };
        let content = staged(&store, &path("/f"), b"typed").unwrap();
        change(&store, &path("/f"), |changes| changes.place(&path("/f"), content, as_)).unwrap();
        assert_eq!(mode(), after, "{before:o} with a media type");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_replaced_file_keeps_its_access_control_list() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let file = folder.path().join("f");
    let list_of = |file: &DiskPath| {
        let mut list = Vec::with_capacity(1000);
        let spare = rustix::buffer::spare_capacity(&mut list);
        rustix::fs::getxattr(file, ACCESS, spare).map(|_| list)
    };
    let list = || list_of(&file);
    fs::write(&file, "before").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    // Owner rw, user 12345 rw, group nothing, mask rw, others nothing.
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, !0), (2, 6, 12345), (4, 0, !0), (0x10, 6, !0), (0x20, 0, !0)];
    let mut given = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        given.extend([tag.to_le_bytes(), rights.to_le_bytes()].concat());
        given.extend(id.to_le_bytes());
    }
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(&file, ACCESS, &given, flags) == Err(rustix::io::Errno::OPNOTSUPP) {
        println!("NOT RUN: the disk of the temporary folder has no access control lists to keep");
        return;
    }
    put(&store, "/f", "after").unwrap();
    assert_eq!(list().as_ref(), Ok(&given));
    change(&store, &path("/"), |it| it.copy(&path("/f"), &path("/g"), true)).unwrap();
    assert_eq!(list_of(&folder.path().join("g")), Ok(given));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o660);
    rustix::fs::removexattr(&file, ACCESS).unwrap();
    put(&store, "/f", "again").unwrap();
    assert_eq!(list(), Err(rustix::io::Errno::NODATA));
}

#[test]
fn a_replaced_file_keeps_what_people_noted_of_it() {
    let long = vec![b'x'; 1000];
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::Apart] {
        let folder = tempfile::tempdir().unwrap();
        let store = disk.open_at(folder.path(), options());
        let file = folder.path().join("f");
        let notes = [("user.a", b"1".as_slice()), ("user.empty", b""), ("user.long", &long)];
        let noted = || {
            notes.map(|(name, _)| {
                let mut value = Vec::with_capacity(2000);
                let spare = rustix::buffer::spare_capacity(&mut value);
                rustix::fs::getxattr(&file, name, spare).map(|_| value)
            })
        };
        fs::write(&file, "before").unwrap();
        for (name, value) in notes {
            let flags = rustix::fs::XattrFlags::empty();
            if rustix::fs::setxattr(&file, name, value, flags).is_err() {
                println!("NOT RUN: the disk of the temporary folder has no attributes to keep");
                return;
            }
        }
        let kept = notes.map(|(_, value)| Ok(value.to_vec()));
        put(&store, "/f", "after").unwrap();
        assert_eq!(noted(), kept, "{disk:?}");
        // With a fact it goes another way.
        let as_ = Placement { media_type: Some("text/x".into()), ..Placement::default() };
        let content = staged(&store, &path("/f"), b"typed").unwrap();
        change(&store, &path("/f"), |changes| changes.place(&path("/f"), content, as_)).unwrap();
        assert_eq!(noted(), kept, "{disk:?} with a media type");
    }
}

// What people noted of a resource is its state as dead properties are.
#[test]
fn rfc4918_9_8_2_a_copy_has_what_people_noted_of_its_original() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("d")).unwrap();
    fs::write(at("d/f"), "text").unwrap();
    let long = vec![b'x'; 1000];
    let notes = [("user.a", b"1".as_slice()), ("user.empty", b""), ("user.long", &long)];
    for (name, value) in notes {
        for of in ["d", "d/f"] {
            let flags = rustix::fs::XattrFlags::empty();
            if rustix::fs::setxattr(at(of), name, value, flags).is_err() {
                println!("NOT RUN: the disk of the temporary folder has no attributes to copy");
                return;
            }
        }
    }
    // Who may only read it still has all that it has copied.
    fs::set_permissions(at("d/f"), Permissions::from_mode(0o444)).unwrap();
    let store = open_at(folder.path(), options());
    for (from, to) in [("/d/f", "/g"), ("/d", "/e")] {
        change(&store, &path("/"), |it| it.copy(&path(from), &path(to), true)).unwrap();
    }
    for copy in ["g", "e", "e/f"] {
        for (name, expected) in notes {
            let mut value = Vec::with_capacity(2000);
            let spare = rustix::buffer::spare_capacity(&mut value);
            rustix::fs::getxattr(at(copy), name, spare).unwrap();
            assert_eq!(value, expected, "{name} of {copy}");
        }
    }
}

#[test]
fn a_new_file_has_the_mode_that_the_system_gives_new_files() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly] {
        let folder = tempfile::tempdir().unwrap();
        let store = disk.open_at(folder.path(), options());
        fs::write(folder.path().join("theirs"), "text").unwrap();
        fs::create_dir(folder.path().join("their_folder")).unwrap();
        put(&store, "/ours", "text").unwrap();
        let at = path("/our_folder");
        change(&store, &at, |changes| changes.make_collection(&at)).unwrap();
        let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("ours"), mode("theirs"), "{disk:?}");
        assert_eq!(mode("our_folder"), mode("their_folder"), "{disk:?}");
    }
}

#[test]
fn a_copy_has_the_mode_of_its_original() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    fs::write(folder.path().join("d/run"), "#!/bin/sh").unwrap();
    fs::set_permissions(folder.path().join("d/run"), Permissions::from_mode(0o750)).unwrap();
    fs::set_permissions(folder.path().join("d"), Permissions::from_mode(0o710)).unwrap();
    let store = open_at(folder.path(), options());
    for (from, to) in [("/d", "/copy"), ("/d/run", "/run")] {
        change(&store, &path("/"), |it| it.copy(&path(from), &path(to), true)).unwrap();
    }
    let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("copy"), mode("copy/run"), mode("run")], [0o710, 0o750, 0o750]);
}

#[test]
fn no_two_contents_have_one_modification_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let mut seen = std::collections::HashSet::new();
    for round in 0..500 {
        let modified = (round % 2 == 0).then(|| Timestamp::new(784_111_777, 0));
        let content = staged(&store, &path("/f"), b"text").unwrap();
        let as_ = Placement { modified, ..Placement::default() };
        change(&store, &path("/f"), |changes| changes.place(&path("/f"), content, as_)).unwrap();
        let file = fs::metadata(folder.path().join("f")).unwrap();
        assert!(modified.is_none_or(|modified| modified.seconds() == file.mtime()));
        assert!(seen.insert(file.mtime_nsec()), "round {round}");
    }
}

#[test]
fn acknowledged_means_synced() {
    let counted = |durability, disk: Disk| {
        let folder = tempfile::tempdir().unwrap();
        let store = disk.open_at(folder.path(), FolderOptions { durability, ..options() });
        put(&store, "/f", "text").unwrap();
        let placed = store.syncs();
        change(&store, &path("/d"), |changes| changes.make_collection(&path("/d"))).unwrap();
        let made = store.syncs();
        change(&store, &path("/"), |it| it.rename(&path("/f"), &path("/d/f"))).unwrap();
        let moved = store.syncs();
        change(&store, &path("/d/f"), |it| it.remove(&path("/d/f"), Mark::Nothing)).unwrap();
        [placed, made, moved, store.syncs()]
    };
    let synced = |files, directories| SyncCount { files, directories };
    // A file and its folder; a folder; two folders; a folder.
    let expected = [synced(1, 1), synced(1, 2), synced(1, 4), synced(1, 5)];
    assert_eq!(counted(Durability::Full, Disk::Usual), expected);
    assert_eq!(counted(Durability::Relaxed, Disk::Usual), [SyncCount::default(); 4]);
}

#[test]
fn a_copied_tree_is_synced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), FolderOptions { durability: Durability::Full, ..options() });
    fs::create_dir_all(folder.path().join("d/e")).unwrap();
    for name in ["d/1", "d/2", "d/e/3"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    change(&store, &path("/"), |it| it.copy(&path("/d"), &path("/copy"), true)).unwrap();
    let SyncCount { files, directories } = store.syncs();
    assert_eq!(files, 3);
    // The two that were made, the one they were made in, the one they stand in, and the state
    // folder.
    assert!(directories >= 4, "{directories}");
}

#[test]
fn a_large_copied_tree_is_synced_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), FolderOptions { durability: Durability::Full, ..options() });
    fs::create_dir_all(folder.path().join("d/e")).unwrap();
    for number in 0..500 {
        fs::write(folder.path().join(format!("d/e/{number}")), "text").unwrap();
    }
    change(&store, &path("/"), |it| it.copy(&path("/d"), &path("/copy"), true)).unwrap();
    let SyncCount { files, directories } = store.syncs();
    assert!(files <= 32, "{files}");
    assert!((3..10).contains(&directories), "{directories}");
    assert_eq!(text(&store, "/copy/e/499").as_deref(), Some("text"));
}

#[test]
fn a_length_that_does_not_fit_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let refusal = store.stage(&path("/f"), Some(1 << 60)).map(|_| ());
    assert_eq!(refused(refusal), Err(Condition::InsufficientStorage));
}

#[test]
fn what_was_set_aside_for_bytes_that_never_came_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let mut staging = store.stage(&path("/f"), Some(8 << 20)).unwrap();
    staging.write(b"little").unwrap();
    let content = staging.finish().unwrap();
    assert_eq!(content.length(), 6);
    let as_ = Placement::default();
    change(&store, &path("/f"), |changes| changes.place(&path("/f"), content, as_)).unwrap();
    assert!(fs::metadata(folder.path().join("f")).unwrap().blocks() * 512 < 1 << 20);
}

#[test]
fn a_part_of_a_file_is_copied_by_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path(), options());
    let mut source = tempfile::tempfile().unwrap();
    let bytes: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
    source.write_all(&bytes).unwrap();
    let source = Arc::new(source.into());
    let mut staging = store.stage(&path("/f"), None).unwrap();
    staging.write(b"before ").unwrap();
    let slice = |offset, length| FileSlice { file: Arc::clone(&source), offset, length };
    staging.write_from(&slice(100, 2 << 20)).unwrap();
    staging.write(b" behind").unwrap();
    let content = staging.finish().unwrap();
    let as_ = Placement::default();
    change(&store, &path("/f"), |changes| changes.place(&path("/f"), content, as_)).unwrap();
    let expected = [b"before ", &bytes[100..100 + (2 << 20)], b" behind"].concat();
    assert!(fs::read(folder.path().join("f")).unwrap() == expected);
}

#[test]
fn a_full_disk_keeps_the_old_file() {
    if env::var_os(LIMITED).is_some() {
        return on_a_full_disk();
    }
    // A limit for the size of files stands in for a full disk: the system refuses to write on.
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let name = "bytes::stage::a_full_disk_keeps_the_old_file";
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", script]).arg(env::current_exe().unwrap()).args(["--exact", name]);
    let output = limited.env(LIMITED, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn on_a_full_disk() {
    for disk in [Disk::Usual, Disk::NamedFilesOnly, Disk::Apart] {
        let folder = tempfile::tempdir().unwrap();
        let store = disk.open_at(folder.path(), options());
        put(&store, "/f", "the old file").unwrap();
        let long = "x".repeat(1 << 20);
        assert_eq!(put(&store, "/f", &long), Err(Condition::InsufficientStorage), "{disk:?}");
        let mut staging = store.stage(&path("/f"), None).unwrap();
        let piece = [b'x'; 1000];
        let written = (0..1000).try_for_each(|_| staging.write(&piece));
        assert_eq!(refused(written), Err(Condition::InsufficientStorage), "{disk:?}");
        drop(staging);
        assert_eq!(text(&store, "/f").as_deref(), Some("the old file"));
        assert_eq!(out_of_sight(folder.path()), [""; 0], "{disk:?}");
    }
}

/// The names in a folder but for the server's own.
fn seen(folder: &DiskPath) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.display().to_string());
    names.filter(|name| !name.starts_with(".methodical")).collect()
}

const ACCESS: &str = "system.posix_acl_access";
const LIMITED: &str = "METHODICAL_TEST_LIMITED";
