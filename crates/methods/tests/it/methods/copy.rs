//! COPY (RFC 4918 sections 9.8, 10.3 and 10.6).

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
fn rfc4918_9_8_1_a_file_is_duplicated() {
    with_tree(|world| {
        let answer = world.send("COPY /h.txt\ndestination: /d/new.txt");
        assert_eq!((answer.status, answer.field("location")), (201, "/d/new.txt"));
        assert_eq!(world.send("GET /d/new.txt").text(), "h");
        assert_ne!(world.etag("/d/new.txt"), world.etag("/h.txt"));
        world.send("PUT /h.txt\n\nchanged");
        assert_eq!(world.send("GET /d/new.txt").text(), "h");
    });
}

#[test]
fn rfc4918_9_8_2_the_media_type_goes_with_it() {
    with_tree(|world| {
        world.send("PUT /h.txt\ncontent-type: text/x-a\n\nh");
        world.send("COPY /h.txt\ndestination: /i");
        assert_eq!(world.send("GET /i").field("content-type"), "text/x-a");
    });
}

#[test]
fn rfc4918_9_8_3_a_collection_is_copied_with_all_that_is_in_it() {
    for depth in ["", "\ndepth: infinity"] {
        with_tree(|world| {
            let answer = world.send(&format!("COPY /d/{depth}\ndestination: /n/"));
            assert_eq!((answer.status, answer.field("location")), (201, "/n/"));
            let copied =
                "/n/ collection\n/n/e/ collection\n/n/e/f file 1 \"f\"\n/n/g file 1 \"g\"\n";
            assert!(state(world).contains(copied), "{}", state(world));
            assert!(state(world).contains("/d/e/f file"));
        });
    }
}

#[test]
fn rfc4918_9_8_3_depth_0_copies_the_collection_alone() {
    with_tree(|world| {
        assert_eq!(world.send("COPY /d/\ndepth: 0\ndestination: /n").status, 201);
        assert!(state(world).contains("/n/ collection\n/old/"));
        assert_eq!(world.send("COPY /d/\ndepth: 0\ndestination: /d/in").status, 201);
        assert_eq!(world.send("COPY /\ndepth: 0\ndestination: /r").status, 201);
    });
}

#[test]
fn rfc4918_9_8_3_another_depth_is_400_for_a_collection_only() {
    with_tree(|world| {
        for depth in ["1", "2"] {
            let copy = format!("COPY /d/\ndepth: {depth}\ndestination: /n");
            assert_eq!(refused_at_head(world, &copy).status, 400, "{depth}");
        }
        assert_eq!(world.send("COPY /h.txt\ndepth: 1\ndestination: /n").status, 201);
    });
}

#[test]
fn rfc4918_9_8_4_what_is_at_the_destination_is_replaced_not_merged_with() {
    with_tree(|world| {
        let answer = world.send("COPY /d/\ndestination: /old/");
        assert_eq!((answer.status, answer.has("location")), (204, false));
        assert!(!state(world).contains("/old/x") && state(world).contains("/old/e/f"));
        assert_eq!(world.send("COPY /h.txt\ndestination: /old/\noverwrite: T").status, 204);
        assert!(state(world).contains("/old file 1 \"h\""));
        assert_eq!(world.send("COPY /d\ndestination: /i").status, 204);
        assert!(state(world).contains("/i/e/f"));
    });
}

#[test]
fn rfc4918_10_6_overwrite_f_keeps_what_is_there() {
    with_tree(|world| {
        let answer = refused(world, "COPY /h.txt\ndestination: /i\noverwrite: F");
        assert_eq!(answer.status, 412);
        assert_eq!(world.send("COPY /h.txt\ndestination: /n\noverwrite: F").status, 201);
        let answer = refused_at_head(world, "COPY /h.txt\ndestination: /i\noverwrite: no");
        assert_eq!(answer.status, 400);
    });
}

