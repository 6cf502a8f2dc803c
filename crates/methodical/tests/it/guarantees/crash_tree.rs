//! `kill -9` while whole collections are made, copied, moved and deleted: each of these is one
//! step, with everything below it, also when the server is killed again while it comes back.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use super::{
    abort::settled,
    client::{Client, message},
    process::Process,
};
use crate::command::methodical;

const ROUNDS: u64 = 60;
const OWNERS: u64 = 3;
const COPIES: u32 = 24;

/// What stands below an owner's collection: a path from there with its content; nothing for a
/// collection.
type Tree = BTreeMap<String, Option<String>>;

/// What an owner knows of its collection, which nobody else changes.
#[derive(Debug, Clone, Default)]
struct Known {
    /// As it was acknowledged last.
    acknowledged: Tree,
    /// As it would be with what was asked for and not answered.
    asked: Tree,
}

#[test]
fn killed_at_any_moment_a_collection_is_as_it_was_or_as_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let owners: Vec<Mutex<Known>> = (0..OWNERS).map(|_| Mutex::default()).collect();
    let mut server = Process::serve(folder.path(), &[]);
    for number in 0..OWNERS {
        assert!(server.client().ask(&format!("MKCOL /{number}"), &[], b"").unwrap().is_success());
    }
    for round in 0..ROUNDS {
        let address = server.address;
        thread::scope(|scope| {
            for (number, known) in owners.iter().enumerate() {
                let mut dice = Dice(round * OWNERS + number as u64 + 1);
                scope.spawn(move || act(address, number, known, &mut dice));
            }
            // Random enough: the load runs by itself, and is met somewhere else each time.
            thread::sleep(Duration::from_micros(1000 + round * 7919 % 50_000));
            server.kill();
        });
        if round % 3 == 0 {
            kill_while_it_comes_back(folder.path(), round);
        }
        server = Process::serve(folder.path(), &[]);
        for (number, known) in owners.iter().enumerate() {
            check(&folder.path().join(number.to_string()), &mut known.lock().unwrap());
        }
    }
    let right = |names: &[String]| names.iter().all(|name| !name.starts_with(".methodical"));
    let names = settled(folder.path(), right);
    assert!(right(&names), "{names:?}");
}

/// A copy takes as long as it is large: it is killed at moments that lie all over that time.
#[test]
fn killed_half_way_a_copy_of_a_large_tree_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let (large, old) = (large_tree(), Tree::from([("kept".to_owned(), Some("old".to_owned()))]));
    write(&folder.path().join("large"), &large);
    let mut takes = None;
    for round in 0..COPIES {
        let target = folder.path().join("target");
        std::fs::remove_dir_all(&target).unwrap_or_default();
        write(&target, &old);
        let mut server = Process::serve(folder.path(), &["--durability", "relaxed"]);
        let mut client = server.client();
        let fields = [("Destination", "/target"), ("Overwrite", "T")];
        client.send(&message("COPY /large/", &fields, b"")).unwrap();
        let asked = Instant::now();
        let acknowledged = match takes {
            // The first is let alone, to see how long it takes.
            None => client.read().unwrap().is_success(),
            Some(takes) => {
                thread::sleep(takes * round / COPIES);
                server.kill();
                client.read().is_ok_and(|answer| answer.is_success())
            }
        };
        takes.get_or_insert_with(|| asked.elapsed());
        server.kill();
        drop(Process::serve(folder.path(), &[]));
        let found = read(&target);
        assert!(found == large || found == old && !acknowledged, "round {round}");
        assert!(read(&folder.path().join("large")) == large, "round {round}");
    }
    // What a server that was killed left is removed beside the work of one that is not.
    let _server = Process::serve(folder.path(), &[]);
    let right = |names: &[String]| names.len() == 2;
    let names = settled(folder.path(), right);
    assert_eq!(names, ["large", "target"]);
}

/// Collections of files, enough to be met half-way.
fn large_tree() -> Tree {
    let mut tree = Tree::new();
    for collection in 0..20 {
        tree.insert(format!("{collection}"), None);
        for member in 0..50 {
            let content = format!("{collection} {member} ").repeat(100);
            tree.insert(format!("{collection}/{member}"), Some(content));
        }
    }
    tree
}

