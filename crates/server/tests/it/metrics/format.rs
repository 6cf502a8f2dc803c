//! In which format, and where.

use std::collections::{HashMap, HashSet};

use super::{admin, start, with};
use crate::harness::Answer;

const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What Prometheus asks with, of a later and of an earlier version, and how it reads either.
const NEGOTIATED: [(&str, &str); 12] = [
    ("", PLAIN),
    ("*/*", PLAIN),
    ("text/plain", PLAIN),
    ("text/*", PLAIN),
    ("text/html, */*;q=0.1", PLAIN),
    ("application/*", PLAIN),
    ("image/png", PLAIN),
    ("text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.1", PLAIN),
    ("application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", PLAIN),
    ("application/openmetrics-text", OPEN),
    ("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5", OPEN),
    (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;\
         q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        OPEN,
    ),
];

fn accept(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("Accept: {field}\r\n") }
}

/// Reads Prometheus' own text format strictly: the name of a family is that of its samples, each
/// has one type, and the types are those that the format has.
#[track_caller]
fn is_plain(answer: &Answer) {
    let (text, mut types, mut helps) = (answer.text(), HashMap::new(), HashSet::new());
    assert!(text.ends_with('\n') && !text.contains("# EOF"), "{text}");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(helps.insert(rest.split(' ').next().unwrap().to_owned()), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(helps.contains(name), "{line}");
            assert_eq!(types.insert(name.to_owned(), kind.to_owned()), None, "{line}");
        } else {
            let name = line.split(['{', ' ']).next().unwrap();
            let of_histogram = ["_bucket", "_sum", "_count"].iter().any(|suffix| {
                let family = name.strip_suffix(suffix);
                family.is_some_and(|family| types.get(family).is_some_and(|it| it == "histogram"))
            });
            assert!(types.contains_key(name) || of_histogram, "{line}");
            let value = line.rsplit(' ').next().unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(types.len() > 10);
}

#[test]
fn prometheus_the_format_is_the_one_that_is_asked_for() {
    let server = start();
    server.connect().ask("GET /missing");
    let mut client = admin(&server);
    for path in ["/metrics", "/.methodical/metrics"] {
        for (field, media_type) in NEGOTIATED {
            let answer = client.ask_with(&format!("GET {path}"), &accept(field));
            assert_eq!(answer.status, 200, "{field}");
            assert_eq!(answer.field("content-type"), Some(media_type), "{field}");
            assert!(answer.field("vary").unwrap().contains("Accept"), "{answer:?}");
            assert_eq!(answer.field("cache-control"), Some("no-store"));
            if media_type == PLAIN {
                is_plain(&answer);
            } else {
                super::Parsed::of(&answer.text());
            }
        }
    }
}

#[test]
fn prometheus_the_usual_place_is_there_at_the_admin_listener_alone() {
    let server = with(|settings| settings.policy.mount = "/files".parse().unwrap());
    let mut client = admin(&server);
    for path in ["/metrics", "/metrics?a=b", "/files/metrics"] {
        assert_eq!(client.ask(&format!("GET {path}")).status, 200, "{path}");
        assert_eq!(client.ask(&format!("HEAD {path}")).status, 200, "{path}");
    }
    for path in ["/metrics/", "/metrics/x", "/Metrics", "/metric"] {
        client.ask(&format!("GET {path}")).is_problem(404);
    }
    assert_eq!(client.ask("PUT /metrics").status, 405);
    let server = start();
    server.connect().ask("GET /metrics").is_problem(404);
    server.put("/metrics", "a file");
    assert_eq!(server.get("/metrics"), "a file");
}
