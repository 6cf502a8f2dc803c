//! Preconditions as all methods see them (RFC 9110 section 13).

use crate::world::on_every_store;

// covers: COND-14
#[test]
fn rfc9110_8_8_3_a_comma_inside_a_tag_is_part_of_it() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        let etag = world.etag("/a");
        let with = |value: &str| world.send(&format!("GET /a\nIf-None-Match: {value}")).status;
        assert_eq!(with(&format!("\"a,b\", {etag}")), 304);
        // Read as a list of "x, the tag, and y" it would hold.
        let inside = format!("\"x,{},y\"", etag.trim_matches('"'));
        assert_eq!(with(&inside), 200);
    });
}

// covers: COND-16
#[test]
fn rfc9110_13_1_3_if_modified_since_means_nothing_to_a_method_that_writes() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        let since = format!("If-Modified-Since: {}", world.now.http_date());
        assert_eq!(world.send(&format!("GET /a\n{since}")).status, 304);
        assert_eq!(world.send(&format!("PUT /a\n{since}\n\nnew")).status, 204);
        assert_eq!(world.send(&format!("DELETE /a\n{since}")).status, 204);
    });
}

#[test]
fn rfc9110_13_1_2_if_none_match_that_is_no_list_is_true() {
    let values =
        ["sync-1", "\"open", "\"a\" \"b\"", "'a'", "W/a", "w/\"a\"", "\"a\";b", "a, *", "", ","];
    on_every_store(|world| {
        for value in values {
            world.seed(&[("/a", "old")]);
            let with = |line: &str| format!("{line}\nIf-None-Match: {value}");
            for line in ["GET /a", "HEAD /a", "PROPFIND /a\nDepth: 0", "OPTIONS /a"] {
                let status = world.send(&with(line)).status;
                assert!(matches!(status, 200 | 207), "{line} {value}: {status}");
            }
            assert_eq!(world.send(&with("MKCOL /made/")).status, 201, "{value}");
            assert_eq!(world.send(&format!("{}\n\nnew", with("PUT /a"))).status, 204, "{value}");
            assert_eq!(world.send(&with("COPY /a\nDestination: /b")).status, 201, "{value}");
            assert_eq!(world.send(&with("MOVE /b\nDestination: /c")).status, 201, "{value}");
            for line in ["DELETE /a", "DELETE /c", "DELETE /made/"] {
                assert_eq!(world.send(&with(line)).status, 204, "{line} {value}");
            }
        }
    });
}

#[test]
fn rfc9110_13_1_2_any_and_tags_hold_on_several_lines_too() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        let etag = world.etag("/a");
        for lines in [
            "If-None-Match: *\nIf-None-Match: *".to_owned(),
            format!("If-None-Match: \"x\"\nIf-None-Match: {etag}"),
            format!("If-None-Match: , \"x\" ,,\t{etag},"),
        ] {
            assert_eq!(world.send(&format!("PUT /a\n{lines}\n\nnew")).status, 412, "{lines}");
            assert_eq!(world.send(&format!("GET /a\n{lines}")).status, 304, "{lines}");
        }
    });
}

#[test]
fn rfc9110_13_1_1_if_match_that_is_no_list_is_false() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        for value in ["sync-1", "\"open", "'a'", "*, \"x\"", "", ","] {
            for line in ["GET /a", "PUT /a", "DELETE /a", "COPY /a\nDestination: /b"] {
                let answer = world.send(&format!("{line}\nIf-Match: {value}"));
                assert_eq!(answer.status, 412, "{line} {value}");
            }
        }
    });
}

#[test]
fn rfc6585_3_if_none_match_that_is_no_list_guards_no_write() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        world.policy.require_preconditions = true;
        assert_eq!(world.send("PUT /a\nIf-None-Match: sync-1\n\nnew").status, 428);
        assert_eq!(world.send("PUT /a\nIf-None-Match: \"x\"\n\nnew").status, 204);
    });
}

// covers: COND-28
#[test]
fn rfc9110_13_1_1_a_change_that_was_made_already_is_not_made_again() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        let put = format!("PUT /a\nIf-Match: {}\n\nnew", world.etag("/a"));
        assert_eq!(world.send(&put).status, 204);
        let etag = world.etag("/a");
        assert_eq!(world.send(&put).status, 412);
        assert_eq!(world.etag("/a"), etag);
    });
}

// covers: COND-01
#[test]
fn rfc9110_13_2_1_what_cannot_be_done_at_all_is_said_before_preconditions() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        let wrong = "If-Match: \"x\"";
        assert_eq!(world.send(&format!("GET /none\n{wrong}")).status, 404);
        assert_eq!(world.send(&format!("MKCOL /a\n{wrong}")).status, 405);
        assert_eq!(world.send(&format!("BIND /a\n{wrong}")).status, 501);
        world.policy.writable = false;
        assert_eq!(world.send(&format!("PUT /a\n{wrong}\n\nnew")).status, 405);
    });
}

// covers: RNG-02 RNG-27
#[test]
fn rfc9110_14_ranges_mean_nothing_to_methods_that_have_none() {
    on_every_store(|world| {
        world.seed(&[("/d/", "")]);
        let range = "Range: bytes=0-0\nContent-Range: bytes 0-0/4";
        let made = world.send(&format!("POST /d/\n{range}\n\ntext"));
        assert_eq!(made.status, 201);
        let at = made.field("location").to_owned();
        assert_eq!(world.send(&format!("GET {at}")).text(), "text");
        assert_eq!(world.send(&format!("PUT {at}\nRange: bytes=0-0\n\nmore")).status, 204);
        assert_eq!(world.send(&format!("GET {at}")).text(), "more");
    });
}

// covers: GEN-08
#[test]
fn rfc9110_5_6_7_a_date_means_the_same_in_each_of_its_three_forms() {
    on_every_store(|world| {
        world.seed(&[("/a", "old")]);
        // Moments after and before the file was made.
        for (dates, status) in [
            (
                [
                    "Sat, 01 Jan 2050 00:00:00 GMT",
                    "Saturday, 01-Jan-50 00:00:00 GMT",
                    "Sat Jan  1 00:00:00 2050",
                ],
                304,
            ),
            (
                [
                    "Sun, 06 Nov 1994 08:49:37 GMT",
                    "Sunday, 06-Nov-94 08:49:37 GMT",
                    "Sun Nov  6 08:49:37 1994",
                ],
                200,
            ),
        ] {
            for date in dates {
                let answer = world.send(&format!("GET /a\nIf-Modified-Since: {date}"));
                assert_eq!(answer.status, status, "{date}");
            }
        }
    });
}
