//! RFC 9110 section 5.4, RFC 6585 section 5: how large a head may be.

use crate::harness::{Server, refused};

fn with_fields(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

#[test]
fn rfc6585_5_a_mebibyte_of_fields_is_431() {
    let server = Server::start();
    refused(&server, with_fields(&format!("A: {}\r\n", "a".repeat(1024 * 1024))), 431);
    refused(&server, with_fields(&format!("{}: a\r\n", "a".repeat(1024 * 1024))), 431);
    refused(&server, with_fields(&"A: aaaaaaaaaa\r\n".repeat(70_000)), 431);
    refused(&server, with_fields(&format!("Cookie: {}\r\n", "a=b; ".repeat(200_000))), 431);
}

#[test]
fn rfc6585_5_too_many_fields_are_431() {
    let server = Server::start();
    refused(&server, with_fields(&"A: b\r\n".repeat(128)), 431);
    let mut client = server.connect();
    client.send(with_fields(&"A: b\r\n".repeat(127)));
    assert_eq!(client.answer().status, 200);
}

#[test]
fn rfc6585_5_a_head_at_its_limit_is_taken_and_one_octet_more_is_not() {
    let server = Server::with(|settings| settings.limits.wire.head_bytes = 2000);
    for (octets, status) in [(1999, 200), (2000, 200), (2001, 431), (2002, 431), (3000, 431)] {
        let shell = with_fields("A: \r\n").len();
        let mut client = server.connect();
        client.send(with_fields(&format!("A: {}\r\n", "a".repeat(octets - shell))));
        assert_eq!(client.answer().status, status, "{octets}");
    }
}

#[test]
fn rfc9112_3_under_a_small_limit_a_long_request_line_is_still_414() {
    let server = Server::with(|settings| settings.limits.wire.head_bytes = 2000);
    refused(&server, format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(4000)), 414);
    refused(&server, format!("GET /{}", "a".repeat(4000)), 414);
}
