//! The limits of tunnels.

use std::time::{Duration, Instant};

use super::{Host, head, opened, refused, tunnelling};

#[test]
fn a_tunnel_in_which_nothing_moves_ends() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        settings.limits.tunnel.idle = Duration::from_millis(300);
    });
    let (mut near, mut far) = opened(&server, &host);
    let since = Instant::now();
    // One way that moves keeps both open.
    while since.elapsed() < Duration::from_millis(900) {
        far.send("x");
        assert_eq!(near.octets(1).unwrap(), b"x");
    }
    assert_eq!(near.octets(1), None);
    assert_eq!(far.octets(1), None);
}

#[test]
fn a_tunnel_ends_when_its_time_is_up() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        settings.limits.tunnel.total = Duration::from_millis(500);
    });
    let (mut near, mut far) = opened(&server, &host);
    let since = Instant::now();
    while far.try_send("x") && near.octets(1).is_some() {
        assert!(since.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn not_more_octets_go_through_than_may() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        settings.limits.tunnel.octets_max = 100_000;
    });
    let (near, mut far) = opened(&server, &host);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut sent = 0;
            while sent < 1_000_000 && far.try_send([b'x'; 1000]) {
                sent += 1000;
            }
        });
        assert!(near.octets_until_the_end() <= 100_000);
    });
}

#[test]
fn one_user_has_not_more_tunnels_than_it_may_and_has_them_again() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        settings.limits.tunnel.per_user = 2;
    });
    let (first, mut far) = opened(&server, &host);
    let _second = opened(&server, &host);
    refused(&server, &host.address().to_string(), 429);
    drop(first);
    assert!(far.rest().is_empty());
    drop(far);
    opened_when_there_is_room(&server, &host);
}

#[test]
fn there_are_not_more_tunnels_than_may_be() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        settings.limits.tunnel.tunnels = 1;
    });
    let (_near, _far) = opened(&server, &host);
    refused(&server, &host.address().to_string(), 503);
}

/// A place is given back as soon as the server has seen the end.
#[track_caller]
fn opened_when_there_is_room(server: &crate::harness::Server, host: &Host) {
    let since = Instant::now();
    while since.elapsed() < crate::harness::PATIENCE {
        let mut near = server.connect();
        near.send(head(&host.address().to_string()));
        if near.head().status == 200 {
            return;
        }
    }
    panic!("the place is not given back");
}
