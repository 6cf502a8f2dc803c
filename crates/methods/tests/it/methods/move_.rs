//! MOVE (RFC 4918 sections 9.9, 10.3 and 10.6).

use std::sync::Arc;

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_store::faulty::{Fault, Faults, Faulty, under};

use crate::{
    world::{World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_tree(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/e/", ""), ("/d/e/f", "f"), ("/d/g", "g")]);
        world.seed(&[("/h.txt", "h"), ("/i", "i"), ("/old/", ""), ("/old/x", "x")]);
        test(world);
    });
}

#[test]
fn rfc4918_9_9_a_file_goes_to_the_destination() {
    with_tree(|world| {
        let answer = world.send("MOVE /h.txt\ndestination: /d/new.txt");
        assert_eq!((answer.status, answer.field("location")), (201, "/d/new.txt"));
        assert_eq!(world.send("GET /d/new.txt").text(), "h");
        assert!(!state(world).contains("/h.txt"));
    });
}

#[test]
fn rfc4918_9_9_1_the_media_type_goes_with_it() {
    with_tree(|world| {
        world.send("PUT /h.txt\ncontent-type: text/x-a\n\nh");
        world.send("MOVE /h.txt\ndestination: /i");
        assert_eq!(world.send("GET /i").field("content-type"), "text/x-a");
    });
}

#[test]
fn rfc4918_9_9_2_a_collection_goes_with_all_that_is_in_it() {
    for depth in ["", "\ndepth: infinity"] {
        with_tree(|world| {
            let answer = world.send(&format!("MOVE /d/{depth}\ndestination: /n"));
            assert_eq!((answer.status, answer.field("location")), (201, "/n/"));
            let moved =
                "/n/ collection\n/n/e/ collection\n/n/e/f file 1 \"f\"\n/n/g file 1 \"g\"\n";
            assert!(state(world).contains(moved) && !state(world).contains("/d/"));
        });
    }
}

#[test]
fn rfc4918_9_9_2_another_depth_is_400_for_a_collection_only() {
    with_tree(|world| {
        for depth in ["0", "1", "2"] {
            let take = format!("MOVE /d/\ndepth: {depth}\ndestination: /n");
            assert_eq!(refused_at_head(world, &take).status, 400, "{depth}");
        }
        assert_eq!(world.send("MOVE /h.txt\ndepth: 0\ndestination: /n").status, 201);
    });
}

#[test]
fn rfc4918_9_9_3_what_is_at_the_destination_is_replaced() {
    with_tree(|world| {
        let answer = world.send("MOVE /d/\ndestination: /old/\noverwrite: T");
        assert_eq!((answer.status, answer.has("location")), (204, false));
        assert!(!state(world).contains("/old/x") && state(world).contains("/old/e/f"));
        assert_eq!(world.send("MOVE /h.txt\ndestination: /i").status, 204);
        assert_eq!(world.send("GET /i").text(), "h");
        assert_eq!(world.send("MOVE /i\ndestination: /old/").status, 204);
        assert_eq!(state(world), "/ collection\n/old file 1 \"h\"\n");
    });
}

#[test]
fn rfc4918_10_6_overwrite_f_keeps_what_is_there() {
    with_tree(|world| {
        let answer = refused(world, "MOVE /h.txt\ndestination: /i\noverwrite: F");
        assert_eq!(answer.status, 412);
        assert_eq!(world.send("MOVE /h.txt\ndestination: /n\noverwrite: F").status, 201);
    });
}

#[test]
fn rfc4918_9_9_4_where_it_cannot_go() {
    with_tree(|world| {
        let to = |destination: &str| format!("MOVE /d/\nhost: a\ndestination: {destination}");
        let refusals = [
            ("/d", 403),
            ("/d/e/n", 403),
            ("/", 403),
            ("/.hidden", 403),
            ("/.methodical/x", 403),
            ("/no/x", 409),
            ("/i/x", 409),
            ("http://b/n", 502),
            ("n", 400),
        ];
        for (destination, status) in refusals {
            let answer = refused_at_head(world, &to(destination));
            assert_eq!(answer.status, status, "{destination}");
        }
        assert_eq!(refused_at_head(world, "MOVE /d/").status, 400);
        assert_eq!(refused_at_head(world, "MOVE /d/e/\ndestination: /d/").status, 403);
    });
}

#[test]
fn rfc9110_15_5_6_the_root_stays() {
    with_tree(|world| {
        let answer = refused_at_head(world, "MOVE /\ndestination: /n/");
        assert_eq!(answer.status, 405);
        assert!(!answer.field("allow").contains("MOVE"));
    });
}

#[test]
fn rfc9110_15_5_5_what_is_not_there_does_not_move() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, "MOVE /never\ndestination: /x").status, 404);
        assert_eq!(refused_at_head(world, "MOVE /h.txt/\ndestination: /x").status, 404);
        assert_eq!(world.send("MOVE /h.txt\ndestination: /x").status, 201);
        assert_eq!(refused(world, "MOVE /h.txt\ndestination: /x").status, 404);
    });
}

#[test]
fn rfc9110_13_1_preconditions_are_about_the_source() {
    with_tree(|world| {
        let etag = world.etag("/h.txt");
        let take = |tag: &str| format!("MOVE /h.txt\ndestination: /n\nif-match: {tag}");
        assert_eq!(refused_at_head(world, &take("\"stale\"")).status, 412);
        assert_eq!(world.send(&take(&etag)).status, 201);
        world.policy.require_preconditions = true;
        assert_eq!(refused(world, "MOVE /n\ndestination: /m").status, 428);
    });
}

#[test]
fn house_what_a_move_costs_does_not_depend_on_what_is_below() {
    let costs = [1, 50, 500].map(|members| {
        let folder = tempfile::tempdir().unwrap();
        let (writable, durability) = (true, Durability::Relaxed);
        let options = FolderOptions { writable, durability, ..FolderOptions::default() };
        let store = FolderStore::open(folder.path(), options).unwrap();
        let faults = Arc::new(Faults::at(u64::MAX, Fault::Fails));
        let world = World::of(Box::new(Faulty::new(Arc::new(store), &faults)));
        world.seed(&[("/d/", ""), ("/d/e/", ""), ("/old/", ""), ("/old/x", "x")]);
        for member in 0..members {
            world.seed(&[(&format!("/d/e/{member}"), "text")]);
        }
        // Operations of the store, and what they change on the disk.
        let cost = |line: &str, status| {
            let before = faults.counted();
            assert_eq!(under(&faults, || world.send(line)).status, status, "{line}");
            faults.counted() - before
        };
        let made = cost("MOVE /d/\ndestination: /new/", 201);
        let onto = cost("MOVE /new/\ndestination: /old/", 204);
        assert_eq!(world.send("GET /old/e/0").text(), "text");
        (made, onto)
    });
    assert!(costs.iter().all(|cost| *cost == costs[0] && cost.0 > 0), "{costs:?}");
}
