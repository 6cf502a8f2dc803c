//! What goes through a tunnel over HTTP/1.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use super::{Host, head, opened, tunnelling};
use crate::harness::PATIENCE;

fn noise(octets: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..octets).map(next).collect()
}

// covers: CON-03 CON-04 CON-10
#[test]
fn rfc9110_9_3_6_behind_the_2xx_bytes_are_forwarded_blindly() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let mut near = server.connect();
    let target = host.address();
    near.send(format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic eDp5\r\n\r\n"
    ));
    let answer = near.head();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.field("content-length"), None);
    assert_eq!(answer.field("transfer-encoding"), None);
    assert_eq!(answer.field("connection"), None);
    let mut far = host.accept();
    for octets in [1, 4096, 70_000, 3_000_000] {
        let (up, down) = (noise(octets), noise(octets + 1));
        std::thread::scope(|scope| {
            scope.spawn(|| near.send(&up));
            assert!(far.octets(up.len()) == Some(up.clone()), "{octets}");
        });
        std::thread::scope(|scope| {
            scope.spawn(|| far.send(&down));
            assert!(near.octets(down.len()) == Some(down.clone()), "{octets}");
        });
    }
    // Heads of HTTP in it mean nothing.
    near.send("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(far.octets(18).unwrap(), b"GET / HTTP/1.1\r\n\r\n");
}

#[test]
fn rfc9110_9_3_6_both_ways_are_open_at_once() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let (near, far) = opened(&server, &host);
    let (bytes, length) = (noise(4_000_000), 4_000_000);
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (near.split(), far.split());
    std::thread::scope(|scope| {
        scope.spawn(|| near_out.send(&bytes));
        scope.spawn(|| far_out.send(&bytes));
        scope.spawn(|| assert!(near_in.octets(length) == Some(bytes.clone())));
        assert!(far_in.octets(length) == Some(bytes.clone()));
    });
}

#[test]
fn rfc9110_9_3_6_bytes_that_come_early_are_forwarded_behind_the_2xx() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let mut near = server.connect();
    near.send(head(&host.address().to_string()) + "early \r\n\r\n bytes");
    let mut far = host.accept();
    assert_eq!(far.octets(16).unwrap(), b"early \r\n\r\n bytes");
    assert_eq!(near.head().status, 200);
    near.send("late");
    assert_eq!(far.octets(4).unwrap(), b"late");
}

#[test]
fn rfc9112_3_2_3_a_client_of_http_1_0_gets_a_tunnel() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let mut near = server.connect();
    near.send(format!("CONNECT {} HTTP/1.0\r\n\r\n", host.address()));
    assert_eq!(near.head().status, 200);
    host.accept().send("x");
    assert_eq!(near.octets(1).unwrap(), b"x");
}

#[test]
fn rfc9110_9_3_6_a_host_is_named_by_a_name_too() {
    let host = Host::start();
    let port = host.address().port();
    let server = tunnelling(&[port], |_| {});
    for name in ["host.test", "HOST.test"] {
        let mut near = server.connect();
        near.send(head(&format!("{name}:{port}")));
        assert_eq!(near.head().status, 200);
        host.accept().send("x");
        assert_eq!(near.octets(1).unwrap(), b"x");
    }
}

// covers: CON-08
#[test]
fn rfc9110_13_2_1_preconditions_are_ignored() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let mut near = server.connect();
    let answer = near.ask_for_head(&format!("CONNECT {}", host.address()), "If-Match: \"x\"\r\n");
    assert_eq!(answer.status, 200);
}

#[test]
fn rfc9110_9_3_6_a_tunnel_begins_behind_other_requests_on_the_connection() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let mut near = server.connect();
    assert_eq!(near.ask("GET /").status, 200);
    near.send(head(&host.address().to_string()));
    assert_eq!(near.head().status, 200);
    host.accept().send("x");
    assert_eq!(near.octets(1).unwrap(), b"x");
}

// Not from TCP to TCP: copied.
#[test]
fn rfc9110_9_3_6_a_tunnel_over_a_unix_socket() {
    let host = Host::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let bind = format!("unix:{}", path.display()).parse().unwrap();
    let _server = tunnelling(&[host.address().port()], |settings| settings.binds.push(bind));
    let mut near = UnixStream::connect(&path).unwrap();
    near.set_read_timeout(Some(PATIENCE)).unwrap();
    near.write_all(head(&host.address().to_string()).as_bytes()).unwrap();
    let mut far = host.accept();
    let bytes = noise(3_000_000);
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        near.read_exact(&mut octet).unwrap();
        answer.extend(octet);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    std::thread::scope(|scope| {
        scope.spawn(|| near.write_all(&bytes).unwrap());
        assert!(far.octets(bytes.len()) == Some(bytes.clone()));
    });
    let mut heard = vec![0; bytes.len()];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            far.send(&bytes);
            far.finish_sending();
        });
        near.read_exact(&mut heard).unwrap();
    });
    assert!(heard == bytes);
    assert_eq!(near.read(&mut [0]).unwrap(), 0);
}
