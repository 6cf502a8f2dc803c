//! RFC 9110 sections 6 and 8.6, RFC 9112 section 6: how answers are framed.

use crate::{
    harness::{Answer, Server, with_content},
    http2::client::{Client, run},
};

fn names(answer: &Answer) -> Vec<&str> {
    let changing = |name: &str| matches!(name, "date" | "connection");
    let names = answer.fields.iter().map(|(name, _)| name.as_str());
    names.filter(|name| !changing(name)).collect()
}

#[test]
fn rfc9110_9_3_2_head_has_the_fields_of_get_and_no_content() {
    let server = Server::start();
    server.put("/small", "small");
    server.put("/large", &"a".repeat(100_000));
    let fields = ["", "Range: bytes=0-3\r\n", "If-None-Match: *\r\n", "Accept: text/html\r\n"];
    let mut client = server.connect();
    for target in ["/small", "/large", "/", "/no", "/.methodical/health"] {
        for fields in fields {
            let get = client.ask_with(&format!("GET {target}"), fields);
            let head = client.ask_with(&format!("HEAD {target}"), fields);
            if fields.starts_with("Range") && get.status == 206 {
                // RFC 9110 section 14.2: Range is for GET.
                assert_eq!(head.status, 200);
                continue;
            }
            assert_eq!(head.status, get.status, "{target} {fields}");
            assert_eq!(names(&head), names(&get), "{target} {fields}");
            assert_eq!(head.field("content-length"), get.field("content-length"));
        }
    }
}

// covers: GEN-21 GEN-22
#[test]
fn rfc9110_8_6_an_answer_that_never_has_content_has_no_length() {
    let server = Server::start();
    server.put("/x", "x");
    let mut client = server.connect();
    client.send(with_content("PUT /x", "", "y"));
    let replaced = client.answer();
    assert_eq!((replaced.status, replaced.field("content-length")), (204, None));
    let same = client.ask_with("GET /x", "If-None-Match: *\r\n");
    assert_eq!((same.status, same.field("content-length")), (304, None));
    let removed = client.ask("DELETE /x");
    assert_eq!((removed.status, removed.field("content-length")), (204, None));
}

#[test]
fn rfc9110_8_6_an_empty_answer_says_so() {
    let server = Server::start();
    let mut client = server.connect();
    assert_eq!(client.ask("OPTIONS /").field("content-length"), Some("0"));
    let made = client.ask_with("PUT /x", "Content-Length: 0\r\n");
    assert_eq!((made.status, made.field("content-length")), (201, Some("0")));
    let empty = client.ask("GET /x");
    assert_eq!((empty.status, empty.field("content-length")), (200, Some("0")));
}

#[test]
fn rfc9112_9_3_answers_of_all_sizes_leave_the_connection_clean() {
    let server = Server::start();
    let mut client = server.connect();
    for length in [0, 1, 1023, 16_384, 16_385, 32_768, 32_769, 262_144, 262_145, 3_000_000] {
        let content = "abcdefg".repeat(length / 7 + 1)[..length].to_owned();
        client.send(with_content("PUT /x", "", &content));
        assert!(matches!(client.answer().status, 201 | 204));
        for _ in 0..3 {
            assert!(client.ask("GET /x").text() == content, "{length}");
            assert_eq!(client.ask("HEAD /x").status, 200);
        }
    }
}

// covers: GEN-06 GEN-07
#[test]
fn rfc9110_6_6_1_every_answer_has_a_date_of_now() {
    let server = Server::start();
    server.put("/x", "x");
    let mut client = server.connect();
    let cases = [
        ("GET /x", "", 200),
        ("GET /x", "If-None-Match: *\r\n", 304),
        ("GET /no", "", 404),
        ("MKCOL /", "", 405),
        ("BREW /", "", 501),
        ("GET /*", "", 404),
    ];
    for (line, fields, status) in cases {
        // Twice, as the second may be a kept answer.
        for _ in 0..2 {
            let answer = client.ask_with(line, fields);
            assert_eq!(answer.status, status, "{line}");
            let date = answer.field("date").unwrap();
            let moment = httpdate::parse_http_date(date).unwrap();
            let age = std::time::SystemTime::now().duration_since(moment).unwrap_or_default();
            assert!(age.as_secs() < 60, "{date}");
            assert_eq!(httpdate::fmt_http_date(moment), date);
        }
    }
}

#[test]
fn rfc9112_6_a_refusal_shows_nothing_of_the_disk() {
    let server = Server::start();
    let root = server.root.path().to_string_lossy().into_owned();
    for line in ["GET /no", "GET /%2e%2e", "PUT /no/such/x", "DELETE /no", "GET /no/such/x"] {
        let answer = server.connect().ask(line);
        assert!(!answer.text().contains(&root), "{}", answer.text());
    }
}

#[test]
fn rfc9112_6_3_a_long_list_is_framed_by_its_length_in_every_version() {
    let server = Server::start();
    for number in 0..3_000 {
        std::fs::File::create(server.root.path().join(format!("file {number}"))).unwrap();
    }
    let mut client = server.connect();
    let whole = client.ask_with("GET /", "Accept: text/html\r\n");
    assert!(whole.content.len() > 300_000, "{}", whole.content.len());
    assert!(whole.text().ends_with("</html>\n"));
    let length = whole.content.len().to_string();
    assert_eq!(whole.field("content-length"), Some(length.as_str()));
    assert_eq!(whole.field("transfer-encoding"), None);
    let head = client.ask_for_head("HEAD /", "Accept: text/html\r\n");
    assert_eq!(names(&head), names(&whole));
    assert_eq!(head.field("content-length"), Some(length.as_str()));
    // The connection goes on also where nothing but the length could end the content.
    for _ in 0..2 {
        client.send("GET / HTTP/1.0\r\nAccept: text/html\r\nConnection: keep-alive\r\n\r\n");
        let old = client.answer();
        assert_eq!((old.status, old.field("content-length")), (200, Some(length.as_str())));
        assert!(old.content == whole.content);
    }
    run(async {
        let mut client = Client::connect(&server).await;
        let new = client.ask_with("GET /", &[("accept", "text/html")]).await;
        assert_eq!((new.status, new.field("content-length")), (200, Some(length.as_str())));
        assert!(new.content == whole.content);
    });
}
