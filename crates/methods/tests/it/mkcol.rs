//! MKCOL (RFC 4918 section 9.3).

use crate::{
    world::{World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_collection(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a")]);
        test(world);
    });
}

#[test]
fn rfc4918_9_3_a_collection_is_made_empty() {
    for at in ["/d/new/", "/d/new"] {
        with_collection(|world| {
            let answer = world.send(&format!("MKCOL {at}"));
            assert_eq!((answer.status, answer.field("location")), (201, "/d/new/"));
            assert!(!answer.has("etag"));
            let made = "/ collection\n/d/ collection\n/d/a file 1 \"a\"\n/d/new/ collection\n";
            assert_eq!(state(world), made);
        });
    }
}

#[test]
fn rfc4918_9_3_1_only_where_nothing_is() {
    with_collection(|world| {
        for at in ["/", "/d/", "/d", "/d/a"] {
            let answer = refused_at_head(world, &format!("MKCOL {at}"));
            assert_eq!(answer.status, 405, "{at}");
            assert!(!answer.field("allow").contains("MKCOL"), "{at}");
        }
        assert_eq!(refused_at_head(world, "MKCOL /d/a/").status, 409);
    });
}

#[test]
fn rfc4918_9_3_1_ancestors_are_not_made() {
    with_collection(|world| {
        assert_eq!(refused_at_head(world, "MKCOL /x/y/").status, 409);
        assert_eq!(refused_at_head(world, "MKCOL /d/a/y/").status, 409);
    });
}

#[test]
fn rfc4918_9_3_content_that_is_not_understood_is_415() {
    with_collection(|world| {
        let with_length = "MKCOL /x/\ncontent-type: xzy-foo/bar\ncontent-length: 3\n\nfoo";
        assert_eq!(refused_at_head(world, with_length).status, 415);
        let chunked = "MKCOL /x/\ncontent-type: xzy-foo/bar\n\nfoo";
        assert_eq!(refused(world, chunked).status, 415);
        assert_eq!(world.send("MKCOL /x/\ncontent-length: 0").status, 201);
    });
}

#[test]
fn rfc9110_13_1_2_preconditions_count() {
    with_collection(|world| {
        assert_eq!(refused_at_head(world, "MKCOL /x/\nif-match: *").status, 412);
        world.policy.require_preconditions = true;
        assert_eq!(refused_at_head(world, "MKCOL /x/").status, 428);
        assert_eq!(world.send("MKCOL /x/\nif-none-match: *").status, 201);
    });
}

#[test]
fn rfc9110_15_5_4_names_that_are_not_shown_are_not_made() {
    with_collection(|world| {
        for at in ["/.methodical/", "/.hidden/", "/d/.hidden"] {
            assert_eq!(refused_at_head(world, &format!("MKCOL {at}")).status, 403, "{at}");
        }
    });
}

#[test]
fn rfc9110_15_5_11_what_was_deleted_may_be_made_again() {
    with_collection(|world| {
        world.send("DELETE /d/");
        assert_eq!(world.send("MKCOL /d/").status, 201);
        assert_eq!(world.send("GET /d/").status, 200);
    });
}
