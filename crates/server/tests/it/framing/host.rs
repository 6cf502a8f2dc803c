//! RFC 9112 section 3.2, RFC 9110 section 7.2: Host.

use crate::harness::{Server, refused};

fn with_hosts(hosts: &[&str]) -> String {
    let lines: String = hosts.iter().flat_map(|host| ["Host: ", host, "\r\n"]).collect();
    format!("GET / HTTP/1.1\r\n{lines}\r\n")
}

// covers: GEN-09
#[test]
fn rfc9112_3_2_a_request_without_host_is_refused() {
    let server = Server::start();
    refused(&server, with_hosts(&[]), 400);
    refused(&server, "GET http://localhost/ HTTP/1.1\r\n\r\n", 400);
    refused(&server, "OPTIONS * HTTP/1.1\r\n\r\n", 400);
}

// covers: GEN-10
#[test]
fn rfc9112_3_2_more_than_one_host_line_is_refused() {
    let server = Server::start();
    refused(&server, with_hosts(&["localhost", "localhost"]), 400);
    refused(&server, with_hosts(&["localhost", "other"]), 400);
    refused(&server, with_hosts(&["", ""]), 400);
    refused(&server, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400);
}

// covers: GEN-10
#[test]
fn rfc9112_3_2_a_host_that_is_no_host_and_port_is_refused() {
    let server = Server::start();
    for host in [
        "a b",
        "",
        "user@host",
        "http://host",
        "host/",
        "host/path",
        "a\tb",
        "[::1",
        "::1",
        "[]",
        "[::1]x",
        "[zz]",
        "[::1]:x",
        "host:port",
        "host:123456",
        "host:70000",
        "host:-1",
        ":80",
        "host?",
        "host#",
        "ho\"st",
        "host%",
        "host%zz",
        "h\\st",
        "host:1:2",
        "h<o>st",
    ] {
        refused(&server, with_hosts(&[host]), 400);
    }
    refused(&server, b"GET / HTTP/1.1\r\nHost: h\xe4st\r\n\r\n", 400);
    refused(&server, "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400);
}

#[test]
fn rfc9110_7_2_hosts_and_ports_of_every_form_are_taken() {
    let server = Server::with(|settings| settings.hosts = vec!["*".to_owned()]);
    for host in [
        "localhost",
        "localhost:8000",
        "localhost:",
        "127.0.0.1",
        "[::1]",
        "[::1]:8000",
        "[::ffff:127.0.0.1]:80",
        "a-b.c_d~e",
        "xn--bcher-kva.example",
        "b%C3%BCcher.example",
        "EXAMPLE.com.",
    ] {
        let mut client = server.connect();
        client.send(with_hosts(&[host]));
        assert_eq!(client.answer().status, 200, "{host}");
    }
}

#[test]
fn rfc9112_3_2_http_1_0_needs_no_host() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    client.ends();
}
