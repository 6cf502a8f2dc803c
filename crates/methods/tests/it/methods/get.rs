//! GET (RFC 9110 sections 9.3.1, 12 to 15).

use methodical_semantics::timestamp::Timestamp;
use methodical_store::{
    store::Placement,
    testing::{change, path, staged},
};

use crate::world::{Answer, World, on_every_store};

const TEN: &str = "0123456789";

fn with_ten(test: impl Fn(&World, &str)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/ten.txt", TEN)]);
        let etag = world.etag("/d/ten.txt");
        assert!(etag.starts_with('"'), "a strong entity tag");
        test(world, &etag);
    });
}

/// Puts a file with a media type, or a modification time, of its own.
fn place(world: &World, at: &str, as_: Placement) {
    let at = path(at);
    let made = change(&*world.store, &at, |changes| {
        changes.place(&at, staged(&*world.store, &at, b"content")?, as_)
    });
    made.unwrap();
}

// covers: GET-01 GET-02 GET-03 GET-04 RNG-25
#[test]
fn rfc9110_9_3_1_get_transfers_the_current_representation() {
    with_ten(|world, etag| {
        let answer = world.send("GET /d/ten.txt");
        assert_eq!((answer.status, answer.text()), (200, TEN));
        assert_eq!(answer.field("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.field("content-length"), "10");
        assert_eq!(answer.field("etag"), etag);
        assert!(answer.field("last-modified").ends_with(" GMT"));
        assert_eq!(answer.field("accept-ranges"), "bytes");
        assert_eq!(answer.field("cache-control"), "no-cache");
        assert_eq!(answer.field("x-content-type-options"), "nosniff");
    });
}

// covers: GET-05
#[test]
fn rfc9110_9_3_1_content_of_the_request_means_nothing() {
    with_ten(|world, _| {
        let answer = world.send("GET /d/ten.txt\nContent-Length: 10\n\nGET /other");
        assert_eq!((answer.status, answer.text()), (200, TEN));
    });
}

// covers: GET-07
#[test]
fn rfc9110_15_5_5_what_never_was_is_not_found() {
    with_ten(|world, _| assert_eq!(world.send("GET /none").status, 404));
}

#[test]
fn rfc9110_15_5_5_a_file_that_is_named_as_a_collection_is_not_found() {
    with_ten(|world, _| assert_eq!(world.send("GET /d/ten.txt/").status, 404));
}

// covers: GET-07
#[test]
fn rfc9110_15_5_11_what_was_deleted_is_gone() {
    with_ten(|world, _| {
        let at = path("/d/ten.txt");
        let mark = methodical_store::store::Mark::Tombstone;
        change(&*world.store, &at, |changes| changes.remove(&at, mark)).unwrap();
        for at in ["/d/ten.txt", "/d/ten.txt/"] {
            assert_eq!(world.send(&format!("GET {at}\naccept: text/html")).status, 410);
        }
    });
}

// covers: GET-13
#[test]
fn rfc9110_9_2_1_get_changes_no_validator() {
    with_ten(|world, etag| {
        let first = world.send("GET /d/ten.txt");
        let last = (0..10).map(|_| world.send("GET /d/ten.txt")).next_back().unwrap();
        assert_eq!(last.field("etag"), etag);
        assert_eq!(last.field("last-modified"), first.field("last-modified"));
    });
}

#[test]
fn rfc9110_8_8_2_1_last_modified_is_never_later_than_date() {
    on_every_store(|world| {
        let modified = Some(Timestamp::new(world.now.seconds() + 1, 0));
        place(world, "/a", Placement { modified, ..Placement::default() });
        let answer = world.send("GET /a");
        assert_eq!(answer.field("last-modified"), world.now.http_date());
        let (request, _) = world.request("GET /a");
        let reply = methodical_methods::admission::admit::perform(
            &*world.store,
            world.now,
            &request,
            methodical_methods::request::Input::Nothing,
        );
        assert!(reply.unwrap().witness.is_none(), "an answer that time changes is not kept");
    });
}

// covers: GET-16 GET-17
#[test]
fn rfc9110_15_4_9_a_folder_without_its_slash_is_redirected() {
    on_every_store(|world| {
        world.seed(&[("/a%20b/", ""), ("/a%20b/c/", "")]);
        let answer = world.send("GET /a%20b/c?x=%20&y");
        assert_eq!(answer.status, 301);
        assert_eq!(answer.field("location"), "/a%20b/c/?x=%20&y");
        assert_eq!(world.send(&format!("GET {}", answer.field("location"))).status, 200);
        assert_eq!(answer.field("cache-control"), "no-cache");
    });
}

#[test]
fn rfc9110_10_2_2_a_location_has_a_query_that_is_a_uri() {
    on_every_store(|world| {
        world.seed(&[("/d/", "")]);
        let (mut request, _) = world.request("GET /d?x");
        request.target.query = Some("ä".to_owned());
        let answer = world.perform(&request, methodical_methods::request::Input::Nothing);
        assert_eq!(answer.field("location"), "/d/?%C3%A4");
    });
}

// covers: COND-02
#[test]
fn rfc9110_13_2_1_a_redirect_comes_before_preconditions() {
    with_ten(|world, _| {
        assert_eq!(world.send("GET /d\nIf-Match: \"x\"").status, 301);
    });
}

// covers: NEG-17
#[test]
fn rfc9110_9_3_1_index_html_stands_for_its_folder() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/index.html", "<p>here")]);
        let answer = world.send("GET /d/");
        assert_eq!((answer.status, answer.text()), (200, "<p>here"));
        assert_eq!(answer.field("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.field("content-location"), "/d/index.html");
        let etag = world.etag("/d/index.html");
        assert_eq!(answer.field("etag"), etag);
        let unchanged = world.send(&format!("GET /d/\nIf-None-Match: {etag}"));
        assert_eq!(unchanged.status, 304);
        assert_eq!(unchanged.field("content-location"), "/d/index.html");
        assert_eq!(world.send("GET /d/\nRange: bytes=0-2").text(), "<p>");
    });
}

#[test]
fn rfc9110_9_3_1_index_html_is_a_file_like_others_where_the_operator_wants() {
    on_every_store(|world| {
        world.policy.index = false;
        world.seed(&[("/index.html", "<p>here")]);
        assert!(world.send("GET /").text().contains("href=\"index.html\""));
    });
}

// covers: COND-04
#[test]
fn rfc9110_13_2_2_if_match_comes_before_if_none_match() {
    with_ten(|world, etag| {
        let answer = world.send(&format!("GET /d/ten.txt\nIf-Match: \"x\"\nIf-None-Match: {etag}"));
        assert_eq!(answer.status, 412);
        assert!(answer.detail.contains("If-Match"));
    });
}

// covers: COND-05
#[test]
fn rfc9110_13_2_2_if_unmodified_since_counts_without_if_match_only() {
    with_ten(|world, etag| {
        let old = "If-Unmodified-Since: Sat, 01 Jan 1983 00:00:00 GMT";
        assert_eq!(world.send(&format!("GET /d/ten.txt\nIf-Match: {etag}\n{old}")).status, 200);
        assert_eq!(world.send(&format!("GET /d/ten.txt\n{old}")).status, 412);
    });
}

// covers: COND-06 COND-12
#[test]
fn rfc9110_13_1_2_if_none_match_of_the_current_tag_is_not_modified() {
    with_ten(|world, etag| {
        assert_eq!(world.send(&format!("GET /d/ten.txt\nIf-None-Match: {etag}")).status, 304);
        assert_eq!(world.send("GET /d/ten.txt\nIf-None-Match: *").status, 304);
        assert_eq!(world.send("GET /d/ten.txt\nIf-None-Match: \"x\"").status, 200);
    });
}

// covers: COND-07
#[test]
fn rfc9110_13_2_2_if_modified_since_counts_without_if_none_match_only() {
    with_ten(|world, _| {
        let now = format!("If-Modified-Since: {}", world.now.http_date());
        assert_eq!(world.send(&format!("GET /d/ten.txt\n{now}")).status, 304);
        let other = format!("GET /d/ten.txt\nIf-None-Match: \"x\"\n{now}");
        assert_eq!(world.send(&other).status, 200);
    });
}

// covers: COND-09 COND-10
#[test]
fn rfc9110_13_1_if_match_compares_strongly_and_if_none_match_weakly() {
    with_ten(|world, etag| {
        assert_eq!(world.send(&format!("GET /d/ten.txt\nIf-Match: W/{etag}")).status, 412);
        assert_eq!(world.send(&format!("GET /d/ten.txt\nIf-None-Match: W/{etag}")).status, 304);
    });
}

// covers: COND-11
#[test]
fn rfc9110_13_1_1_if_match_of_anything_holds_where_something_is() {
    with_ten(|world, _| {
        assert_eq!(world.send("GET /d/ten.txt\nIf-Match: *").status, 200);
        assert_eq!(world.send("GET /d/none\nIf-Match: *").status, 404);
    });
}

// covers: COND-13
#[test]
fn rfc9110_13_1_1_several_lines_are_one_list() {
    with_ten(|world, etag| {
        let text = format!("GET /d/ten.txt\nIf-Match: \"x\"\nIf-Match: \"y\", {etag}");
        assert_eq!(world.send(&text).status, 200);
    });
}

// covers: COND-15 COND-19
#[test]
fn rfc9110_13_1_3_a_date_that_is_none_is_ignored() {
    with_ten(|world, _| {
        assert_eq!(world.send("GET /d/ten.txt\nIf-Modified-Since: yesterday").status, 200);
        assert_eq!(world.send("GET /d/ten.txt\nIf-Unmodified-Since: yesterday").status, 200);
    });
}

// covers: COND-17 COND-18
#[test]
fn rfc9110_13_1_3_the_date_of_the_last_modification_is_not_later() {
    with_ten(|world, _| {
        let date = world.send("GET /d/ten.txt").field("last-modified").to_owned();
        let answer = world.send(&format!("GET /d/ten.txt\nIf-Modified-Since: {date}"));
        assert_eq!(answer.status, 304);
    });
}

// covers: COND-21 COND-22 COND-23 COND-24
#[test]
fn rfc9110_15_4_5_not_modified_has_the_fields_that_caches_need_and_no_content() {
    with_ten(|world, etag| {
        let answer = world.send(&format!("GET /d/ten.txt\nIf-None-Match: {etag}"));
        assert_eq!(answer.field("etag"), etag);
        assert_eq!(answer.field("cache-control"), "no-cache");
        assert_eq!(answer.fields.len(), 2);
        assert!(answer.body.is_empty());
        let whole = world.send("GET /d/");
        let list = world.send(&format!("GET /d/\nIf-None-Match: {}", whole.field("etag")));
        assert_eq!(list.status, 304);
        for name in ["etag", "vary", "cache-control"] {
            assert_eq!(list.field(name), whole.field(name), "{name}");
        }
        assert!(!list.has("content-type") && !list.has("content-length"));
    });
}

// covers: COND-08 COND-25 COND-27
#[test]
fn rfc9110_13_1_5_if_range_lets_range_count_for_the_same_representation_only() {
    with_ten(|world, etag| {
        let ask = |range: &str, tag: &str| {
            world.send(&format!("GET /d/ten.txt\nRange: {range}\nIf-Range: {tag}"))
        };
        assert_eq!(ask("bytes=2-3", etag).text(), "23");
        assert_eq!(ask("bytes=2-3", "\"x\"").status, 200);
        assert_eq!(ask("bytes=999999-", "\"x\"").status, 200);
        assert_eq!(ask("bytes=999999-", etag).status, 416);
        let alone = world.send(&format!("GET /d/ten.txt\nIf-Range: {etag}"));
        assert_eq!((alone.status, alone.text()), (200, TEN));
    });
}

// covers: COND-26
#[test]
fn rfc9110_13_1_5_if_range_compares_strongly_and_dates_exactly() {
    with_ten(|world, etag| {
        let date = world.send("GET /d/ten.txt").field("last-modified").to_owned();
        let ask = |validator: &str| {
            world.send(&format!("GET /d/ten.txt\nRange: bytes=0-0\nIf-Range: {validator}")).status
        };
        assert_eq!(ask(&format!("W/{etag}")), 200);
        assert_eq!(ask(&date), 206);
        let later = Timestamp::from_http_date(&date).unwrap().seconds() + 1;
        assert_eq!(ask(&Timestamp::new(later, 0).http_date()), 200);
    });
}

// covers: COND-26
#[test]
fn rfc9110_8_8_2_2_a_date_of_this_very_second_is_weak() {
    on_every_store(|world| {
        place(world, "/a", Placement { modified: Some(world.now), ..Placement::default() });
        let date = world.now.http_date();
        assert_eq!(world.send(&format!("GET /a\nRange: bytes=0-0\nIf-Range: {date}")).status, 200);
    });
}

// covers: RNG-04 RNG-05 RNG-21 RNG-22 RNG-26
#[test]
fn rfc9110_15_3_7_1_one_range_is_answered_with_content_range() {
    with_ten(|world, _| {
        let whole = world.send("GET /d/ten.txt");
        let part = world.send("GET /d/ten.txt\nRange: bytes=0-3");
        assert_eq!((part.status, part.text()), (206, "0123"));
        assert_eq!(part.field("content-range"), "bytes 0-3/10");
        assert_eq!(part.field("content-length"), "4");
        for (name, value) in whole.fields.iter().filter(|(name, _)| *name != "content-length") {
            assert_eq!(part.fields.get(name), Some(value), "{name}");
        }
    });
}

#[test]
fn rfc9110_15_3_7_who_sends_if_range_knows_the_date() {
    with_ten(|world, etag| {
        let part = world.send(&format!("GET /d/ten.txt\nRange: bytes=0-3\nIf-Range: {etag}"));
        assert_eq!((part.status, part.field("etag")), (206, etag));
        assert!(!part.has("last-modified"));
    });
}

// covers: RNG-06 RNG-07 RNG-12
#[test]
fn rfc9110_14_1_2_ranges_end_where_the_content_ends() {
    with_ten(|world, _| {
        for (range, text) in [
            ("5-999", "56789"),
            ("5-", "56789"),
            ("-999", TEN),
            ("-3", "789"),
            ("0-99999999999999999999", TEN),
        ] {
            let part = world.send(&format!("GET /d/ten.txt\nRange: bytes={range}"));
            assert_eq!((part.status, part.text()), (206, text), "{range}");
        }
    });
}

// covers: RNG-08 RNG-09 RNG-10
#[test]
fn rfc9110_15_5_17_a_range_beyond_the_end_is_not_satisfiable() {
    with_ten(|world, _| {
        for range in ["10-", "-0", "99999999999999999999-"] {
            let answer = world.send(&format!("GET /d/ten.txt\nRange: bytes={range}"));
            assert_eq!(answer.status, 416, "{range}");
            assert_eq!(answer.field("content-range"), "bytes */10");
        }
    });
}

// covers: RNG-03 RNG-11
#[test]
fn rfc9110_14_2_what_is_no_range_of_bytes_is_ignored() {
    with_ten(|world, _| {
        for value in ["lines=0-1", "bytes=5-2", "bytes=a-b", "bytes 0-1", "bytes="] {
            let answer = world.send(&format!("GET /d/ten.txt\nRange: {value}"));
            assert_eq!((answer.status, answer.text()), (200, TEN), "{value}");
        }
    });
}

/// The parts of a multipart answer, each with its head.
fn parts(answer: &Answer) -> Vec<(String, String)> {
    let boundary = answer.field("content-type").strip_prefix("multipart/byteranges; boundary=");
    let delimiter = format!("--{}", boundary.expect("a boundary"));
    // RFC 9110 section 14.6: a line break may come before the first delimiter. zsync needs it.
    let inner = answer.text().strip_prefix(&format!("\r\n{delimiter}")).unwrap();
    let (inner, epilogue) = inner.split_once(&format!("\r\n{delimiter}--")).unwrap();
    assert_eq!(epilogue, "\r\n");
    let part = |text: &str| {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.trim().to_owned(), body.to_owned())
    };
    inner.split(&format!("\r\n{delimiter}")).map(part).collect()
}

