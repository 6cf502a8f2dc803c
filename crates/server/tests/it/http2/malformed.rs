//! RFC 9113 section 8.1.1: what is malformed is no request.

use super::frames::{
    CONTINUATION, END_HEADERS, END_STREAM, Frame, GET, HEADERS, SETTINGS, Verdict, block, connect,
    verdict,
};
use crate::harness::Server;

type Fields = Vec<(&'static str, &'static str)>;

/// Demands that a head is refused, by a reset as a protocol error, by 400, or by the end of all.
#[track_caller]
fn refused(server: &Server, fields: &[(&str, &str)]) {
    let mut client = connect(server);
    client.send(Frame::head(1, END_STREAM, fields).bytes());
    let verdict = verdict(&mut client, 1);
    let right =
        matches!(verdict, Verdict::Reset(1) | Verdict::Status(Some(400)) | Verdict::Connection(1));
    assert!(right, "{fields:?}: {verdict:?}");
}

fn without(name: &str) -> Fields {
    GET.into_iter().filter(|field| field.0 != name).collect()
}

fn with(name: &'static str, value: &'static str) -> Fields {
    GET.into_iter().chain([(name, value)]).collect()
}

fn changed(name: &str, value: &'static str) -> Fields {
    let change = |field: (&'static str, &'static str)| match field {
        (its, _) if its == name => (its, value),
        other => other,
    };
    GET.into_iter().map(change).collect()
}

#[test]
fn rfc9113_8_3_a_well_formed_head_is_taken() {
    let server = Server::start();
    let mut client = connect(&server);
    client.send(Frame::head(1, END_STREAM, &GET).bytes());
    assert_eq!(verdict(&mut client, 1), Verdict::Status(Some(200)));
}

#[test]
fn rfc9113_8_3_1_a_head_without_a_pseudo_field_is_refused() {
    let server = Server::start();
    for name in [":method", ":scheme", ":path"] {
        refused(&server, &without(name));
    }
    refused(&server, &without(":authority"));
    refused(&server, &changed(":path", ""));
    server.lives();
}

#[test]
fn rfc9113_8_3_a_pseudo_field_twice_unknown_or_behind_others_is_refused() {
    let server = Server::start();
    for (name, value) in
        [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "localhost")]
    {
        refused(&server, &with(name, value));
    }
    refused(&server, &with(":status", "200"));
    refused(&server, &with(":unknown", "x"));
    let mut behind = vec![("a", "b")];
    behind.extend(GET);
    refused(&server, &behind);
    server.lives();
}

#[test]
fn rfc9113_8_2_a_field_name_that_is_none_is_refused() {
    let server = Server::start();
    for name in ["Upper", "a b", "a:b", "", "a\r\n", "a\0", "\u{e4}"] {
        refused(&server, &with(name.to_owned().leak(), "x"));
    }
    for value in ["a\r\nb: c", "a\0b", "a\nb", "a\rb"] {
        refused(&server, &with("a", value.to_owned().leak()));
    }
    server.lives();
}

#[test]
fn rfc9113_8_2_2_fields_of_the_connection_are_refused() {
    let server = Server::start();
    for (name, value) in [
        ("connection", "close"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "close"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
    ] {
        refused(&server, &with(name, value));
    }
    let mut client = connect(&server);
    client.send(Frame::head(1, END_STREAM, &with("te", "trailers")).bytes());
    assert_eq!(verdict(&mut client, 1), Verdict::Status(Some(200)));
}

#[test]
fn rfc9113_8_1_1_a_content_length_that_is_none_is_refused() {
    let server = Server::start();
    for length in ["x", "-1", "+0", "", "0, 0", "99999999999999999999"] {
        refused(&server, &with("content-length", length));
    }
    let mut twice = with("content-length", "0");
    twice.push(("content-length", "0"));
    refused(&server, &twice);
    server.lives();
}

#[test]
fn rfc9113_8_3_1_an_authority_that_is_none_or_not_the_host_is_refused() {
    let server = Server::start();
    for authority in ["a b", "user@host", "host:port", "", "a/b", "[::1", "a#b"] {
        refused(&server, &changed(":authority", authority));
    }
    refused(&server, &with("host", "other"));
    let mut hosts = without(":authority");
    hosts.extend([("host", "localhost"), ("host", "other")]);
    refused(&server, &hosts);
    for host in ["localhost", "LOCALHOST"] {
        let mut client = connect(&server);
        client.send(Frame::head(1, END_STREAM, &with("host", host)).bytes());
        assert_eq!(verdict(&mut client, 1), Verdict::Status(Some(200)));
    }
    let mut client = connect(&server);
    let mut host_alone = without(":authority");
    host_alone.push(("host", "localhost"));
    client.send(Frame::head(1, END_STREAM, &host_alone).bytes());
    assert_eq!(verdict(&mut client, 1), Verdict::Status(Some(200)));
}

#[test]
fn rfc9113_8_3_1_a_path_that_is_none_is_refused() {
    let server = Server::start();
    for path in ["no-slash", "*", "http://localhost/", "/a b", "/%zz", "/..", "/a\u{7f}"] {
        refused(&server, &changed(":path", path.to_owned().leak()));
    }
}

#[test]
fn rfc9113_6_frames_that_break_the_rules_end_the_connection() {
    let server = Server::start();
    let odd: [&[Frame]; 9] = [
        &[Frame::head(2, END_STREAM, &GET)],
        &[Frame::head(0, END_STREAM, &GET)],
        &[Frame::new(0, END_STREAM, 1, b"data of no stream")],
        &[Frame::new(SETTINGS, 0, 1, &[])],
        &[Frame::new(SETTINGS, 0, 0, &[0; 5])],
        &[Frame::new(SETTINGS, 1, 0, &[0; 6])],
        &[Frame::new(CONTINUATION, END_HEADERS, 1, &block(&GET))],
        &[Frame::new(HEADERS, END_STREAM, 1, &block(&GET)), Frame::new(SETTINGS, 0, 0, &[])],
        &[Frame::new(HEADERS, END_STREAM | END_HEADERS, 1, &[0xff; 20])],
    ];
    for frames in odd {
        let mut client = connect(&server);
        for frame in frames {
            client.try_send(frame.bytes());
        }
        let verdict = verdict(&mut client, 99);
        assert!(
            matches!(verdict, Verdict::Connection(_) | Verdict::Closed),
            "{frames:?}: {verdict:?}"
        );
        server.lives();
    }
    // A length that nobody agreed on.
    let mut client = connect(&server);
    client.try_send(Frame::new(SETTINGS, 0, 0, &vec![0; 60_000]).bytes());
    assert!(matches!(verdict(&mut client, 99), Verdict::Connection(_) | Verdict::Closed));
    server.lives();
}

#[test]
fn rfc9113_3_4_a_preface_that_goes_wrong_ends_the_connection() {
    let server = Server::start();
    for text in ["PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nGET / HTTP/1.1\r\n\r\n"]
    {
        let mut client = server.connect();
        client.send(text);
        client.answer().is_problem(505);
        client.ends();
    }
    let mut client = server.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.drain();
    server.lives();
}
