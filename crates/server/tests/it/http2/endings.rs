//! RFC 9113 section 5.4.1: who floods a connection is told why it ends.

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, GET, GOAWAY, HEADERS, PING, RST_STREAM,
    SETTINGS, block, connect, next,
};
use crate::harness::Server;

/// What a stream is made of, and its name.
type Kind<'k> = (&'k str, &'k dyn Fn(u32) -> Vec<Frame>);

/// Sends all of it, and gives the code of the last GOAWAY.
#[track_caller]
fn end_of(server: &Server, frames: impl Fn(u32) -> Vec<Frame>, times: u32) -> Option<u8> {
    let mut client = connect(server);
    let bytes = |turn| frames(turn).iter().flat_map(Frame::bytes).collect::<Vec<u8>>();
    let all: Vec<u8> = (0..times).flat_map(bytes).collect();
    client.try_send(&all);
    let mut code = None;
    while let Some(frame) = next(&mut client) {
        if frame.kind == GOAWAY {
            code = Some(frame.payload[7]);
        }
    }
    server.lives();
    code
}

/// The frames of one stream, again and again on others.
fn streams(of_one: impl Fn(u32) -> Vec<Frame>) -> impl Fn(u32) -> Vec<Frame> {
    move |turn| of_one(2 * turn + 1)
}

fn get(stream: u32) -> Frame {
    Frame::head(stream, END_STREAM, &GET)
}

fn put(stream: u32, length: &'static str) -> Frame {
    let mut fields = GET.to_vec();
    (fields[0].1, fields[3].1) = ("PUT", "/x");
    fields.push(("content-length", length));
    Frame::head(stream, 0, &fields)
}

fn window(stream: u32, more: u32) -> Frame {
    Frame::new(WINDOW_UPDATE, 0, stream, &more.to_be_bytes())
}

fn priority(stream: u32) -> Frame {
    let on_itself = [stream.to_be_bytes().as_slice(), &[1]].concat();
    Frame::new(PRIORITY, 0, stream, &on_itself)
}

// MadeYouReset (CVE-2025-8671) and rapid reset (CVE-2023-44487): streams that end before they are
// answered, by what the client does wrong or by its own word.
#[test]
fn rfc9113_10_5_streams_that_a_client_makes_end_again_and_again_end_the_connection() {
    let server = Server::start();
    let calm = |name: &str, code| assert_eq!(code, Some(ENHANCE_YOUR_CALM), "{name}");
    let kinds: [Kind<'_>; 8] = [
        ("overflow", &|it| vec![get(it), window(it, 0x7fff_ffff)]),
        ("depends on itself", &|it| vec![get(it), priority(it)]),
        ("too much", &|it| vec![put(it, "1"), Frame::new(DATA, END_STREAM, it, b"xx")]),
        ("too little", &|it| vec![put(it, "5"), Frame::new(DATA, END_STREAM, it, b"xx")]),
        ("refused", &|it| vec![get(it), Frame::new(RST_STREAM, 0, it, &[0, 0, 0, 7])]),
        ("cancelled", &|it| vec![get(it), Frame::new(RST_STREAM, 0, it, &[0, 0, 0, 8])]),
        ("upload", &|it| vec![put(it, "5"), Frame::new(RST_STREAM, 0, it, &[0, 0, 0, 8])]),
        ("beyond the limit", &|it| vec![put(it, "5")]),
    ];
    for (name, of_one) in kinds {
        calm(name, end_of(&server, streams(of_one), STREAMS));
    }
}

#[test]
fn rfc9113_5_4_1_a_stream_that_breaks_the_rules_of_all_ends_the_connection() {
    let server = Server::start();
    let trailers = |it, flags, fields: &[(&str, &str)]| Frame::head(it, flags, fields);
    let kinds: [Kind<'_>; 6] = [
        ("no increment", &|it| vec![get(it), window(it, 0)]),
        ("data behind the end", &|it| vec![get(it), Frame::new(DATA, 0, it, b"x")]),
        ("a head behind the end", &|it| vec![get(it), get(it)]),
        ("short priority", &|it| vec![get(it), Frame::new(PRIORITY, 0, it, b"xxx")]),
        ("trailers without end", &|it| vec![put(it, "0"), trailers(it, 0, &[("a", "b")])]),
        ("not asked for", &|_| vec![Frame::new(SETTINGS, 1, 0, &[])]),
    ];
    for (name, of_one) in kinds {
        let code = end_of(&server, streams(of_one), STREAMS);
        assert!(
            matches!(code, Some(PROTOCOL_ERROR | FRAME_SIZE_ERROR | 5 | 11)),
            "{name} {code:?}"
        );
    }
}