// covers: RNG-13 RNG-14 RNG-15 RNG-16 RNG-18
#[test]
fn rfc9110_15_3_7_2_several_ranges_are_parts_in_the_order_asked_for() {
    with_ten(|world, etag| {
        let answer = world.send("GET /d/ten.txt\nRange: bytes=9-9,0-1");
        assert_eq!(answer.status, 206);
        assert!(!answer.has("content-range"));
        assert_eq!(answer.field("etag"), etag);
        assert_eq!(answer.field("content-length"), answer.body.len().to_string());
        let head = |range| {
            format!("Content-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {range}/10")
        };
        let expected = [(head("9-9"), "9".to_owned()), (head("0-1"), "01".to_owned())];
        assert_eq!(parts(&answer), expected);
    });
}

// covers: RNG-13
#[test]
fn rfc9110_14_6_boundaries_of_two_answers_differ() {
    on_every_store(|world| {
        world.seed(&[("/a", TEN)]);
        let one = world.send("GET /a\nRange: bytes=0-0,9-9").field("content-type").to_owned();
        world.now = Timestamp::new(world.now.seconds(), 1);
        let other = world.send("GET /a\nRange: bytes=0-0,9-9").field("content-type").to_owned();
        assert_ne!(one, other);
    });
}

// covers: RNG-17 RNG-19
#[test]
fn rfc9110_15_3_7_2_one_range_that_remains_is_no_multipart() {
    with_ten(|world, _| {
        for range in ["0-0", "0-5,3-8", "0-1,20-30"] {
            let answer = world.send(&format!("GET /d/ten.txt\nRange: bytes={range}"));
            assert!(answer.has("content-range"), "{range}");
        }
    });
}

