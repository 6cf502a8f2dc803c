//! Faults of what holds for every method.

use super::{Case, after, answers, before, flag, turn};

pub(super) const CASES: &[Case] = &[
    after("GEN-01", |q, a| {
        if q.method == "HEAD" {
            a.status = 501;
        }
    }),
    after("GEN-02", |q, a| {
        if q.method == "BREW" {
            a.status = 405;
        }
    }),
    after("GEN-03", |_, a| turn(a, 405, 404)),
    after("GEN-04", |_, a| {
        if a.status == 405 {
            a.remove("Allow");
        }
    }),
    after("GEN-04", |q, a| {
        if a.status == 405 {
            a.list("Allow", &q.method);
        }
    }),
    before("GEN-05", |q| q.method = q.method.to_uppercase()),
    flag("GEN-06", "no-date"),
    after("GEN-07", |_, a| a.set("Date", "Sunday, 06-Nov-94 08:49:37 GMT")),
    before("GEN-08", |q| {
        if q.field("If-Modified-Since").is_some_and(|date| !date.ends_with("GMT")) {
            q.remove("If-Modified-Since");
        }
    }),
    flag("GEN-09", "any-host"),
    flag("GEN-10", "any-host"),
    before("GEN-11", |q| {
        if q.target.starts_with("http:") {
            q.path = "/nowhere".to_owned();
        }
    }),
    flag("GEN-12", "repairs"),
    flag("GEN-13", "no-414"),
    flag("GEN-14", "space-before-colon"),
    flag("GEN-15", "fold"),
    flag("GEN-16", "te-and-cl no-te"),
    flag("GEN-17", "te-ignored"),
    flag("GEN-18", "any-length"),
    flag("GEN-19", "te-400"),
    flag("GEN-20", "no-chunk-extensions"),
    after("GEN-21", |_, a| {
        if a.status == 204 {
            a.set("Content-Length", "0");
        }
    }),
    after("GEN-22", |_, a| {
        if a.status == 204 {
            a.set("Transfer-Encoding", "chunked");
        }
    }),
    flag("GEN-23", "no-100"),
    flag("GEN-24", "100-to-1.0"),
    flag("GEN-25", "expect-500"),
    answers(
        "GEN-26",
        |q, a| {
            if !q.has("Authorization") {
                a.status = 401;
                a.set("WWW-Authenticate", "Basic realm=\"x\"");
            }
        },
        |q, a| {
            if !q.has("Authorization") {
                a.status = 401;
            }
        },
    ),
    answers(
        "GEN-27",
        |q, a| {
            if q.method == "TRACE" {
                a.status = 426;
                a.set("Upgrade", "h2c");
            }
        },
        |q, a| {
            if q.method == "TRACE" {
                a.status = 426;
            }
        },
    ),
    after("GEN-28", |_, a| {
        if a.status == 415 {
            a.remove("Accept-Patch");
        }
    }),
    after("GEN-29", |_, a| {
        if a.status == 415 {
            a.set("Accept-Encoding", "identity");
        }
    }),
    flag("GEN-30", "query-deletes"),
    after("GEN-31", |_, a| {
        let bare = a.field("ETag").map(|tag| tag.replace('"', ""));
        if let Some(bare) = bare {
            a.set("ETag", &bare);
        }
    }),
    flag("GEN-32", "coarse-tags"),
    after("GEN-33", |_, a| a.set("Last-Modified", "Fri, 01 Jan 2100 00:00:00 GMT")),
    after("GEN-34", |_, a| {
        let plain = a.field("ETag").map(|tag| tag.replace("-gz", ""));
        if let Some(plain) = plain {
            a.set("ETag", &plain);
        }
    }),
    flag("GEN-36", "keeps-open"),
    after("GEN-37", |q, a| a.drop = q.path.contains("missing") && q.head.len() < 300),
    flag("GEN-38", "any-scheme"),
    after("GEN-39", |q, a| {
        if a.status == 404 && q.method == "GET" {
            a.set("Content-Length", "99");
            a.close = true;
        }
    }),
    flag("FRM-01", "bare-cr"),
    flag("FRM-02", "lf-twice"),
    flag("FRM-03", "te-in-1.0 keeps-open"),
    flag("FRM-04", "any-length"),
    flag("FRM-05", "bad-chunks"),
    flag("FRM-06", "bad-chunks"),
    flag("FRM-07", "te-ignored"),
    flag("FRM-08", "fold"),
    flag("FRM-09", "nul-fails"),
    flag("FRM-10", "long-heads"),
    flag("FRM-11", "no-length"),
    flag("FRM-12", "no-empty-line"),
    flag("FRM-18", "loose-chunks"),
    flag("FRM-19", "short-sizes"),
    flag("FRM-13", "h2-takes-all"),
    flag("FRM-14", "h2-takes-all"),
    flag("FRM-15", "h2-takes-all"),
    flag("FRM-16", "h2-takes-all"),
    flag("FRM-17", "h2-takes-all"),
];