fn write(folder: &Path, tree: &Tree) {
    std::fs::create_dir(folder).unwrap();
    for (path, content) in tree {
        match content {
            Some(content) => std::fs::write(folder.join(path), content).unwrap(),
            None => std::fs::create_dir(folder.join(path)).unwrap(),
        }
    }
}

fn read(folder: &Path) -> Tree {
    let mut found = Tree::new();
    walk(folder, "", &mut found);
    found
}

fn kill_while_it_comes_back(folder: &Path, round: u64) {
    let words = ["serve", "--write", "--port", "0", "--log-format", "off"].map(Into::into);
    let words = words.into_iter().chain([folder.as_os_str().to_owned()]);
    let mut child = methodical(words).spawn().unwrap();
    thread::sleep(Duration::from_micros(round * 1931 % 20_000));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Changes an owner's collection until the server is gone.
fn act(address: SocketAddr, number: usize, known: &Mutex<Known>, dice: &mut Dice) {
    let Ok(mut client) = Client::connect(address) else { return };
    loop {
        let mut tree = known.lock().unwrap().acknowledged.clone();
        let (line, destination, content) = step(number, &mut tree, dice);
        known.lock().unwrap().asked = tree.clone();
        let fields: Vec<(&str, &str)> =
            destination.iter().map(|path| ("Destination", path.as_str())).collect();
        let Ok(answer) = client.ask(&line, &fields, content.as_bytes()) else { return };
        assert!(answer.is_success(), "{line} to {destination:?}: {}", answer.status);
        known.lock().unwrap().acknowledged = tree;
    }
}

/// Chooses a request that the tree allows, and carries it out on the tree.
fn step(number: usize, tree: &mut Tree, dice: &mut Dice) -> (String, Option<String>, String) {
    let all = ["a", "b", "c"];
    let name = all.into_iter().nth(dice.below(3)).unwrap();
    let other = all.into_iter().filter(|it| *it != name).nth(dice.below(2)).unwrap();
    let at = |path: &str| format!("/{number}/{path}");
    let is_there = tree.contains_key(name);
    let is_collection = matches!(tree.get(name), Some(None));
    let slash = if is_collection { "/" } else { "" };
    match dice.below(8) {
        _ if !is_there && dice.below(2) == 0 => {
            tree.insert(name.to_owned(), None);
            (format!("MKCOL {}", at(name)), None, String::new())
        }
        0 if is_there => {
            remove(tree, name);
            (format!("DELETE {}{slash}", at(name)), None, String::new())
        }
        1 | 2 if is_there => {
            remove(tree, other);
            copy(tree, name, other);
            remove(tree, name);
            (format!("MOVE {}{slash}", at(name)), Some(at(other)), String::new())
        }
        3 if is_there => {
            remove(tree, other);
            copy(tree, name, other);
            (format!("COPY {}{slash}", at(name)), Some(at(other)), String::new())
        }
        die => {
            let member = format!("{name}/{die}");
            let path = if is_collection { member } else { name.to_owned() };
            let content = format!("{path} {}", dice.letters());
            tree.insert(path.clone(), Some(content.clone()));
            (format!("PUT {}", at(&path)), None, content)
        }
    }
}

fn below(tree: &Tree, name: &str) -> Vec<String> {
    let inside = format!("{name}/");
    tree.keys().filter(|path| *path == name || path.starts_with(&inside)).cloned().collect()
}

fn remove(tree: &mut Tree, name: &str) {
    for path in below(tree, name) {
        tree.remove(&path);
    }
}

fn copy(tree: &mut Tree, from: &str, to: &str) {
    for path in below(tree, from) {
        let content = tree[&path].clone();
        tree.insert(path.replacen(from, to, 1), content);
    }
}

/// Demands that a folder is one of the two states that are known of it, and takes it for true.
#[track_caller]
fn check(folder: &Path, known: &mut Known) {
    let found = read(folder);
    let right = found == known.acknowledged || found == known.asked;
    assert!(right, "found {found:#?}, but {known:#?}");
    *known = Known { acknowledged: found.clone(), asked: found };
}

fn walk(folder: &Path, prefix: &str, found: &mut Tree) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
            found.insert(path, None);
        } else {
            found.insert(path, Some(std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Numbers that look random and come again in the next run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: u64) -> usize {
        usize::try_from(self.next() % end).unwrap()
    }

    fn letters(&mut self) -> String {
        let length = self.below(20_000);
        "abcdefghij".repeat(length / 10 + 1)[..length].to_owned()
    }
}