// covers: RNG-20
#[test]
fn rfc9110_17_15_a_thousand_ranges_are_refused() {
    with_ten(|world, _| {
        let many = vec!["0-0"; 1000].join(",");
        let answer = world.send(&format!("GET /d/ten.txt\nRange: bytes={many}"));
        assert_eq!((answer.status, answer.field("content-range")), (416, "bytes */10"));
    });
}

// covers: RNG-23
#[test]
fn rfc9110_14_2_preconditions_come_before_range() {
    with_ten(|world, etag| {
        let range = "Range: bytes=0-0";
        let same = world.send(&format!("GET /d/ten.txt\nIf-None-Match: {etag}\n{range}"));
        assert_eq!((same.status, same.field("cache-control")), (304, "no-cache"));
        let other = world.send(&format!("GET /d/ten.txt\nIf-Match: \"x\"\n{range}"));
        assert_eq!(other.status, 412);
    });
}

// covers: RNG-28
#[test]
fn rfc9110_14_2_an_empty_file_is_sent_as_it_is_whatever_the_range() {
    on_every_store(|world| {
        world.seed(&[("/empty", "")]);
        for range in ["0-", "0-0", "0-9", "7-", "-5", "0-0,2-3"] {
            let answer = world.send(&format!("GET /empty\nRange: bytes={range}"));
            assert_eq!((answer.status, answer.text()), (200, ""), "{range}");
            assert!(!answer.has("content-range"), "{range}");
        }
    });
}

// covers: RNG-29
#[test]
fn rfc9110_15_3_7_3_pieces_under_one_tag_make_the_whole() {
    on_every_store(|world| {
        let text: String = (0..100).map(|number| number.to_string()).collect();
        world.seed(&[("/a", &text)]);
        let etag = world.etag("/a");
        let mut pieces = String::new();
        while pieces.len() < text.len() {
            let (first, last) = (pieces.len(), pieces.len() + 6);
            let ask = format!("GET /a\nRange: bytes={first}-{last}\nIf-Range: {etag}");
            pieces += world.send(&ask).text();
        }
        assert_eq!(pieces, text);
    });
}
