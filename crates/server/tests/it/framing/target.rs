//! RFC 9112 section 3.2: the four forms of a request target, and paths that mean no place.

use crate::harness::{Server, refused, request};

/// The answer to a target that is well-formed as a message, but means nothing: the connection goes
/// on behind it.
#[track_caller]
fn bad_target(server: &Server, line: &str, status: u16) {
    let mut client = server.connect();
    client.ask(line).is_problem(status);
    assert_eq!(client.ask("GET /.methodical/health").status, 200, "{line}");
}

// covers: GEN-11
#[test]
fn rfc9112_3_2_2_the_absolute_form_wins_over_host() {
    let server = Server::with(|settings| settings.hosts = vec!["real-host".to_owned()]);
    server.put("/x", "here");
    for target in ["http://real-host/x", "HTTP://real-host:80/x", "https://real-host/x?q"] {
        let mut client = server.connect();
        client.send(format!("GET {target} HTTP/1.1\r\nHost: other-host\r\n\r\n"));
        let answer = client.answer();
        assert_eq!((answer.status, answer.text().as_str()), (200, "here"), "{target}");
    }
    let mut client = server.connect();
    client.send("GET http://real-host HTTP/1.1\r\nHost: other-host\r\n\r\n");
    assert_eq!(client.answer().status, 200);
}

#[test]
fn rfc9112_3_2_2_an_absolute_form_of_a_bad_authority_or_scheme_is_refused() {
    let server = Server::start();
    for target in [
        "http://",
        "http:///x",
        "http://user@host/x",
        "http://user:secret@host/x",
        "http://ho st/x",
        "http://host:port/x",
        "http://[::1/x",
        "http://a,b\"/x",
        "ftp://host/x",
        "file:///etc/passwd",
        "http:/x",
        "//host",
        "javascript:x",
    ] {
        let mut client = server.connect();
        client.ask(&format!("GET {target}")).is_problem(400);
    }
    server.lives();
}

// covers: OPT-04
#[test]
fn rfc9112_3_2_4_the_asterisk_form_is_for_options_alone() {
    let server = Server::start();
    let answer = server.connect().ask("OPTIONS *");
    assert_eq!((answer.status, answer.field("content-length")), (200, Some("0")));
    for method in ["GET", "HEAD", "PUT", "DELETE", "TRACE"] {
        let mut client = server.connect();
        let answer = client.ask(&format!("{method} *"));
        assert_eq!(answer.status, 400, "{method}: {answer:?}");
    }
    bad_target(&server, "GET *", 400);
    bad_target(&server, "OPTIONS **", 400);
    bad_target(&server, "OPTIONS */x", 400);
}

#[test]
fn rfc9112_3_2_3_the_authority_form_is_for_connect_alone() {
    let server = Server::start();
    bad_target(&server, "GET localhost:80", 400);
    bad_target(&server, "OPTIONS localhost:80", 400);
    bad_target(&server, "GET x", 400);
}

#[test]
fn rfc9112_3_2_a_fragment_is_no_part_of_a_target() {
    let server = Server::start();
    bad_target(&server, "GET /a#b", 400);
}

// The path that a client sends is the path that is looked up, or it is refused: whatever encoding
// dots and slashes come in, they never lead elsewhere.
#[test]
fn rfc3986_5_2_4_traversal_in_every_encoding_is_refused() {
    let server = Server::start();
    for path in [
        "/..",
        "/../",
        "/../etc/passwd",
        "/a/../../etc/passwd",
        "/./../a",
        "/a/.%2e/b",
        "/%2e%2e/etc/passwd",
        "/%2E%2e/etc/passwd",
        "/.%2e/etc/passwd",
        "/%2e./etc/passwd",
        "/a/%2e%2e/%2e%2e/etc/passwd",
        "/..%2fetc%2fpasswd",
        "/%2e%2e%2fetc/passwd",
        "/a%2fb",
        "/a%2Fb",
        "/a%00b",
        "/%00",
        "//etc/passwd",
        "/a//b",
        "/a/",
        "/%2",
        "/%",
        "/%zz",
        "/%u002e%u002e/",
    ] {
        let answer = server.connect().ask(&format!("GET {path}"));
        let expected = if path == "/a/" { 404 } else { 400 };
        assert_eq!(answer.status, expected, "{path}: {answer:?}");
        answer.is_problem(expected);
    }
    // Decoded once and never again; other bytes mean themselves.
    for path in [
        "/%252e%252e/etc/passwd",
        "/..%255cetc",
        "/..%5c..%5cetc",
        "/%c0%ae%c0%ae/etc",
        "/...",
        "/a%5c..%5cb",
    ] {
        server.connect().ask(&format!("GET {path}")).is_problem(404);
    }
    server.lives();
}

#[test]
fn rfc3986_5_2_4_traversal_does_not_write_either() {
    let server = Server::start();
    // A name that nobody else makes where temporary folders are.
    let name = format!("{}-beside", server.root.path().file_name().unwrap().to_str().unwrap());
    for path in ["/../x", "/%2e%2e/x", "/..%2fx", "/a%00b", "//x"] {
        let path = path.replace('x', &name);
        for method in ["PUT", "DELETE", "MKCOL"] {
            let mut client = server.connect();
            client.ask_with(&format!("{method} {path}"), "Content-Length: 0\r\n").is_problem(400);
        }
    }
    let beside = server.root.path().parent().unwrap().join(name);
    assert!(!beside.exists());
}

// covers: GEN-13
#[test]
fn rfc9112_3_a_path_of_a_mebibyte_is_414() {
    let server = Server::start();
    refused(&server, request(&format!("GET /{}", "a".repeat(1024 * 1024))), 414);
    refused(&server, request(&format!("GET /?{}", "a".repeat(1024 * 1024))), 414);
    refused(&server, request(&format!("GET /{}", "a/".repeat(512 * 1024))), 414);
}

#[test]
fn rfc9112_3_a_target_of_eight_thousand_octets_is_taken() {
    let server = Server::start();
    let mut client = server.connect();
    assert_eq!(client.ask(&format!("GET /?{}", "a".repeat(8000))).status, 200);
}

#[test]
fn rfc9110_15_5_15_a_name_or_path_that_no_folder_holds_is_414() {
    let server = Server::start();
    bad_target(&server, &format!("GET /{}", "a".repeat(256)), 414);
    bad_target(&server, &format!("GET /{}", "%61".repeat(256)), 414);
    bad_target(&server, &format!("GET /{}", "a/".repeat(257)), 414);
    assert_eq!(server.status_of(&format!("/{}", "a".repeat(255))), 404);
}

#[test]
fn rfc9112_3_a_method_longer_than_any_is_501() {
    let server = Server::start();
    let mut client = server.connect();
    client.ask(&format!("{} /", "A".repeat(8000))).is_problem(501);
    refused(&server, "A".repeat(1024 * 1024), 501);
}
