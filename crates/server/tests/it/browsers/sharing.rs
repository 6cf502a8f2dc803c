//! WHATWG Fetch section 3.3: answers that browsers hand to pages of other origins.

use super::{APP, STRANGER, from, is_kept, is_shared, list, sharing, sharing_with_anyone};
use crate::harness::Server;

#[test]
fn fetch_3_3_without_being_told_nothing_is_shared() {
    let server = Server::start();
    server.put("/file.txt", "content");
    let answer = from(&mut server.connect(), APP, "GET /file.txt");
    assert_eq!(answer.status, 200);
    is_kept(&answer);
    assert!(!list(&answer, "vary").contains(&"Origin"));
}

// covers: CORS-04
#[test]
fn fetch_4_10_the_origin_is_said_byte_for_byte() {
    let server = sharing(false);
    let answer = from(&mut server.connect(), APP, "GET /file.txt");
    assert_eq!(answer.field("access-control-allow-origin"), Some(APP));
    assert_eq!(answer.field("access-control-allow-credentials"), None);
    for other in ["https://APP.example", "https://app.example/", "https://app.example:443"] {
        is_kept(&from(&mut server.connect(), other, "GET /file.txt"));
    }
}

// covers: CORS-05
#[test]
fn fetch_4_10_credentials_come_with_the_origin_itself() {
    let server = sharing(true);
    let answer = from(&mut server.connect(), APP, "GET /file.txt");
    assert_eq!(answer.field("access-control-allow-origin"), Some(APP));
    assert_eq!(answer.field("access-control-allow-credentials"), Some("true"));
    let anyone = sharing_with_anyone();
    let answer = from(&mut anyone.connect(), APP, "GET /file.txt");
    assert_eq!(answer.field("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.field("access-control-allow-credentials"), None);
}

// covers: CORS-10
#[test]
fn fetch_3_3_4_the_fields_that_scripts_need_are_exposed() {
    let server = sharing(false);
    let answer = from(&mut server.connect(), APP, "GET /file.txt");
    let exposed = list(&answer, "access-control-expose-headers");
    for name in ["ETag", "Location", "DAV", "Allow", "Lock-Token", "Accept-Query", "Accept-Patch"] {
        assert!(exposed.contains(&name), "{name} in {exposed:?}");
    }
}

// covers: CORS-11
#[test]
fn fetch_3_3_answers_vary_with_origin_whoever_asks() {
    let server = sharing(false);
    let mut client = server.connect();
    for line in ["GET /file.txt", "GET /", "GET /missing", "PROPFIND /file.txt", "OPTIONS *"] {
        for answer in
            [client.ask(line), from(&mut client, APP, line), from(&mut client, STRANGER, line)]
        {
            assert!(list(&answer, "vary").contains(&"Origin"), "{line}: {answer:?}");
        }
    }
    let anyone = sharing_with_anyone();
    let answer = anyone.connect().ask("GET /file.txt");
    assert_eq!(answer.field("access-control-allow-origin"), Some("*"));
    assert!(!list(&answer, "vary").contains(&"Origin"));
}

// covers: CORS-12
#[test]
fn fetch_3_3_3_every_status_is_shared() {
    let server = sharing(false);
    let mut client = server.connect();
    let etag = client.ask("GET /file.txt").field("etag").unwrap().to_owned();
    let fields = |more: &str| format!("Origin: {APP}\r\n{more}");
    for (line, more, status) in [
        ("GET /missing", String::new(), 404),
        ("GET /file.txt", format!("If-None-Match: {etag}\r\n"), 304),
        ("GET /file.txt", "If-Match: \"x\"\r\n".to_owned(), 412),
        ("GET /file.txt", "Range: bytes=0-1\r\n".to_owned(), 206),
        ("GET /file.txt", "Range: bytes=99-\r\n".to_owned(), 416),
        ("HEAD /file.txt", String::new(), 200),
        ("DELETE /", String::new(), 405),
        ("PROPFIND /", "Depth: 1\r\n".to_owned(), 207),
        ("REPORT /", String::new(), 400),
        ("NONSENSE /", String::new(), 501),
        ("GET /%zz", String::new(), 400),
        ("MKCOL /file.txt/below", String::new(), 409),
        ("MKCOL /made", String::new(), 201),
    ] {
        let answer = client.ask_with(line, &fields(&more));
        assert_eq!(answer.status, status, "{line}");
        assert!(is_shared(&answer, APP), "{line}: {answer:?}");
    }
}

// covers: CORS-14
#[test]
fn fetch_3_3_2_a_page_of_the_server_itself_is_served() {
    for server in [Server::start(), sharing(false)] {
        let put = "Origin: http://localhost\r\nContent-Length: 0\r\n";
        let answer = server.connect().ask_with("PUT /own.txt", put);
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}

// covers: CORS-15
#[test]
fn rfc6454_7_null_is_never_shared_with_by_name() {
    let server = sharing(true);
    is_kept(&from(&mut server.connect(), "null", "GET /file.txt"));
}

#[test]
fn fetch_3_2_two_origins_are_none() {
    let server = sharing(true);
    let twice = format!("Origin: {APP}\r\nOrigin: {APP}\r\n");
    is_kept(&server.connect().ask_with("GET /file.txt", &twice));
    is_kept(&from(&mut server.connect(), &format!("{APP} {APP}"), "GET /file.txt"));
}

// covers: CORS-16
#[test]
fn fetch_3_3_3_a_strange_origin_is_answered_without_the_fields() {
    let server = sharing(true);
    let answer = from(&mut server.connect(), STRANGER, "GET /file.txt");
    assert_eq!(answer.status, 200);
    is_kept(&answer);
}
