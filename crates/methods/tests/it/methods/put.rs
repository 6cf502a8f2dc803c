//! PUT (RFC 9110 sections 9.3.4 and 14.5; RFC 4918 section 9.7).

use methodical_semantics::header::content_digest::{Algorithm, Digests};
use methodical_store::{
    memory::{MemoryOptions, MemoryStore},
    testing::{EPOCH, ticking},
};

use crate::{
    world::{World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_old(test: impl Fn(&mut World, &str)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/old.txt", "old")]);
        let etag = world.etag("/d/old.txt");
        test(world, &etag);
    });
}

// covers: PUT-01 PUT-03
#[test]
fn rfc9110_9_3_4_creating_is_answered_201_with_location_and_etag() {
    with_old(|world, _| {
        let answer = world.send("PUT /d/n%20w.txt\n\nnew");
        assert_eq!((answer.status, answer.field("location")), (201, "/d/n%20w.txt"));
        assert_eq!(answer.field("etag"), world.etag("/d/n%20w.txt"));
        assert_eq!(world.send("GET /d/n%20w.txt").text(), "new");
    });
}

// covers: PUT-02 PUT-03
#[test]
fn rfc9110_9_3_4_replacing_is_answered_204_with_the_new_etag() {
    with_old(|world, etag| {
        let answer = world.send("PUT /d/old.txt\n\nnew");
        assert_eq!(answer.status, 204);
        assert!(!answer.has("location") && !answer.has("content-type"));
        assert_ne!(answer.field("etag"), etag);
        assert_eq!(answer.field("etag"), world.etag("/d/old.txt"));
        assert_eq!(world.send("GET /d/old.txt").text(), "new");
    });
}

// covers: PUT-08
#[test]
fn rfc9110_9_2_2_two_equal_puts_leave_what_one_leaves() {
    with_old(|world, _| {
        let put = "PUT /d/old.txt\ncontent-type: text/x-a\n\nnew";
        world.send(put);
        let once = state(world);
        world.send(put);
        assert_eq!(state(world), once);
    });
}

#[test]
fn rfc9110_9_3_4_the_same_bytes_again_are_a_new_representation() {
    with_old(|world, etag| {
        assert_ne!(world.send("PUT /d/old.txt\n\nold").field("etag"), etag);
    });
}

#[test]
fn rfc9110_9_3_4_content_may_be_empty() {
    with_old(|world, _| {
        assert_eq!(world.send("PUT /d/old.txt").status, 204);
        assert_eq!(world.send("GET /d/old.txt").field("content-length"), "0");
    });
}

// covers: PUT-14
#[test]
fn rfc4918_9_7_1_a_parent_that_is_missing_is_409() {
    with_old(|world, _| {
        let answer = refused_at_head(world, "PUT /no/such\n\nnew");
        assert_eq!(answer.status, 409);
        assert!(answer.detail.contains("MKCOL"));
        assert_eq!(refused_at_head(world, "PUT /d/old.txt/x\n\nnew").status, 409);
    });
}

// covers: PUT-15 PUT-17
#[test]
fn rfc4918_9_7_2_onto_a_collection_is_405() {
    with_old(|world, _| {
        for at in ["/", "/d", "/d/", "/new/", "/d/old.txt/"] {
            let answer = refused_at_head(world, &format!("PUT {at}\n\nnew"));
            assert_eq!(answer.status, 405, "{at}");
            assert!(!answer.field("allow").contains("PUT"), "{at}");
        }
    });
}

// covers: PUT-05
#[test]
fn rfc9110_14_5_content_range_is_400() {
    with_old(|world, _| {
        let answer = refused_at_head(world, "PUT /d/old.txt\ncontent-range: bytes 0-2/9\n\nnew");
        assert_eq!(answer.status, 400);
        assert!(answer.detail.contains("PATCH"));
    });
}

// covers: PUT-20 NEG-20
#[test]
fn rfc9110_8_4_a_content_coding_is_415_and_says_what_is_taken() {
    with_old(|world, _| {
        for coding in ["gzip", "identity, br", "aws-chunked"] {
            let put = format!("PUT /d/old.txt\ncontent-encoding: {coding}\n\nnew");
            let answer = refused_at_head(world, &put);
            assert_eq!((answer.status, answer.field("accept-encoding")), (415, "identity"));
        }
        let plain = world.send("PUT /d/old.txt\ncontent-encoding: identity\n\nnew");
        assert_eq!(plain.status, 204);
    });
}

// covers: PUT-07
#[test]
fn rfc9110_8_3_another_media_type_than_the_name_implies_is_remembered() {
    with_old(|world, _| {
        for given in ["image/png", "text/plain; charset=iso-8859-1", "application/pdf"] {
            world.send(&format!("PUT /d/old.txt\ncontent-type: {given}\n\nnew"));
            assert_eq!(world.send("GET /d/old.txt").field("content-type"), given);
        }
        assert_eq!(world.send("PUT /d/none\ncontent-type: text/html\n\nnew").status, 201);
        assert_eq!(world.send("GET /d/none").field("content-type"), "text/html");
    });
}

