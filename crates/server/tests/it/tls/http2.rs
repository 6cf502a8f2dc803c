//! HTTP/2 within TLS (RFC 9113 section 3.2).

use std::{fs, sync::Arc};

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Secured;
use crate::http2::client::{Answer, run, upload, whole};

async fn connect(secured: &Secured) -> SendRequest<Bytes> {
    let tcp = TcpStream::connect(secured.server.address()).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let connector = TlsConnector::from(Arc::new(secured.config(&[b"h2"])));
    let tls = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(1 << 20).initial_connection_window_size(1 << 20);
    let (sender, connection) = builder.handshake(tls).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn ask(sender: &SendRequest<Bytes>, path: &str) -> Answer {
    let mut sender = sender.clone().ready().await.unwrap();
    let request = Request::get(format!("https://localhost{path}")).body(()).unwrap();
    let (answer, _) = sender.send_request(request, true).unwrap();
    whole(answer.await.unwrap()).await
}

#[test]
fn rfc9113_3_2_many_streams_are_answered_on_one_connection() {
    let secured = Secured::start();
    let big: Vec<u8> = (0..2_000_000_u32).map(|at| (at % 251) as u8).collect();
    fs::write(secured.server.root.path().join("big"), &big).unwrap();
    fs::write(secured.server.root.path().join("small"), "small").unwrap();
    run(async {
        let sender = connect(&secured).await;
        for _ in 0..3 {
            let asked =
                (0..40).map(|turn| ask(&sender, if turn % 8 == 0 { "/big" } else { "/small" }));
            for (turn, answer) in futures_util::future::join_all(asked).await.iter().enumerate() {
                assert_eq!(answer.status, 200);
                let wanted = if turn % 8 == 0 { &big[..] } else { b"small" };
                assert!(answer.content == wanted, "turn {turn}");
            }
        }
    });
}

#[test]
fn rfc9113_8_1_an_upload_is_stored() {
    let secured = Secured::start();
    let content: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 241) as u8).collect();
    run(async {
        let mut sender = connect(&secured).await.ready().await.unwrap();
        let request = Request::put("https://localhost/f").body(()).unwrap();
        let (answer, stream) = sender.send_request(request, false).unwrap();
        let (sent, answer) = tokio::join!(upload(stream, &content), answer);
        assert!(sent);
        assert_eq!(answer.unwrap().status(), 201);
    });
    assert!(fs::read(secured.server.root.path().join("f")).unwrap() == content);
}

#[test]
fn rfc6797_7_1_answers_of_http_2_say_that_there_will_be_tls() {
    let secured = Secured::with(|settings| settings.hsts = true);
    run(async {
        let answer = ask(&connect(&secured).await, "/").await;
        assert_eq!(answer.field("strict-transport-security"), Some("max-age=31536000"));
    });
}

// The handshake chose HTTP/2: what is HTTP/1.1 is not read as such.
#[test]
fn rfc9113_3_4_who_agreed_on_http_2_and_speaks_another_is_ended() {
    let secured = Secured::start();
    let mut client = secured.connect_with(secured.config(&[b"h2"]));
    client.send(crate::harness::request("GET /"));
    let got = client.rest();
    assert!(!got.starts_with(b"HTTP/1"), "{}", String::from_utf8_lossy(&got));
    secured.lives();
}

#[test]
fn rfc9110_7_4_plain_http_is_not_asked_for_within_tls() {
    let secured = Secured::start();
    fs::write(secured.server.root.path().join("x"), "here").unwrap();
    for (scheme, status) in [("https", 200), ("http", 421), ("HTTPS", 200)] {
        let answer = secured.connect().ask(&format!("GET {scheme}://localhost/x"));
        assert_eq!(answer.status, status, "{scheme}");
    }
    run(async {
        let mut sender = connect(&secured).await.ready().await.unwrap();
        for (scheme, status) in [("https", 200), ("http", 421), ("https", 200), ("http", 421)] {
            let request = Request::get(format!("{scheme}://localhost/x")).body(()).unwrap();
            let (answer, _) = sender.send_request(request, true).unwrap();
            assert_eq!(answer.await.unwrap().status(), status, "{scheme}");
        }
    });
}
