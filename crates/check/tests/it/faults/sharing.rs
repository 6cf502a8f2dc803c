//! Faults of negotiation, OPTIONS, TRACE and CORS.

use super::{Case, after, answers, before, flag, turn};
use crate::server::{Reply, Req};

const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_FIELDS: &str = "Access-Control-Allow-Headers";
const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_LOGIN: &str = "Access-Control-Allow-Credentials";

pub(super) const CASES: &[Case] = &[
    after("NEG-01", |_, a| turn(a, 406, 500)),
    after("NEG-02", |_, a| {
        if a.status == 406 {
            a.content.clear();
        }
    }),
    before("NEG-03", |q| {
        if q.field("Accept").is_some_and(|accept| accept.contains("q=0,")) {
            q.remove("Accept");
        }
    }),
    before("NEG-04", |q| {
        if q.field("Accept").is_some_and(|a| a.contains("0.9")) {
            q.remove("Accept");
        }
    }),
    before("NEG-05", |q| {
        if q.field("Accept").is_some_and(|accept| accept.contains("level")) {
            q.remove("Accept");
        }
    }),
    before("NEG-06", |q| {
        if q.field("Accept").is_some_and(|accept| accept.contains('N')) {
            q.remove("Accept");
        }
    }),
    before("NEG-07", |q| q.set("Accept-Encoding", "gzip")),
    before("NEG-08", |q| q.set("Accept-Encoding", "gzip")),
    after("NEG-09", |q, a| {
        if q.field("Accept-Encoding") == Some("nope") {
            a.status = 406;
        }
    }),
    before("NEG-10", |q| {
        if q.field("Accept-Encoding") == Some("") {
            q.set("Accept-Encoding", "gzip");
        }
    }),
    after("NEG-11", |_, a| {
        if a.field("Content-Encoding").is_some() {
            a.content = b"plain".to_vec();
        }
    }),
    after("NEG-12", |_, a| {
        let plain = a.field("ETag").map(|tag| tag.replace("-gz", ""));
        if let Some(plain) = plain {
            a.set("ETag", &plain);
        }
    }),
    after("NEG-13", |_, a| a.remove("Vary")),
    after("NEG-15", |q, a| {
        if q.has("Accept-Charset") {
            a.status = 406;
        }
    }),
    answers(
        "NEG-17",
        |q, a| {
            if q.method == "GET" && a.status == 200 {
                a.set("Content-Location", &q.path);
            }
        },
        |q, a| {
            if q.method == "GET" && a.status == 200 {
                a.set("Content-Location", &format!("{}-other", q.path));
            }
        },
    ),
    answers(
        "NEG-19",
        |q, a| {
            if q.path == "/base/" {
                turn(a, 200, 300);
            }
        },
        |q, a| {
            if q.path == "/base/" {
                turn(a, 200, 300);
                a.content.clear();
            }
        },
    ),
    after("NEG-20", |_, a| {
        if a.status == 415 {
            a.remove("Accept-Encoding");
        }
    }),
    after("NEG-21", |q, a| {
        if q.has("Prefer") {
            turn(a, 200, 400);
        }
    }),
    after("NEG-22", |_, a| {
        if a.field("Preference-Applied").is_some() {
            a.remove("Vary");
        }
    }),
    after("OPT-01", |q, a| {
        if q.method == "OPTIONS" {
            a.remove("Allow");
        }
    }),
    flag("OPT-02", "options-writes"),
    after("OPT-03", |q, a| {
        if q.target == "*" {
            a.status = 400;
        }
    }),
    after("OPT-04", |q, a| {
        if q.target == "*" {
            a.status = 200;
        }
    }),
    after("OPT-07", |q, a| {
        if q.has("If-None-Match") && q.method == "OPTIONS" {
            a.status = 412;
        }
    }),
    after("OPT-08", |q, a| {
        if q.method == "OPTIONS" {
            a.status = 200;
            a.to_end = true;
        }
    }),
    after("OPT-09", |_, a| a.remove("DAV")),
    after("OPT-10", |q, a| {
        if q.method == "PROPFIND" {
            a.status = 501;
        }
    }),
    after("OPT-11", |_, a| a.remove("Accept-Patch")),
    after("OPT-12", |_, a| {
        if a.field("Accept-Query").is_some() {
            a.set("Accept-Query", "all");
        }
    }),
    answers("OPT-13", search, |q, a| {
        if q.method == "OPTIONS" {
            a.list("Allow", "SEARCH");
        }
    }),
    after("OPT-14", |q, a| {
        if q.method == "OPTIONS" {
            a.set("Age", "9");
        }
    }),
    answers("OPT-15", workspaces, |q, a| {
        if q.method == "OPTIONS" {
            a.list("Allow", "MKWORKSPACE");
        }
    }),
    after("OPT-16", |q, a| {
        if q.method == "OPTIONS" {
            a.remove("Allow");
        }
    }),
    after("TRC-01", |q, a| {
        if q.method == "TRACE" {
            a.content.clear();
        }
    }),
    after("TRC-02", |q, a| {
        if q.method == "TRACE" {
            a.set("Content-Type", "text/plain");
        }
    }),
    flag("TRC-03", "trace-secrets"),
    after("TRC-04", |q, a| {
        if q.method == "TRACE" {
            turn(a, 400, 500);
        }
    }),
    after("TRC-06", |q, a| {
        if q.method == "TRACE" {
            a.set("Age", "9");
        }
    }),
    after("TRC-07", |q, a| {
        if q.method == "TRACE" && q.has("If-None-Match") {
            a.status = 412;
        }
    }),
    flag("TRC-09", "trace-writes"),
    after("TRC-10", |q, a| {
        if q.method == "TRACE" {
            a.status = 302;
        }
    }),
    before("TRC-11", |q| {
        if q.has("X-HTTP-Method-Override") {
            q.method = "TRACE".to_owned();
        }
    }),
    after("TRC-12", |q, a| {
        if q.method == "TRACE" {
            a.set("Content-Type", "text/html");
        }
    }),
    after("SEC-03", |q, a| {
        if q.method == "TRACE" {
            a.set("Content-Type", "text/html");
        }
    }),
    after("CORS-01", |q, a| {
        if q.method == "OPTIONS" && q.has("Origin") {
            a.status = 403;
        }
    }),
    after("CORS-02", |q, a| {
        if q.has("Access-Control-Request-Method") {
            a.status = 401;
        }
    }),
    after("CORS-03", |q, a| {
        if q.method == "OPTIONS" && !q.has("Authorization") {
            a.status = 401;
        }
    }),
    after("CORS-04", |_, a| {
        if a.field(ALLOW_ORIGIN).is_some() {
            a.set(ALLOW_ORIGIN, "https://a.example, https://b.example");
        }
    }),
    after("CORS-05", |_, a| a.set(ALLOW_LOGIN, "True")),
    after("CORS-06", |_, a| {
        if a.field(ALLOW_METHODS).is_some() {
            a.set(ALLOW_METHODS, "GET");
        }
    }),
    after("CORS-07", |_, a| {
        if a.field(ALLOW_METHODS).is_some() {
            a.set(ALLOW_METHODS, "PUT, GET");
        }
    }),
    after("CORS-08", |_, a| {
        if a.field(ALLOW_FIELDS).is_some() {
            a.set(ALLOW_FIELDS, "*");
        }
    }),
    after("CORS-09", |_, a| a.set("Access-Control-Max-Age", "soon")),
    after("CORS-10", |_, a| a.remove("Access-Control-Expose-Headers")),
    after("CORS-11", |q, a| {
        if !q.has("Origin") {
            a.remove("Vary");
        }
    }),
    after("CORS-12", |_, a| {
        if a.status == 404 {
            a.remove(ALLOW_ORIGIN);
        }
    }),
    after("CORS-13", |_, a| {
        if a.field(ALLOW_METHODS).is_some() {
            a.list(ALLOW_METHODS, "TRACE");
        }
    }),
    after("CORS-14", |q, a| {
        if q.method == "PUT" && q.has("Origin") {
            a.status = 403;
        }
    }),
    after("CORS-15", |q, a| {
        if q.field("Origin") == Some("null") {
            a.set(ALLOW_ORIGIN, "null");
        }
    }),
    after("CORS-16", |_, a| a.set(ALLOW_LOGIN, "true")),
    after("CORS-17", |q, a| {
        if q.method == "OPTIONS" && !q.path.ends_with(['/', 't']) {
            a.status = 301;
        }
    }),
    after("CORS-18", |_, a| {
        if a.field(ALLOW_FIELDS).is_some() {
            a.set(ALLOW_FIELDS, "depth");
        }
    }),
    after("CORS-20", |q, a| {
        if q.has("Access-Control-Request-Method") {
            a.set("Allow", "GET");
        }
    }),
];

fn search(request: &Req, reply: &mut Reply) {
    if request.method == "OPTIONS" {
        reply.list("Allow", "SEARCH");
        reply.set("DASL", "<DAV:basicsearch>");
    }
}

fn workspaces(request: &Req, reply: &mut Reply) {
    if request.method == "OPTIONS" {
        reply.list("Allow", "MKWORKSPACE");
        reply.status = 200;
        reply.content = b"<D:options-response xmlns:D=\"DAV:\"/>".to_vec();
    }
}
