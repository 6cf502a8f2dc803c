//! RFC 7540 section 3.2: from HTTP/1.1 to HTTP/2 by Upgrade.

use super::frames::{DATA, END_STREAM, Frame, GET, HEADERS, SETTINGS, next};
use crate::harness::{Client, Server, with_content};

/// A server on which HTTP/2 can be asked for.
fn server() -> Server {
    Server::with(|settings| settings.h2c_upgrade = true)
}

const FIELDS: &str = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
                      HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";

fn upgraded(server: &Server, line: &str, more: &str) -> Client {
    let mut client = server.connect();
    client.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{FIELDS}{more}\r\n"));
    let switching = client.answer();
    assert_eq!((switching.status, switching.field("upgrade")), (101, Some("h2c")));
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.send(Frame::new(SETTINGS, 0, 0, &[]).bytes());
    client
}

/// The status and content of a stream.
#[track_caller]
fn answer(client: &mut Client, stream: u32) -> (Option<u16>, Vec<u8>) {
    let (mut status, mut content) = (None, Vec::new());
    while let Some(frame) = next(client) {
        if frame.stream != stream {
            continue;
        }
        match frame.kind {
            HEADERS => status = frame.status(),
            DATA => content.extend_from_slice(&frame.payload),
            other => panic!("a frame of type {other}"),
        }
        if frame.flags & END_STREAM != 0 {
            return (status, content);
        }
    }
    panic!("the connection ended");
}

#[test]
fn rfc7540_3_2_the_request_that_asked_is_answered_as_stream_1() {
    let server = server();
    server.put("/x", "content");
    let mut client = upgraded(&server, "GET /x", "");
    assert_eq!(answer(&mut client, 1), (Some(200), b"content".to_vec()));
    client.send(Frame::head(3, END_STREAM, &GET).bytes());
    assert_eq!(answer(&mut client, 3).0, Some(200));
    let mut client = upgraded(&server, "GET /no", "");
    assert_eq!(answer(&mut client, 1).0, Some(404));
}

#[test]
fn rfc7540_3_2_the_fields_of_the_request_count() {
    let server = server();
    server.put("/x", "content");
    let mut client = upgraded(&server, "GET /x", "Range: bytes=0-2\r\nA: b\r\n");
    assert_eq!(answer(&mut client, 1), (Some(206), b"con".to_vec()));
    let mut client = upgraded(&server, "HEAD /x", "");
    assert_eq!(answer(&mut client, 1), (Some(200), Vec::new()));
    let mut client = upgraded(&server, "GET /x", "If-None-Match: *\r\n");
    assert_eq!(answer(&mut client, 1), (Some(304), Vec::new()));
}

#[test]
fn rfc9110_7_8_an_upgrade_that_is_not_asked_for_rightly_is_ignored() {
    let server = server();
    server.put("/x", "content");
    for fields in [
        "Upgrade: h2c\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n",
        "Connection: HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket\r\nHTTP2-Settings: AAMAAABk\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2\r\nHTTP2-Settings: AAMAAABk\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AA\r\nHTTP2-Settings: AA\r\n",
    ] {
        let mut client = server.connect();
        let answer = client.ask_with("GET /x", fields);
        assert_eq!((answer.status, answer.text().as_str()), (200, "content"), "{fields}");
        assert_eq!(client.ask("GET /x").text(), "content");
    }
}

#[test]
fn rfc9110_7_8_http_1_0_does_not_upgrade() {
    let server = server();
    let mut client = server.connect();
    client.send(format!("GET / HTTP/1.0\r\nHost: localhost\r\n{FIELDS}\r\n"));
    assert_eq!(client.answer().status, 200);
}

#[test]
fn rfc7540_3_2_a_request_with_content_stays_with_http_1_1() {
    let server = server();
    let mut client = server.connect();
    client.send(with_content("PUT /x", FIELDS, "content"));
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.ask("GET /x").text(), "content");
}

#[test]
fn rfc7540_3_2_what_follows_the_switch_must_be_http_2() {
    let server = server();
    server.put("/kept", "kept");
    let mut client = server.connect();
    client.send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{FIELDS}\r\n"));
    assert_eq!(client.answer().status, 101);
    client.try_send("DELETE /kept HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(3));
    client.drain();
    assert_eq!(server.get("/kept"), "kept");
}

#[test]
fn nobody_changes_the_protocol_unless_the_operator_wants() {
    let server = Server::start();
    server.put("/x", "content");
    let mut client = server.connect();
    let answer = client.ask_with("GET /x", FIELDS);
    assert_eq!((answer.status, answer.text().as_str()), (200, "content"));
    assert_eq!(answer.field("upgrade"), None);
    // The connection goes on as it was.
    assert_eq!(client.ask("GET /x").text(), "content");
}

#[test]
fn nobody_makes_a_tunnel_through_a_proxy_that_is_trusted() {
    let server = Server::with(|settings| {
        settings.h2c_upgrade = true;
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    server.put("/x", "content");
    let mut client = server.connect();
    for fields in [FIELDS.to_owned(), format!("{FIELDS}X-Forwarded-For: 192.0.2.1\r\n")] {
        let answer = client.ask_with("GET /x", &fields);
        assert_eq!((answer.status, answer.text().as_str()), (200, "content"));
    }
    // What a proxy speaks by itself is its own doing.
    let mut client = server.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.send(Frame::new(SETTINGS, 0, 0, &[]).bytes());
    client.send(Frame::head(1, END_STREAM, &GET).bytes());
    assert_eq!(answer(&mut client, 1).0, Some(200));
}
