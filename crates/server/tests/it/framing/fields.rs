//! RFC 9112 section 5: field lines.

use crate::harness::{Server, refused, request};

fn with_line(line: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = b"GET / HTTP/1.1\r\nHost: localhost\r\n".to_vec();
    bytes.extend_from_slice(line.as_ref());
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes
}

// covers: GEN-14
#[test]
fn rfc9112_5_1_whitespace_before_the_colon_is_refused() {
    let server = Server::start();
    for line in ["A : b", "A\t: b", "Content-Length : 5", "Transfer-Encoding : chunked"] {
        refused(&server, with_line(line), 400);
    }
    refused(&server, "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400);
}

// covers: GEN-15
#[test]
fn rfc9112_5_2_a_folded_line_is_refused() {
    let server = Server::start();
    for line in ["A: b\r\n c", "A: b\r\n\tc", "A:\r\n b", "A: b\r\n Content-Length: 5"] {
        refused(&server, with_line(line), 400);
    }
}

#[test]
fn rfc9110_5_5_nul_and_control_characters_in_a_value_are_refused() {
    let server = Server::start();
    for byte in (0..0x20).filter(|byte| !matches!(byte, b'\t' | b'\r' | b'\n')).chain([0x7f]) {
        refused(&server, with_line([b"A: b", &[byte][..], b"c"].concat()), 400);
    }
}

#[test]
fn rfc9110_5_5_tabs_spaces_and_octets_of_old_texts_in_a_value_are_let_in() {
    let server = Server::start();
    for line in [&b"A: b\tc"[..], b"A: b  c", b"A:b", b"A:", b"A: \t b \t ", b"A: \x80\xe4\xff"] {
        let mut client = server.connect();
        client.send(with_line(line));
        assert_eq!(client.answer().status, 200, "{line:?}");
    }
}

#[test]
fn rfc9110_5_1_a_field_name_is_a_token() {
    let server = Server::start();
    for line in
        ["A b: c", "(A): b", "A\0: b", ": b", "A", "A;B: c", "\u{e4}: b", "\"A\": b", "A\x7f: b"]
    {
        refused(&server, with_line(line), 400);
    }
}

#[test]
fn rfc9110_5_1_names_are_compared_without_case() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nhOsT: localhost\r\ncOnNeCtIoN: ClOsE\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    client.ends();
}

// A request line that hides in a value or behind a refused line is never carried out.
#[test]
fn rfc9112_11_2_nothing_behind_a_refused_head_is_taken_for_a_request() {
    let server = Server::start();
    server.put("/kept", "kept");
    let smuggled = request("DELETE /kept");
    for line in ["A : b", "A: b\r\n c", "A: \0", "Content-Length: 1, 1"] {
        let mut bytes = with_line(line);
        bytes.extend_from_slice(smuggled.as_bytes());
        refused(&server, bytes, 400);
    }
    assert_eq!(server.get("/kept"), "kept");
}
