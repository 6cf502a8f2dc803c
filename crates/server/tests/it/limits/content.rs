//! RFC 9110 section 15.5.9: the time for content.

use super::{NEVER, SOON};
use crate::harness::Server;

fn server() -> Server {
    Server::with(|settings| {
        settings.limits.stall = SOON;
        settings.limits.head = NEVER;
        settings.limits.idle = NEVER;
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
