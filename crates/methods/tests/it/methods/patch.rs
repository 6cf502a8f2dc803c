//! PATCH (RFC 5789): which patch fits which resource, and what all formats share. What each format
//! does is tested with its engine.

use crate::{
    world::{Answer, World, on_every_store},
    writing::{refused, refused_at_head, state},
};

const JSON: &str = "content-type: application/json-patch+json";
const MERGE: &str = "content-type: application/merge-patch+json";
const DIFF: &str = "content-type: text/x-diff";
const RANGE: &str = "content-type: message/byterange";
const PARTS: &str = "content-type: multipart/byteranges; boundary=x";
const UPDATE: &str = "content-type: application/x-sabredav-partialupdate";

fn with_files(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a.json", "{\"n\": 1.10, \"b\": [1, 2]}\n")]);
        world.seed(&[("/t.txt", "one\ntwo\nthree\n"), ("/ten", "0123456789"), ("/p.png", "png")]);
        test(world);
    });
}

fn patch(world: &World, at: &str, fields: &str, content: &str) -> Answer {
    world.send(&format!("PATCH {at}\n{fields}\n\n{content}"))
}

/// The status of a refusal of this patch, and its sentence.
fn refusal(world: &World, at: &str, fields: &str, content: &str) -> (u16, String) {
    let answer = refused(world, &format!("PATCH {at}\n{fields}\n\n{content}"));
    (answer.status, answer.detail)
}

fn text(world: &World, at: &str) -> String {
    world.send(&format!("GET {at}")).text().to_owned()
}

// covers: PAT-13 PAT-14
#[test]
fn rfc6902_a_json_patch_is_applied_in_order() {
    with_files(|world| {
        let operations = r#"[{"op": "test", "path": "/n", "value": 1.1},
            {"op": "add", "path": "/b/-", "value": 3}, {"op": "remove", "path": "/b/0"}]"#;
        let answer = patch(world, "/d/a.json", JSON, operations);
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert_eq!(answer.field("etag"), world.etag("/d/a.json"));
        assert_eq!(text(world, "/d/a.json"), "{\"n\": 1.10, \"b\": [ 2, 3]}\n");
    });
}

