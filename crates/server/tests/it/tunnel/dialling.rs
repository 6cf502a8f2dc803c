//! Several addresses of one host (RFC 8305), and hosts that do not answer.

use std::time::{Duration, Instant};

use methodical_server::settings::Resolver;

use super::{Host, head, refused, silent, tunnelling};

// RFC 8305 section 5.
#[test]
fn rfc8305_5_an_address_that_does_not_answer_delays_the_next_by_a_moment_only() {
    let (silence, _waiting) = silent("127.0.0.2:0");
    let port = silence.local_addr().unwrap().as_socket().unwrap().port();
    let host = Host::at(&format!("127.0.0.1:{port}"));
    let server = tunnelling(&[port], |settings| {
        settings.resolver =
            Resolver::of(|_| Ok(vec!["127.0.0.2".parse().unwrap(), "127.0.0.1".parse().unwrap()]));
    });
    let since = Instant::now();
    let mut near = server.connect();
    near.send(head(&format!("two.test:{port}")));
    assert_eq!(near.head().status, 200);
    assert!(since.elapsed() >= Duration::from_millis(250), "{:?}", since.elapsed());
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    host.accept().send("x");
    assert_eq!(near.octets(1).unwrap(), b"x");
}

#[test]
fn rfc8305_5_an_address_that_refuses_does_not_delay_the_next() {
    let host = Host::start();
    let port = host.address().port();
    let server = tunnelling(&[port], |settings| {
        settings.resolver =
            Resolver::of(|_| Ok(vec!["127.0.0.3".parse().unwrap(), "127.0.0.1".parse().unwrap()]));
    });
    let since = Instant::now();
    let mut near = server.connect();
    near.send(head(&format!("two.test:{port}")));
    assert_eq!(near.head().status, 200);
    assert!(since.elapsed() < Duration::from_millis(240), "{:?}", since.elapsed());
}

#[test]
fn rfc9110_15_6_5_a_host_that_does_not_answer_in_time_is_504() {
    let (silence, _waiting) = silent("127.0.0.1:0");
    let address = silence.local_addr().unwrap().as_socket().unwrap();
    let server = tunnelling(&[address.port()], |settings| {
        settings.limits.tunnel.dial = Duration::from_millis(300);
    });
    refused(&server, &address.to_string(), 504);
}

#[test]
fn rfc9110_15_6_5_a_resolver_that_does_not_answer_in_time_is_504() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = tunnelling(&[1], |settings| {
        settings.limits.tunnel.dial = Duration::from_millis(300);
        settings.resolver = Resolver::of(move |_| {
            // Until the test lets go of the other end.
            let _ended = released.lock().unwrap().recv();
            Ok(Vec::new())
        });
    });
    refused(&server, "slow.test:1", 504);
    // Others are served meanwhile.
    server.lives();
    drop(release);
}

#[test]
fn rfc9110_15_6_3_a_host_that_refuses_is_502() {
    let port = Host::start().address().port();
    let server = tunnelling(&[port], |_| {});
    refused(&server, &format!("127.0.0.1:{port}"), 502);
    refused(&server, &format!("host.test:{port}"), 502);
}
