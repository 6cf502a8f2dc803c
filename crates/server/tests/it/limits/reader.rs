//! How long an answer waits for a client that does not read it.

use std::{fs::File, io::Write};

use super::{NEVER, SOON};
use crate::harness::Server;

const LARGE: u64 = 64 * 1024 * 1024;

fn server() -> Server {
    let server = Server::with(|settings| {
        settings.limits.connections = 1;
        settings.limits.stall = SOON;
        settings.limits.head = NEVER;
        settings.limits.idle = NEVER;
    });
    File::create(server.root.path().join("large")).unwrap().set_len(LARGE).unwrap();
    server
}

// The only place among the connections is taken by a client that does not read: another one gets it
// when the server has given the first one up.
#[test]
fn rfc9112_9_5_a_client_that_does_not_read_is_given_up() {
    let server = server();
    // More than once: the second answer is a kept one.
    for _ in 0..3 {
        let mut client = server.connect_when_there_is_room();
        client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut next = server.connect_when_there_is_room();
        assert_eq!(next.ask("GET /.methodical/health").status, 200);
        assert!(client.octets_until_the_end() < LARGE);
    }
}

#[test]
fn rfc9112_9_5_a_client_that_does_not_read_its_pipeline_is_given_up() {
    let server = server();
    File::create(server.root.path().join("small")).unwrap().write_all(&[b'a'; 16_000]).unwrap();
    let mut client = server.connect_when_there_is_room();
    let turn = "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    while client.try_send(&turn) {}
    assert_eq!(server.connect_when_there_is_room().ask("GET /").status, 200);
}
