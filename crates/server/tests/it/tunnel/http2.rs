//! Tunnels over streams of HTTP/2 (RFC 9113 section 8.5).

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use http::{Method, Request};

use super::{Host, tunnelling};
use crate::{
    harness::Server,
    http2::{
        client::{Client, run, upload, whole},
        frames::{END_STREAM, Frame, Verdict, connect, verdict},
    },
};

/// Asks for a tunnel. Gives the status and both directions of the stream.
async fn ask(client: &mut Client, target: &str) -> (u16, SendStream<Bytes>, RecvStream) {
    let request = Request::builder().method(Method::CONNECT).uri(target).body(()).unwrap();
    std::future::poll_fn(|cx| client.sender.poll_ready(cx)).await.unwrap();
    let (answer, stream) = client.sender.send_request(request, false).unwrap();
    let answer = answer.await.unwrap();
    assert!(answer.headers().get("content-length").is_none() || answer.status() != 200);
    let status = answer.status().as_u16();
    (status, stream, answer.into_body())
}

async fn hear(body: &mut RecvStream, octets: usize) -> Vec<u8> {
    let mut heard = Vec::new();
    while heard.len() < octets {
        let piece = body.data().await.unwrap().unwrap();
        body.flow_control().release_capacity(piece.len()).unwrap();
        heard.extend_from_slice(&piece);
    }
    heard
}

/// Demands the end of the stream without another octet.
async fn ends(body: &mut RecvStream) {
    while let Some(piece) = body.data().await {
        assert!(piece.unwrap().is_empty());
    }
}

// covers: CON-12
#[test]
fn rfc9113_8_5_data_frames_are_the_tunnel_and_end_stream_is_its_half_close() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    run(async {
        let mut client = Client::connect(&server).await;
        let (status, mut stream, mut body) = ask(&mut client, &host.address().to_string()).await;
        assert_eq!(status, 200);
        let mut far = host.accept();
        stream.send_data(Bytes::from_static(b"question"), false).unwrap();
        let far = tokio::task::spawn_blocking(move || {
            assert_eq!(far.octets(8).unwrap(), b"question");
            far.send("greeting");
            far
        });
        let mut far = far.await.unwrap();
        assert_eq!(hear(&mut body, 8).await, b"greeting");
        stream.send_data(Bytes::from_static(b"!"), true).unwrap();
        let far = tokio::task::spawn_blocking(move || {
            assert_eq!(far.rest(), b"!");
            far.send("end");
            far.finish_sending();
            far
        });
        assert_eq!(hear(&mut body, 3).await, b"end");
        ends(&mut body).await;
        drop(far.await);
    });
}

#[test]
fn rfc9113_8_5_much_goes_through_both_ways() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| at.to_le_bytes()[0] ^ 7).collect();
    run(async {
        let mut client = Client::connect(&server).await;
        let (_, stream, mut body) = ask(&mut client, &host.address().to_string()).await;
        let mut far = host.accept();
        let expected = bytes.clone();
        let echo = tokio::task::spawn_blocking(move || {
            assert!(far.octets(expected.len()) == Some(expected.clone()));
            far.send(&expected);
            drop(far);
        });
        assert!(upload(stream, &bytes).await);
        assert!(hear(&mut body, bytes.len()).await == bytes);
        ends(&mut body).await;
        echo.await.unwrap();
    });
}

// covers: CON-12
#[test]
fn rfc9113_8_5_a_reset_of_the_host_is_connect_error() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    run(async {
        let mut client = Client::connect(&server).await;
        let (_, _stream, mut body) = ask(&mut client, &host.address().to_string()).await;
        host.accept().reset();
        let error = body.data().await.unwrap().unwrap_err();
        assert_eq!(error.reason(), Some(Reason::CONNECT_ERROR));
        assert_eq!(client.ask("GET /").await.status, 200);
    });
}

// covers: CON-12
#[test]
fn rfc9113_8_5_a_reset_of_the_stream_is_one_to_the_host() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    run(async {
        let mut client = Client::connect(&server).await;
        let (_, mut stream, _body) = ask(&mut client, &host.address().to_string()).await;
        let mut far = host.accept();
        stream.send_reset(Reason::CANCEL);
        tokio::task::spawn_blocking(move || assert_eq!(far.octets(1), None)).await.unwrap();
    });
}

