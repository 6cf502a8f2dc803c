//! RFC 9112 section 9: how long a connection lasts.

use std::time::Duration;

use crate::harness::{Server, request, with_content};

// covers: GEN-37
#[test]
fn rfc9112_9_3_2_pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    for name in ["a", "b", "c"] {
        server.put(&format!("/{name}"), name);
    }
    let mut client = server.connect();
    let turn = ["/a", "/b", "/no", "/c"].map(|path| request(&format!("GET {path}"))).concat();
    client.send(turn.repeat(50));
    for _ in 0..50 {
        for expected in ["a", "b"] {
            assert_eq!(client.answer().text(), expected);
        }
        assert_eq!(client.answer().status, 404);
        assert_eq!(client.answer().text(), "c");
    }
}

#[test]
fn rfc9112_9_3_2_writes_and_reads_in_one_pipeline_see_each_other() {
    let server = Server::start();
    let mut client = server.connect();
    let mut bytes = String::new();
    for turn in 0..20 {
        bytes += &with_content("PUT /x", "", &format!("turn {turn}"));
        bytes += &request("GET /x");
        bytes += &request("GET /x");
    }
    client.send(bytes);
    for turn in 0..20 {
        assert!(matches!(client.answer().status, 201 | 204));
        assert_eq!(client.answer().text(), format!("turn {turn}"));
        assert_eq!(client.answer().text(), format!("turn {turn}"));
    }
}

#[test]
fn rfc9112_9_3_2_a_pipeline_that_comes_octet_by_octet_is_answered() {
    let server = Server::start();
    server.put("/x", "x");
    let mut client = server.connect();
    let pipeline = request("GET /x") + &with_content("PUT /y", "", "y") + &request("GET /y");
    for octet in pipeline.bytes() {
        client.send([octet]);
    }
    assert_eq!(client.answer().text(), "x");
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.answer().text(), "y");
}

// covers: GEN-36
#[test]
fn rfc9112_9_6_close_ends_the_connection_behind_the_answer() {
    let server = Server::start();
    server.put("/x", "x");
    for line in ["GET /x", "GET /x", "GET /", "GET /no", "OPTIONS /x", "BREW /x"] {
        for value in ["close", "Close", "keep-alive, close", "x, close"] {
            let mut client = server.connect();
            let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: {value}\r\n\r\n");
            client.send(head + &request("GET /x"));
            assert_eq!(client.answer().field("connection"), Some("close"), "{line} {value}");
            client.ends();
        }
    }
}

#[test]
fn rfc9112_9_3_http_1_1_goes_on_unless_told_otherwise() {
    let server = Server::start();
    let mut client = server.connect();
    for line in ["GET /", "GET /no", "BREW /", "PUT /no/such", "OPTIONS *", "GET /%2e%2e"] {
        let answer = client.ask(line);
        assert_eq!(answer.field("connection"), None, "{line}");
    }
}

#[test]
fn rfc9112_9_3_http_1_0_ends_unless_told_otherwise() {
    let server = Server::start();
    server.put("/x", "x");
    for fields in ["", "Connection: close\r\n", "Connection: keep-alive, close\r\n"] {
        let mut client = server.connect();
        client.send(format!("GET /x HTTP/1.0\r\n{fields}\r\n"));
        let answer = client.answer();
        assert_eq!((answer.text().as_str(), answer.field("connection")), ("x", Some("close")));
        client.ends();
    }
    let mut client = server.connect();
    for _ in 0..3 {
        client.send("GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        let answer = client.answer();
        assert_eq!(answer.text(), "x");
        assert!(answer.field("connection").is_some_and(|its| its == "keep-alive"), "{answer:?}");
    }
}

#[test]
fn rfc9112_9_3_a_client_that_ends_its_side_hears_the_answers_to_what_it_sent() {
    let server = Server::start();
    server.put("/x", "x");
    let mut client = server.connect();
    client.send(request("GET /x").repeat(3) + &with_content("PUT /y", "", "y"));
    client.finish_sending();
    for _ in 0..3 {
        assert_eq!(client.answer().text(), "x");
    }
    assert_eq!(client.answer().status, 201);
    client.ends();
}

#[test]
fn rfc9112_9_3_content_that_a_refused_request_announced_is_dropped_behind_the_answer() {
    let server = Server::start();
    let mut client = server.connect();
    for _ in 0..3 {
        // Nothing is waited for: the client hears of the refusal before it has sent anything.
        client.send("PUT /no/such HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n");
        client.answer().is_problem(409);
        client.send("12345");
    }
    client.send("PUT /no/such HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.answer().is_problem(409);
    client.send("5\r\n12345\r\n0\r\n\r\n");
    assert_eq!(client.ask("GET /").status, 200);
    client.hears_nothing(Duration::from_millis(20));
}

#[test]
fn rfc9112_9_3_content_without_end_behind_a_refusal_ends_the_connection() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("PUT /no/such HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.answer().is_problem(409);
    let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
    while client.try_send(&chunk) {}
    server.lives();
}

#[test]
fn rfc9112_9_3_2_a_long_pipeline_that_is_read_late_is_answered_in_its_order() {
    let server = Server::start();
    server.put("/x", &"x".repeat(3000));
    let (mut reader, mut writer) = server.connect().split();
    let turn = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n";
    std::thread::scope(|scope| {
        scope.spawn(move || writer.send(turn.repeat(3000)));
        for _ in 0..3000 {
            assert_eq!(reader.answer().content.len(), 3000);
            assert_eq!(reader.answer().status, 421);
        }
    });
}
