//! DELETE (RFC 9110 section 9.3.5; RFC 4918 section 9.6).

use methodical_methods::METHODS;

use crate::{
    world::{World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_tree(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/e/", ""), ("/d/e/f", "f"), ("/d/g", "g"), ("/h", "h")]);
        test(world);
    });
}

// covers: DEL-01
#[test]
fn rfc9110_9_3_5_a_file_is_gone_after_204() {
    with_tree(|world| {
        let answer = world.send("DELETE /d/g");
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert_eq!(world.send("GET /d/g\naccept: text/html").status, 410);
        assert!(!state(world).contains("/d/g"));
    });
}

// covers: DEL-06
#[test]
fn rfc4918_9_6_1_delete_of_a_collection_takes_its_members() {
    for delete in ["DELETE /d/", "DELETE /d", "DELETE /d/\ndepth: Infinity"] {
        with_tree(|world| {
            assert_eq!(world.send(delete).status, 204);
            assert_eq!(state(world), "/ collection\n/h file 1 \"h\"\n");
            assert_eq!(world.send("GET /d/\naccept: text/html").status, 410);
        });
    }
}

// covers: DEL-06
#[test]
fn rfc4918_9_6_1_another_depth_on_a_collection_is_400() {
    with_tree(|world| {
        for depth in ["0", "1", "2", "all"] {
            let answer = refused_at_head(world, &format!("DELETE /d/\ndepth: {depth}"));
            assert_eq!(answer.status, 400, "{depth}");
        }
    });
}

#[test]
fn rfc4918_10_2_depth_says_nothing_of_a_file() {
    with_tree(|world| assert_eq!(world.send("DELETE /h\ndepth: 0").status, 204));
}

/// Libraries of many languages ask by HEAD or GET whether what was deleted is there, and take 410
/// for a failure.
#[test]
fn rfc9110_15_5_11_get_and_head_say_410_to_who_names_html() {
    with_tree(|world| {
        for method in METHODS {
            world.send("DELETE /h");
            let answer = world.send(&format!("{} /h\naccept: text/html", method.name));
            let says = ["GET", "HEAD"].contains(&method.name);
            assert_eq!(answer.status == 410, says, "{} {answer:?}", method.name);
        }
        world.send("DELETE /h");
        for method in ["GET", "HEAD"] {
            let of = |fields: &str| world.send(&format!("{method} /h\n{fields}")).status;
            for accept in ["", "*/*", "text/*", "application/json, text/plain, */*"] {
                assert_eq!(of(&format!("accept: {accept}")), 404, "{accept}");
            }
            assert_eq!(of("accept: text/html;q=0, */*"), 404);
            assert_eq!(of("accept: */*\nuser-agent: curl/8.0.1"), 404);
            assert_eq!(of("accept: text/html,*/*;q=0.8\nuser-agent: Mozilla/5.0"), 410);
            assert_eq!(of("accept: */*\naccept: Text/HTML;level=1"), 410);
            assert_eq!(world.send(&format!("{method} /h")).status, 404);
        }
        assert_eq!(world.send("PROPFIND /h\ndepth: 0").status, 404);
    });
}

// covers: DEL-03
#[test]
fn rfc9110_9_2_2_the_second_delete_changes_nothing_more() {
    with_tree(|world| {
        assert_eq!(world.send("DELETE /h").status, 204);
        assert_eq!(refused(world, "DELETE /h").status, 404);
        assert_eq!(refused(world, "DELETE /never").status, 404);
        assert_eq!(refused(world, "DELETE /h/").status, 404);
    });
}

#[test]
fn rfc9110_15_5_5_without_tombstones_nothing_is_remembered() {
    with_tree(|world| {
        world.policy.tombstones = false;
        assert_eq!(world.send("DELETE /h").status, 204);
        assert_eq!(world.send("GET /h").status, 404);
        assert_eq!(refused(world, "DELETE /h").status, 404);
    });
}

// covers: DEL-11
#[test]
fn rfc9110_15_5_6_the_root_stays() {
    with_tree(|world| {
        let answer = refused_at_head(world, "DELETE /");
        assert_eq!(answer.status, 405);
        assert!(!answer.field("allow").contains("DELETE"));
    });
}

#[test]
fn rfc4918_5_2_a_file_has_no_name_with_a_slash_at_its_end() {
    with_tree(|world| assert_eq!(refused(world, "DELETE /h/").status, 404));
}

// covers: DEL-04
#[test]
fn rfc9110_13_1_1_if_match_that_fails_is_412() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, "DELETE /h\nif-match: \"stale\"").status, 412);
        let etag = world.etag("/h");
        assert_eq!(world.send(&format!("DELETE /h\nif-match: {etag}")).status, 204);
    });
}

#[test]
fn rfc9110_13_1_1_a_collection_has_no_etag_but_is_there() {
    with_tree(|world| {
        assert_eq!(refused(world, "DELETE /d/\nif-match: \"x\"").status, 412);
        assert_eq!(world.send("DELETE /d/\nif-match: *").status, 204);
    });
}

// covers: DEL-05
#[test]
fn rfc9110_13_2_1_preconditions_do_not_count_where_nothing_is() {
    with_tree(|world| {
        assert_eq!(refused(world, "DELETE /never\nif-match: \"x\"").status, 404);
        assert_eq!(refused(world, "DELETE /never\nif-none-match: *").status, 404);
    });
}

#[test]
fn rfc6585_3_a_precondition_may_be_required() {
    with_tree(|world| {
        world.policy.require_preconditions = true;
        assert_eq!(refused_at_head(world, "DELETE /h").status, 428);
        assert_eq!(world.send("DELETE /h\nif-match: *").status, 204);
    });
}

// covers: DEL-02
#[test]
fn rfc9110_9_3_5_content_has_no_meaning() {
    with_tree(|world| {
        assert_eq!(world.send("DELETE /h\ncontent-type: text/plain\n\n/d/g").status, 204);
        assert!(state(world).contains("/d/g"));
    });
}

#[test]
fn rfc9110_15_5_6_a_store_that_is_read_only_takes_no_delete() {
    with_tree(|world| {
        world.policy.writable = false;
        assert_eq!(refused_at_head(world, "DELETE /h").status, 405);
    });
}
