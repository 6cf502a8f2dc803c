//! How tunnels end (RFC 9110 section 9.3.6).

use std::time::Duration;

use super::{Host, opened, tunnelling};

#[test]
fn rfc9110_9_3_6_who_has_said_all_still_hears() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let (mut near, mut far) = opened(&server, &host);
    near.send("question");
    near.finish_sending();
    assert_eq!(far.rest(), b"question");
    far.send("answer");
    drop(far);
    assert_eq!(near.rest(), b"answer");
}

#[test]
fn rfc9110_9_3_6_a_host_that_has_said_all_still_hears() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let (mut near, mut far) = opened(&server, &host);
    far.send("greeting");
    far.finish_sending();
    assert_eq!(near.rest(), b"greeting");
    near.send("answer");
    drop(near);
    assert_eq!(far.rest(), b"answer");
}

// covers: CON-07
#[test]
fn rfc9110_9_3_6_what_was_sent_before_the_close_is_delivered() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let bytes = vec![b'x'; 1024 * 1024];
    let (mut near, mut far) = opened(&server, &host);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            far.send(&bytes);
            drop(far);
        });
        assert_eq!(near.rest().len(), 1024 * 1024);
    });
    let bytes = vec![b'x'; 1024 * 1024];
    let (mut near, mut far) = opened(&server, &host);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            near.send(&bytes);
            drop(near);
        });
        assert_eq!(far.rest().len(), 1024 * 1024);
    });
}

// A client that still talks when the host has closed must not lose what the host said.
#[test]
fn rfc9112_9_6_the_last_word_of_a_host_that_listens_no_more_is_heard() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let bytes = vec![b'x'; 256 * 1024];
    let (mut near, mut far) = opened(&server, &host);
    far.send(&bytes);
    drop(far);
    for _ in 0..64 {
        near.try_send([b'y'; 1024]);
    }
    assert_eq!(near.octets(bytes.len()).map(|heard| heard.len()), Some(bytes.len()));
}

#[test]
fn rfc9110_9_3_6_a_client_that_breaks_off_is_told_to_the_host_by_a_reset() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let (near, mut far) = opened(&server, &host);
    near.reset();
    assert_eq!(far.octets(1), None);
    assert!(!far.try_send("x") || !far.try_send("x"));
}

#[test]
fn rfc9110_9_3_6_a_host_that_breaks_off_ends_the_tunnel() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let (mut near, far) = opened(&server, &host);
    far.reset();
    assert_eq!(near.octets(1), None);
    server.lives();
}

#[test]
fn a_server_that_stops_ends_its_tunnels_in_bounded_time() {
    let host = Host::start();
    let mut server = tunnelling(&[host.address().port()], |settings| {
        settings.drain = Duration::from_secs(2);
    });
    let (mut quiet, _host) = opened(&server, &host);
    let (mut busy, mut far) = opened(&server, &host);
    server.begin_to_stop();
    let since = std::time::Instant::now();
    assert_eq!(quiet.octets(1), None);
    // Who is not quiet has the time that requests have.
    while since.elapsed() < Duration::from_secs(10) && far.try_send("x") && busy.octets(1).is_some()
    {
        std::thread::yield_now();
    }
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
}
