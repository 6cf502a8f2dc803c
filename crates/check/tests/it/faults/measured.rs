//! Faults of what is measured.

use super::{Case, after, before, flag, special};
use crate::server::{Fault, NONE};

pub(super) const CASES: &[Case] = &[
    flag("MEA-01", "get-writes"),
    flag("MEA-02", "get-writes"),
    flag("MEA-03", "options-writes"),
    flag("MEA-04", "propfind-writes"),
    flag("MEA-05", "appends-properties"),
    flag("MEA-06", "copy-doubles"),
    flag("MEA-07", "mkcol-empties"),
    after("MEA-08", |q, a| {
        if q.method == "OPTIONS" {
            a.list("Allow", "ACL");
        }
    }),
    after("MEA-09", |q, a| {
        if q.method == "OPTIONS" {
            a.set("Allow", "GET, HEAD, OPTIONS");
        }
    }),
    before("MEA-10", |q| q.remove("If-Match")),
    flag("MEA-11", "racy"),
    flag("MEA-12", "racy"),
    flag("MEA-13", "keeps-half"),
    flag("MEA-14", "coarse-tags"),
    flag("MEA-15", "no-locks-but-for-put"),
    special("MEA-16", NONE, Fault { after: |_, a| a.set("Cache-Control", "max-age=soon"), ..NONE }),
    flag("MEA-17", "torn"),
    flag("MEA-18", "racy"),
    flag("MEA-19", "racy-delete"),
    flag("MEA-20", "trace-writes"),
    flag("MEA-21", "query-writes"),
];
