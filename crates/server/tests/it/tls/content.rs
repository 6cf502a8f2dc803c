//! Content within TLS is the content without it.

use std::{
    fs,
    time::{Duration, Instant},
};

use super::{Secured, connect};
use crate::harness::PATIENCE;

/// Octets that do not repeat within a record.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 16).to_le_bytes()[0]).collect()
}

#[test]
fn rfc9110_9_3_1_a_file_of_any_size_is_the_same_within_tls() {
    let secured = Secured::start();
    let mut client = secured.connect();
    for length in [0, 1, 16_383, 16_384, 16_385, 40_000, 262_144, 5_000_001] {
        let wanted = bytes(length);
        fs::write(secured.server.root.path().join("f"), &wanted).unwrap();
        for _ in 0..2 {
            let got = client.ask("GET /f");
            assert_eq!(got.status, 200);
            assert!(got.content == wanted, "{length} octets differ");
        }
        assert_eq!(client.ask("HEAD /f").status, 200);
    }
}

#[test]
fn rfc9110_14_2_ranges_of_a_file_are_the_same_within_tls() {
    let secured = Secured::start();
    let all = bytes(300_000);
    fs::write(secured.server.root.path().join("f"), &all).unwrap();
    let mut client = secured.connect();
    let got = client.ask_with("GET /f", "Range: bytes=1000-250999\r\n");
    assert_eq!(got.status, 206);
    assert!(got.content == all[1000..=250_999]);
    let got = client.ask_with("GET /f", "Range: bytes=0-9,100000-199999\r\n");
    assert_eq!(got.status, 206);
    assert!(memchr::memmem::find(&got.content, &all[100_000..=199_999]).is_some());
}

#[test]
fn rfc9112_9_3_2_requests_in_one_record_are_answered_in_order() {
    let secured = Secured::start();
    let big = bytes(100_000);
    fs::write(secured.server.root.path().join("small"), "small").unwrap();
    fs::write(secured.server.root.path().join("big"), &big).unwrap();
    let mut client = secured.connect();
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (small, large) = (one("/small"), one("/big"));
    for _ in 0..3 {
        client.send([small.as_str(), &large, &small, &large, &small].concat());
        for large in [false, true, false, true, false] {
            let wanted = if large { &big[..] } else { b"small" };
            assert!(client.answer().content == wanted);
        }
    }
}

#[test]
fn rfc9110_9_3_4_an_upload_is_the_same_within_tls() {
    let secured = Secured::start();
    let wanted = bytes(3_000_000);
    let mut client = secured.connect();
    client.send(format!(
        "PUT /f HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        wanted.len()
    ));
    client.send(&wanted);
    assert_eq!(client.answer().status, 201);
    assert!(fs::read(secured.server.root.path().join("f")).unwrap() == wanted);
    assert_eq!(client.ask("GET /f").content.len(), wanted.len());
}

#[test]
fn rfc9110_10_1_1_100_continue_comes_within_tls() {
    let secured = Secured::start();
    let mut client = secured.connect();
    client.send(
        "PUT /f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(client.answer().status, 100);
    client.send("ok");
    assert_eq!(client.answer().status, 201);
}

#[test]
fn rfc9112_8_an_upload_that_breaks_off_leaves_the_old_file() {
    let secured = Secured::start();
    secured_put(&secured, "old");
    for farewell in [true, false] {
        let mut client = secured.connect();
        client.send("PUT /f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nnew");
        if farewell {
            client.wire().session().send_close_notify();
            client.send("");
        }
        client.finish_sending();
        client.drain();
        assert_eq!(secured.connect().ask("GET /f").text(), "old");
    }
}

// RFC 8446 section 6.1: without a farewell, content up to the end of the connection is cut.
#[test]
fn rfc8446_6_1_chunks_without_their_end_are_not_stored() {
    let secured = Secured::start();
    secured_put(&secured, "old");
    let mut client = secured.connect();
    client.send(
        "PUT /f HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnew\r\n",
    );
    client.finish_sending();
    client.drain();
    assert_eq!(secured.connect().ask("GET /f").text(), "old");
}

fn secured_put(secured: &Secured, content: &str) {
    let mut client = secured.connect();
    client.send(crate::harness::with_content("PUT /f", "", content));
    assert_eq!(client.answer().status, 201);
}

// The only place among the connections is taken by a client that does not read: another one gets it
// when the server has given the first one up.
#[test]
fn rfc9112_9_5_a_client_that_takes_nothing_is_given_up() {
    let secured = Secured::with(|settings| {
        settings.limits.connections = 1;
        settings.limits.wire.stall = Duration::from_millis(400);
    });
    let length = 64 * 1024 * 1024;
    fs::File::create(secured.server.root.path().join("f")).unwrap().set_len(length).unwrap();
    let mut client = secured.connect();
    client.send("GET /f HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let config = secured.config(&[b"http/1.1"]);
    let until = Instant::now() + PATIENCE;
    while connect(&secured.server, config.clone(), "localhost").is_err() {
        assert!(Instant::now() < until, "it is not given up");
    }
    assert!(client.octets_until_the_end() < length);
}
