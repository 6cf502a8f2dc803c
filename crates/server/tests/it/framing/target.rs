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
    for target in ["http://real-host/x", "HTTP://real-host:80/x", "http://real-host/x?q"] {
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
        "ftp:///x",
        "file:///etc/passwd",
        "http:/x",
        "javascript:x",
    ] {
        let mut client = server.connect();
        client.ask(&format!("GET {target}")).is_problem(400);
    }
    server.lives();
}

#[test]
fn rfc9110_7_4_another_scheme_than_the_connections_is_misdirected() {
    let server = Server::start();
    server.put("/x", "here");
    for target in [
        "https://localhost/x",
        "HTTPS://localhost:443/x",
        "https://localhost",
        "ftp://localhost/x",
        "ws://localhost",
    ] {
        for method in ["GET", "HEAD", "PUT", "OPTIONS"] {
            let mut client = server.connect();
            let answer = client.ask_with(&format!("{method} {target}"), "Content-Length: 0\r\n");
            assert_eq!(answer.status, 421, "{method} {target}: {answer:?}");
            // It is the request that went astray, not the connection.
            assert_eq!(client.ask("GET http://localhost/x").text(), "here");
        }
    }
    assert_eq!(server.get("/x"), "here");
}

#[test]
fn rfc9110_7_4_a_gateway_that_is_trusted_speaks_for_connections_of_others() {
    let server = Server::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    server.put("/x", "here");
    for fields in ["", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"] {
        for scheme in ["http", "https"] {
            let line = format!("GET {scheme}://localhost/x");
            assert_eq!(server.connect().ask_with(&line, fields).text(), "here", "{line} {fields}");
        }
    }
}

