//! Disks that are mounted inside, of kinds that have to be mounted to be had.

use std::{env, fs, path::Path as DiskPath, process::Command};

use methodical_folder::{FolderOptions, FolderStore, WatchedFolder};
use methodical_semantics::{
    condition::Condition, error::Result, footprint::Footprint, timestamp::Timestamp,
};
use methodical_store::{
    store::{Committed, Mark, Store},
    testing::{change, dump, path},
    work,
};

use crate::folder::{open_at, options, out_of_sight, put, refused, text};

/// Runs a test in a namespace of its own, in a folder in which a script has mounted disks. `name`
/// is that of the test that calls this.
pub(crate) fn on_mounts(name: &str, script: &str, test: impl FnOnce(&DiskPath)) {
    if let Some(folder) = env::var_os(MOUNTED) {
        return test(DiskPath::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!("cd \"$0\" && {{ {script}; }} || exit 77; exec \"$@\"");
    let mut mounted = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        mounted.args(["--user", "--map-root-user"]);
    }
    mounted.args(["--mount", "/bin/sh", "-c", &script]);
    mounted.arg(folder.path()).arg(env::current_exe().unwrap()).args(["--exact", name]);
    // unshare is of util-linux, which every Linux has.
    let output = mounted.env(MOUNTED, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("running 0 tests"), "there is no test {name}");
    if !said.contains("running 1 test") {
        println!("NOT RUN: the system lets nobody mount such a disk in a namespace of its own");
        return;
    }
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

const MOUNTED: &str = "METHODICAL_TEST_MOUNTED";

/// What stays where it is, as text: the disk that is mounted deep inside, too.
fn stays(folder: &DiskPath, work: impl Fn(&FolderStore) -> Result<Committed>) {
    let store = open_at(folder, options());
    put(&store, "/p/f", "ours").unwrap();
    put(&store, "/s", "source").unwrap();
    fs::write(folder.join("p/q/mnt/f"), "of the disk").unwrap();
    let before = dump(&store);
    assert_eq!(refused(work(&store)), Err(Condition::Forbidden));
    assert_eq!(dump(&store), before);
    assert_eq!(text(&store, "/p/q/mnt/f").as_deref(), Some("of the disk"));
    assert_eq!(out_of_sight(folder), [""; 0]);
}

/// Everything that takes `/p` away.
fn taken_away(folder: &DiskPath) {
    for mark in [Mark::Nothing, Mark::Tombstone] {
        for at in ["/p", "/p/q", "/p/q/mnt"] {
            stays(folder, |store| change(store, &path("/"), |it| it.remove(&path(at), mark)));
        }
    }
    for at in ["/p", "/p/q", "/p/q/mnt"] {
        stays(folder, |store| {
            change(store, &path("/"), |it| it.rename(&path(at), &path("/elsewhere")))
        });
        stays(folder, |store| {
            change(store, &path("/"), |it| {
                it.remove(&path(at), Mark::Nothing)?;
                it.copy(&path("/s"), &path(at), true)
            })
        });
    }
}

/// What an event loop may look at, where a disk is mounted at `/d/slow` of a kind nobody knows.
fn reads_fast(folder: &DiskPath) {
    fs::write(folder.join("f"), "f").unwrap();
    fs::create_dir(folder.join("e")).unwrap();
    for (link, to) in [("to-f", "f"), ("to-slow", "d/slow"), ("e/up", "../d/slow")] {
        std::os::unix::fs::symlink(to, folder.join(link)).unwrap();
    }
    let store = WatchedFolder::open(folder, options()).unwrap();
    let fast = |at: &str| store.reads_fast(&path(at));
    for at in ["/f", "/e", "/to-f", "/none", "/d/slower"] {
        assert!(fast(at), "{at}");
    }
    for at in ["/", "/d", "/d/slow", "/d/slow/f", "/to-slow", "/to-slow/f", "/e/up", "/e/up/f"] {
        assert!(!fast(at), "{at}");
    }
    // Whoever looks all the same, by whatever way, is kept from it.
    let look = |at: &str| work::at_once(|| store.snapshot().find(&path(at)).is_ok());
    assert_eq!(look("/to-f"), Some(true));
    assert_eq!(look("/to-slow/f"), None);
    assert!(store.snapshot().find(&path("/to-slow")).unwrap().is_some());
    let witness = store.snapshot().find(&path("/f")).unwrap().unwrap().witness.unwrap();
    assert!(store.unchanged(&path("/f"), &witness));
    let unmounted = Command::new("umount").arg(folder.join("d/slow")).status().unwrap();
    assert!(unmounted.success());
    store.watch();
    assert!(fast("/") && fast("/d/slow") && fast("/to-slow"));
    let mount = ["-t", "bpf", "none"];
    let mounted = Command::new("mount").args(mount).arg(folder.join("e")).status();
    assert!(mounted.unwrap().success());
    store.watch();
    assert!(!fast("/e") && fast("/d/slow"));
}

#[test]
fn a_disk_of_a_kind_that_may_be_slow_is_told_by_path_and_link() {
    let name = "names::mounts::a_disk_of_a_kind_that_may_be_slow_is_told_by_path_and_link";
    on_mounts(name, "mkdir -p d/slow && mount -t bpf none d/slow", reads_fast);
}

#[test]
fn a_folder_on_a_disk_of_a_kind_that_may_be_slow_is_slow() {
    let name = "names::mounts::a_folder_on_a_disk_of_a_kind_that_may_be_slow_is_slow";
    on_mounts(name, "mkdir slow && mount -t bpf none slow", |folder| {
        let store = open_at(&folder.join("slow"), FolderOptions::default());
        assert!(!store.reads_fast(&path("/")) && !store.reads_fast(&path("/f")));
        assert!(!store.writes_fast(&path("/f")));
    });
}

#[test]
fn a_collection_in_which_a_disk_is_mounted_stays() {
    let name = "names::mounts::a_collection_in_which_a_disk_is_mounted_stays";
    on_mounts(name, "mkdir -p p/q/mnt && mount -t tmpfs none p/q/mnt", taken_away);
}

#[test]
fn a_collection_in_which_another_part_of_its_disk_is_mounted_stays() {
    let name = "names::mounts::a_collection_in_which_another_part_of_its_disk_is_mounted_stays";
    let script = "mkdir -p 'p/q/mnt' 'a b' && mount --bind 'a b' p/q/mnt";
    on_mounts(name, script, taken_away);
}

#[test]
fn a_collection_in_which_a_file_is_mounted_stays() {
    let name = "names::mounts::a_collection_in_which_a_file_is_mounted_stays";
    let script = "mkdir -p p/q && touch p/q/f one && mount --bind one p/q/f";
    on_mounts(name, script, |folder| {
        let store = open_at(folder, options());
        for at in ["/p", "/p/q", "/p/q/f"] {
            let removed = change(&store, &path(at), |it| it.remove(&path(at), Mark::Nothing));
            assert_eq!(refused(removed), Err(Condition::Forbidden), "{at}");
        }
        assert!(folder.join("p/q/f").exists());
    });
}

#[test]
fn a_disk_in_the_trash_is_never_emptied() {
    let name = "names::mounts::a_disk_in_the_trash_is_never_emptied";
    let script = "mkdir -p .methodical/trash/1/below/mnt .methodical/trash/2 \
        && touch .methodical/trash/1/below/f .methodical/trash/2/f \
        && mount -t tmpfs none .methodical/trash/1/below/mnt";
    on_mounts(name, script, |folder| {
        let trash = folder.join(".methodical/trash");
        let theirs = trash.join("1/below/mnt/f");
        fs::write(&theirs, "theirs").unwrap();
        for _ in 0..2 {
            let store = open_at(folder, options());
            let told = store.sweep(Timestamp::new(0, 0)).unwrap_err();
            assert!(told.to_string().contains("mounted"), "{told}");
            // Once is enough.
            store.sweep(Timestamp::new(0, 0)).unwrap();
            assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
            assert!(!trash.join("1/below/f").exists() && !trash.join("2").exists());
        }
        let store = open_at(folder, options());
        assert!(Command::new("umount").arg(trash.join("1/below/mnt")).status().unwrap().success());
        store.sweep(Timestamp::new(0, 0)).unwrap();
        assert!(!trash.join("1").exists());
    });
}

/// A folder of all kinds of things, some of which no copy takes along.
const ALL_KINDS: &str = "mkdir -p s/d/.hidden && echo 1 > s/d/f && ln s/d/f s/d/again \
    && echo 2 > s/d/.hidden/f && ln -s ../../elsewhere s/d/out && ln -s f s/d/in \
    && mkfifo s/d/pipe \
    && chown 5:6 s/d/f s/d/pipe && chmod 2750 s/d && chmod 4711 s/d/f && chmod 600 s/d/pipe \
    && touch -h -d '2001-02-03 04:05:06.789' s/d/in s/d/f s/d/pipe s/d";

/// What stands below, with all that a listing of the system tells.
fn listed(at: &DiskPath) -> String {
    let script = "cd \"$0\" && find . -printf '%P %y %m %U:%G %T@ %n %l\\n' | sort";
    let found = Command::new("/bin/sh").args(["-c", script]).arg(at).output().unwrap();
    let attributes = Command::new("/bin/sh")
        .args(["-c", "cd \"$0\" && getfattr -R -d -m user . 2>/dev/null; true"])
        .arg(at)
        .output()
        .unwrap();
    String::from_utf8(found.stdout).unwrap() + &String::from_utf8(attributes.stdout).unwrap()
}

fn is_carried(folder: &DiskPath, from: &str, to: &str) {
    let at = |encoded: &str| folder.join(encoded.trim_start_matches('/'));
    let before = listed(&at(from));
    assert!(before.contains("again f 4711 5:6") && before.contains("pipe p 600 5:6"), "{before}");
    let store = open_at(folder, options());
    change(&store, &path("/"), |it| it.rename(&path(from), &path(to))).unwrap();
    assert_eq!(listed(&at(to)), before);
    assert!(!at(from).exists());
    drop(store);
    assert_eq!(out_of_sight(folder), [""; 0]);
}

#[test]
fn what_is_moved_to_another_disk_goes_with_all_that_it_has() {
    let name = "names::mounts::what_is_moved_to_another_disk_goes_with_all_that_it_has";
    let script = format!("{ALL_KINDS} && mkdir m && mount -t tmpfs none m");
    on_mounts(name, &script, |folder| {
        rustix::fs::setxattr(
            folder.join("s/d/.hidden/f"),
            "user.note",
            b"kept",
            rustix::fs::XattrFlags::empty(),
        )
        .unwrap_or_default();
        is_carried(folder, "/s/d", "/m/d");
        is_carried(folder, "/m/d", "/back");
    });
}

#[test]
fn what_is_moved_to_another_part_of_its_disk_goes_with_all_that_it_has() {
    let name = "names::mounts::what_is_moved_to_another_part_of_its_disk_goes_with_all_that_it_has";
    let script = format!("{ALL_KINDS} && mkdir m part && mount --bind part m");
    on_mounts(name, &script, |folder| is_carried(folder, "/s/d", "/m/d"));
}

/// A folder of which all was there before, in a layer below.
const LAYERS: &str = "mount -t tmpfs none . && cd \"$0\" && mkdir low up work && cd low";
const LAID: &str = "cd .. && mkdir m && mount -t overlay \
    -o lowerdir=low,upperdir=up,workdir=work,redirect_dir=off none m";

#[test]
fn what_is_of_a_lower_layer_is_moved_replaced_and_deleted() {
    let name = "names::mounts::what_is_of_a_lower_layer_is_moved_replaced_and_deleted";
    let script =
        format!("{LAYERS} && {ALL_KINDS} && cp -a s t && cp -a s u && cp -a s v && {LAID}");
    on_mounts(name, &script, |folder| {
        let folder = &folder.join("m");
        is_carried(folder, "/s/d", "/moved");
        let store = open_at(folder, options());
        for mark in [Mark::Tombstone, Mark::Nothing] {
            let at = if mark == Mark::Nothing { "/t" } else { "/s" };
            change(&store, &path(at), |it| it.remove(&path(at), mark)).unwrap();
            assert!(!folder.join(&at[1..]).exists());
        }
        let known = |it: &mut dyn methodical_store::store::Changes| {
            let properties = [(methodical_semantics::xml::Name::new("urn:x", "a"), "1".into())];
            it.set_properties(&path("/u/d"), properties.into_iter().collect())
        };
        change(&store, &path("/u"), known).unwrap();
        let before = listed(&folder.join("u"));
        change(&store, &path("/"), |it| {
            it.remove(&path("/v"), Mark::Nothing)?;
            it.rename(&path("/u"), &path("/v"))
        })
        .unwrap();
        assert_eq!(listed(&folder.join("v")), before);
        let found = store.snapshot().find(&path("/v/d")).unwrap().unwrap();
        assert!(!store.snapshot().properties(&found).unwrap().is_empty());
        drop(store);
        assert_eq!(out_of_sight(folder), [""; 0]);
    });
}

#[test]
fn the_bare_place_of_a_disk_that_went_away_is_not_served() {
    let name = "names::mounts::the_bare_place_of_a_disk_that_went_away_is_not_served";
    on_mounts(name, "mkdir m && mount -t tmpfs one m", |folder| {
        let root = folder.join("m");
        let run = |command: &str, args: &[&str]| {
            assert!(Command::new(command).args(args).arg(&root).status().unwrap().success());
        };
        fs::write(root.join("f"), "one").unwrap();
        let store = WatchedFolder::open(&root, options()).unwrap();
        assert_eq!(store.watch(), None);
        run("umount", &["--lazy"]);
        assert!(store.watch().unwrap().contains("no disk is mounted"));
        assert_eq!(store.watch(), None, "it is said once");
        assert!(!store.stands());
        let looked = store.snapshot().find(&path("/f"));
        assert_eq!(refused(looked), Err(Condition::Away));
        assert_eq!(refused(store.changes(&Footprint::default())), Err(Condition::Away));
        run("mount", &["-t", "tmpfs", "another"]);
        fs::write(root.join("g"), "another").unwrap();
        assert!(store.watch().unwrap().contains("again"));
        assert_eq!(text(&store, "/g").as_deref(), Some("another"));
        assert_eq!(text(&store, "/f"), None);
    });
}
