//! Faults of PUT.

use super::{Case, after, answers, before, flag, special, turn};
use crate::server::{Fault, NONE};

pub(super) const CASES: &[Case] = &[
    after("PUT-01", |_, a| turn(a, 201, 200)),
    after("PUT-02", |q, a| {
        if q.method == "PUT" {
            turn(a, 204, 201);
        }
    }),
    after("PUT-03", |q, a| {
        if q.method == "PUT" {
            a.set("ETag", "\"other\"");
        }
    }),
    answers(
        "PUT-04",
        |q, a| {
            if q.method == "PUT" && a.status == 405 {
                a.status = 308;
                a.set("Location", "/base/");
            }
        },
        |q, a| {
            if q.method == "PUT" {
                turn(a, 405, 308);
            }
        },
    ),
    before("PUT-05", |q| q.remove("Content-Range")),
    after("PUT-06", |q, a| {
        if q.method == "GET" {
            a.set("X-Check", "kept");
        }
    }),
    before("PUT-07", |q| {
        if q.path.ends_with(".html") {
            q.set("Content-Type", "text/html");
        }
    }),
    flag("PUT-08", "put-appends"),
    before("PUT-09", |q| q.remove("If-Match")),
    before("PUT-10", |q| q.remove("If-None-Match")),
    before("PUT-11", |q| q.remove("If-Match")),
    before("PUT-12", |q| {
        let strong = q.field("If-Match").map(|tag| tag.trim_start_matches("W/").to_owned());
        if let Some(strong) = strong {
            q.set("If-Match", &strong);
        }
    }),
    special(
        "PUT-13",
        Fault { flags: "428", ..NONE },
        Fault {
            flags: "428",
            after: |q, a| {
                if q.method == "PUT" {
                    turn(a, 204, 428);
                }
            },
            ..NONE
        },
    ),
    after("PUT-14", |_, a| turn(a, 409, 404)),
    after("PUT-15", |q, a| {
        if q.method == "PUT" {
            turn(a, 405, 204);
        }
    }),
    flag("PUT-16", "no-locks"),
    flag("PUT-17", "no-early"),
    before("PUT-18", |q| q.remove("Content-Digest")),
    flag("PUT-19", "no-413"),
    before("PUT-20", |q| q.remove("Content-Encoding")),
    flag("PUT-21", "keeps-half"),
    flag("PUT-23", "keeps-old"),
];
