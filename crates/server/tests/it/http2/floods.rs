//! RFC 9113 section 10.5: clients that make work and want no answers.

use std::{
    fs::File,
    time::{Duration, Instant},
};

use super::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, GET, HEADERS, PING, RST_STREAM,
    SETTINGS, block, connect, next,
};
use crate::harness::{Client, Server};

/// How long another client may be held up by a flood.
const HELD_UP: Duration = Duration::from_secs(5);

/// Sends bytes again and again, reading what comes, and demands that the server ends it.
#[track_caller]
fn flood(client: &mut Client, mut bytes: impl FnMut(u32) -> Vec<u8>) {
    for turn in 0..TURNS {
        if !client.try_send(bytes(turn)) || !client.take_what_came() {
            return;
        }
    }
    panic!("the connection is still open");
}

#[track_caller]
fn serves_others(server: &Server) {
    let since = Instant::now();
    assert_eq!(server.status_of("/"), 200);
    server.lives();
    assert!(since.elapsed() < HELD_UP, "{:?}", since.elapsed());
}

#[test]
fn rfc9113_10_5_streams_that_are_reset_at_once_do_not_pile_up() {
    let server = Server::start();
    // The list of a folder is work for the pool, unlike a file that is read at once.
    for number in 0..300 {
        File::create(server.root.path().join(number.to_string())).unwrap();
    }
    let mut client = connect(&server);
    let mut streams = (1..).step_by(2);
    let mut ended = false;
    for _ in 0..100 {
        let these: Vec<u32> = streams.by_ref().take(100).collect();
        let heads = these.iter().flat_map(|it| Frame::head(*it, END_STREAM, &GET).bytes());
        let resets = these.iter().flat_map(|it| reset(*it).bytes());
        // The server has begun with them when it answers to a PING behind them.
        let begun = client.try_send(heads.collect::<Vec<u8>>()) && ping(&mut client);
        if !begun || !client.try_send(resets.collect::<Vec<u8>>()) {
            ended = true;
            break;
        }
    }
    assert!(ended, "the connection is still open");
    serves_others(&server);
}

fn reset(stream: u32) -> Frame {
    Frame::new(RST_STREAM, 0, stream, &[0, 0, 0, 8])
}

/// Whether the server answers to a PING.
fn ping(client: &mut Client) -> bool {
    if !client.try_send(Frame::new(PING, 0, 0, &[0; 8]).bytes()) {
        return false;
    }
    while let Some(frame) = next(client) {
        if frame.kind == PING {
            return true;
        }
    }
    false
}

// As above, but each stream is reset by the server, for what the client does wrong.
#[test]
fn rfc9113_10_5_streams_that_the_server_resets_do_not_pile_up() {
    let server = Server::start();
    let mut client = connect(&server);
    flood(&mut client, |turn| {
        let stream = 2 * turn + 1;
        let broken = Frame::new(8, 0, stream, &[0, 0, 0, 0]);
        [Frame::head(stream, END_STREAM, &GET).bytes(), broken.bytes()].concat()
    });
    serves_others(&server);
}

#[test]
fn rfc9113_10_5_a_head_without_end_is_not_gathered() {
    let server = Server::start();
    let mut client = connect(&server);
    client.send(Frame::new(HEADERS, END_STREAM, 1, &block(&GET)).bytes());
    let more = Frame::new(CONTINUATION, 0, 1, &block(&[("a", &"b".repeat(8000))])).bytes();
    flood(&mut client, |_| more.clone());
    serves_others(&server);
    let mut client = connect(&server);
    client.send(Frame::new(HEADERS, END_STREAM, 1, &block(&GET)).bytes());
    flood(&mut client, |_| Frame::new(CONTINUATION, 0, 1, &[]).bytes());
    serves_others(&server);
}

#[test]
fn rfc9113_10_5_frames_that_mean_nothing_do_not_hold_up_others() {
    let server = Server::start();
    let mut put = GET.to_vec();
    put[0].1 = "PUT";
    put[3].1 = "/x";
    for frame in [
        Frame::new(PING, 0, 0, &[0; 8]),
        Frame::new(PING, ACK, 0, &[0; 8]),
        Frame::new(SETTINGS, 0, 0, &[]),
        Frame::new(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 1]),
        Frame::new(DATA, 0, 1, &[]),
        Frame::new(8, 0, 0, &[0, 0, 0, 1]),
        Frame::new(2, 0, 1, &[0, 0, 0, 0, 1]),
        Frame::new(0xaa, 0, 1, &[0; 100]),
    ] {
        let mut client = connect(&server);
        client.send(Frame::head(1, 0, &put).bytes());
        let many = frame.bytes().repeat(50);
        flood(&mut client, |_| many.clone());
        serves_others(&server);
    }
}

#[test]
fn rfc9113_5_1_2_a_client_is_told_how_many_streams_it_may_have() {
    let server = Server::with(|settings| settings.limits.wire.streams = 3);
    let mut client = connect(&server);
    let settings = next(&mut client).unwrap();
    assert_eq!(settings.kind, SETTINGS);
    let told = settings.payload.chunks(6).find(|setting| setting[..2] == [0, 3]).unwrap();
    assert_eq!(told[2..], [0, 0, 0, 3]);
    let mut put = GET.to_vec();
    (put[0].1, put[3].1) = ("PUT", "/x");
    for stream in [1, 3, 5, 7] {
        client.send(Frame::head(stream, 0, &put).bytes());
    }
    assert_eq!(super::frames::verdict(&mut client, 7), super::frames::Verdict::Reset(7));
}

#[test]
fn rfc9113_6_8_a_connection_ends_behind_so_many_requests() {
    let server = Server::with(|settings| settings.limits.wire.requests = 3);
    let mut client = connect(&server);
    for stream in [1, 3, 5] {
        client.send(Frame::head(stream, END_STREAM, &GET).bytes());
    }
    let (mut answers, mut farewell) = (0, false);
    while let Some(frame) = next(&mut client) {
        match frame.kind {
            HEADERS => answers += 1,
            super::frames::GOAWAY => farewell = true,
            // The farewell is whole when the client has seen its first part.
            PING if frame.flags == 0 => {
                client.try_send(Frame::new(PING, ACK, 0, &frame.payload).bytes());
            }
            _ => {}
        }
    }
    assert_eq!((answers, farewell), (3, true));
}

// Who does not answer to the PING that goes with the farewell could go on for ever.
#[test]
fn rfc9113_6_8_who_does_not_heed_a_farewell_is_ended() {
    let server = Server::with(|settings| {
        (settings.limits.wire.requests, settings.limits.wire.streams) = (3, 2);
    });
    let mut client = connect(&server);
    flood(&mut client, |turn| Frame::head(2 * turn + 1, END_STREAM, &GET).bytes());
    serves_others(&server);
}

#[test]
fn rfc6585_5_a_head_of_a_mebibyte_is_refused() {
    let server = Server::start();
    let mut client = connect(&server);
    client.send(Frame::new(HEADERS, END_STREAM, 1, &block(&GET)).bytes());
    let field = block(&[("a", &"b".repeat(10_000))]);
    for turn in 0..110 {
        let flags = if turn == 109 { END_HEADERS } else { 0 };
        if !client.try_send(Frame::new(CONTINUATION, flags, 1, &field).bytes()) {
            break;
        }
    }
    let verdict = super::frames::verdict(&mut client, 1);
    assert!(!matches!(verdict, super::frames::Verdict::Status(Some(200))), "{verdict:?}");
    serves_others(&server);
}

/// Enough to show; what is bounded does not grow with more.
const TURNS: u32 = 20_000;