// RFC 6838 section 4.2: the names of a type and of a subtype have 127 characters at most.
#[test]
fn rfc6838_4_2_a_media_type_as_long_as_names_may_be_is_remembered_and_no_longer_one() {
    with_old(|world, _| {
        let longest = format!("{}/{}", "x".repeat(127), "y".repeat(127));
        world.send(&format!("PUT /d/old.txt\ncontent-type: {longest}\n\nnew"));
        assert_eq!(world.send("GET /d/old.txt").field("content-type"), longest);
        for longer in [format!("{longest}y"), format!("text/plain; title={}", "y".repeat(238))] {
            let put = format!("PUT /d/old.txt\ncontent-type: {longer}\n\nnew");
            let answer = refused(world, &put);
            assert_eq!(answer.status, 400, "{longer}");
            assert!(answer.detail.contains("255 bytes"), "{}", answer.detail);
        }
    });
}

#[test]
fn rfc9110_8_3_the_implied_media_type_is_not_remembered() {
    with_old(|world, _| {
        let before = state(world);
        world.send("PUT /d/old.txt\ncontent-type: text/plain;charset=UTF-8\n\nold");
        assert_eq!(state(world), before);
    });
}

#[test]
fn rfc4918_9_7_1_without_content_type_the_name_counts_again() {
    with_old(|world, _| {
        let before = state(world);
        world.send("PUT /d/old.txt\ncontent-type: image/png\n\nold");
        assert_ne!(state(world), before);
        world.send("PUT /d/old.txt\n\nold");
        assert_eq!(state(world), before);
    });
}

#[test]
fn rfc9110_8_3_a_type_that_says_nothing_gives_way_to_the_name() {
    with_old(|world, _| {
        let put = |at: &str, given: &str| {
            world.send(&format!("PUT {at}\ncontent-type: {given}\n\na=b"));
            world.send(&format!("GET {at}")).field("content-type").to_owned()
        };
        for untold in [
            "application/x-www-form-urlencoded",
            "application/octet-stream",
            "Application/Octet-Stream; charset=binary",
            "image/*",
            "*/*",
            "multipart/form-data; boundary=x",
            "application/binary",
            "application/force-download",
            "binary/octet-stream",
        ] {
            assert_eq!(put("/d/p.png", untold), "image/png", "{untold}");
        }
        // Where the name says nothing either, what was said is told again, but a range is no type.
        let form = "application/x-www-form-urlencoded";
        assert_eq!(put("/d/none", form), form);
        assert_eq!(put("/d/none", "image/*"), "application/octet-stream");
        assert_eq!(put("/d/p.png", "image/webp"), "image/webp");
    });
}

#[test]
fn rfc9110_8_3_a_media_type_that_is_none_is_400() {
    with_old(|world, _| {
        for given in ["text", "text/html, text/plain", &format!("text/{}", "x".repeat(2000))] {
            let put = format!("PUT /d/old.txt\ncontent-type: {given}\n\nnew");
            assert_eq!(refused_at_head(world, &put).status, 400, "{given}");
        }
    });
}

// covers: PUT-06
#[test]
fn rfc9110_9_3_4_fields_that_are_not_recognised_are_not_stored() {
    with_old(|world, _| {
        world.send("PUT /d/old.txt\nx-foo: 1\ncontent-language: de\n\nnew");
        let served = world.send("GET /d/old.txt");
        assert!(!served.has("x-foo") && !served.has("content-language"));
    });
}

