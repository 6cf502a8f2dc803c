//! Every change that a writing method makes on the disk fails once, in every way that disks fail:
//! the old state or the new stands there whole, the answer says which, and the next request works.

use std::{fs, path::Path as DiskPath};

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_store::{
    faulty::{Fault, each_fault, under},
    store::Store,
    testing::{dump, dump_locks, dump_tombstones, path},
};
use tempfile::TempDir;

use crate::world::{Answer, World};

/// What the system answers to a change (errno(3)), and the statuses that clients may be told then.
type Way = (&'static str, i32, &'static [u16]);

const WAYS: &[Way] = &[
    ("ENOSPC", 28, &[507]),
    ("EDQUOT", 122, &[507]),
    ("EIO", 5, &[500]),
    ("EXDEV", 18, &[403, 500]),
    ("EROFS", 30, &[403]),
];

const SEED: &[(&str, &str)] = &[
    ("/a", "1"),
    ("/j.json", "{\"n\":0}"),
    ("/c/", ""),
    ("/c/f", "333"),
    ("/t/", ""),
    ("/t/f", "leaf"),
    ("/t/t/", ""),
    ("/t/t/f", "deep leaf"),
    ("/locked", "kept"),
    ("/o/", ""),
    ("/o/a", "first"),
    ("/o/b", "second"),
];

/// What is there already besides: a fact, a property and a lock.
const BEFORE: &[&str] = &[
    "PUT /a\ncontent-type: text/x\n\n1",
    "PROPPATCH /t/f\n\n<propertyupdate xmlns='DAV:'><set><prop><p xmlns='urn:x'>1</p></prop></set>\
     </propertyupdate>",
    LOCK_OF_WHAT_IS_THERE,
    "ORDERPATCH /o/\n\n<orderpatch xmlns='DAV:'><ordering-type><href>DAV:custom</href>\
     </ordering-type></orderpatch>",
];

const LOCK_OF_WHAT_IS_THERE: &str = "LOCK /locked\ntimeout: Second-600\n\n<lockinfo xmlns='DAV:'>\
     <lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";

const REQUESTS: &[&str] = &[
    "PUT /new\n\ncontent",
    "PUT /new\ncontent-type: text/y\n\ncontent",
    "PUT /c/f\n\ncontent",
    "PUT /a\ncontent-type: text/y\n\ncontent",
    "POST /c/\ncontent-type: text/plain\nslug: posted\n\ncontent",
    "PATCH /j.json\ncontent-type: application/merge-patch+json\n\n{\"n\":1}",
    "DELETE /a",
    "DELETE /t/",
    "MKCOL /new/",
    "MOVE /a\ndestination: /new",
    "MOVE /a\ndestination: /c/f",
    "MOVE /t/\ndestination: /new/",
    "MOVE /t/\ndestination: /c/",
    "COPY /a\ndestination: /new",
    "COPY /t/f\ndestination: /c/f",
    "COPY /t/\ndestination: /new/",
    "COPY /t/\ndestination: /c/",
    "PROPPATCH /a\n\n<propertyupdate xmlns='DAV:'><set><prop><p xmlns='urn:x'>2</p></prop></set>\
     </propertyupdate>",
    "LOCK /a\ntimeout: Second-600\n\n<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>\
     <locktype><write/></locktype></lockinfo>",
    "LOCK /new\ntimeout: Second-600\n\n<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>\
     <locktype><write/></locktype></lockinfo>",
    "LOCK /locked\nif: ({token})\ntimeout: Second-900",
    "UNLOCK /locked\nlock-token: {token}",
    "ORDERPATCH /o/\n\n<orderpatch xmlns='DAV:'><order-member><segment>b</segment><position>\
     <first/></position></order-member></orderpatch>",
    "PUT /o/n\nposition: first\n\ncontent",
    "MOVE /a\ndestination: /o/n\nposition: after a",
    "COPY /a\ndestination: /o/b\nposition: first",
];

/// A folder with a world on it.
struct Ground {
    folder: TempDir,
    world: World,
    token: String,
}

