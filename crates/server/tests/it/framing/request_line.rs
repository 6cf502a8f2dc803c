//! RFC 9112 sections 2.2, 2.3 and 3: the lines of a head and the first of them.

use crate::harness::{Server, refused, request};

#[test]
fn rfc9112_2_2_a_line_feed_alone_ends_no_line() {
    let server = Server::start();
    for head in [
        "GET / HTTP/1.1\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n\n",
        "GET / HTTP/1.1\nHost: localhost\n\n",
        "\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\nContent-Length: 5\r\n\r\n",
    ] {
        refused(&server, head, 400);
    }
}

#[test]
fn rfc9112_2_2_a_carriage_return_alone_is_refused() {
    let server = Server::start();
    for head in [
        "GET / HTTP/1.1\rHost: localhost\r\n\r\n",
        "GET /\r HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nA\r: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\r\n\r\n",
    ] {
        refused(&server, head, 400);
    }
}

#[test]
fn rfc9112_2_2_empty_lines_before_a_request_are_skipped() {
    let server = Server::start();
    for lines in [1, 2, 5, 1000] {
        let mut client = server.connect();
        for _ in 0..2 {
            client.send("\r\n".repeat(lines));
            assert_eq!(client.ask("GET /").status, 200);
        }
    }
}

#[test]
fn rfc9112_2_2_whitespace_before_the_first_field_is_refused() {
    let server = Server::start();
    refused(&server, "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", 400);
    refused(&server, "GET / HTTP/1.1\r\n\tA: b\r\nHost: localhost\r\n\r\n", 400);
}

#[test]
fn rfc9112_2_2_what_is_no_http_at_all_is_refused() {
    let server = Server::start();
    let hello = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n";
    refused(&server, hello, 400);
    refused(&server, "EHLO localhost\r\n\r\n", 400);
    refused(&server, "\0\0\0\0\r\n\r\n", 400);
}

// covers: GEN-12
#[test]
fn rfc9112_3_a_request_line_with_other_spaces_is_refused() {
    let server = Server::start();
    for line in [
        "GET /a b HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GET /\tHTTP/1.1",
        "GET /\u{b}HTTP/1.1",
        "GET",
        "GET /",
        "GET HTTP/1.1",
        "GET / ",
    ] {
        refused(&server, format!("{line}\r\nHost: localhost\r\n\r\n"), 400);
    }
}

#[test]
fn rfc9112_3_1_a_method_is_a_token() {
    let server = Server::start();
    for method in ["GE(T", "G\"ET", "GET:", "G\u{e4}T", "G\0T", "G{T}"] {
        refused(&server, request(&format!("{method} /")), 400);
    }
}

#[test]
fn rfc9112_2_3_a_version_is_http_slash_digit_dot_digit() {
    let server = Server::start();
    for version in [
        "http/1.1",
        "HTTP/1",
        "HTTP/11",
        "HTTP/1.",
        "HTTP/1.10",
        "HTTP/01.1",
        "HTTP-1.1",
        "ICY/1.0",
    ] {
        refused(&server, format!("GET / {version}\r\nHost: localhost\r\n\r\n"), 400);
    }
}

#[test]
fn rfc9110_15_6_6_another_major_version_is_505() {
    let server = Server::start();
    for version in ["HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/9.9"] {
        refused(&server, format!("GET / {version}\r\nHost: localhost\r\n\r\n"), 505);
    }
}

#[test]
fn rfc9110_6_2_a_higher_minor_version_is_taken_as_the_highest_known() {
    let server = Server::start();
    for version in ["HTTP/1.2", "HTTP/1.9"] {
        let mut client = server.connect();
        for _ in 0..2 {
            client.send(format!("GET / {version}\r\nHost: localhost\r\n\r\n"));
            assert_eq!(client.answer().status, 200, "{version}");
        }
        refused(&server, format!("GET / {version}\r\n\r\n"), 400);
    }
}

#[test]
fn rfc9112_2_1_http_0_9_is_refused() {
    let server = Server::start();
    refused(&server, "GET /\r\n\r\n", 400);
}

#[test]
fn rfc9113_3_4_the_preface_of_http2_begins_a_connection_and_nothing_else() {
    let server = Server::start();
    let mut client = server.connect();
    assert_eq!(client.ask("GET /").status, 200);
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.answer().is_problem(505);
    client.ends();
}
