//! What the numbers tell.

use std::collections::BTreeMap;

use methodical_methods::METHODS;

use super::{admin, numbers, start, until};
use crate::harness::with_content;

const PUT: &str = "PUT /new.txt";

#[test]
fn house_4_requests_are_counted_by_method_and_code() {
    let server = start();
    let mut client = server.connect();
    // All but the first are answered out of memory.
    for _ in 0..5 {
        assert_eq!(client.ask("GET /file.txt").status, 200);
    }
    client.ask("GET /missing");
    client.ask("HEAD /file.txt");
    client.ask("MADE-UP /file.txt");
    client.ask("get /file.txt");
    client.ask_with("DELETE /file.txt", "If-Match: \"x\"\r\n");
    let numbers = until(&server, |numbers| numbers.requests("DELETE", "412") > 0.0);
    for (method, code, number) in [
        ("GET", "200", 5.0),
        ("GET", "404", 1.0),
        ("HEAD", "200", 1.0),
        ("PUT", "201", 1.0),
        ("other", "501", 2.0),
        ("DELETE", "412", 1.0),
    ] {
        assert_eq!(
            numbers.requests(method, code).to_bits(),
            f64::to_bits(number),
            "{method} {code}"
        );
    }
    assert!((numbers.get("preconditions_failed_total") - 1.0).abs() < 0.5);
    assert!((numbers.get("content_sent_bytes_total") - 35.0) >= 0.0);
    assert!((numbers.get("content_received_bytes_total") - 7.0).abs() < 0.5);
}

#[test]
fn house_8_labels_are_of_the_table_and_the_registry_only() {
    let server = start();
    for number in 0..50 {
        server.connect().ask(&format!("M{number} /file.txt"));
    }
    server.connect().ask("POST /file.txt");
    let numbers = until(&server, |numbers| numbers.requests("POST", "405") > 0.0);
    for (labels, _) in numbers.all("requests_total") {
        let (method, code) = labels.split_once(',').unwrap();
        let method = method.strip_prefix("method=\"").unwrap().trim_end_matches('"');
        let code = code.strip_prefix("code=\"").unwrap().trim_end_matches('"');
        assert!(method == "other" || METHODS.iter().any(|row| row.name == method), "{method}");
        assert!(["aborted", "other"].contains(&code) || code.parse::<u16>().is_ok(), "{code}");
    }
    assert!(numbers.all("requests_total").count() < 10);
}

#[test]
fn prometheus_the_histogram_adds_up() {
    let server = start();
    let mut client = server.connect();
    for line in ["GET /file.txt", "GET /file.txt", "PROPFIND /", "GET /missing"] {
        client.ask(line);
    }
    let numbers = until(&server, |numbers| numbers.requests("GET", "404") > 0.0);
    let mut answered: BTreeMap<&str, f64> = BTreeMap::new();
    for (labels, number) in numbers.all("requests_total") {
        *answered.entry(labels.split_once(',').unwrap().0).or_default() += number;
    }
    for (method, number) in answered {
        let count = numbers.get(&format!("request_duration_seconds_count{{{method}}}"));
        assert!((count - number).abs() < 0.5, "{method}");
        assert!(numbers.get(&format!("request_duration_seconds_sum{{{method}}}")) > 0.0);
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (labels, number) in numbers.all("request_duration_seconds_bucket") {
            if labels.contains(method) {
                let bound = labels.split("le=\"").nth(1).unwrap().split('"').next().unwrap();
                buckets.push((bound.parse().unwrap(), number));
            }
        }
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1), "{buckets:?}");
        let (bound, last) = *buckets.last().unwrap();
        assert!(bound.is_infinite() && (last - count).abs() < 0.5, "{buckets:?}");
    }
}

#[test]
fn house_4_what_is_under_way_is_told() {
    let server = start();
    let mut client = server.connect();
    let content = "x".repeat(1_000_000);
    let whole = with_content(PUT, "", &content);
    let (begin, end) = whole.split_at(600_000);
    client.send(begin);
    let during = until(&server, |numbers| {
        numbers.get("uploads_in_progress") > 0.0 && numbers.get("requests_in_flight") > 0.0
    });
    assert!(during.get("connections") >= 1.0);
    client.send(end);
    assert_eq!(client.answer().status, 201);
    let after = until(&server, |numbers| numbers.get("requests_in_flight") <= 0.0);
    assert!(after.get("uploads_in_progress").abs() < 0.5);
    assert!((after.get("uploads_total") - 1.0).abs() < 0.5);
    assert!((after.get("content_received_bytes_total") - 1_000_007.0).abs() < 0.5);
    assert!((after.get("connections_accepted_total") - 2.0).abs() < 0.5);
    drop(client);
    until(&server, |numbers| numbers.get("connections") <= 0.0);
}

#[test]
fn house_4_an_upload_that_breaks_off_is_not_under_way_for_ever() {
    let server = start();
    let mut client = server.connect();
    client.send(&with_content(PUT, "", &"x".repeat(1_000_000))[..600_000]);
    until(&server, |numbers| numbers.get("uploads_in_progress") > 0.0);
    client.reset();
    let after = until(&server, |numbers| numbers.requests("PUT", "aborted") > 0.0);
    assert!(after.get("requests_in_flight").abs() < 0.5);
    assert!(after.get("uploads_in_progress").abs() < 0.5);
}

#[test]
fn house_4_a_download_is_under_way_until_it_ends_and_counts_what_was_sent() {
    let server = start();
    let path = server.root.path().join("large");
    std::fs::File::create(path).unwrap().set_len(100_000_000).unwrap();
    // The second is a kept answer.
    for turn in 1..=2 {
        let mut client = server.connect();
        client.send(crate::harness::request("GET /large"));
        let during = until(&server, |numbers| numbers.get("requests_in_flight") > 0.0);
        assert!((during.requests("GET", "200") - f64::from(turn - 1)).abs() < 0.5);
        // Some of the content is on its way then.
        assert!(client.octets(1000).is_some());
        client.reset();
        let after = until(&server, |numbers| numbers.get("requests_in_flight") <= 0.0);
        let aborted = after.get("requests_unfinished_total{end=\"aborted\"}");
        assert!((aborted - f64::from(turn)).abs() < 0.5, "{after:?}");
        let sent = after.get("content_sent_bytes_total");
        assert!(sent > 0.0 && sent < 100e6, "{sent}");
    }
}

#[test]
fn rfc4918_6_locks_that_are_held_are_told() {
    let server = start();
    assert!(numbers(&server).get("locks").abs() < 0.5);
    let body = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>\
                <locktype><write/></locktype></lockinfo>";
    let mut client = server.connect();
    client.send(with_content("LOCK /file.txt", "Content-Type: application/xml\r\n", body));
    let answer = client.answer();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!((numbers(&server).get("locks") - 1.0).abs() < 0.5);
    let token = answer.field("lock-token").unwrap();
    client.ask_with("UNLOCK /file.txt", &format!("Lock-Token: {token}\r\n"));
    assert!(numbers(&server).get("locks").abs() < 0.5);
}

#[test]
fn prometheus_the_program_is_named_and_what_is_asked_here_is_not_counted() {
    let server = start();
    numbers(&server);
    let numbers = numbers(&server);
    let version = concat!("build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}");
    assert!((numbers.get(version) - 1.0).abs() < 0.5, "{numbers:?}");
    assert!(numbers.get("start_time_seconds") > 1.6e9);
    assert!(numbers.requests("GET", "200").abs() < 0.5);
    assert_eq!(admin(&server).ask("HEAD /.methodical/metrics").status, 200);
}
