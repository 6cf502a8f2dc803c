//! Places in the order of a collection, whichever method gives them (RFC 3648 section 6).

use std::{sync::Arc, thread};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{
    document::orderpatch::ORDER_MEMBERS_MAX, rule::ordering::KEY_BYTES_MAX,
};
use methodical_store::{
    faulty::{Fault, Faults, Faulty},
    store::Store,
    testing::memory,
};

use crate::{
    methods::orderpatch::{moved, names, patch, patched, typed, with_numbers},
    world::World,
};

#[test]
fn where_no_key_fits_all_are_numbered_anew() {
    with_numbers(|world| {
        // Each move halves what is left between two neighbours.
        let moves: Vec<_> = (0..ORDER_MEMBERS_MAX)
            .map(|at| moved(if at % 2 == 0 { "one" } else { "two" }, "after three"))
            .collect();
        const { assert!(ORDER_MEMBERS_MAX > 8 * KEY_BYTES_MAX, "enough to fill a key") };
        assert_eq!(patched(world, "/d/", &moves).status, 200);
        assert_eq!(names(world, "/d/"), "three two one four");
        assert_eq!(patched(world, "/d/", &moves).status, 200);
        world.send("PUT /d/n\nPosition: after three\n\nn");
        assert_eq!(names(world, "/d/"), "three n two one four");
    });
}

#[test]
fn one_move_takes_a_few_looks_however_many_members_there_are() {
    let looks = |count: usize| {
        let (store, faults) = (Arc::new(memory()), Arc::new(Faults::at(u64::MAX, Fault::Fails)));
        let members: Vec<_> = (0..count).map(|n| (format!("/d/{n}"), "x")).collect();
        let mut all = vec![("/d/", "")];
        all.extend(members.iter().map(|(at, text)| (at.as_str(), *text)));
        let world = World::of(Box::new(Faulty::new(store, &faults)));
        world.seed(&all);
        assert_eq!(patched(&world, "/d/", &[typed("DAV:custom")]).status, 200);
        let mut counted = Vec::new();
        for text in [
            patch("/d/", &[moved("7", "after 3")]),
            "PUT /d/new\nPosition: before 5\n\nn".to_owned(),
            "PUT /d/last\n\nn".to_owned(),
        ] {
            let before = faults.counted();
            assert!(world.send(&text).status < 300, "{text}");
            counted.push(faults.counted() - before);
        }
        counted
    };
    let few = looks(10);
    assert_eq!(few, looks(400));
    assert!(few.iter().all(|count| *count < 60), "{few:?}");
}

#[test]
fn eight_clients_order_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = FolderOptions { writable: true, ..FolderOptions::default() };
    let stores: [Arc<dyn Store>; 2] =
        [Arc::new(memory()), Arc::new(FolderStore::open(folder.path(), options).unwrap())];
    for store in stores {
        let world = || {
            World::of(Box::new(Faulty::new(
                Arc::clone(&store),
                &Arc::new(Faults::at(u64::MAX, Fault::Fails)),
            )))
        };
        assert_eq!(world().send("MKCOL /d/\nOrdering-Type: DAV:custom").status, 201);
        thread::scope(|scope| {
            for client in 0..8 {
                let world = world();
                scope.spawn(move || orders(&world, client));
            }
        });
        let world = world();
        let all = names(&world, "/d/");
        let mut sorted: Vec<_> = all.split(' ').collect();
        sorted.sort_unstable();
        let expected: Vec<_> =
            (0..8).flat_map(|client| (0..6).map(move |n| format!("{client}-{n}"))).collect();
        assert_eq!(sorted, expected, "all of them, once each");
        // Each has a place of its own: one that is moved beside another stands there.
        let first = all.split(' ').next().unwrap();
        for name in all.split(' ').skip(1) {
            assert_eq!(
                patched(&world, "/d/", &[moved(name, &format!("after {first}"))]).status,
                200
            );
            assert!(names(&world, "/d/").starts_with(&format!("{first} {name}")));
        }
    }
}

#[test]
fn what_a_link_leads_to_keeps_its_place_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        FolderOptions { writable: true, follow_symlinks: true, ..FolderOptions::default() };
    let store = FolderStore::open(folder.path(), options).unwrap();
    let world = World::of(Box::new(store));
    for of in ["/d/", "/e/"] {
        assert_eq!(world.send(&format!("MKCOL {of}\nOrdering-Type: DAV:custom")).status, 201);
        for name in ["z", "y"] {
            assert_eq!(world.send(&format!("PUT {of}{name}\n\nx")).status, 201);
        }
    }
    std::os::unix::fs::symlink("../d/z", folder.path().join("e/a")).unwrap();
    std::os::unix::fs::symlink("d", folder.path().join("alias")).unwrap();
    assert_eq!(names(&world, "/e/"), "z y a");
    assert_eq!(patched(&world, "/e/", &[moved("a", "first")]).status, 207);
    assert_eq!(world.send("PUT /e/a\nPosition: first\n\nnew").status, 409);
    assert_eq!(world.send("PUT /e/a\n\nnew").status, 204);
    assert_eq!((names(&world, "/d/"), names(&world, "/e/")), ("z y".into(), "z y a".into()));
    // The members of a collection to which a link leads are its own.
    assert_eq!(patched(&world, "/alias/", &[moved("y", "first")]).status, 200);
    assert_eq!(world.send("PUT /alias/n\nPosition: after y\n\nx").status, 201);
    assert_eq!((names(&world, "/d/"), names(&world, "/alias/")), ("y n z".into(), "y n z".into()));
}

/// What one of several clients does.
fn orders(world: &World, client: usize) {
    for n in 0..6 {
        let place = ["\nPosition: first", ""][n % 2];
        let put = world.send(&format!("PUT /d/{client}-{n}{place}\n\nx"));
        assert_eq!(put.status, 201, "{put:?}");
        let parts =
            [moved(&format!("{client}-{n}"), "last"), moved(&format!("{client}-0"), "first")];
        assert_eq!(patched(world, "/d/", &parts).status, 200);
    }
}