#[test]
fn owncloud_x_oc_mtime_sets_the_time_and_says_so() {
    with_old(|world, _| {
        let answer = world.send("PUT /d/old.txt\nx-oc-mtime: 784111777.5\n\nnew");
        assert_eq!((answer.status, answer.field("x-oc-mtime")), (204, "accepted"));
        let served = world.send("GET /d/old.txt");
        assert_eq!(served.field("last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    });
}

#[test]
fn owncloud_an_x_oc_mtime_that_cannot_be_read_is_not_said_to_be_kept() {
    with_old(|world, _| {
        let answer = world.send("PUT /d/old.txt\nx-oc-mtime: yesterday\n\nnew");
        assert_eq!((answer.status, answer.has("x-oc-mtime")), (204, false));
        assert!(!world.send("PUT /d/old.txt\n\nnew").has("x-oc-mtime"));
    });
}

// covers: PUT-18
#[test]
fn rfc9530_a_digest_that_is_malformed_is_400() {
    with_old(|world, _| {
        for field in ["content-digest", "repr-digest"] {
            for value in ["sha-256=abc", "sha-256=:AAAA:", "sha-512=1", ",,"] {
                let put = format!("PUT /d/old.txt\n{field}: {value}\n\nnew");
                assert_eq!(refused_at_head(world, &put).status, 400, "{value}");
            }
        }
        let right = Digests::of(Algorithm::Sha512, b"new");
        let put = format!("PUT /d/old.txt\nrepr-digest: {right}, md5=:AA==:\n\nnew");
        assert_eq!(world.send(&put).status, 204);
    });
}

// covers: PUT-09 PUT-12 COND-04 COND-09 COND-13
#[test]
fn rfc9110_13_1_1_if_match_that_fails_is_412() {
    with_old(|world, etag| {
        for tag in ["\"stale\"", &format!("W/{etag}"), "garbled"] {
            let put = format!("PUT /d/old.txt\nif-match: {tag}\n\nnew");
            assert_eq!(refused_at_head(world, &put).status, 412, "{tag}");
        }
        let put = format!("PUT /d/old.txt\nif-match: \"x\", {etag}\n\nnew");
        assert_eq!(world.send(&put).status, 204);
        assert_eq!(refused(world, &put).status, 412);
    });
}

// covers: PUT-11 COND-11
#[test]
fn rfc9110_13_1_1_if_match_of_any_needs_something_there() {
    with_old(|world, _| {
        assert_eq!(refused_at_head(world, "PUT /d/new\nif-match: *\n\nnew").status, 412);
        assert_eq!(world.send("PUT /d/old.txt\nif-match: *\n\nnew").status, 204);
    });
}

// covers: PUT-10 COND-06 COND-12
#[test]
fn rfc9110_13_1_2_if_none_match_of_any_creates_only() {
    with_old(|world, _| {
        let create = "PUT /d/new\nif-none-match: *\n\nnew";
        assert_eq!(world.send(create).status, 201);
        assert_eq!(refused_at_head(world, create).status, 412);
    });
}

// covers: COND-20
#[test]
fn rfc9110_13_1_4_if_unmodified_since_guards() {
    with_old(|world, _| {
        let modified = world.send("GET /d/old.txt").field("last-modified").to_owned();
        let since = |date: &str| format!("PUT /d/old.txt\nif-unmodified-since: {date}\n\nnew");
        assert_eq!(refused(world, &since("Sun, 06 Nov 1994 08:49:37 GMT")).status, 412);
        assert_eq!(world.send(&since(&modified)).status, 204);
    });
}

// covers: COND-01 COND-02
#[test]
fn rfc9110_13_2_1_other_refusals_come_before_preconditions() {
    with_old(|world, _| {
        assert_eq!(refused(world, "PUT /no/such\nif-match: \"x\"\n\nnew").status, 409);
        assert_eq!(refused(world, "PUT /d/\nif-match: \"x\"\n\nnew").status, 405);
    });
}

// covers: PUT-13
#[test]
fn rfc6585_3_a_write_without_precondition_is_428_where_one_is_required() {
    with_old(|world, etag| {
        world.policy.require_preconditions = true;
        let answer = refused_at_head(world, "PUT /d/old.txt\n\nnew");
        assert_eq!(answer.status, 428);
        assert!(answer.detail.contains("If-Match"));
        let put = format!("PUT /d/old.txt\nif-match: {etag}\n\nnew");
        assert_eq!(world.send(&put).status, 204);
        assert_eq!(world.send("PUT /d/new\nif-none-match: *\n\nnew").status, 201);
    });
}

#[test]
fn rfc9110_15_5_4_names_that_are_not_shown_are_not_written() {
    with_old(|world, _| {
        for at in ["/.methodical/x", "/.methodical", "/.hidden", "/d/.hidden/x"] {
            assert_eq!(refused_at_head(world, &format!("PUT {at}\n\nnew")).status, 403, "{at}");
        }
    });
}

// covers: PUT-22
#[test]
fn rfc4331_6_what_finds_no_room_is_507_and_the_old_file_stays() {
    let options = MemoryOptions { bytes_max: 10, ..MemoryOptions::default() };
    let mut world = World::of(Box::new(MemoryStore::new(options, ticking(EPOCH))));
    world.seed(&[("/old", "old")]);
    let before = state(&world);
    assert_eq!(world.send("PUT /old\n\n0123456789abcdef").status, 507);
    assert_eq!(world.send("PUT /new\n\n01234567").status, 507);
    assert_eq!(state(&world), before);
    world.policy.tombstones = false;
    world.send("DELETE /old");
    assert_eq!(world.send("PUT /new\n\n01234567").status, 201);
}

#[test]
fn rfc9110_15_5_6_a_store_that_is_read_only_takes_no_put() {
    with_old(|world, _| {
        world.policy.writable = false;
        assert_eq!(refused_at_head(world, "PUT /d/old.txt\n\nnew").status, 405);
    });
}

#[test]
fn rfc9110_15_5_11_what_was_deleted_may_be_put_again() {
    with_old(|world, _| {
        world.send("DELETE /d/old.txt");
        assert_eq!(world.send("GET /d/old.txt\naccept: text/html").status, 410);
        assert_eq!(world.send("PUT /d/old.txt\n\nnew").status, 201);
        assert_eq!(world.send("GET /d/old.txt").status, 200);
    });
}
