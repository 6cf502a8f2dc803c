//! Faults of DELETE, POST, PATCH and QUERY.

use super::{Case, after, answers, before, flag, special, turn};
use crate::server::{Fault, NONE, Reply, Req};

/// The answer to JSON Patch documents with this in them.
fn patch(request: &Req, part: &str) -> bool {
    request.method == "PATCH" && String::from_utf8_lossy(&request.content).contains(part)
}

pub(super) const CASES: &[Case] = &[
    flag("DEL-01", "keeps-deleted"),
    after("DEL-02", |q, a| {
        if q.method == "DELETE" && !q.content.is_empty() {
            a.status = 500;
        }
    }),
    after("DEL-03", |q, a| {
        if q.method == "DELETE" {
            turn(a, 404, 500);
        }
    }),
    before("DEL-04", |q| {
        if q.method == "DELETE" {
            q.remove("If-Match");
        }
    }),
    after("DEL-05", |q, a| {
        if q.method == "DELETE" {
            turn(a, 404, 412);
        }
    }),
    flag("DEL-06", "any-depth leaves-members"),
    flag("DEL-07", "no-member-locks"),
    after("DEL-08", |_, a| {
        let text = String::from_utf8_lossy(&a.content).replace(" 423 ", " 424 ");
        a.content = text.into_bytes();
    }),
    flag("DEL-09", "forgets-unlock"),
    flag("DEL-10", "no-locks-but-for-put"),
    after("POST-01", |q, a| {
        if q.method == "POST" {
            a.remove("Location");
        }
    }),
    after("POST-02", |q, a| {
        if q.method == "POST" && q.has("Range") {
            a.status = 206;
        }
    }),
    after("POST-03", |q, a| {
        if q.method == "POST" && q.has("If-None-Match") {
            a.status = 304;
        }
    }),
    before("POST-04", |q| {
        if q.method == "POST" && !q.has("Content-Type") {
            q.content = b"a".to_vec();
        }
    }),
    after("POST-05", |q, a| {
        if q.method == "POST" && q.field("Content-Type") == Some("application/x-nope") {
            a.status = 415;
        }
    }),
    answers(
        "POST-06",
        |q, a| {
            if q.method == "POST" {
                fresh(q, a);
                a.set("Content-Location", &q.path);
            }
        },
        |q, a| {
            if q.method == "POST" {
                fresh(q, a);
            }
        },
    ),
    after("POST-07", |_, a| {
        if a.status == 303 {
            a.set("Location", "/nowhere");
        }
    }),
    answers(
        "POST-08",
        |q, a| {
            if q.field("Prefer") == Some("respond-async") {
                a.status = 202;
            }
        },
        |q, a| {
            if q.field("Prefer") == Some("respond-async") {
                a.status = 202;
                a.remove("Location");
            }
        },
    ),
    after("POST-09", |q, a| {
        if q.method == "POST" {
            a.content = b"more".to_vec();
        }
    }),
    after("POST-10", |q, a| {
        if q.method == "POST" {
            a.remove("Location");
        }
    }),
    after("POST-11", |q, a| {
        if q.has("Slug") {
            a.set("Location", "/base/../outside");
        }
    }),
    before("POST-12", |q| {
        let text = String::from_utf8_lossy(&q.content)
            .replace("; filename=\"b", "; name=\"f\"; filename=\"b");
        q.content = text.into_bytes();
    }),
    flag("POST-13", "form-paths"),
    after("POST-15", |q, a| {
        if q.has("Idempotency-Key") && a.content.is_empty() {
            a.status = 409;
        }
    }),
    after("POST-16", |_, a| turn(a, 422, 201)),
    flag("PAT-01", "half-patch"),
    flag("PAT-02", "torn-patch"),
    flag("PAT-03", "patches-all"),
    after("PAT-04", |_, a| {
        if a.status == 415 {
            a.remove("Accept-Patch");
        }
    }),
    after("PAT-05", |q, a| {
        if q.method == "PATCH" {
            turn(a, 400, 500);
        }
    }),
    after("PAT-06", |q, a| {
        if q.method == "PATCH" {
            turn(a, 409, 500);
        }
    }),
    after("PAT-07", |q, a| {
        if q.method == "PATCH" {
            turn(a, 404, 500);
        }
    }),
    before("PAT-08", |q| {
        if q.method == "PATCH" {
            q.remove("If-Match");
        }
    }),
    after("PAT-09", |q, a| {
        if q.method == "GET" {
            a.set("Content-Language", "de");
        }
    }),
    answers(
        "PAT-11",
        |q, a| {
            if q.method == "PATCH" {
                fresh(q, a);
                a.set("Content-Location", &q.path);
            }
        },
        |q, a| {
            if q.method == "PATCH" {
                fresh(q, a);
            }
        },
    ),
    after("PAT-12", |_, a| a.remove("Accept-Patch")),
    flag("PAT-13", "half-patch"),
    after("PAT-14", |q, a| {
        if patch(q, "1.0") {
            a.status = 409;
        }
    }),
    after("PAT-15", |q, a| {
        if patch(q, "/a/9") {
            a.status = 204;
        }
    }),
    after("PAT-16", |q, a| {
        if patch(q, "move") {
            a.status = 204;
        }
    }),
    after("PAT-17", |q, a| {
        if patch(q, "remove") {
            a.status = 204;
        }
    }),
    after("PAT-18", |q, a| {
        if patch(q, "/a~01") {
            a.status = 409;
        }
    }),
    before("PAT-19", |q| {
        let text = String::from_utf8_lossy(&q.content).replace("\"a\":null,", "");
        q.content = text.into_bytes();
    }),
    after("PAT-20", |q, a| {
        if q.method == "PATCH" {
            a.status = 422;
        }
    }),
    special(
        "PAT-21",
        XML,
        Fault {
            after: |q, a| {
                xml(q, a);
                turn(a, 422, 204);
            },
            ..NONE
        },
    ),
    special(
        "PAT-22",
        XML,
        Fault {
            after: |q, a| {
                xml(q, a);
                turn(a, 422, 500);
            },
            ..NONE
        },
    ),
    after("PAT-23", |q, a| {
        if patch(q, "X: y") {
            a.status = 204;
        }
    }),
    after("PAT-24", |q, a| {
        if patch(q, "Content-Length: 2") {
            a.status = 204;
        }
    }),
    after("PAT-25", |q, a| {
        if patch(q, "100-101") {
            a.status = 204;
        }
    }),
    after("PAT-26", |q, a| {
        if patch(q, "spam") {
            a.status = 204;
        }
    }),
    flag("PAT-27", "no-locks-but-for-put"),
    before("QRY-01", |q| {
        if q.method == "QUERY" {
            q.set("Content-Type", "application/jsonpath");
        }
    }),
    after("QRY-02", |q, a| {
        if q.content.starts_with(b"<x/>") {
            a.status = 200;
        }
    }),
    before("QRY-03", |q| {
        if q.method == "QUERY" {
            q.set("Content-Type", "application/jsonpath");
        }
    }),
    after("QRY-04", |_, a| {
        if a.status == 415 {
            a.remove("Accept-Query");
        }
    }),
    after("QRY-06", |q, a| {
        if q.method == "QUERY" {
            turn(a, 406, 500);
        }
    }),
    flag("QRY-07", "query-writes"),
    flag("QRY-08", "query-counts"),
    after("QRY-09", |q, a| {
        if !q.query.is_empty() {
            a.status = 500;
        }
    }),
    answers(
        "QRY-10",
        |q, a| at(q, a, "Content-Location", "/base/"),
        |q, a| at(q, a, "Content-Location", "/none"),
    ),
    answers("QRY-11", |q, a| at(q, a, "Location", "/base/"), |q, a| at(q, a, "Location", "/none")),
    before("QRY-14", |q| {
        if q.method == "QUERY" {
            q.remove("If-None-Match");
        }
    }),
    after("QRY-15", |_, a| {
        if a.field("ETag").is_some() {
            a.set("ETag", "\"same\"");
        }
    }),
    answers(
        "QRY-17",
        |q, a| {
            if q.method == "QUERY" {
                a.set("Cache-Control", "max-age=60");
            }
        },
        |q, a| {
            if q.method == "QUERY" {
                a.set("Cache-Control", "max-age=long");
            }
        },
    ),
    after("QRY-18", |q, a| {
        if q.method == "QUERY" && q.has("Range") {
            a.content.truncate(2);
        }
    }),
    after("QRY-19", |_, a| {
        if a.field("Accept-Query").is_some() {
            a.list("Accept-Query", "all");
        }
    }),
    answers("QRY-21", |q, a| at(q, a, "Location", "/base/"), |q, a| at(q, a, "Location", "/r?$.a")),
    after("QRY-22", |_, a| {
        if a.field("Access-Control-Allow-Methods").is_some() {
            a.set("Access-Control-Allow-Methods", "GET, PUT");
        }
    }),
    after("QRY-23", |q, a| {
        if q.method == "QUERY" {
            a.status = 500;
        }
    }),
    after("QRY-24", |q, a| {
        if q.method == "QUERY" && q.content.is_empty() {
            a.status = 500;
        }
    }),
];

const XML: Fault = Fault { after: xml, ..NONE };

/// XML Patch is advertised, and refused for a selector that picks two.
fn xml(request: &Req, reply: &mut Reply) {
    let kind = "application/xml-patch+xml";
    if request.method == "OPTIONS" {
        reply.list("Accept-Patch", kind);
    }
    if request.method == "PATCH" && request.field("Content-Type") == Some(kind) {
        reply.status = 422;
    }
}

fn fresh(_: &Req, reply: &mut Reply) {
    reply.set("Cache-Control", "max-age=60");
}

/// A result of QUERY that is also elsewhere.
fn at(request: &Req, reply: &mut Reply, name: &str, path: &str) {
    let query = request.method == "QUERY" && reply.status == 200;
    if query {
        reply.set(name, path);
    }
    if query || (request.method == "GET" && request.path == "/base/") {
        reply.content = b"[1]".to_vec();
    }
}
