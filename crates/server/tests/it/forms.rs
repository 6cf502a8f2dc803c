//! Forms over the wire (RFC 7578).

use std::time::{Duration, Instant};

use crate::harness::{Answer, Client, PATIENCE, Server, with_content};

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

/// Begins a form that does not say how long it is.
fn begin(server: &Server, content: &str) -> Client {
    begin_on(server.connect(), content)
}

fn begin_on(mut client: Client, content: &str) -> Client {
    let fields = "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n";
    client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    client.send(chunk(content));
    client
}

fn chunk(content: &str) -> String {
    format!("{:x}\r\n{content}\r\n", content.len())
}

const FILE: &str = "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n";

#[test]
fn rfc2046_5_1_what_nobody_reads_of_a_form_has_a_limit_and_is_not_waited_for() {
    let server = Server::start();
    let long = "x".repeat(70_000);
    for (form, says) in [
        (long.clone(), "before the first part"),
        (format!("--b\r\nA: {long}"), "in the header of one part"),
        (format!("{FILE}A: {long}"), "in the header of one part"),
        (format!("--b{}", " ".repeat(70_000)), "of blanks behind a boundary"),
        (format!("{FILE}\r\nfile\r\n--b--{long}"), "behind the last part"),
    ] {
        // None of them has an end.
        let answer = begin(&server, &form).answer();
        answer.is_problem(413);
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    server.connect().ask("GET /f").is_problem(404);
}

#[test]
fn rfc2046_5_1_what_is_held_of_forms_has_a_sum_and_files_still_go_through() {
    let server = Server::with(|settings| settings.limits.content_memory_bytes_max = 20_000);
    let slow = format!("{FILE}A: {}", "x".repeat(6000));
    let mut first = begin(&server, &slow);
    assert!(first.hears_nothing_for(SOON));
    let refused = begin(&server, &slow).answer();
    refused.is_problem(503);
    assert_eq!(refused.field("retry-after"), Some("1"));
    // One client has half of it; another one finds the other half.
    let mut another = begin_on(server.connect_from([127, 0, 0, 2]), &slow);
    assert!(another.hears_nothing_for(SOON));
    let large = "x".repeat(1_000_000);
    let mut other = begin(&server, &format!("{FILE}\r\n{large}\r\n--b--"));
    other.send("0\r\n\r\n");
    assert_eq!(other.answer().status, 201);
    assert_eq!(server.get("/f"), large);
    drop(first);
    let until = Instant::now() + PATIENCE;
    while !begin(&server, &slow).hears_nothing_for(SOON) {
        assert!(Instant::now() < until, "what the first held was not given back");
    }
}

/// Long enough for the server to answer what it will not wait for.
const SOON: Duration = Duration::from_millis(500);