#[test]
fn rfc9113_10_5_frames_that_mean_nothing_end_the_connection_with_a_word() {
    let server = Server::start();
    let kinds = [
        Frame::new(PING, 0, 0, &[0; 8]),
        Frame::new(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 1]),
        Frame::new(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 1].repeat(2000)),
        Frame::new(PRIORITY_UPDATE, 0, 0, b"\0\0\0\x01u=1"),
        Frame::new(0xaa, 0, 0, &[0; 1000]),
        window(0, 1),
        priority(1001),
    ];
    for frame in kinds {
        let times = u32::try_from(6_000_000 / (9 + frame.payload.len())).unwrap();
        let code = end_of(&server, |_| vec![frame.clone()], times);
        assert_eq!(code, Some(ENHANCE_YOUR_CALM), "{} {}", frame.kind, frame.payload.len());
    }
}

#[test]
fn rfc9113_10_5_1_heads_without_end_and_small_frames_end_the_connection_with_a_word() {
    let server = Server::start();
    let behind = |first: Frame, more: Frame| {
        move |turn| if turn == 0 { vec![first.clone()] } else { vec![more.clone()] }
    };
    let open = Frame::new(HEADERS, END_STREAM, 1, &block(&GET));
    let mut upload = put(1, "0");
    upload.payload = block(&[
        (":method", "PUT"),
        (":scheme", "http"),
        (":authority", "localhost"),
        (":path", "/x"),
    ]);
    let field = block(&[("a", &"b".repeat(16_000))]);
    for (name, first, more) in [
        ("a head of more than a mebibyte", &open, Frame::new(CONTINUATION, 0, 1, &field)),
        ("a head in empty parts", &open, Frame::new(CONTINUATION, 0, 1, &[])),
        ("content in empty frames", &upload, Frame::new(DATA, 0, 1, &[])),
        ("padding", &upload, Frame::new(DATA, 8, 1, &[&[250_u8][..], &[0; 250]].concat())),
        ("content in octets", &upload, Frame::new(DATA, 0, 1, b"x")),
    ] {
        let times = u32::try_from(4_000_000 / (9 + more.payload.len())).unwrap().min(100_000);
        let code = end_of(&server, behind(first.clone(), more), times);
        assert_eq!(code, Some(ENHANCE_YOUR_CALM), "{name}");
        assert_eq!(server.status_of("/x"), 404, "{name}");
    }
}

// A dynamic table of four kilobytes makes of each octet a field of as many (RFC 7541 section 7.3).
#[test]
fn rfc7541_7_3_a_head_that_grows_when_it_is_decoded_is_refused() {
    let server = Server::start();
    let bomb = |stream: u32| {
        let mut payload = block(&GET);
        if stream == 1 {
            payload.push(0x40);
            payload.extend_from_slice(&block(&[("a", &"y".repeat(4000))])[1..]);
        }
        payload.extend_from_slice(&[0xbe; 10_000]);
        Frame::new(HEADERS, END_STREAM | END_HEADERS, stream, &payload)
    };
    let code = end_of(&server, streams(move |it| vec![bomb(it)]), 100);
    assert_eq!(code, Some(ENHANCE_YOUR_CALM));
}

#[test]
fn rfc9113_10_5_1_streams_whose_heads_are_too_many_octets_in_all_are_refused_and_others_not() {
    let server = Server::start();
    let mut client = connect(&server);
    let mut fields = GET.to_vec();
    (fields[0].1, fields[3].1) = ("PUT", "/x");
    let more = block(&[("a", &"b".repeat(15_000))]);
    for stream in (1..).step_by(2).take(40) {
        let parts = [
            Frame::new(HEADERS, 0, stream, &block(&fields)),
            Frame::new(CONTINUATION, 0, stream, &more),
            Frame::new(CONTINUATION, 0, stream, &more),
            Frame::new(CONTINUATION, END_HEADERS, stream, &more),
        ];
        client.send(parts.iter().flat_map(Frame::bytes).collect::<Vec<u8>>());
    }
    let mut refused = 0;
    // The first may be answered before the streams are looked at.
    for _ in 0..2 {
        client.send(Frame::new(PING, 0, 0, &[0; 8]).bytes());
        while let Some(frame) = next(&mut client).filter(|frame| frame.kind != PING) {
            if frame.kind == RST_STREAM {
                assert_eq!(frame.payload, [0, 0, 0, 7]);
                refused += 1;
            }
        }
    }
    // 23 of them are a mebibyte.
    assert!((15..=18).contains(&refused), "{refused}");
    client.send(Frame::new(DATA, END_STREAM, 1, b"x").bytes());
    assert!(matches!(super::frames::verdict(&mut client, 1), super::frames::Verdict::Status(_)));
}

const PRIORITY: u8 = 2;
const WINDOW_UPDATE: u8 = 8;
const PRIORITY_UPDATE: u8 = 16;

const PROTOCOL_ERROR: u8 = 1;
const FRAME_SIZE_ERROR: u8 = 6;
const ENHANCE_YOUR_CALM: u8 = 11;

/// Enough to show; who is bounded is so long before.
const STREAMS: u32 = 3000;
