//! Faults of GET and HEAD, preconditions and ranges.

use super::{Case, after, answers, before, flag, turn};
use crate::server::Reply;

pub(super) const CASES: &[Case] = &[
    after("GET-01", |q, a| {
        if q.method == "GET" {
            a.content.push(b'x');
        }
    }),
    after("GET-02", |_, a| a.remove("Content-Type")),
    after("GET-03", |q, a| a.to_end = q.method == "GET"),
    after("GET-04", |_, a| {
        a.remove("ETag");
        a.remove("Last-Modified");
    }),
    after("GET-05", |q, a| {
        if q.method == "GET" && !q.content.is_empty() {
            a.content.clear();
        }
    }),
    flag("GET-06", "get-content-smuggles"),
    after("GET-07", |_, a| turn(a, 404, 200)),
    flag("GET-08", "head-with-content"),
    after("GET-09", |q, a| {
        if q.method == "HEAD" {
            a.remove("ETag");
        }
    }),
    after("GET-10", |q, a| {
        if q.method == "HEAD" {
            a.set("Content-Length", "0");
        }
    }),
    after("GET-11", |q, a| {
        if q.method == "HEAD" {
            turn(a, 404, 200);
        }
    }),
    flag("GET-12", "head-range"),
    flag("GET-13", "new-tags"),
    answers(
        "GET-14",
        |q, a| {
            if q.method == "GET" {
                a.set("Allow", "GET, HEAD");
            }
        },
        |q, a| {
            if q.method == "GET" {
                a.set("Allow", "POST");
            }
        },
    ),
    answers(
        "GET-15",
        |_, a| a.set("Cache-Control", "max-age=9, immutable"),
        |_, a| a.set("Cache-Control", "immutable"),
    ),
    after("GET-16", |_, a| turn(a, 308, 200)),
    after("GET-17", |_, a| {
        if a.status == 308 {
            a.set("Location", "/nowhere");
        }
    }),
    after("GET-18", |q, a| {
        if q.field("Accept").is_some_and(|own| own.starts_with("text/html")) && a.status == 404 {
            *a = Reply::new(200).body("text/html", "<p>Not found");
        }
    }),
    after("GET-19", |_, a| {
        if a.status == 404 {
            a.remove("Cache-Control");
        }
    }),
    after("COND-01", |q, a| {
        if q.has("If-Match") {
            turn(a, 404, 412);
        }
    }),
    after("COND-02", |q, a| {
        if q.has("If-Match") {
            turn(a, 308, 412);
        }
    }),
    after("COND-03", |q, a| {
        if q.has("If-Match") {
            turn(a, 204, 412);
        }
    }),
    before("COND-04", |q| {
        if q.has("If-None-Match") {
            q.remove("If-Match");
        }
    }),
    before("COND-05", |q| {
        if q.has("If-Unmodified-Since") {
            q.remove("If-Match");
        }
    }),
    before("COND-06", |q| {
        if q.method == "PUT" {
            q.remove("If-None-Match");
        }
    }),
    before("COND-07", |q| {
        if q.has("If-Modified-Since") {
            q.remove("If-None-Match");
        }
    }),
    before("COND-08", |q| q.remove("If-Range")),
    before("COND-09", |q| {
        let strong = q.field("If-Match").map(|tag| tag.trim_start_matches("W/").to_owned());
        if let Some(strong) = strong {
            q.set("If-Match", &strong);
        }
    }),
    before("COND-10", |q| {
        if q.field("If-None-Match").is_some_and(|tag| tag.starts_with("W/")) {
            q.remove("If-None-Match");
        }
    }),
    after("COND-11", |q, a| {
        if q.field("If-Match") == Some("*") {
            turn(a, 200, 412);
        }
    }),
    before("COND-12", |q| {
        if q.field("If-None-Match") == Some("*") {
            q.remove("If-None-Match");
        }
    }),
    before("COND-13", |q| {
        let first = q.field("If-Match").map(str::to_owned);
        if let Some(first) = first {
            q.set("If-Match", &first);
        }
    }),
    before("COND-14", |q| {
        if q.field("If-None-Match").is_some_and(|list| list.contains(',')) {
            q.remove("If-None-Match");
        }
    }),
    after("COND-15", |q, a| {
        if q.field("If-Modified-Since") == Some("garbage") {
            a.status = 400;
        }
    }),
    after("COND-16", |q, a| {
        if q.method == "PUT" && q.has("If-Modified-Since") {
            a.status = 412;
        }
    }),
    before("COND-17", |q| q.remove("If-Modified-Since")),
    after("COND-18", |q, a| {
        if q.has("If-Modified-Since") {
            turn(a, 304, 412);
        }
    }),
    after("COND-19", |q, a| {
        if q.has("If-Unmodified-Since") {
            turn(a, 200, 412);
        }
    }),
    before("COND-20", |q| q.remove("If-Unmodified-Since")),
    after("COND-21", |_, a| {
        if a.status == 304 {
            a.remove("Vary");
        }
    }),
    after("COND-22", |_, a| {
        if a.status == 304 {
            a.set("Content-Type", "text/plain");
        }
    }),
    after("COND-23", |_, a| {
        if a.status == 304 {
            a.trailing = "surplus";
        }
    }),
    after("COND-24", |_, a| {
        if a.status == 304 {
            a.set("Content-Length", "7");
        }
    }),
    after("COND-25", |q, a| {
        if q.has("If-Range") {
            turn(a, 200, 412);
        }
    }),
    before("COND-26", |q| {
        if q.field("If-Range").is_some_and(|tag| tag.starts_with("W/")) {
            q.remove("If-Range");
        }
    }),
    before("COND-27", |q| q.remove("If-Range")),
    before("COND-28", |q| q.remove("If-Match")),
    before("COND-29", |q| q.remove("If")),
    before("COND-29", |q| {
        // As if all lists had to be true.
        if q.field("If").is_some_and(|lists| lists.starts_with("([")) {
            q.set("If", "([\"no-such-tag\"])");
        }
    }),
    after("COND-30", |q, a| {
        if q.has("If") {
            turn(a, 204, 423);
        }
    }),
    before("COND-31", |q| q.remove("If")),
    after("COND-32", |_, a| {
        if a.status == 412 {
            a.content = b"else".to_vec();
        }
    }),
    after("COND-34", |q, a| {
        if q.field("If-None-Match") == Some("sync-1") {
            a.status = 412;
        }
    }),
    before("RNG-01", |q| q.remove("Range")),
    before("RNG-02", |q| {
        if q.method == "PUT" && q.has("Range") {
            q.content.truncate(1);
        }
    }),
    after("RNG-03", |q, a| {
        if q.has("Range") {
            turn(a, 200, 416);
        }
    }),
    before("RNG-04", |q| q.remove("Range")),
    after("RNG-05", |_, a| {
        if a.status == 206 {
            a.remove("Content-Range");
        }
    }),
    after("RNG-06", |q, a| {
        if q.field("Range").is_some_and(|range| range.contains("999999999")) {
            turn(a, 206, 416);
        }
    }),
    after("RNG-07", |_, a| turn(a, 206, 416)),
    after("RNG-08", |_, a| turn(a, 416, 206)),
    after("RNG-09", |_, a| turn(a, 416, 200)),
    after("RNG-10", |_, a| {
        if a.status == 416 {
            a.remove("Content-Range");
        }
    }),
    after("RNG-11", |q, a| {
        if q.field("Range") == Some("bytes=5-2") {
            a.status = 206;
        }
    }),
    after("RNG-12", |q, a| {
        if q.field("Range").is_some_and(|r| r.len() > 25) {
            a.status = 500;
        }
    }),
    after("RNG-13", |_, a| {
        if a.status == 206 {
            a.content.truncate(80);
        }
    }),
    after("RNG-14", |_, a| {
        if a.status == 206 {
            a.set("Content-Range", "bytes 0-0/36");
        }
    }),
    after("RNG-15", |_, a| parts(a, "Content-Range: bytes ", "X-Range: ")),
    after("RNG-16", |_, a| parts(a, "Content-Type: text/plain", "Content-Type: image/png")),
    after("RNG-17", |_, a| {
        if a.status == 206 {
            a.set("Content-Type", "multipart/byteranges; boundary=cut");
        }
    }),
    before("RNG-18", |q| {
        if q.field("Range") == Some("bytes=9-9,0-0") {
            q.set("Range", "bytes=0-0,9-9");
        }
    }),
    before("RNG-19", |q| {
        if q.field("Range") == Some("bytes=0-5,3-8") {
            q.set("Range", "bytes=0-5");
        }
    }),
    flag("RNG-20", "many-ranges"),
    after("RNG-21", |_, a| {
        if a.status == 206 {
            a.remove("ETag");
        }
    }),
    after("RNG-22", |_, a| {
        if a.status == 206 {
            a.remove("Last-Modified");
        }
    }),
    before("RNG-23", |q| {
        if q.has("Range") {
            q.remove("If-None-Match");
        }
    }),
    after("RNG-24", |q, a| {
        if q.has("Range") && a.field("Content-Encoding").is_some() {
            a.content = b"01".to_vec();
        }
    }),
    after("RNG-25", |_, a| a.remove("Accept-Ranges")),
    after("RNG-26", |q, a| {
        if a.status == 206 && q.has("Range") {
            a.content.push(b'x');
        }
    }),
    after("RNG-27", |q, a| {
        if q.method == "POST" && q.has("Content-Range") {
            a.status = 400;
        }
    }),
    after("RNG-28", |q, a| {
        if q.has("Range") {
            turn(a, 416, 500);
        }
    }),
    after("RNG-29", |q, a| {
        if q.has("If-Range") {
            a.content.reverse();
        }
    }),
];

/// Changes a line in every part.
fn parts(reply: &mut Reply, from: &str, to: &str) {
    let text = String::from_utf8(reply.content.clone()).unwrap_or_default();
    if text.contains("--cut") {
        reply.content = text.replace(from, to).into_bytes();
    }
}
