//! Faults of CONNECT.

use super::{Case, after, answers, flag, special};
use crate::server::{Fault, NONE};

const PROXY: Fault = Fault { flags: "proxy", ..NONE };
const EXTENDED: Fault = Fault { flags: "h2-extended", ..NONE };

const fn proxy(id: &'static str, flags: &'static str) -> Case {
    special(id, PROXY, Fault { flags, ..NONE })
}

pub(super) const CASES: &[Case] = &[
    after("CON-01", |q, a| {
        if q.method == "CONNECT" {
            a.status = 200;
        }
    }),
    after("CON-02", |q, a| {
        if q.method == "CONNECT" {
            a.status = 500;
        }
    }),
    special(
        "CON-03",
        PROXY,
        Fault { flags: "proxy", after: |_, a| a.set("Content-Length", "0"), ..NONE },
    ),
    proxy("CON-04", "proxy garbles"),
    after("CON-05", |q, a| {
        if q.method == "CONNECT" {
            a.status = 200;
        }
    }),
    after("CON-06", |q, a| {
        if q.method == "CONNECT" {
            a.status = 502;
        }
    }),
    proxy("CON-07", "proxy cuts"),
    after("CON-08", |q, a| {
        if q.method == "CONNECT" && q.has("If-Match") {
            a.status = 412;
        }
    }),
    answers(
        "CON-09",
        |q, a| {
            if q.method == "CONNECT" {
                a.status = 407;
                a.set("Proxy-Authenticate", "Basic realm=\"x\"");
            }
        },
        |q, a| {
            if q.method == "CONNECT" {
                a.status = 407;
            }
        },
    ),
    proxy("CON-10", "proxy leaks-head"),
    flag("CON-11", "h2-accepts"),
    flag("CON-13", "h2-accepts"),
    special("CON-15", EXTENDED, Fault { flags: "h2-extended h2-accepts", ..NONE }),
    flag("CON-16", "keeps-open"),
    flag("CON-16", "keeps-open proxy"),
    after("CON-17", |q, a| {
        if q.method == "CONNECT" {
            a.status = 308;
        }
    }),
    flag("SEC-01", "proxy"),
    after("SEC-05", |q, a| {
        if q.path.starts_with("//") {
            a.status = 301;
            a.set("Location", &format!("{}/", q.path));
        }
    }),
    after("SEC-05", |q, a| {
        if q.target.starts_with("/\\") || q.target.starts_with("/%5c") {
            a.status = 308;
            a.set("Location", &format!("{}/", q.path));
        }
    }),
    after("SEC-02", |q, a| {
        if q.path.contains("../") {
            a.status = 200;
            a.content = b"root:x:0:0:".to_vec();
        }
    }),
    after("SEC-04", |_, a| a.set("Server", "Something/1.22.3")),
];
