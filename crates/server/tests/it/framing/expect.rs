//! RFC 9110 section 10.1.1: Expect.

use std::time::Duration;

use crate::harness::{Server, refused};

const CONTENT: &str = "12345";

fn put(target: &str, version: &str, fields: &str) -> String {
    format!(
        "PUT {target} {version}\r\nHost: localhost\r\n{fields}Content-Length: {}\r\n\r\n",
        CONTENT.len()
    )
}

// covers: GEN-23 GEN-21 GEN-22
#[test]
fn rfc9110_10_1_1_a_request_that_would_be_accepted_is_answered_100() {
    let server = Server::start();
    for expectation in ["100-continue", "100-Continue", "100-CONTINUE"] {
        let mut client = server.connect();
        client.send(put("/x", "HTTP/1.1", &format!("Expect: {expectation}\r\n")));
        let interim = client.answer();
        assert_eq!(interim.status, 100);
        assert!(interim.fields.is_empty(), "{interim:?}");
        client.send(CONTENT);
        assert!(matches!(client.answer().status, 201 | 204));
        assert_eq!(client.ask("GET /x").text(), CONTENT);
    }
}

#[test]
fn rfc9110_10_1_1_chunks_are_expected_like_a_length() {
    let server = Server::start();
    let mut client = server.connect();
    let fields = "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n";
    client.send(format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    assert_eq!(client.answer().status, 100);
    client.send("5\r\n12345\r\n0\r\n\r\n");
    assert_eq!(client.answer().status, 201);
}

// covers: PUT-17 GEN-23 PUT-19
#[test]
fn rfc9110_10_1_1_a_request_that_is_refused_by_its_head_gets_no_100() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 10);
    server.put("/x", "old");
    let refusals = [
        ("/x", "If-None-Match: *\r\n", 412),
        ("/x", "If-Match: \"none\"\r\n", 412),
        ("/", "", 405),
        ("/no/such", "", 409),
        ("/x", "Content-Range: bytes 0-4/10\r\n", 400),
        ("/x", "Content-Encoding: gzip\r\n", 415),
        ("/%2e%2e", "", 400),
        ("/.hidden/x", "", 409),
        ("/.methodical/x", "", 404),
    ];
    for (target, fields, status) in refusals {
        let mut client = server.connect();
        client.send(put(target, "HTTP/1.1", &format!("Expect: 100-continue\r\n{fields}")));
        let answer = client.answer();
        assert!(answer.status == status || answer.status == 403, "{target} {fields}: {answer:?}");
    }
    let mut client = server.connect();
    let long = "Expect: 100-continue\r\nContent-Length: 11\r\n";
    client.send(format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{long}\r\n"));
    client.answer().is_problem(413);
    assert_eq!(server.get("/x"), "old");
}

#[test]
fn rfc9110_10_1_1_a_read_only_server_gives_no_100() {
    let server = Server::with(|settings| settings.policy.writable = false);
    let mut client = server.connect();
    client.send(put("/x", "HTTP/1.1", "Expect: 100-continue\r\n"));
    client.answer().is_problem(405);
}

// What a client does that was refused while it waited cannot be told: whether it sends the content
// all the same, or the next request. So the connection ends.
#[test]
fn rfc9110_10_1_1_behind_a_refusal_nothing_is_read_as_a_request() {
    let server = Server::start();
    server.put("/x", "old");
    let mut client = server.connect();
    client.send(put("/x", "HTTP/1.1", "Expect: 100-continue\r\nIf-None-Match: *\r\n"));
    let answer = client.answer();
    assert_eq!((answer.status, answer.field("connection")), (412, Some("close")));
    client.send("DELETE /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.ends();
    assert_eq!(server.get("/x"), "old");
}

#[test]
fn rfc9110_10_1_1_content_that_is_here_already_needs_no_100() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(put("/x", "HTTP/1.1", "Expect: 100-continue\r\n") + CONTENT);
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.ask("GET /x").text(), CONTENT);
}

#[test]
fn rfc9110_10_1_1_without_content_there_is_nothing_to_continue_with() {
    let server = Server::start();
    let mut client = server.connect();
    assert_eq!(client.ask_with("GET /", "Expect: 100-continue\r\n").status, 200);
    let empty = "Expect: 100-continue\r\nContent-Length: 0\r\n";
    assert_eq!(client.ask_with("PUT /x", empty).status, 201);
}

// covers: GEN-24
#[test]
fn rfc9110_10_1_1_expect_of_http_1_0_is_ignored() {
    let server = Server::start();
    for expectation in ["100-continue", "nonsense"] {
        let mut client = server.connect();
        client.send(put("/x", "HTTP/1.0", &format!("Expect: {expectation}\r\n")));
        client.hears_nothing(Duration::from_millis(50));
        client.send(CONTENT);
        assert!(matches!(client.answer().status, 201 | 204));
        client.ends();
    }
}

// covers: GEN-25
#[test]
fn rfc9110_10_1_1_another_expectation_is_417() {
    let server = Server::start();
    for expectation in ["nonsense", "100-continue, nonsense", "100-continue;a=b", "200-ok"] {
        refused(&server, put("/x", "HTTP/1.1", &format!("Expect: {expectation}\r\n")), 417);
    }
    let twice = "Expect: 100-continue\r\nExpect: nonsense\r\n";
    refused(&server, put("/x", "HTTP/1.1", twice), 417);
}

#[test]
fn rfc9110_15_5_18_the_answer_to_head_has_no_content_whatever_it_is() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nExpect: nonsense\r\n\r\n");
    assert_eq!(client.answer_to_head().status, 417);
    client.ends();
}
