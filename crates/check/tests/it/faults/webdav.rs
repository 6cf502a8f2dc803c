//! Faults of WebDAV.

use super::{Case, after, before, flag, turn};
use crate::server::{Reply, Req};

/// Changes the document of an answer.
fn text(reply: &mut Reply, from: &str, to: &str) {
    reply.content = String::from_utf8_lossy(&reply.content).replace(from, to).into_bytes();
}

fn carries(request: &Req) -> bool {
    matches!(request.method.as_str(), "COPY" | "MOVE")
}

pub(super) const CASES: &[Case] = &[
    after("DAV-01", |q, a| {
        if q.method == "PROPFIND" {
            a.status = 200;
        }
    }),
    before("DAV-02", |q| {
        if q.method == "PROPFIND" {
            q.set("Depth", "0");
        }
    }),
    after("DAV-03", |q, a| {
        if q.method == "PROPFIND" {
            text(a, "404 Not Found", "200 OK");
        }
    }),
    after("DAV-04", |q, a| {
        if q.method == "PROPFIND" {
            a.status = 207;
        }
    }),
    after("DAV-05", |q, a| {
        if q.field("Depth") == Some("infinity") {
            a.status = 500;
        }
    }),
    after("DAV-06", |q, a| {
        if q.method == "PROPFIND" {
            text(a, "&amp;", "and");
        }
    }),
    flag("DAV-07", "half-proppatch"),
    after("DAV-08", |q, a| {
        if q.method == "MKCOL" {
            turn(a, 405, 201);
        }
    }),
    after("DAV-09", |q, a| {
        if q.method == "MKCOL" {
            turn(a, 409, 404);
        }
    }),
    before("DAV-10", |q| {
        if q.method == "MKCOL" {
            q.content.clear();
        }
    }),
    after("DAV-37", |q, a| {
        if q.method == "LOCK" {
            a.remove("Lock-Token");
        }
    }),
    after("DAV-11", |q, a| {
        if carries(q) {
            turn(a, 201, 200);
        }
    }),
    before("DAV-11", |q| {
        if let ("COPY", Some(to)) = (q.method.as_str(), q.field("Destination")) {
            let elsewhere = format!("{to}-elsewhere");
            q.set("Destination", &elsewhere);
        }
    }),
    before("DAV-12", |q| q.remove("Overwrite")),
    after("DAV-13", |q, a| {
        if carries(q) {
            turn(a, 204, 201);
        }
    }),
    after("DAV-14", |q, a| {
        if carries(q) {
            turn(a, 409, 404);
        }
    }),
    before("DAV-13", |q| {
        if q.method == "COPY" {
            q.set("Overwrite", "F");
        }
    }),
    flag("DAV-14", "makes-parents"),
    before("DAV-15", |q| {
        if carries(q) {
            q.remove("Depth");
        }
    }),
    flag("DAV-16", "copy-self"),
    flag("DAV-17", "move-copies"),
    before("DAV-18", |q| q.remove("Overwrite")),
    flag("DAV-19", "drops-properties"),
    after("DAV-20", |q, a| {
        if carries(q) {
            turn(a, 502, 201);
        }
    }),
    flag("DAV-21", "copy-flat"),
    flag("DAV-22", "many-locks"),
    after("DAV-23", |q, a| {
        if q.method == "LOCK" {
            turn(a, 201, 200);
        }
    }),
    after("DAV-23", |q, a| {
        if q.method == "GET" && a.content.is_empty() {
            a.status = 404;
        }
    }),
    after("DAV-24", |q, a| {
        if q.method == "LOCK" && q.content.is_empty() {
            a.content.clear();
        }
    }),
    after("DAV-25", |q, a| {
        if q.method == "UNLOCK" {
            a.status = 200;
        }
    }),
    before("DAV-25", |q| {
        if q.method == "UNLOCK" {
            q.set("Lock-Token", "<urn:x:other>");
        }
    }),
    after("DAV-26", |q, a| {
        if q.method == "UNLOCK" {
            turn(a, 400, 204);
        }
    }),
    after("DAV-27", |q, a| {
        if q.method == "LOCK" && String::from_utf8_lossy(&q.content).contains("shared") {
            a.status = 423;
        }
    }),
    flag("DAV-28", "no-lockdiscovery"),
    flag("DAV-29", "leaves-members"),
    after("DAV-30", |q, a| {
        if q.method == "PROPFIND" {
            turn(a, 404, 207);
        }
    }),
    flag("DAV-31", "no-locks-but-for-put"),
    flag("DAV-32", "copies-locks"),
    flag("DAV-33", "reads-entities"),
    after("DAV-34", |q, a| {
        if q.method == "PROPFIND" {
            text(a, "<D:collection/>", "");
        }
    }),
    flag("DAV-35", "if-of-parent"),
    after("DAV-36", |q, a| {
        if q.method == "PROPPATCH" {
            text(a, " xmlns:x=\"DAV:\"", "");
        }
    }),
];
