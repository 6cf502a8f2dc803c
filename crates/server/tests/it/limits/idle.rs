//! RFC 9112 section 9.5: how long a connection may wait for a request.

use std::time::Instant;

use super::{NEVER, SOON};
use crate::harness::Server;

fn server() -> Server {
    Server::with(|settings| {
        settings.limits.wire.idle = SOON;
        settings.limits.wire.head = NEVER;
        settings.limits.wire.stall = NEVER;
    })
}

#[test]
fn rfc9112_9_5_a_connection_without_a_request_is_closed_without_a_word() {
    let server = server();
    let since = Instant::now();
    let mut client = server.connect();
    client.ends();
    assert!(since.elapsed() >= SOON);
}

#[test]
fn rfc9112_9_5_a_connection_behind_a_request_is_closed_without_a_word() {
    let server = server();
    server.put("/x", "x");
    for line in ["GET /x", "GET /x", "GET /no", "OPTIONS *"] {
        let mut client = server.connect();
        client.ask(line);
        let since = Instant::now();
        client.ends();
        assert!(since.elapsed() >= SOON / 2, "{line}");
    }
}

#[test]
fn rfc9112_9_5_every_request_puts_the_end_off() {
    let server = server();
    server.put("/x", "x");
    let mut client = server.connect();
    for _ in 0..6 {
        assert!(client.hears_nothing_for(SOON / 2));
        assert_eq!(client.ask("GET /x").text(), "x");
    }
}

#[test]
fn rfc9112_9_5_an_upload_that_takes_long_is_not_idle() {
    let server = server();
    let mut client = server.connect();
    client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n");
    assert!(client.hears_nothing_for(SOON * 3));
    client.send("12345");
    assert_eq!(client.answer().status, 201);
}
