//! From plain HTTP to TLS, and staying there.

use std::net::TcpStream;

use super::Secured;
use crate::harness::{Client, Server, with_content};

fn secured() -> Secured {
    Secured::with(|settings| settings.redirect_http = vec!["127.0.0.1:0".parse().unwrap()])
}

fn plain(server: &Server) -> Client {
    Client::of(TcpStream::connect(server.also()[0]).unwrap())
}

#[test]
fn rfc9110_15_4_9_plain_http_is_led_on_with_its_path_and_method() {
    let secured = secured();
    let port = secured.server.address().port();
    let mut client = plain(&secured.server);
    for method in ["GET", "HEAD", "DELETE", "PROPFIND", "BREW"] {
        let answer = client.ask(&format!("{method} /a%20b/?q=1"));
        assert_eq!(answer.status, 308, "{method}");
        let wanted = format!("https://localhost:{port}/a%20b/?q=1");
        assert_eq!(answer.field("location"), Some(wanted.as_str()));
        assert_eq!(answer.field("strict-transport-security"), None);
    }
    client.send(with_content("PUT /f", "", "content"));
    assert_eq!(client.answer().status, 308);
    assert_eq!(client.ask("OPTIONS *").status, 400);
    assert_eq!(secured.connect().ask("GET /f").status, 404);
}

#[test]
fn rfc9110_15_4_9_nothing_is_served_where_all_is_led_on() {
    let secured = secured();
    std::fs::write(secured.server.root.path().join("f"), "secret").unwrap();
    for _ in 0..3 {
        assert_eq!(secured.connect().ask("GET /f").text(), "secret");
        assert_eq!(plain(&secured.server).ask("GET /f").status, 308);
    }
    let mut client = plain(&secured.server);
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(client.answer().status, 505);
    let fields = "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n";
    assert_eq!(plain(&secured.server).ask_with("GET /f", fields).status, 308);
    let mut client = plain(&secured.server);
    client.send(
        "PUT /f HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(client.answer().status, 308);
    client.ends();
}

/// The status, and where to.
fn led(server: &Server, target: &str, host: &str) -> (u16, Option<String>) {
    let mut client = plain(server);
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let answer = client.answer();
    (answer.status, answer.field("location").map(str::to_owned))
}

#[test]
fn rfc9110_7_4_nobody_is_led_on_to_a_name_of_others() {
    let secured = secured();
    let server = &secured.server;
    for (target, host) in [
        ("/", "evil.example"),
        ("/", "evil.example:80"),
        ("/", "localhost.evil.example"),
        ("http://evil.example/", "localhost"),
        ("http://EVIL.example:80?q", "localhost"),
        ("https://localhost/", "localhost"),
        ("//evil.example/", "evil.example"),
    ] {
        assert_eq!(led(server, target, host), (421, None), "{target} {host}");
    }
    for (target, host) in [
        ("/", "user@localhost"),
        ("http://user@localhost/", "localhost"),
        ("http://localhost@evil.example/", "localhost"),
        ("http://localhost:80@evil.example/", "localhost"),
        ("http://localhost%2f.evil.example/", "local host"),
    ] {
        assert_eq!(led(server, target, host).0, 400, "{target} {host}");
    }
    // An answer to HEAD is as long as it says (RFC 9110 section 9.3.2).
    let mut client = plain(server);
    client.send("HEAD / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert_eq!(client.answer_to_head().status, 421);
    assert_eq!(client.ask("GET /").status, 308);
    let port = server.address().port();
    let wanted = |name: &str| (308, Some(format!("https://{name}:{port}//evil.example/")));
    assert_eq!(led(server, "//evil.example/", "localhost"), wanted("localhost"));
    assert_eq!(led(server, "http://127.0.0.1//evil.example/", "evil.example"), wanted("127.0.0.1"));
}

#[test]
fn rfc9110_7_4_a_name_that_a_certificate_bears_or_that_is_listed_is_led_on() {
    let pair = super::Pair::of(&["files.example", "*.other.example"]);
    let start = |hosts: &[&str]| {
        Server::with(|settings| {
            settings.tls = Some(pair.tls());
            settings.redirect_http = vec!["127.0.0.1:0".parse().unwrap()];
            settings.hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        })
    };
    let server = start(&[]);
    for (host, status) in [
        ("files.example", 308),
        ("FILES.example.:80", 308),
        ("a.other.example", 308),
        ("other.example", 421),
        ("a.b.other.example", 421),
    ] {
        assert_eq!(led(&server, "/", host).0, status, "{host}");
    }
    let server = start(&["listed.example"]);
    assert_eq!(led(&server, "/", "listed.example").0, 308);
    assert_eq!(led(&server, "/", "files.example").0, 421);
    assert_eq!(led(&start(&["*"]), "/", "any.example").0, 308);
}

#[test]
fn rfc6797_7_1_answers_within_tls_say_that_there_will_be_tls() {
    let secured = Secured::with(|settings| settings.hsts = true);
    std::fs::write(secured.server.root.path().join("f"), "content").unwrap();
    let mut client = secured.connect();
    // The second answer is a kept one.
    for line in ["GET /f", "GET /f", "GET /missing", "OPTIONS *"] {
        let answer = client.ask(line);
        let wanted = Some("max-age=31536000");
        assert_eq!(answer.field("strict-transport-security"), wanted, "{line}");
    }
    assert_eq!(Secured::start().connect().ask("GET /").field("strict-transport-security"), None);
}

#[test]
fn rfc6797_7_2_answers_without_tls_do_not_say_so() {
    let server = Server::with(|settings| settings.hsts = true);
    for _ in 0..2 {
        let answer = server.connect().ask("GET /.methodical/health");
        assert_eq!(answer.field("strict-transport-security"), None);
    }
}
