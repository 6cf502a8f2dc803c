//! RFC 9112 section 6.1: Transfer-Encoding.

use crate::harness::{Server, refused, request};

const CHUNKS: &str = "5\r\n12345\r\n0\r\n\r\n";

fn put_with(lines: &str) -> String {
    format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n{CHUNKS}")
}

// covers: GEN-16
#[test]
fn rfc9112_6_1_a_length_and_a_coding_together_are_refused() {
    let server = Server::start();
    server.put("/kept", "kept");
    let smuggled = request("DELETE /kept");
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 15\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: x\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
    ] {
        refused(&server, put_with(lines) + &smuggled, 400);
    }
    assert_eq!(server.status_of("/x"), 404);
    assert_eq!(server.get("/kept"), "kept");
}

// covers: GEN-17
#[test]
fn rfc9112_6_3_a_coding_that_does_not_end_in_chunked_is_refused() {
    let server = Server::start();
    for coding in [
        "gzip",
        "nope",
        "identity",
        "chunked, gzip",
        "chunked, identity",
        "",
        "chunked;a=b",
        "chunkedx",
        "xchunked",
        "\"chunked\"",
        "chun ked",
        "chunked, gzip, nope",
    ] {
        refused(&server, put_with(&format!("Transfer-Encoding: {coding}\r\n")), 400);
    }
    refused(&server, put_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"), 400);
}

#[test]
fn rfc9112_6_1_chunked_twice_is_refused() {
    let server = Server::start();
    for lines in [
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, gzip, chunked\r\n",
    ] {
        refused(&server, put_with(lines), 400);
    }
}

// covers: GEN-19
#[test]
fn rfc9112_6_1_a_coding_that_is_not_understood_is_501() {
    let server = Server::start();
    for lines in [
        "Transfer-Encoding: nope, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: gzip,chunked\r\n",
        "Transfer-Encoding: identity, chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    ] {
        refused(&server, put_with(lines), 501);
    }
    assert_eq!(server.status_of("/x"), 404);
}

#[test]
fn rfc9112_6_1_http_1_0_has_no_transfer_codings() {
    let server = Server::start();
    let head = "PUT /x HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n";
    refused(&server, format!("{head}Transfer-Encoding: chunked\r\n\r\n{CHUNKS}"), 400);
    let both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    refused(&server, format!("{head}{both}\r\n{CHUNKS}"), 400);
}

#[test]
fn rfc9112_7_the_name_of_the_coding_is_compared_without_case() {
    let server = Server::start();
    for coding in ["chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked"] {
        let mut client = server.connect();
        client.send(put_with(&format!("Transfer-Encoding: {coding}\r\n")));
        assert!(matches!(client.answer().status, 201 | 204), "{coding:?}");
        assert_eq!(client.ask("GET /x").text(), "12345");
    }
}

#[test]
fn rfc9112_11_2_a_list_of_codings_with_empty_members_is_refused() {
    let server = Server::start();
    for coding in [", chunked", "chunked,", "gzip,, chunked"] {
        refused(&server, put_with(&format!("Transfer-Encoding: {coding}\r\n")), 400);
    }
}
