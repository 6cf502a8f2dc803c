//! How connections begin, and how those end that begin otherwise.

use std::time::{Duration, Instant};

use rustls::{ClientConfig, HandshakeKind, ProtocolVersion};

use super::{Secured, connect, provider};
use crate::harness::request;

#[test]
fn rfc9110_4_2_2_https_is_http_within_tls() {
    let secured = Secured::start();
    std::fs::write(secured.server.root.path().join("a.txt"), "hello").unwrap();
    let mut client = secured.connect();
    for _ in 0..3 {
        assert_eq!(client.ask("GET /a.txt").text(), "hello");
    }
    assert_eq!(client.wire().session().protocol_version(), Some(ProtocolVersion::TLSv1_3));
}

#[test]
fn rfc7301_3_2_the_protocol_is_chosen_by_the_server() {
    let secured = Secured::start();
    let chosen = |offered: &[&[u8]]| {
        let mut client = secured.connect_with(secured.config(offered));
        client.wire().session().alpn_protocol().map(<[u8]>::to_vec)
    };
    assert_eq!(chosen(&[b"http/1.1"]).unwrap(), b"http/1.1");
    assert_eq!(chosen(&[b"http/1.1", b"h2"]).unwrap(), b"h2");
    assert_eq!(chosen(&[b"h3", b"http/1.1"]).unwrap(), b"http/1.1");
    assert_eq!(chosen(&[]), None);
    let refused = connect(&secured.server, secured.config(&[b"h3"]), "localhost").err().unwrap();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}

#[test]
fn rfc7301_3_1_who_offers_no_protocol_speaks_http_1_1() {
    let secured = Secured::start();
    let mut client = secured.connect_with(secured.config(&[]));
    assert_eq!(client.ask("GET /").status, 200);
}

// RFC 9113 section 3.3: HTTP/2 over TLS only by agreement.
#[test]
fn rfc9113_3_2_http_2_that_was_not_agreed_on_is_not_spoken() {
    let secured = Secured::start();
    let mut client = secured.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(client.answer().status >= 400);
    let mut client = secured.connect();
    let fields = "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n";
    assert_eq!(client.ask_with("GET /", fields).status, 200);
}

#[test]
fn rfc8446_4_2_1_tls_1_2_is_spoken_too() {
    let secured = Secured::start();
    let modern = secured.config(&[b"http/1.1"]);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(secured.pair.der.clone()).unwrap();
    let old = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    for (config, version) in [(modern, ProtocolVersion::TLSv1_3), (old, ProtocolVersion::TLSv1_2)] {
        let mut client = secured.connect_with(config);
        assert_eq!(client.ask("GET /").status, 200);
        assert_eq!(client.wire().session().protocol_version(), Some(version));
    }
}

#[test]
fn rfc8446_2_2_a_client_comes_back_with_its_ticket() {
    let secured = Secured::start();
    let config = secured.config(&[b"http/1.1"]);
    let kind = || {
        let mut client = secured.connect_with(config.clone());
        assert_eq!(client.ask("GET /").status, 200);
        client.wire().session().handshake_kind().unwrap()
    };
    assert_eq!(kind(), HandshakeKind::Full);
    assert_eq!(kind(), HandshakeKind::Resumed);
}

#[test]
fn rfc9110_15_5_1_http_without_tls_is_told_where_it_is() {
    let secured = Secured::start();
    let mut client = secured.server.connect();
    client.send(request("GET /"));
    let answer = client.answer();
    answer.is_problem(400);
    assert!(answer.text().contains("https://"), "{}", answer.text());
    client.ends();
    secured.lives();
}

#[test]
fn rfc8446_6_2_what_is_no_handshake_ends() {
    let secured = Secured::start();
    for bytes in [&b"\x16\x03\x01\x00\x05hello"[..], &[0; 1000], &[0xff; 5000], b"\x80\x2e\x01"] {
        let mut client = secured.server.connect();
        client.try_send(bytes);
        client.drain();
    }
    secured.lives();
}

#[test]
fn a_slow_handshake_is_not_waited_for() {
    let limit = Duration::from_millis(400);
    let secured = Secured::with(|settings| settings.limits.wire.handshake = limit);
    let since = Instant::now();
    let mut silent = secured.server.connect();
    let mut slow = secured.server.connect();
    slow.send(b"\x16\x03\x01\x02\x00\x01");
    silent.ends();
    slow.ends();
    assert!(since.elapsed() >= limit, "{:?}", since.elapsed());
    secured.lives();
}