// RFC 9112 section 3.2: what is no target is refused or led on, and never put right in silence.
#[test]
fn rfc9112_3_2_characters_that_no_target_has_are_led_on_or_refused() {
    let server = Server::start();
    let targets = [
        ("/q\"<\\|>x", "/q%22%3C%5C%7C%3Ex"),
        ("/a^`{b}", "/a%5E%60%7Bb%7D"),
        ("/ä/€?ö", "/%C3%A4/%E2%82%AC?%C3%B6"),
        ("//a|//?b|c", "/a%7C/?b%7Cc"),
        ("/%7C|", "/%7C%7C"),
        ("/a?\"<>^`{|}\\", "/a?%22%3C%3E%5E%60%7B%7C%7D%5C"),
        ("/a?%zz|[1]", "/a?%zz%7C[1]"),
        ("http://localhost//evil.example|", "/evil.example%7C"),
    ];
    for (target, location) in targets {
        for method in ["GET", "HEAD"] {
            let answer = server.connect().ask(&format!("{method} {target}"));
            assert_eq!(
                (answer.status, answer.field("location")),
                (301, Some(location)),
                "{target}"
            );
        }
        for method in ["PUT", "MKCOL", "DELETE", "PROPFIND", "OPTIONS", "MOVE"] {
            let answer =
                server.connect().ask_with(&format!("{method} {target}"), "Content-Length: 0\r\n");
            answer.is_problem(400);
            assert!(answer.text().contains("Percent-encode"), "{answer:?}");
        }
    }
    assert_eq!(std::fs::read_dir(server.root.path()).unwrap().count(), 0);
    for target in ["/a?b#c", "/|#", "/a?\"#"] {
        bad_target(&server, &format!("GET {target}"), 400);
    }
    // Brackets are characters of URIs, and clients leave them as they are.
    let put = server.connect().ask_with("PUT /a[1].txt", "Content-Length: 0\r\n");
    assert_eq!((put.status, put.field("location")), (201, Some("/a%5B1%5D.txt")));
    assert_eq!(server.connect().ask("GET /a[1].txt?b[]=c").status, 200);
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
        "//..",
        "//%2e%2e//etc/passwd",
        "//%2f",
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
    for path in ["/../x", "/%2e%2e/x", "/..%2fx", "/a%00b", "//../x"] {
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
fn rfc9110_15_5_15_a_name_or_path_that_no_folder_holds_is_not_made() {
    let server = Server::start();
    let (name, path) = (format!("/{}", "a".repeat(256)), format!("/{}", "a/".repeat(257)));
    for target in [&name, &format!("/{}", "%61".repeat(256)), &path] {
        for method in ["GET", "HEAD", "PROPFIND", "DELETE", "MOVE", "UNLOCK"] {
            let status = server.connect().ask(&format!("{method} {target}")).status;
            assert_eq!(status, 404, "{method}");
        }
        for method in ["PUT", "MKCOL", "LOCK"] {
            let line = format!("{method} {target}");
            let answer = server.connect().ask_with(&line, "Content-Length: 0\r\n");
            answer.is_problem(414);
            assert!(answer.text().contains("255 octets"), "{answer:?}");
        }
        bad_target(&server, &format!("BIND {target}"), 501);
    }
    assert_eq!(server.status_of(&format!("/{}", "a".repeat(255))), 404);
}

// RFC 9112 section 3: request lines of 8,000 octets and more are to be supported. The disk opens no
// path of 4,096 octets.
#[test]
fn rfc9112_3_where_a_long_path_leads_nothing_is_found() {
    let server = Server::start();
    for target in
        ["/a234567".repeat(250), "/".repeat(7990), format!("/{}", "b".repeat(79)).repeat(60)]
    {
        let nothing = !target.ends_with('/');
        for method in ["GET", "PROPFIND", "DELETE"] {
            let answer = server.connect().ask(&format!("{method} {target}"));
            let root = if method == "DELETE" { 405 } else { answer.status.clamp(200, 207) };
            assert_eq!(answer.status, if nothing { 404 } else { root }, "{method} {answer:?}");
        }
        let put = server.connect().ask_with(&format!("PUT {target}"), "Content-Length: 0\r\n");
        assert_eq!(put.status, if nothing { 409 } else { 405 }, "{put:?}");
    }
}

#[test]
fn rfc3986_3_3_empty_segments_name_nothing() {
    let server = Server::start();
    let ask = |line: &str, fields: &str| server.connect().ask_with(line, fields);
    let empty = "Content-Length: 0\r\n";
    assert_eq!(ask("MKCOL //d//", empty).field("location"), Some("/d/"));
    assert_eq!(ask("PUT /d//x", empty).field("location"), Some("/d/x"));
    assert_eq!(ask("GET ///d///x", "").status, 200);
    assert_eq!(ask("GET http://localhost//d//x", "").status, 200);
    assert_eq!(ask("GET //d//none", "").status, 404);
    assert_eq!(ask("GET //", "").status, 200);
    let found = ask("PROPFIND //d//", "Depth: 1\r\n");
    assert!(found.text().contains("<D:href>/d/</D:href>"), "{found:?}");
    assert!(found.text().contains("<D:href>/d/x</D:href>"), "{found:?}");
    for to in ["//d//y", "http://localhost//d//z"] {
        let copied = ask("COPY /d//x", &format!("Destination: {to}\r\n"));
        let clean = to.rsplit('/').next().map(|name| format!("/d/{name}"));
        assert_eq!((copied.status, copied.field("location")), (201, clean.as_deref()));
    }
    // The server's own and what leads outside are judged on the path that results.
    assert_eq!(ask("GET //.methodical//health", "").status, 200);
    assert_eq!(ask("PUT //.methodical//x", empty).status, ask("PUT /.methodical/x", empty).status);
    ask("GET //%2F", "").is_problem(400);
}

#[test]
fn rfc9110_10_2_2_no_redirect_leads_to_another_server() {
    let server = Server::start();
    let ask = |line: &str| server.connect().ask(line);
    server.connect().ask("MKCOL /host/");
    server.connect().ask("MKCOL /%5Chost/");
    for (target, location) in [
        ("//host", "/host/"),
        ("///host", "/host/"),
        ("/.//host?q=1", "/host/?q=1"),
        ("http://localhost//host", "/host/"),
        ("//%5Chost", "/%5Chost/"),
        ("/%5Chost", "/%5Chost/"),
    ] {
        let answer = ask(&format!("GET {target}"));
        assert!((301..=308).contains(&answer.status), "{target}: {answer:?}");
        assert_eq!(answer.field("location"), Some(location), "{target}");
    }
}

#[test]
fn rfc9112_3_a_method_longer_than_any_is_501() {
    let server = Server::start();
    let mut client = server.connect();
    client.ask(&format!("{} /", "A".repeat(8000))).is_problem(501);
    refused(&server, "A".repeat(1024 * 1024), 501);
}
