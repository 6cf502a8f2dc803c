//! curl through a tunnel to a server of TLS, as a browser would go.

use std::{
    io::{Read as _, Write as _},
    process::Command,
    sync::Arc,
};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{Host, tunnelling};

/// What TLS is begun with: a certificate that nobody vouches for.
fn keys() -> Arc<rustls::ServerConfig> {
    let made = rcgen::generate_simple_self_signed(vec!["host.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

/// Answers one request.
fn serve_one(host: &Host) {
    let (mut stream, _) = host.listener.accept().unwrap();
    stream.set_read_timeout(Some(crate::harness::PATIENCE)).unwrap();
    let mut session = rustls::ServerConnection::new(keys()).unwrap();
    let mut tls = rustls::Stream::new(&mut session, &mut stream);
    let (mut head, mut octet) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        tls.read_exact(&mut octet).unwrap();
        head.extend(octet);
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret";
    tls.write_all(answer).unwrap();
    tls.conn.send_close_notify();
    tls.flush().unwrap();
}

fn curl(arguments: &[&str]) -> (bool, String, String) {
    let plain = ["-sS", "-k", "--max-time", "20", "--noproxy", ""];
    let ran = Command::new("curl").args(plain).args(arguments).output();
    let ran = ran.expect("curl is missing; install it: apt-get install curl");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (ran.status.success(), text(ran.stdout), text(ran.stderr))
}

#[test]
fn rfc9110_9_3_6_curl_reaches_a_server_of_tls() {
    let host = Host::start();
    let port = host.address().port();
    let server = tunnelling(&[port], |_| {});
    let (proxy, url) =
        (format!("http://{}", server.address()), format!("https://host.test:{port}/"));
    std::thread::scope(|scope| {
        scope.spawn(|| serve_one(&host));
        let (well, out, err) = curl(&["-x", &proxy, &url]);
        assert!(well, "{err}");
        assert_eq!(out, "secret");
    });
}

#[test]
fn rfc9110_9_3_6_curl_says_why_there_is_no_tunnel() {
    let server = tunnelling(&[443], |_| {});
    let proxy = format!("http://{}", server.address());
    let (well, _, err) = curl(&["-x", &proxy, "https://host.test:8443/"]);
    assert!(!well && err.contains("403"), "{err}");
}