// covers: PAT-19
#[test]
fn rfc7396_a_merge_patch_is_merged() {
    with_files(|world| {
        let answer = patch(world, "/d/a.json", MERGE, r#"{"b": null, "c": {"d": 1}}"#);
        assert_eq!((answer.status, answer.field("etag")), (204, &*world.etag("/d/a.json")));
        let made: serde_json::Value = serde_json::from_str(&text(world, "/d/a.json")).unwrap();
        assert_eq!(made.to_string(), r#"{"n":1.10,"c":{"d":1}}"#);
    });
}

#[test]
fn posix_diff_a_unified_diff_is_applied() {
    with_files(|world| {
        let diff = "--- t.txt\n+++ t.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n";
        let answer = patch(world, "/t.txt", DIFF, diff);
        assert_eq!((answer.status, answer.field("etag")), (204, &*world.etag("/t.txt")));
        assert_eq!(text(world, "/t.txt"), "one\nzwei\nthree\n");
    });
}

#[test]
fn patch_byterange_3_2_one_range_is_written() {
    let patches = [
        ("Content-Range: bytes 2-5/*\r\n\r\nwxyz", "01wxyz6789"),
        ("Content-Range: bytes 8-11/12\r\n\r\nwxyz", "01234567wxyz"),
        ("Content-Offset: 10\r\n\r\nwxyz", "0123456789wxyz"),
        ("Content-Range: bytes */4\r\n\r\n", "0123"),
        ("Content-Range: bytes */12\r\n\r\n", "0123456789\0\0"),
        ("Content-Range: bytes 0-9/10\r\n\r\nabcdefghij", "abcdefghij"),
    ];
    for (content, result) in patches {
        with_files(|world| {
            let answer = patch(world, "/ten", RANGE, content);
            assert_eq!((answer.status, answer.field("etag")), (204, &*world.etag("/ten")));
            assert_eq!(text(world, "/ten"), result);
        });
    }
}

#[test]
fn patch_byterange_3_1_several_ranges_are_written_as_one() {
    with_files(|world| {
        let part = |range: &str, bytes: &str| {
            format!("--x\r\nContent-Range: bytes {range}/*\r\n\r\n{bytes}\r\n")
        };
        let content = part("7-11", "vwxyz") + &part("1-2", "ab") + "--x--";
        assert_eq!(patch(world, "/ten", PARTS, &content).status, 204);
        assert_eq!(text(world, "/ten"), "0ab3456vwxyz");
        let content = part("0-0", "A") + &part("99-99", "Z") + "--x--";
        let (status, detail) = refusal(world, "/ten", PARTS, &content);
        assert_eq!(status, 416, "{detail}");
    });
}

#[test]
fn patch_byterange_3_3_the_binary_form() {
    with_files(|world| {
        // A message of known length: fields of 27 bytes (one line), content of 2.
        let content = "\u{8}\u{1b}\u{d}content-range\u{c}bytes 0-1/10\u{2}AB";
        let fields = "content-type: application/byteranges";
        assert_eq!(patch(world, "/ten", fields, content).status, 204);
        assert_eq!(text(world, "/ten"), "AB23456789");
    });
}

// covers: PAT-23 PAT-24 PAT-25
#[test]
fn patch_byterange_2_what_no_range_is_refused() {
    with_files(|world| {
        let status = |content: &str| refusal(world, "/ten", RANGE, content).0;
        assert_eq!(status("X-Range: bytes 0-1/10\r\n\r\nab"), 400);
        assert_eq!(status("Content-Range: bytes 0-1/10\r\nContent-Length: 3\r\n\r\nab"), 400);
        assert_eq!(status("Content-Range: bytes 0-1/10\r\n\r\nabc"), 400);
        assert_eq!(status("Content-Range: lines 0-1/10\r\n\r\nab"), 422);
        let beyond =
            "PATCH /ten\ncontent-type: message/byterange\n\nContent-Range: bytes 20-21/*\r\n\r\nab";
        let answer = refused(world, beyond);
        assert_eq!((answer.status, answer.field("content-range")), (416, "bytes */10"));
    });
}

#[test]
fn patch_byterange_2_4_content_type_counts_as_with_put() {
    with_files(|world| {
        let content = "Content-Range: bytes 0-0/*\r\nContent-Type: image/png\r\n\r\nX";
        assert_eq!(patch(world, "/ten", RANGE, content).status, 204);
        assert_eq!(world.send("GET /ten").field("content-type"), "image/png");
        let content = "Content-Range: bytes 0-0/*\r\nContent-Type: ???\r\n\r\nX";
        assert_eq!(refusal(world, "/ten", RANGE, content).0, 400);
        let part = |kind: &str, at: u8| {
            format!(
                "--x\r\nContent-Type: text/{kind}\r\nContent-Range: bytes {at}-{at}/*\r\n\r\nY\r\n"
            )
        };
        let content = part("plain", 0) + &part("html", 1) + "--x--";
        assert_eq!(refusal(world, "/ten", PARTS, &content).0, 400);
    });
}

#[test]
fn sabredav_a_partial_update_is_written() {
    let updates = [
        ("bytes=2-5", "01====6789"),
        ("bytes=2-", "01====6789"),
        ("bytes=-3", "0123456===="),
        ("bytes=12-", "0123456789\0\0===="),
        ("append", "0123456789===="),
    ];
    for (range, result) in updates {
        with_files(|world| {
            let fields = format!("{UPDATE}\nx-update-range: {range}\ncontent-length: 4");
            assert_eq!(patch(world, "/ten", &fields, "====").status, 204, "{range}");
            assert_eq!(text(world, "/ten"), result, "{range}");
        });
    }
}

#[test]
fn sabredav_what_is_no_update_is_refused_before_the_content() {
    let updates = [
        ("content-length: 4", 400),
        ("x-update-range: bytes=\ncontent-length: 4", 400),
        ("x-update-range: bytes=0-1,3-4\ncontent-length: 4", 400),
        ("x-update-range: append", 411),
        ("x-update-range: bytes=2-3\ncontent-length: 4", 416),
        ("x-update-range: bytes=5-2\ncontent-length: 4", 416),
        ("x-update-range: bytes=-11\ncontent-length: 4", 416),
        ("x-update-range: bytes=99999999999-\ncontent-length: 4", 422),
    ];
    with_files(|world| {
        for (fields, status) in updates {
            let text = format!("PATCH /ten\n{UPDATE}\n{fields}\n\n====");
            assert_eq!(refused_at_head(world, &text).status, status, "{fields}");
        }
    });
}

// covers: PAT-15 PAT-16 PAT-17 PAT-18 PAT-26
#[test]
fn rfc6902_4_operations_that_cannot_be_done_change_nothing() {
    let operations = [
        (r#"{"op": "add", "path": "/b/9", "value": 0}"#, 409),
        (r#"{"op": "move", "from": "/b", "path": "/b/0"}"#, 422),
        (r#"{"op": "remove", "path": "/missing"}"#, 409),
        (r#"{"op": "replace", "path": "/b/01", "value": 0}"#, 409),
        (r#"{"op": "spam", "path": "/b"}"#, 400),
        (r#"{"op": "test", "path": "/n", "value": "1.10"}"#, 409),
    ];
    with_files(|world| {
        for (operation, status) in operations {
            let (found, detail) = refusal(world, "/d/a.json", JSON, &format!("[{operation}]"));
            assert_eq!(found, status, "{operation}: {detail}");
        }
        let known = r#"[{"op": "add", "path": "/a~01", "value": 0, "unknown": true}]"#;
        assert_eq!(patch(world, "/d/a.json", JSON, known).status, 204);
        assert!(text(world, "/d/a.json").contains("\"a~1\": 0"));
    });
}

// covers: PAT-20
#[test]
fn rfc7396_2_what_is_no_object_becomes_one() {
    with_files(|world| {
        world.send("PUT /d/a.json\n\n[1]");
        assert_eq!(patch(world, "/d/a.json", MERGE, r#"{"a":1}"#).status, 204);
        assert_eq!(text(world, "/d/a.json"), r#"{"a":1}"#);
    });
}

// covers: PAT-11
#[test]
fn rfc5789_2_the_answer_is_not_to_be_cached() {
    with_files(|world| {
        let answer = patch(world, "/d/a.json", MERGE, "{}");
        assert!(!answer.has("cache-control") && !answer.has("expires"));
    });
}

// covers: PAT-02
#[test]
fn rfc5789_2_no_reader_sees_a_half_applied_patch() {
    with_files(|world| {
        let before = "a line.\n".repeat(10_000);
        world.send(&format!("PUT /t.txt\n\n{before}"));
        let after = before.replacen("a line.", "changed", 1);
        let world = &*world;
        std::thread::scope(|scope| {
            let writer = scope
                .spawn(|| patch(world, "/t.txt", DIFF, "@@ -1 +1 @@\n-a line.\n+changed\n").status);
            while !writer.is_finished() {
                let read = text(world, "/t.txt");
                assert!(read == before || read == after);
            }
            assert_eq!(writer.join().unwrap(), 204);
        });
        assert_eq!(text(world, "/t.txt"), after);
    });
}

// covers: PAT-01
#[test]
fn rfc5789_2_all_or_nothing() {
    with_files(|world| {
        let operations = r#"[{"op": "add", "path": "/x", "value": 1},
            {"op": "remove", "path": "/missing"}]"#;
        let (status, detail) = refusal(world, "/d/a.json", JSON, operations);
        assert_eq!(status, 409);
        assert!(detail.contains("Operation 1") && detail.contains("/missing"), "{detail}");
        let diff = "@@ -1 +1 @@\n-one\n+ONE\n@@ -3 +3 @@\n-drei\n+three\n";
        let (status, detail) = refusal(world, "/t.txt", DIFF, diff);
        assert_eq!(status, 409);
        assert!(detail.contains("Hunk 2, line 3"), "{detail}");
    });
}

// covers: PAT-05 PAT-06
#[test]
fn rfc5789_2_2_what_is_malformed_is_400() {
    with_files(|world| {
        for content in ["", "{\"a\"", "{}", "[{\"op\": \"spam\", \"path\": \"\"}]"] {
            assert_eq!(refusal(world, "/d/a.json", JSON, content).0, 400, "{content}");
        }
        for content in ["", "{", "nope"] {
            assert_eq!(refusal(world, "/d/a.json", MERGE, content).0, 400, "{content}");
        }
        for content in ["", "one\n", "@@ -1 +1 @@\n-one\n"] {
            assert_eq!(refusal(world, "/t.txt", DIFF, content).0, 400, "{content}");
        }
        assert_eq!(refusal(world, "/d/a.json", JSON, &"[".repeat(100_000)).0, 413);
    });
}

// covers: PAT-06
#[test]
fn rfc5789_2_2_what_cannot_be_done_is_422() {
    with_files(|world| {
        let remove = r#"[{"op": "remove", "path": ""}]"#;
        assert_eq!(refusal(world, "/d/a.json", JSON, remove).0, 422);
        let two = "--- a\n+++ a\n@@ -1 +1 @@\n-one\n+1\n--- b\n+++ b\n@@ -1 +1 @@\n-one\n+1\n";
        assert_eq!(refusal(world, "/t.txt", DIFF, two).0, 422);
        world.send("PUT /d/a.json\n\nnot json");
        assert_eq!(refusal(world, "/d/a.json", MERGE, "{}").0, 422);
    });
}

#[test]
fn rfc5789_2_other_names_of_a_diff_are_known_and_mail_of_git_is_read() {
    on_every_store(|world| {
        let mail = "From 1c2a Mon Sep 17 00:00:00 2001\nFrom: A <a@example.com>\n\
                    Subject: [PATCH] b\n\n---\n a | 2 +-\n\ndiff --git a/a b/a\n\
                    index 1..2 100644\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n\n";
        for kind in
            ["text/x-diff", "text/x-patch", "application/x-patch", "text/x-patch; charset=utf-8"]
        {
            world.seed(&[("/a.txt", "a\n")]);
            let text = format!("PATCH /a.txt\ncontent-type: {kind}\n\n{mail}");
            assert_eq!(world.send(&text).status, 204, "{kind}");
            assert_eq!(world.send("GET /a.txt").text(), "b\n", "{kind}");
            world.send("DELETE /a.txt");
        }
    });
}

// covers: PAT-03 PAT-04 GEN-28 GEN-29
#[test]
fn rfc5789_2_2_a_type_that_does_not_fit_is_415_with_accept_patch() {
    with_files(|world| {
        let refused = |at: &str, fields: &str| {
            let answer = refused_at_head(world, &format!("PATCH {at}\n{fields}\n\n{{}}"));
            assert_eq!(answer.status, 415, "{at} {fields}");
            assert!(!answer.has("accept-encoding"), "the coding was none");
            answer.field("accept-patch").to_owned()
        };
        let all = "application/json-patch+json, application/merge-patch+json, text/x-diff, \
                   message/byterange, multipart/byteranges, application/byteranges, \
                   application/x-sabredav-partialupdate";
        assert_eq!(refused("/d/a.json", "content-type: text/x-no"), all);
        assert_eq!(refused("/d/a.json", "x: y"), all);
        assert_eq!(refused("/d/a.json", "content-type: application/json"), all);
        for unfit in [JSON, MERGE] {
            assert!(refused("/t.txt", unfit).starts_with("text/x-diff, message/byterange, "));
        }
        assert!(refused("/p.png", DIFF).starts_with("message/byterange, "));
    });
}

// covers: PAT-12
#[test]
fn rfc5789_3_1_options_tells_the_same_as_415() {
    with_files(|world| {
        for at in ["/d/a.json", "/t.txt", "/p.png", "/ten"] {
            let refused = refused(world, &format!("PATCH {at}\ncontent-type: text/x-no\n\nx"));
            let told = world.send(&format!("OPTIONS {at}"));
            assert_eq!(told.field("accept-patch"), refused.field("accept-patch"), "{at}");
        }
    });
}

#[test]
fn rfc5789_2_the_media_type_that_is_remembered_decides() {
    with_files(|world| {
        world.send("PUT /none\ncontent-type: application/vnd.x+json\n\n{}");
        assert_eq!(patch(world, "/none", MERGE, r#"{"a":1}"#).status, 204);
        world.send("PUT /d/a.json\ncontent-type: text/plain\n\n{}");
        assert_eq!(refusal(world, "/d/a.json", MERGE, "{}").0, 415);
    });
}

// covers: PAT-09
#[test]
fn rfc5789_2_fields_of_the_request_describe_the_patch() {
    with_files(|world| {
        world.send("PUT /ten\ncontent-type: text/x-a\n\n0123456789");
        let before = state(world);
        let fields = format!("{RANGE}\ncontent-language: de\ncontent-location: /x");
        assert_eq!(
            patch(world, "/ten", &fields, "Content-Range: bytes 0-0/*\r\n\r\n0").status,
            204
        );
        assert_eq!(state(world), before);
        let served = world.send("GET /ten");
        assert_eq!(served.field("content-type"), "text/x-a");
        assert!(!served.has("content-language"));
    });
}

// covers: PAT-07
#[test]
fn rfc5789_2_2_what_is_not_there_is_not_made() {
    with_files(|world| {
        for fields in [JSON, MERGE, RANGE, "content-type: text/x-no"] {
            let text = format!("PATCH /missing.json\n{fields}\n\n{{}}");
            assert_eq!(refused_at_head(world, &text).status, 404);
        }
        world.send("DELETE /ten");
        assert_eq!(refused_at_head(world, &format!("PATCH /ten\n{RANGE}\n\n")).status, 404);
        assert_eq!(refused_at_head(world, &format!("PATCH /t.txt/\n{DIFF}\n\n")).status, 404);
    });
}

#[test]
fn rfc9110_15_5_6_onto_a_collection_is_405() {
    with_files(|world| {
        for at in ["/", "/d", "/d/"] {
            let answer = refused_at_head(world, &format!("PATCH {at}\n{JSON}\n\n[]"));
            assert_eq!(answer.status, 405, "{at}");
            assert!(answer.field("allow").split(", ").all(|name| name != "PATCH"), "{at}");
        }
    });
}

// covers: PAT-08
#[test]
fn rfc9110_13_1_1_if_match_that_fails_is_412() {
    with_files(|world| {
        let etag = world.etag("/d/a.json");
        let conditional = |tag: &str| format!("PATCH /d/a.json\n{MERGE}\nif-match: {tag}\n\n{{}}");
        assert_eq!(refused_at_head(world, &conditional("\"stale\"")).status, 412);
        assert_eq!(world.send(&conditional(&etag)).status, 204);
        assert_eq!(refused(world, &conditional(&etag)).status, 412);
        let exists = format!("PATCH /d/a.json\n{MERGE}\nif-none-match: *\n\n{{}}");
        assert_eq!(refused_at_head(world, &exists).status, 412);
    });
}

#[test]
fn rfc6585_3_a_precondition_may_be_required() {
    with_files(|world| {
        world.policy.require_preconditions = true;
        let text = format!("PATCH /d/a.json\n{MERGE}\n\n{{}}");
        assert_eq!(refused_at_head(world, &text).status, 428);
    });
}

#[test]
fn rfc9110_8_4_a_coding_or_a_digest_that_is_malformed_is_refused() {
    with_files(|world| {
        let text = format!("PATCH /d/a.json\n{MERGE}\ncontent-encoding: gzip\n\n{{}}");
        assert_eq!(refused_at_head(world, &text).status, 415);
        let text = format!("PATCH /d/a.json\n{MERGE}\ncontent-digest: no\n\n{{}}");
        assert_eq!(refused_at_head(world, &text).status, 400);
        let text = "PATCH /ten\ncontent-type: multipart/byteranges\n\n";
        assert_eq!(refused_at_head(world, text).status, 400);
    });
}

#[test]
fn rfc9110_9_2_2_an_append_is_not_idempotent() {
    with_files(|world| {
        let fields = format!("{UPDATE}\nx-update-range: append\ncontent-length: 1");
        patch(world, "/ten", &fields, "+");
        patch(world, "/ten", &fields, "+");
        assert_eq!(text(world, "/ten"), "0123456789++");
    });
}

#[test]
fn rfc6902_a_counter_keeps_every_increment() {
    with_files(|world| {
        world.send("PUT /n.json\n\n0");
        let world = &*world;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..25).for_each(|_| increment(world)));
            }
        });
        assert_eq!(text(world, "/n.json"), "100");
    });
}

/// Reads a number and puts the next in its place, until nobody came in between.
fn increment(world: &World) {
    loop {
        let read = world.send("GET /n.json");
        let next = read.text().parse::<u32>().unwrap() + 1;
        let operation = format!(r#"[{{"op": "replace", "path": "", "value": {next}}}]"#);
        let fields = format!("{JSON}\nif-match: {}", read.field("etag"));
        match patch(world, "/n.json", &fields, &operation).status {
            204 => return,
            status => assert_eq!(status, 412),
        }
    }
}