#[test]
fn rfc9110_9_3_6_a_refusal_ends_the_stream_and_not_the_connection() {
    let server = tunnelling(&[1], |_| {});
    run(async {
        let mut client = Client::connect(&server).await;
        for (target, status) in
            [("127.0.0.1:22", 403), ("127.0.0.1:1", 502), ("h:99999", 400), ("nobody.test:1", 502)]
        {
            let request = Request::builder().method(Method::CONNECT).uri(target).body(());
            let (answer, _stream) = client.sender.send_request(request.unwrap(), false).unwrap();
            whole(answer.await.unwrap()).await.is_problem(status);
        }
        assert_eq!(client.ask("GET /").await.status, 200);
    });
}

#[test]
fn rfc9110_9_3_6_tunnels_of_streams_are_counted_too() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |settings| {
        settings.limits.tunnel.per_user = 1;
    });
    run(async {
        let mut client = Client::connect(&server).await;
        let target = host.address().to_string();
        let first = ask(&mut client, &target).await;
        assert_eq!(first.0, 200);
        assert_eq!(ask(&mut client, &target).await.0, 429);
    });
}

/// Demands that a head is malformed: a stream error of type `PROTOCOL_ERROR` or 400.
#[track_caller]
fn malformed(server: &Server, fields: &[(&str, &str)]) {
    let mut client = connect(server);
    client.send(Frame::head(1, 0, fields).bytes());
    let verdict = verdict(&mut client, 1);
    let right =
        matches!(verdict, Verdict::Reset(1) | Verdict::Status(Some(400)) | Verdict::Connection(1));
    assert!(right, "{fields:?}: {verdict:?}");
}

// covers: CON-11
#[test]
fn rfc9113_8_5_scheme_and_path_are_absent_and_the_authority_is_there() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let authority = host.address().to_string();
    let to = [(":method", "CONNECT"), (":authority", authority.as_str())];
    malformed(&server, &[to[0], to[1], (":path", "/")]);
    malformed(&server, &[to[0], to[1], (":scheme", "http")]);
    malformed(&server, &[to[0], to[1], (":scheme", "http"), (":path", "/")]);
    malformed(&server, &[to[0]]);
    malformed(&server, &[to[0], (":authority", "127.0.0.1")]);
    malformed(&server, &[to[0], (":authority", "user@127.0.0.1:443")]);
    assert!(!host.is_called());
}

// RFC 8441 is not spoken here: what speaks it is refused, whatever its fields.
// covers: CON-13 CON-14 CON-15
#[test]
fn rfc8441_3_extended_connect_is_malformed_as_it_was_not_announced() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let authority = host.address().to_string();
    for protocol in ["websocket", "connect-udp", "bogus"] {
        let fields = [
            (":method", "CONNECT"),
            (":protocol", protocol),
            (":scheme", "http"),
            (":path", "/"),
            (":authority", authority.as_str()),
        ];
        malformed(&server, &fields);
        malformed(&server, &[fields[0], fields[1], fields[4]]);
    }
    assert!(!host.is_called());
}

// RFC 9113 section 8.5: other frames than DATA are an error.
#[test]
fn rfc9113_8_5_trailers_in_a_tunnel_are_an_error() {
    let host = Host::start();
    let server = tunnelling(&[host.address().port()], |_| {});
    let authority = host.address().to_string();
    let mut client = connect(&server);
    let fields = [(":method", "CONNECT"), (":authority", authority.as_str())];
    client.send(Frame::head(1, 0, &fields).bytes());
    assert_eq!(verdict(&mut client, 1), Verdict::Status(Some(200)));
    let mut far = host.accept();
    client.send(Frame::head(1, END_STREAM, &[("x", "y")]).bytes());
    assert_eq!(far.octets(1), None);
    assert!(matches!(verdict(&mut client, 1), Verdict::Reset(_)));
}

#[test]
fn a_server_that_stops_ends_the_tunnels_of_streams_too() {
    let host = Host::start();
    let mut server = tunnelling(&[host.address().port()], |_| {});
    run(async {
        let mut client = Client::connect(&server).await;
        let (_, _stream, mut body) = ask(&mut client, &host.address().to_string()).await;
        server.begin_to_stop();
        assert!(!matches!(body.data().await, Some(Ok(_))));
    });
}
