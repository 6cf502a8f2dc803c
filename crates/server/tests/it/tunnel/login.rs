//! Tunnels for those who log in (RFC 9110 section 11.7), and over TLS.

use std::{io::Read as _, sync::Arc};

use methodical_server::{
    login::Users,
    settings::{Settings, tunnelling::Subject},
};

use super::{Host, head, to_loopback};
use crate::{harness::Server, tls::Secured};

/// Tunnels for Ann alone, whose password is `password`.
fn for_ann(port: u16) -> impl FnOnce(&mut Settings) {
    move |settings| {
        let line = "ann:$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe\n";
        settings.users = Arc::new(Users::read(line).unwrap());
        settings.policy.tunnels = to_loopback(&[port]);
        settings.policy.tunnels.0[0].users = vec![Subject::Named("ann".to_owned())];
    }
}

/// `ann:password`.
const ANN: &str = "Basic YW5uOnBhc3N3b3Jk";

// covers: CON-09 CON-16
#[test]
fn rfc9110_15_5_8_who_has_to_log_in_is_told_by_407() {
    let host = Host::start();
    let server = Server::with(for_ann(host.address().port()));
    let target = host.address().to_string();
    let wrong = "Proxy-Authorization: Basic YW5uOm5v\r\n";
    // Credentials for the server are none for the proxy.
    for field in ["", wrong, &format!("Authorization: {ANN}\r\n")] {
        let mut client = server.connect();
        client.send(head(&target).replace("\r\n\r\n", &format!("\r\n{field}\r\n")));
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        let answer = client.answer();
        answer.is_problem(407);
        assert!(answer.field("proxy-authenticate").unwrap().starts_with("Basic realm="));
        assert_eq!(answer.field("www-authenticate"), None);
        client.ends();
    }
    assert!(!host.is_called());
}

// covers: CON-10
#[test]
fn rfc9110_11_7_2_the_login_opens_the_tunnel_and_does_not_go_through_it() {
    let host = Host::start();
    let server = Server::with(for_ann(host.address().port()));
    let target = host.address().to_string();
    let mut near = server.connect();
    let field = format!("\r\nProxy-Authorization: {ANN}\r\n\r\n");
    near.send(head(&target).replace("\r\n\r\n", &field) + "first");
    assert_eq!(near.head().status, 200);
    assert_eq!(host.accept().octets(5).unwrap(), b"first");
}

// Not from TCP to TCP: copied.
#[test]
fn rfc9110_9_3_6_a_tunnel_over_tls() {
    let host = Host::start();
    let port = host.address().port();
    let secured = Secured::with(|settings| settings.policy.tunnels = to_loopback(&[port]));
    let bytes: Vec<u8> = (0..2_000_000_u32).map(|at| at.to_le_bytes()[1] ^ 3).collect();
    let mut near = secured.connect();
    near.send(head(&host.address().to_string()));
    assert_eq!(near.head().status, 200);
    let mut far = host.accept();
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| {
            assert!(far.octets(bytes.len()) == Some(bytes.clone()));
            far.send(&bytes);
            far.finish_sending();
        });
        near.send(&bytes);
        assert!(near.octets(bytes.len()) == Some(bytes.clone()));
        // The end within TLS is one of TLS, so that nobody else can make it.
        assert_eq!(near.wire().read(&mut [0]).unwrap(), 0);
        answer.join().unwrap();
    });
}
