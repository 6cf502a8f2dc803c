//! How long an answer waits for a client that does not read it.

use std::{
    fs::File,
    io::Write,
    time::{Duration, Instant},
};

use methodical_server::settings::Settings;

use super::{NEVER, SOON};
use crate::{
    harness::{Client, PATIENCE, Server},
    tls::Secured,
};

const LARGE: u64 = 64 * 1024 * 1024;

fn server() -> Server {
    let server = Server::with(|settings| {
        settings.limits.connections = 1;
        settings.limits.wire.stall = SOON;
        settings.limits.wire.head = NEVER;
        settings.limits.wire.idle = NEVER;
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

/// A server that waits for nobody who takes less than this.
fn hasty(settings: &mut Settings) {
    settings.limits.wire.grace = Duration::ZERO;
    settings.limits.wire.download_bytes_per_second_min = 20_000_000;
}

/// Asks for a large file, takes a little of it again and again, and tells how much came in all.
fn trickle(mut client: Client) -> u64 {
    client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (mut octets, since) = (0, Instant::now());
    while since.elapsed() < PATIENCE {
        match client.some(4096) {
            0 => return octets,
            read => octets += read,
        }
        std::thread::sleep(SOON / 40);
    }
    panic!("the client is still waited for");
}

#[test]
fn rfc9112_9_5_a_client_that_takes_a_trickle_is_given_up() {
    let server = Server::with(hasty);
    File::create(server.root.path().join("large")).unwrap().set_len(LARGE).unwrap();
    // The second answer is a kept one.
    for _ in 0..2 {
        assert!(trickle(server.connect()) < LARGE);
    }
    let secured = Secured::with(hasty);
    File::create(secured.server.root.path().join("large")).unwrap().set_len(LARGE).unwrap();
    assert!(trickle(secured.connect()) < LARGE);
}

// The kernel tells of room in its buffer of megabytes only when a third of it is free, for which
// this client takes longer than a stall is waited for.
#[test]
fn rfc9112_9_5_a_client_that_reads_slowly_over_a_fast_line_gets_all() {
    let slow = |settings: &mut Settings| settings.limits.wire.stall = Duration::from_secs(4);
    let (server, secured) = (Server::with(slow), Secured::with(slow));
    for server in [&server, &secured.server] {
        File::create(server.root.path().join("large")).unwrap().set_len(LARGE / 4).unwrap();
    }
    let all = |mut client: Client| {
        client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let (mut octets, since) = (0, Instant::now());
        while since.elapsed() < Duration::from_secs(9) {
            octets += client.some(4096);
            std::thread::sleep(Duration::from_millis(50));
        }
        octets + client.octets_until_the_end()
    };
    std::thread::scope(|scope| {
        let both = [server.connect(), secured.connect()];
        for client in both.map(|client| scope.spawn(move || all(client))) {
            // The head, too; the end is that of the time between requests.
            assert!(client.join().unwrap() > LARGE / 4);
        }
    });
}
