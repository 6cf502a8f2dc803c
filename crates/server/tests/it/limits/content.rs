//! RFC 9110 section 15.5.9: the time for content.

use std::time::{Duration, Instant};

use super::{NEVER, SOON};
use crate::harness::{PATIENCE, Server, with_content};

fn server() -> Server {
    Server::with(|settings| {
        settings.limits.wire.stall = SOON;
        settings.limits.wire.head = NEVER;
        settings.limits.wire.idle = NEVER;
    })
}

#[test]
fn rfc9110_15_5_9_content_that_stops_is_408_and_not_stored() {
    let server = server();
    server.put("/x", "old");
    for (fields, content) in [
        ("Content-Length: 10\r\n", "12345"),
        ("Content-Length: 10\r\n", ""),
        ("Content-Length: 10000000\r\n", "12345"),
        ("Transfer-Encoding: chunked\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", "5"),
        ("Transfer-Encoding: chunked\r\n", "5\r\n1234"),
        ("Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n0\r\n"),
    ] {
        let mut client = server.connect();
        client.send(format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{content}"));
        let answer = client.answer();
        answer.is_problem(408);
        assert_eq!(answer.field("connection"), Some("close"), "{fields}{content}");
        client.ends();
    }
    assert_eq!(server.get("/x"), "old");
}

#[test]
fn rfc9110_10_1_1_a_client_that_asked_to_continue_and_does_not_is_408() {
    let server = server();
    let mut client = server.connect();
    let fields = "Expect: 100-continue\r\nContent-Length: 5\r\n";
    client.send(format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    assert_eq!(client.answer().status, 100);
    client.answer().is_problem(408);
    client.ends();
    assert_eq!(server.status_of("/x"), 404);
}

#[test]
fn rfc9110_15_5_9_content_that_goes_on_is_waited_for() {
    let server = server();
    let mut client = server.connect();
    client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n");
    for octet in b"1234567890" {
        assert!(client.hears_nothing_for(SOON / 4));
        client.send([*octet]);
    }
    assert_eq!(client.answer().status, 201);
}

#[test]
fn rfc9112_9_3_content_that_stops_behind_a_refusal_ends_the_connection() {
    let server = server();
    let mut client = server.connect();
    client.send("PUT /no/such HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345");
    client.answer().is_problem(409);
    client.ends();
}

#[test]
fn rfc9110_15_5_9_content_that_trickles_is_408_behind_the_grace() {
    let server = Server::with(|settings| {
        settings.limits.wire.grace = Duration::ZERO;
        settings.limits.wire.upload_bytes_per_second_min = 1_000_000;
    });
    // Behind a refusal nobody is told any more.
    for (path, refused) in [("/x", false), ("/no/such", true)] {
        let mut client = server.connect();
        client.send(format!(
            "PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
        ));
        if refused {
            client.answer().is_problem(409);
        }
        let mut octets = 0;
        while client.hears_nothing_for(SOON / 10) {
            client.try_send("a");
            octets += 1;
        }
        assert!(octets < 100, "{octets}");
        if !refused {
            client.answer().is_problem(408);
        }
        client.ends();
    }
    assert_eq!(server.status_of("/x"), 404);
}

#[test]
fn rfc9110_15_6_4_what_all_hold_in_memory_is_bounded_and_uploads_go_on() {
    let server = Server::with(|settings| settings.limits.content_memory_bytes_max = 200_000);
    server.put("/x.json", "{}");
    let patch = |octets: usize| {
        let fields = "Content-Type: application/merge-patch+json\r\n";
        with_content("PATCH /x.json", fields, &format!("{{\"a\":1{}}}", " ".repeat(octets)))
    };
    let large = patch(90_000);
    let (begin, end) = large.split_at(large.len() - 1000);
    let (mut second, until) = (server.connect(), Instant::now() + PATIENCE);
    let mut first = loop {
        let mut first = server.connect();
        first.send(begin);
        // Where the server took longer than this to read it, the second one was there first.
        let is_there = first.hears_nothing_for(SOON);
        second.send(patch(50_000));
        let answer = second.answer();
        if answer.status == 503 && is_there {
            answer.is_problem(503);
            break first;
        }
        assert!(Instant::now() < until, "{answer:?}");
    };
    // One client has half of it; another one finds the other half.
    let mut another = server.connect_from([127, 0, 0, 2]);
    another.send(patch(50_000));
    assert_eq!(another.answer().status, 204);
    // A small one is taken, and so is an upload, however large.
    let mut third = server.connect();
    third.send(patch(1000));
    assert_eq!(third.answer().status, 204);
    let content = "0123456789".repeat(200_000);
    third.send(with_content("PUT /y", "", &content));
    assert_eq!(third.answer().status, 201);
    assert!(server.get("/y") == content);
    first.send(end);
    assert_eq!(first.answer().status, 204);
    third.send(patch(90_000));
    assert_eq!(third.answer().status, 204);
}

#[test]
fn rfc9110_15_5_14_behind_a_413_the_connection_goes_on_where_little_is_left() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 10);
    let mut client = server.connect();
    for _ in 0..3 {
        client.send(with_content("PUT /x", "", &"a".repeat(1000)));
        client.answer().is_problem(413);
        assert_eq!(client.ask("OPTIONS *").status, 200);
    }
    client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
    let answer = client.answer();
    answer.is_problem(413);
    assert_eq!(answer.field("connection"), Some("close"));
    client.ends();
}
