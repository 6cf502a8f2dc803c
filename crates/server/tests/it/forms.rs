//! Forms over the wire (RFC 7578).

use crate::harness::{Answer, Server, with_content};

/// Sends a form with one file in an encoding.
fn send(server: &Server, name: &str, encoding: &str, content: &str) -> Answer {
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\n\
         {encoding}\r\n{content}\r\n--b--\r\n"
    );
    let fields = "Content-Type: multipart/form-data; boundary=b\r\n";
    let mut client = server.connect();
    client.send(with_content("POST /", fields, &form));
    client.answer()
}

#[test]
fn rfc7578_4_7_a_file_is_stored_as_it_was_before_it_was_encoded() {
    let server = Server::start();
    for (name, encoding, content, expected) in [
        ("a.txt", "base64", "aGVs\r\nbG8=", "hello"),
        ("b.txt", "Quoted-Printable", "h=65l=\r\nlo=20", "hello "),
        ("c.txt", "7bit", "a=3D", "a=3D"),
        ("d.txt", "binary", "aGVsbG8=", "aGVsbG8="),
    ] {
        let field = format!("Content-Transfer-Encoding: {encoding}\r\n");
        assert_eq!(send(&server, name, &field, content).status, 201, "{encoding}");
        assert_eq!(server.get(&format!("/{name}")), expected, "{encoding}");
    }
    let large = "AAAA".repeat(1_000_000);
    let field = "Content-Transfer-Encoding: base64\r\n";
    assert_eq!(send(&server, "large", field, &large).status, 201);
    let head = server.connect().ask("HEAD /large");
    assert_eq!(head.field("content-length"), Some("3000000"));
}

#[test]
fn rfc7578_4_7_what_is_not_in_its_encoding_is_refused_and_stored_nowhere() {
    let server = Server::start();
    for (encoding, content, status) in [
        ("base64", "aGVsbG8", 400),
        ("base64", "h\u{e9}llo", 400),
        ("quoted-printable", "h=6", 400),
        ("x-uuencode", "begin 644 a", 415),
    ] {
        let field = format!("Content-Transfer-Encoding: {encoding}\r\n");
        send(&server, "a.txt", &field, content).is_problem(status);
    }
    server.connect().ask("GET /a.txt").is_problem(404);
}
