//! RFC 9110 section 15.5.9: the time for a head.

use std::time::Instant;

use super::{NEVER, SOON};
use crate::harness::{PATIENCE, Server};

fn server() -> Server {
    Server::with(|settings| {
        settings.limits.wire.head = SOON;
        settings.limits.wire.idle = NEVER;
        settings.limits.wire.stall = NEVER;
    })
}

#[test]
fn rfc9110_15_5_9_a_head_that_stops_is_408() {
    let server = server();
    let whole = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for at in [1, 3, 5, 14, 15, 16, 20, whole.len() - 2, whole.len() - 1] {
        let mut client = server.connect();
        client.send(&whole[..at]);
        let answer = client.answer();
        answer.is_problem(408);
        assert_eq!(answer.field("connection"), Some("close"));
        client.ends();
    }
    server.lives();
}

#[test]
fn rfc9110_15_5_9_a_head_that_trickles_has_no_more_time() {
    let server = server();
    let since = Instant::now();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nA: ");
    let mut octets = 0;
    while client.hears_nothing_for(SOON / 20) {
        client.try_send("a");
        octets += 1;
    }
    client.answer().is_problem(408);
    assert!(octets > 1 && since.elapsed() >= SOON && since.elapsed() < PATIENCE, "{octets}");
}

#[test]
fn rfc9110_15_5_9_the_second_head_of_a_connection_has_its_own_time() {
    let server = server();
    let mut client = server.connect();
    for _ in 0..3 {
        assert!(client.hears_nothing_for(SOON / 2));
        assert_eq!(client.ask("GET /").status, 200);
    }
    client.send("GET /");
    client.answer().is_problem(408);
    client.ends();
}

#[test]
fn rfc9110_15_5_9_a_pipeline_that_stops_in_a_head_is_answered_up_to_there() {
    let server = server();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHo");
    assert_eq!(client.answer().status, 200);
    client.answer().is_problem(408);
    client.ends();
}

#[test]
fn rfc9113_3_4_a_preface_of_http2_that_stops_ends_the_connection() {
    let server = server();
    for text in ["P", "PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let mut client = server.connect();
        client.send(text);
        client.answer().is_problem(408);
        client.ends();
    }
}

#[test]
fn rfc9112_2_2_empty_lines_put_the_end_of_the_time_off_no_further() {
    let server = server();
    let mut client = server.connect();
    let since = Instant::now();
    while client.try_send("\r\n".repeat(1000)) {
        assert!(since.elapsed() < PATIENCE);
    }
    server.lives();
}
