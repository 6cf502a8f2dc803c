//! What no tunnel leads to, and that nothing is done about what follows a refusal.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use methodical_server::settings::{
    Resolver,
    tunnelling::{Rule, Rules, Subject},
};

use super::{Host, head, refused, to_loopback, tunnelling};
use crate::harness::Server;

/// A server that was told to make tunnels and nothing more, and what names mean to it.
fn plain(addresses: &'static [&'static str]) -> Server {
    Server::with(|settings| {
        settings.policy.tunnels = Rules::web();
        settings.resolver = Resolver::of(move |_| {
            let parse = |text: &&str| text.parse().unwrap();
            Ok(addresses.iter().map(parse).collect())
        });
    })
}

// covers: CON-06
#[test]
fn rfc9110_9_3_6_what_is_not_public_is_refused_in_whatever_form() {
    let server = plain(&["127.0.0.1"]);
    for target in [
        "localhost:22",
        "localhost:25",
        "localhost:443",
        "127.0.0.1:443",
        "[::1]:443",
        "[::ffff:127.0.0.1]:443",
        "[::127.0.0.1]:443",
        "[64:ff9b::127.0.0.1]:443",
        "[64:ff9b:1::1.1.1.1]:443",
        "[2002:7f00:1::1]:443",
        "[2001:0:7f00:1::]:443",
        "0.0.0.0:443",
        "[::]:443",
        "10.0.0.1:443",
        "172.16.0.1:443",
        "192.168.1.1:443",
        "100.64.0.1:443",
        "169.254.169.254:443",
        "[fd00:ec2::254]:443",
        "[fe80::1]:443",
        "[fc00::1]:443",
        "224.0.0.1:443",
        "[ff02::1]:443",
        "198.18.0.1:443",
        "192.0.2.1:443",
        "[2001:db8::1]:443",
        "255.255.255.255:443",
    ] {
        refused(&server, target, 403);
    }
    server.lives();
}

#[test]
fn rfc9110_9_3_6_a_name_of_an_address_that_is_not_public_is_refused() {
    refused(&plain(&["10.0.0.1", "fd00::1"]), "inside.test:443", 403);
    refused(&plain(&["::ffff:192.168.0.1"]), "inside.test:443", 403);
    refused(&plain(&["169.254.169.254"]), "metadata.test:443", 403);
    refused(&plain(&["::"]), "inside.test:443", 403);
}

// covers: CON-01 CON-02
#[test]
fn rfc9112_3_2_3_only_host_and_port_are_a_target() {
    let server = plain(&["127.0.0.1"]);
    for target in [
        "/",
        "*",
        "http://h/",
        "h",
        "h:",
        "h:0",
        "h:99999",
        "h:0443",
        "h:443443",
        "h:abc",
        "h:+443",
        "user@h:443",
        "user:pass@h:443",
        "h:443/x",
        "2130706433:443",
        "0x7f.1:443",
        "127.1:443",
        "0177.0.0.1:443",
        "::1:443",
        "[::1%lo]:443",
        "[::1]",
    ] {
        let mut client = server.connect();
        client.send(format!("CONNECT {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        client.answer().is_problem(400);
        client.ends();
    }
    let mut client = server.connect();
    client.send(b"CONNECT b\xc3\xbccher.test:443 HTTP/1.1\r\nHost: h\r\n\r\n");
    client.answer().is_problem(400);
    server.lives();
}

#[test]
fn rfc9110_9_3_6_content_is_refused() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    for field in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        let mut client = server.connect();
        let target = host.address();
        client.send(format!("CONNECT {target} HTTP/1.1\r\nHost: h\r\n{field}\r\n\r\nhello"));
        client.answer().is_problem(400);
        client.ends();
    }
    assert!(!host.is_called());
}

// covers: CON-05 CON-16
#[test]
fn rfc9931_8_what_follows_a_refusal_is_neither_forwarded_nor_carried_out() {
    let host = Host::start();
    let server = tunnelling(&[1, 2], |_| {});
    server.put("/a", "kept");
    let delete = "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n";
    // No rule, no listener, no address, no target.
    for (target, status) in [
        (host.address().to_string(), 403),
        ("127.0.0.1:1".to_owned(), 502),
        ("nobody.test:1".to_owned(), 502),
        ("user@127.0.0.1:1".to_owned(), 400),
    ] {
        let mut client = server.connect();
        client.send(head(&target) + delete);
        client.answer().is_problem(status);
        client.ends();
    }
    assert!(!host.is_called());
    assert_eq!(server.get("/a"), "kept");
}

// covers: CON-16 CON-17
#[test]
fn rfc9110_15_5_6_a_server_without_tunnels_says_so_and_closes() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(head("example.com:443") + "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let answer = client.answer();
    answer.is_problem(405);
    assert!(!answer.field("allow").unwrap().contains("CONNECT"));
    client.ends();
}

#[test]
fn rfc9110_9_3_6_a_name_is_resolved_once_and_what_was_judged_is_dialled() {
    let (host, asked) = (Host::start(), Arc::new(AtomicUsize::new(0)));
    let (port, count) = (host.address().port(), Arc::clone(&asked));
    let server = tunnelling(&[port], |settings| {
        settings.resolver = Resolver::of(move |_| {
            // From the second time on it is an address that no rule permits.
            let first = count.fetch_add(1, Ordering::SeqCst) == 0;
            Ok(vec![if first { "127.0.0.1" } else { "10.0.0.1" }.parse().unwrap()])
        });
    });
    let mut near = server.connect();
    near.send(head(&format!("mind.test:{port}")));
    assert_eq!(near.head().status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    host.accept().send("x");
    assert_eq!(near.octets(1).unwrap(), b"x");
    refused(&server, &format!("mind.test:{port}"), 403);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn rfc9110_9_3_6_each_address_of_a_name_is_judged() {
    let host = Host::start();
    let port = host.address().port();
    let server = tunnelling(&[port], |settings| {
        settings.resolver = Resolver::of(|_| {
            let addresses = ["10.255.255.1", "fd00::1", "127.0.0.1", "192.168.255.1"];
            Ok(addresses.iter().map(|text| text.parse::<IpAddr>().unwrap()).collect())
        });
    });
    let since = std::time::Instant::now();
    let mut near = server.connect();
    near.send(head(&format!("mixed.test:{port}")));
    assert_eq!(near.head().status, 200);
    // The others were not even tried: no delay between attempts passed.
    assert!(since.elapsed() < Duration::from_millis(240), "{:?}", since.elapsed());
}

#[test]
fn rfc9110_15_6_3_a_name_without_addresses_is_502() {
    refused(&plain(&[]), "empty.test:443", 502);
    let server = Server::with(|settings| {
        settings.policy.tunnels = Rules::web();
        settings.resolver = Resolver::of(|_| Err(io::ErrorKind::NotFound.into()));
    });
    refused(&server, "nobody.test:443", 502);
}

#[test]
fn rfc9110_9_3_6_a_rule_for_others_permits_nothing_to_this_one() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        let mut rules = to_loopback(&[host.address().port()]);
        rules.0[0].users = vec![Subject::Named("anna".to_owned())];
        settings.policy.tunnels = Rules(vec![rules.0.remove(0), Rule::default()]);
    });
    refused(&server, &host.address().to_string(), 403);
    assert!(!host.is_called());
}
