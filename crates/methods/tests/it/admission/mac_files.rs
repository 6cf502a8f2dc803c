use methodical_folder::{FolderOptions, FolderStore};
use methodical_methods::admission::policy::MacJunk;
use methodical_store::{
    memory::{MemoryOptions, MemoryStore},
    store::Store,
    testing::{dump_with_validators, ticking},
};

use crate::world::{World, on_every_store};

const JUNK: [&str; 4] = ["/.DS_Store", "/._f", "/d/.DS_Store", "/d/._%C3%BC"];

#[test]
fn macos_what_it_leaves_is_accepted_and_dropped() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/f", "text")]);
        let before = dump_with_validators(&*world.store);
        for at in JUNK {
            for _ in 0..2 {
                let put = world.send(&format!("PUT {at}\n\nview"));
                assert_eq!((put.status, put.field("location")), (201, at), "{put:?}");
                assert!(!put.has("etag"), "nothing is there to have one");
                assert_eq!(world.send(&format!("GET {at}")).status, 404);
                assert_eq!(world.send(&format!("PROPFIND {at}\nDepth: 0")).status, 404);
            }
            assert_eq!(world.send(&format!("MKCOL {at}")).status, 201);
            let lock = world.send(&format!("LOCK {at}\nDepth: 0\n\n{LOCKINFO}"));
            let token = lock.field("lock-token").to_owned();
            assert_eq!((lock.status, lock.text().contains(&token[1..20])), (200, true));
            let guarded = world.send(&format!("PUT {at}\nIf: ({token})\n\nview"));
            assert_eq!(guarded.status, 201, "{guarded:?}");
            assert_eq!(world.send(&format!("UNLOCK {at}\nLock-Token: {token}")).status, 204);
            assert_eq!(world.send(&format!("DELETE {at}")).status, 404);
            let moved = world.send(&format!("MOVE {at}\nDestination: /g"));
            assert_eq!(moved.status, 404);
        }
        assert_eq!(dump_with_validators(&*world.store), before);
    });
}

#[test]
fn macos_what_would_be_refused_under_any_name_is_refused() {
    on_every_store(|world| {
        world.seed(&[("/f", "text")]);
        for at in ["/none/._f", "/f/.DS_Store", "/.git/._f", "/._d/._f"] {
            assert_eq!(world.send(&format!("PUT {at}\n\nview")).status, 409, "{at}");
        }
        assert_eq!(world.send("PUT /._f\nIf-Match: *\n\nview").status, 412);
        assert_eq!(world.send("PUT /._f\nIf-None-Match: *\n\nview").status, 201);
        // What is there already must not be lost under a name that is dropped.
        assert_eq!(world.send("MOVE /f\nDestination: /._f").status, 403);
        assert_eq!(world.send("COPY /f\nDestination: /._f").status, 403);
        assert_eq!(world.send("GET /f").text(), "text");
        // Nothing can be lost by it.
        world.policy.require_preconditions = true;
        assert_eq!(world.send("PUT /._f\n\nview").status, 201);
        world.policy.writable = false;
        assert_eq!(world.send("PUT /._f\n\nview").status, 405);
    });
}

#[test]
fn macos_what_it_leaves_can_be_refused() {
    on_every_store(|world| {
        world.policy.mac_junk = MacJunk::Refuse;
        world.seed(&[("/d/", "")]);
        for at in JUNK {
            assert_eq!(world.send(&format!("PUT {at}\n\n")).status, 403);
            assert_eq!(world.send(&format!("MKCOL {at}")).status, 403);
        }
    });
}

#[test]
fn macos_what_it_leaves_can_be_stored_where_other_names_with_a_dot_are_hidden() {
    let options = MemoryOptions { mac_junk: true, ..MemoryOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    let of_folder = FolderOptions { writable: true, mac_junk: true, ..FolderOptions::default() };
    let stores: [Box<dyn Store>; 2] = [
        Box::new(MemoryStore::new(options, ticking(0))),
        Box::new(FolderStore::open(folder.path(), of_folder).unwrap()),
    ];
    for store in stores {
        let mut world = World::of(store);
        world.policy.mac_junk = MacJunk::Store;
        world.seed(&[("/d/", "")]);
        for at in JUNK {
            assert_eq!(world.send(&format!("PUT {at}\n\nview")).status, 201, "{at}");
            assert_eq!(world.send(&format!("GET {at}")).text(), "view");
            assert_eq!(world.send(&format!("DELETE {at}")).status, 204);
        }
        assert_eq!(world.send("PUT /.other\n\nview").status, 403);
    }
}

const LOCKINFO: &str = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope>\
                        <locktype><write/></locktype></lockinfo>";