impl Ground {
    fn new(durability: Durability) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::of(opened(folder.path(), durability));
        world.seed(SEED);
        let mut token = String::new();
        for request in BEFORE {
            let answer = world.send(request);
            assert!(is_done(&answer), "{request}: {answer:?}");
            if answer.has("lock-token") {
                answer.field("lock-token").clone_into(&mut token);
            }
        }
        Self { folder, world, token }
    }

    fn send(&self, request: &str) -> Answer {
        self.world.send(&request.replace("{token}", &self.token))
    }

    fn state(&self) -> String {
        state(&*self.world.store)
    }

    /// What the next process finds, and what it leaves out of sight.
    fn opened_again(self) -> (String, Vec<String>) {
        let Self { folder, world, .. } = self;
        drop(world);
        let store = opened(folder.path(), Durability::Relaxed);
        let found = state(&*store);
        drop(store);
        (found, out_of_sight(folder.path()))
    }
}

fn opened(folder: &DiskPath, durability: Durability) -> Box<dyn Store> {
    let options = FolderOptions { writable: true, durability, ..FolderOptions::default() };
    Box::new(FolderStore::open(folder, options).unwrap())
}

fn state(store: &dyn Store) -> String {
    let asked = ["/a", "/c", "/c/f", "/t", "/t/f", "/t/t/f", "/new"].map(path);
    dump(store) + &dump_tombstones(store, &asked) + &dump_locks(store)
}

fn out_of_sight(folder: &DiskPath) -> Vec<String> {
    let rooms = ["stage", "trash", "beside"].map(|room| folder.join(".methodical").join(room));
    let names = rooms.iter().filter_map(|room| fs::read_dir(room).ok()).flatten();
    names.map(|name| name.unwrap().path().display().to_string()).collect()
}

/// Whether the answer says that all was done: 207 may say that it was not (RFC 4918 section 9.2.1).
fn is_done(answer: &Answer) -> bool {
    let told = String::from_utf8_lossy(&answer.body);
    matches!(answer.status, 200..=299)
        && !told.contains("HTTP/1.1 4")
        && !told.contains("HTTP/1.1 5")
}

/// The statuses of an answer that says that it was not done, those within a 207 among them.
fn statuses(answer: &Answer) -> Vec<u16> {
    if answer.status != 207 {
        return vec![answer.status];
    }
    let told = String::from_utf8_lossy(&answer.body).into_owned();
    let within = told.split("HTTP/1.1 ").skip(1).map(|rest| rest[..3].parse().unwrap());
    // RFC 4918 section 11.4: what was not done since something else was not.
    within.filter(|status| *status != 424).collect()
}

/// Tries the requests, a few at one time.
fn tried(durability: Durability, ways: &[Way]) {
    std::thread::scope(|scope| {
        for requests in REQUESTS.chunks(REQUESTS.len().div_ceil(THREADS)) {
            scope.spawn(move || requests.iter().for_each(|it| fails_once(durability, it, ways)));
        }
    });
}

fn fails_once(durability: Durability, request: &str, ways: &[Way]) {
    let ground = Ground::new(durability);
    let old = ground.state();
    let answer = ground.send(request);
    assert!(is_done(&answer), "{request}: {answer:?}");
    let new = ground.state();
    assert_ne!(old, new, "{request}");
    for (name, errno, told) in ways {
        let met = each_fault(Fault::Answers(*errno), |faults| {
            let ground = Ground::new(durability);
            let answer = under(faults, || ground.send(request));
            let said = || format!("{request}, {name}, {faults:?}: {answer:?}");
            let found = ground.state();
            if is_done(&answer) {
                assert_eq!(found, new, "{}", said());
            } else {
                assert_eq!(found, old, "{}", said());
                let all = statuses(&answer);
                assert!(all.iter().all(|status| told.contains(status)), "{all:?}, {}", said());
                let again = ground.send(request);
                assert!(is_done(&again), "{}\nand then {again:?}", said());
                assert_eq!(ground.state(), new, "{}", said());
            }
            assert_eq!(ground.opened_again(), (new.clone(), Vec::new()), "{}", said());
        });
        assert!(met > 0, "{request} changes nothing on the disk");
    }
}

#[test]
fn rfc9110_9_2_what_the_disk_refuses_is_not_done_and_what_is_told_as_done_is() {
    tried(Durability::Relaxed, WAYS);
}

#[test]
fn rfc9110_15_6_1_what_the_disk_does_not_keep_is_not_told_as_done() {
    tried(Durability::Full, &WAYS[2..3]);
}

const THREADS: usize = 4;
