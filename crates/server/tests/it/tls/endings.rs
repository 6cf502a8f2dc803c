//! RFC 8446 section 6.1: a farewell tells that what came is all.

use std::{fs, io::Read as _, time::Duration};

use super::Secured;

/// Whether the connection ended with a farewell rather than by being cut.
fn says_farewell(client: &mut crate::harness::Client) -> bool {
    let mut rest = Vec::new();
    client.wire().read_to_end(&mut rest).is_ok()
}

#[test]
fn rfc9112_9_8_the_last_answer_is_followed_by_a_farewell() {
    let secured = Secured::start();
    let mut client = secured.connect();
    assert_eq!(client.ask_with("GET /", "Connection: close\r\n").status, 200);
    assert!(says_farewell(&mut client));
}

#[test]
fn rfc9112_9_8_an_idle_connection_ends_with_a_farewell() {
    let secured = Secured::with(|settings| settings.limits.wire.idle = Duration::from_millis(300));
    let mut client = secured.connect();
    assert_eq!(client.ask("GET /").status, 200);
    assert!(says_farewell(&mut client));
}

#[test]
fn rfc9112_9_8_a_client_that_says_farewell_gets_one() {
    let secured = Secured::start();
    let mut client = secured.connect();
    assert_eq!(client.ask("GET /").status, 200);
    client.wire().session().send_close_notify();
    client.send("");
    assert!(says_farewell(&mut client));
}

#[test]
fn rfc9112_9_8_a_server_that_stops_says_farewell() {
    let mut secured = Secured::start();
    let mut client = secured.connect();
    assert_eq!(client.ask("GET /").status, 200);
    secured.server.begin_to_stop();
    assert!(says_farewell(&mut client));
}

#[test]
fn rfc9112_9_8_an_answer_that_cannot_be_completed_has_no_farewell() {
    let secured = Secured::start();
    let path = secured.server.root.path().join("f");
    fs::write(&path, vec![b'a'; 40_000_000]).unwrap();
    let mut client = secured.connect();
    client.send("GET /f HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.head().status, 200);
    fs::write(&path, "").unwrap();
    assert!(!says_farewell(&mut client));
}