#[test]
fn rfc4918_9_8_5_a_parent_that_is_missing_is_409() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, "COPY /h.txt\ndestination: /no/x").status, 409);
        assert_eq!(refused_at_head(world, "COPY /h.txt\ndestination: /i/x").status, 409);
    });
}

#[test]
fn rfc4918_9_8_5_the_same_resource_is_403() {
    with_tree(|world| {
        for destination in ["/h.txt", "/h.txt/", "/%68.txt"] {
            let copy = format!("COPY /h.txt\ndestination: {destination}");
            assert_eq!(refused_at_head(world, &copy).status, 403, "{destination}");
        }
    });
}

#[test]
fn rfc4918_9_8_3_into_itself_would_have_no_end() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, "COPY /d/\ndestination: /d/e/n").status, 403);
        assert_eq!(refused_at_head(world, "COPY /\ndestination: /n").status, 403);
        assert_eq!(refused_at_head(world, "COPY /d/e/\ndestination: /d/").status, 403);
        assert_eq!(refused_at_head(world, "COPY /d/e/f\ndestination: /").status, 403);
        assert_eq!(world.send("COPY /d/\ndestination: /dd").status, 201);
    });
}

#[test]
fn rfc4918_10_3_destination_is_compared_by_authority() {
    with_tree(|world| {
        let copy = |host: &str, destination: &str| {
            format!("COPY /h.txt\nhost: {host}\ndestination: {destination}")
        };
        let here = copy("Example.com:8000", "http://example.com:8000/n1");
        assert_eq!(world.send(&here).status, 201);
        assert_eq!(world.send(&copy("example.com", "https://example.com:443/n2")).status, 201);
        for elsewhere in ["http://example.com:8001/n", "http://example.org:8000/n"] {
            let answer = refused_at_head(world, &copy("example.com:8000", elsewhere));
            assert_eq!(answer.status, 502, "{elsewhere}");
        }
        let absolute = "COPY http://a/h.txt\nhost: b\ndestination: http://a/n3";
        assert_eq!(world.send(absolute).status, 201);
        let nameless = "COPY /h.txt\ndestination: http://a/n";
        assert_eq!(refused_at_head(world, nameless).status, 502);
    });
}

#[test]
fn rfc4918_10_3_a_destination_that_is_none_is_400() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, "COPY /h.txt").status, 400);
        for destination in ["x", "/a/../x", "/a#x", "http:///x", "/a%00", "/%2F"] {
            let copy = format!("COPY /h.txt\ndestination: {destination}");
            assert_eq!(refused_at_head(world, &copy).status, 400, "{destination}");
        }
        let twice = "COPY /h.txt\ndestination: /x\ndestination: /y";
        assert_eq!(refused_at_head(world, twice).status, 400);
    });
}

#[test]
fn rfc9110_15_5_4_names_that_are_not_shown_are_not_written() {
    with_tree(|world| {
        for destination in ["/.methodical/x", "/.hidden", "/d/.hidden/x"] {
            let copy = format!("COPY /h.txt\ndestination: {destination}");
            assert_eq!(refused_at_head(world, &copy).status, 403, "{destination}");
        }
        assert_eq!(refused_at_head(world, "COPY /.methodical/x\ndestination: /x").status, 404);
    });
}

#[test]
fn rfc9110_15_5_5_what_is_not_there_is_not_copied() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, "COPY /never\ndestination: /x").status, 404);
        world.send("DELETE /i");
        assert_eq!(refused_at_head(world, "COPY /i\ndestination: /x").status, 404);
    });
}

#[test]
fn rfc9110_13_1_preconditions_are_about_the_source() {
    with_tree(|world| {
        let etag = world.etag("/h.txt");
        let copy = |tag: &str| format!("COPY /h.txt\ndestination: /n\nif-match: {tag}");
        assert_eq!(refused_at_head(world, &copy("\"stale\"")).status, 412);
        assert_eq!(world.send(&copy(&etag)).status, 201);
        world.policy.require_preconditions = true;
        assert_eq!(refused(world, "COPY /h.txt\ndestination: /m").status, 428);
    });
}
