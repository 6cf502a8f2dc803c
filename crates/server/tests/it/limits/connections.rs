//! How many connections may be open at one time.

use super::NEVER;
use crate::harness::{Client, Server};

const MOST: usize = 5;

/// Demands the answer to who comes when there is no place, without having been asked anything.
fn is_turned_away(mut client: Client) {
    let answer = client.answer();
    assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")));
    assert_eq!(answer.field("connection"), Some("close"));
    assert_eq!(answer.field("content-type"), Some("application/problem+json"));
    client.ends();
}

#[test]
fn rfc9110_15_6_4_a_connection_beyond_the_limit_is_told_and_closed_at_once() {
    let server = Server::with(|settings| {
        settings.limits.connections = MOST;
        settings.limits.wire.idle = NEVER;
    });
    let mut clients: Vec<_> = (0..MOST).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.ask("GET /").status, 200);
    }
    for _ in 0..20 {
        is_turned_away(server.connect());
    }
    for client in &mut clients {
        assert_eq!(client.ask("GET /").status, 200);
    }
}

#[test]
fn an_address_has_so_many_connections_and_no_more() {
    let server = Server::with(|settings| {
        settings.limits.connections_per_address = MOST;
        settings.limits.wire.idle = NEVER;
    });
    let mut clients: Vec<_> = (0..MOST).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.ask("GET /").status, 200);
    }
    for _ in 0..20 {
        is_turned_away(server.connect());
    }
    clients.pop();
    assert_eq!(server.connect_when_there_is_room().ask("GET /").status, 200);
}

#[test]
fn a_trusted_proxy_has_as_many_connections_as_there_are() {
    let server = Server::with(|settings| {
        settings.limits.connections_per_address = 1;
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let mut clients: Vec<_> = (0..MOST).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.ask("GET /").status, 200);
    }
}

#[test]
fn rfc9112_9_3_a_connection_ends_behind_so_many_requests() {
    let server = Server::with(|settings| settings.limits.wire.requests = 4);
    std::fs::write(server.root.path().join("f"), "content").unwrap();
    // The answers to the same question are kept ones from the second on.
    for line in ["GET /f", "OPTIONS *"] {
        let mut client = server.connect();
        for _ in 0..3 {
            assert_eq!(client.ask(line).field("connection"), None);
        }
        let last = client.ask(line);
        assert_eq!((last.status, last.field("connection")), (200, Some("close")));
        client.ends();
    }
}

#[test]
fn a_connection_that_ends_makes_room_for_another() {
    let server = Server::with(|settings| {
        settings.limits.connections = 1;
        settings.limits.wire.idle = NEVER;
    });
    for _ in 0..20 {
        let mut client = server.connect_when_there_is_room();
        assert_eq!(client.ask("GET /").status, 200);
    }
}

#[test]
fn connections_that_break_off_anywhere_give_their_places_back() {
    let server = Server::with(|settings| {
        settings.limits.connections = 3;
        settings.limits.wire.idle = NEVER;
        settings.limits.wire.head = NEVER;
        settings.limits.wire.stall = NEVER;
    });
    let endings = [
        "",
        "GET ",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123",
        "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12",
        "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PRI * HTTP",
        "BREW / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
    ];
    for _ in 0..5 {
        for ending in endings {
            let mut client = server.connect_when_there_is_room();
            client.try_send(ending);
        }
    }
    for _ in 0..3 {
        assert_eq!(server.connect_when_there_is_room().ask("GET /").status, 200);
    }
}
