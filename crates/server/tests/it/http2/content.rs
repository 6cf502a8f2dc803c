//! RFC 9113 sections 5.2 and 8.1: content under flow control.

use std::{
    cell::Cell,
    fs::{File, OpenOptions},
    time::{Duration, Instant},
};

use h2::RecvStream;
use http::Response;
use tokio::time::sleep;

use super::{
    client::{Client, run, upload, whole},
    frames::{self, DATA, END_STREAM, Frame, Verdict, connect, verdict},
};
use crate::harness::Server;

const LARGE: usize = 20 * 1024 * 1024;

#[test]
fn rfc9113_5_2_large_content_goes_both_ways_under_flow_control() {
    let server = Server::start();
    let content: Vec<u8> = (0..LARGE).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
    run(async {
        let mut client = Client::connect(&server).await;
        assert_eq!(client.send("PUT /x", &[], &content).await.status, 201);
        let got = client.ask("GET /x").await;
        assert!(got.content == content);
        // A window of one octet at the start: all of it comes all the same.
        let mut builder = h2::client::Builder::new();
        let mut client = Client::with(&server, builder.initial_window_size(1)).await;
        let got = client.ask_with("GET /x", &[("range", "bytes=0-999")]).await;
        assert_eq!((got.status, got.content.len()), (206, 1000));
    });
}

#[test]
fn rfc9113_5_2_a_stream_that_nobody_reads_does_not_hold_up_another() {
    let server = Server::start();
    File::create(server.root.path().join("large")).unwrap().set_len(LARGE as u64).unwrap();
    server.put("/x", "x");
    run(async {
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(1000).initial_connection_window_size(1 << 20);
        let mut client = Client::with(&server, &builder).await;
        let (unread, _) = client.begin("GET /large", &[], true).await;
        let unread = unread.await.unwrap();
        for _ in 0..50 {
            assert_eq!(client.ask("GET /x").await.text(), "x");
        }
        assert_eq!(whole(unread).await.content.len(), LARGE);
    });
}

#[test]
fn rfc9113_8_1_1_content_of_another_length_than_declared_is_refused_and_not_stored() {
    let server = Server::start();
    server.put("/x", "old");
    let put = |length| {
        let mut fields = frames::GET.to_vec();
        fields[0].1 = "PUT";
        fields[3].1 = "/x";
        fields.push(("content-length", length));
        fields
    };
    for (length, sent, empty) in [
        ("5", "1234", false),
        ("5", "123456", false),
        ("5", "", false),
        ("5", "", true),
        ("0", "1", false),
    ] {
        let mut client = connect(&server);
        let flags = if empty { END_STREAM } else { 0 };
        client.send(Frame::head(1, flags, &put(length)).bytes());
        if !empty {
            client.send(Frame::new(DATA, END_STREAM, 1, sent.as_bytes()).bytes());
        }
        let verdict = verdict(&mut client, 1);
        let refused = matches!(verdict, Verdict::Reset(1) | Verdict::Status(Some(400)));
        assert!(refused, "{length} {sent:?}: {verdict:?}");
        assert_eq!(server.get("/x"), "old");
    }
}

#[test]
fn rfc9113_5_4_2_an_upload_that_is_reset_is_not_stored() {
    let server = Server::start();
    server.put("/x", "old");
    run(async {
        let mut client = Client::connect(&server).await;
        for octets in [0, 1, 1000, 700_000] {
            let (_answer, mut content) = client.begin("PUT /x", &[], false).await;
            content.send_data(vec![b'n'; octets].into(), false).unwrap();
            content.send_reset(h2::Reason::CANCEL);
        }
        assert_eq!(client.ask("GET /x").await.text(), "old");
    });
    // Also if the whole connection breaks off.
    run(async {
        let mut client = Client::connect(&server).await;
        let (_answer, mut content) = client.begin("PUT /x", &[], false).await;
        content.send_data(vec![b'n'; 10_000].into(), false).unwrap();
        tokio::task::yield_now().await;
        client.connection.abort();
    });
    assert_eq!(server.get("/x"), "old");
}

#[test]
fn rfc9113_8_1_a_refusal_before_the_content_leaves_the_connection_usable() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 5_000_000);
    run(async {
        let mut client = Client::connect(&server).await;
        let content = vec![b'a'; 3_000_000];
        // More in all than any window: what nobody reads is given back.
        for _ in 0..10 {
            client.send("PUT /no/such", &[], &content).await.is_problem(409);
            client.send("PUT /", &[], &content).await.is_problem(405);
            client.send("BREW /", &[], &content).await.is_problem(501);
            client
                .send("PUT /x", &[("content-length", "3000000"), ("if-match", "*")], &content)
                .await
                .is_problem(412);
        }
        client.send("PUT /x", &[], &vec![b'a'; 6_000_000]).await.is_problem(413);
        client
            .send("PUT /x", &[("content-length", "6000000")], &vec![b'a'; 6_000_000])
            .await
            .is_problem(413);
        assert_eq!(client.send("PUT /x", &[], &content).await.status, 201);
    });
}

#[test]
fn rfc9110_15_5_9_an_upload_that_stops_is_408() {
    let server = Server::with(|settings| settings.limits.wire.stall = Duration::from_millis(300));
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, mut content) = client.begin("PUT /x", &[], false).await;
        content.send_data("12345".into(), false).unwrap();
        whole(answer.await.unwrap()).await.is_problem(408);
        client.ask("GET /x").await.is_problem(404);
    });
}

#[test]
fn rfc9113_5_2_a_client_that_takes_nothing_is_given_up() {
    let server = Server::with(|settings| settings.limits.wire.stall = Duration::from_millis(300));
    File::create(server.root.path().join("large")).unwrap().set_len(LARGE as u64).unwrap();
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, _) = client.begin("GET /large", &[], true).await;
        let mut body = answer.await.unwrap().into_body();
        let mut octets = 0;
        let reset = loop {
            match body.data().await {
                Some(Ok(data)) => octets += data.len(),
                Some(Err(error)) => break error,
                None => panic!("all of {octets} octets came"),
            }
        };
        assert!(reset.is_reset() && octets < LARGE, "{reset}");
        // The window of the connection is full of it as well, until it is dropped.
        drop(body);
        assert_eq!(client.ask("GET /.methodical/health").await.status, 200);
    });
}

/// Takes ten octets now and then, until there is no more or until told.
async fn trickle(answer: Response<RecvStream>, enough: &Cell<bool>) -> Option<h2::Error> {
    let mut body = answer.into_body();
    let mut owed = 0;
    while !enough.get() {
        sleep(Duration::from_millis(5)).await;
        if owed == 0 {
            match body.data().await? {
                Ok(data) => owed += data.len(),
                Err(error) => return Some(error),
            }
        }
        let taken = owed.min(10);
        owed -= taken;
        body.flow_control().release_capacity(taken).unwrap();
    }
    None
}

#[test]
fn rfc9113_5_2_a_client_that_takes_a_trickle_is_given_up_unless_its_other_streams_take_more() {
    let server = Server::with(|settings| {
        settings.limits.wire.grace = Duration::ZERO;
        settings.limits.wire.download_bytes_per_second_min = 5000;
    });
    File::create(server.root.path().join("large")).unwrap().set_len(LARGE as u64).unwrap();
    server.put("/x", &"x".repeat(20_000));
    run(async {
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(1000).initial_connection_window_size(1 << 20);
        let mut client = Client::with(&server, &builder).await;
        let (slow, _) = client.begin("GET /large", &[], true).await;
        let (slow, done) = (slow.await.unwrap(), Cell::new(false));
        let others = async {
            let since = Instant::now();
            while since.elapsed() < Duration::from_secs(2) {
                assert_eq!(client.ask("GET /x").await.content.len(), 20_000);
            }
            done.set(true);
        };
        let (given_up, ()) = tokio::join!(trickle(slow, &done), others);
        assert!(given_up.is_none(), "{given_up:?}");
        let mut client = Client::with(&server, &builder).await;
        let (slow, _) = client.begin("GET /large", &[], true).await;
        let given_up = trickle(slow.await.unwrap(), &Cell::new(false)).await;
        assert!(given_up.is_some_and(|error| error.is_reset()));
    });
}

#[test]
fn rfc9113_8_1_a_file_that_is_cut_while_it_is_sent_ends_the_stream_alone() {
    let server = Server::start();
    let path = server.root.path().join("large");
    File::create(&path).unwrap().set_len(LARGE as u64).unwrap();
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, _) = client.begin("GET /large", &[], true).await;
        let mut body = answer.await.unwrap().into_body();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(1000).unwrap();
        let reset = loop {
            match body.data().await.expect("the stream ends as if all had come") {
                Ok(data) => body.flow_control().release_capacity(data.len()).unwrap(),
                Err(error) => break error.is_reset(),
            }
        };
        assert!(reset);
        assert_eq!(client.ask("GET /large").await.content.len(), 1000);
    });
}

#[test]
fn rfc9113_6_9_content_beyond_the_window_ends_the_connection() {
    let server = Server::start();
    let mut client = connect(&server);
    let mut fields = frames::GET.to_vec();
    fields[0].1 = "PUT";
    fields[3].1 = "/x";
    client.send(Frame::head(1, 0, &fields).bytes());
    let piece = Frame::new(DATA, 0, 1, &[b'a'; 16_384]).bytes();
    // Whoever reads no WINDOW_UPDATE and sends on breaks the rules, sooner or later.
    while client.try_send(&piece) {}
    server.lives();
    assert_eq!(server.status_of("/x"), 404);
}

#[test]
fn rfc9113_8_1_uploads_at_one_time_do_not_mix() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        let mut waiting = Vec::new();
        for number in 0..20_u8 {
            let (answer, stream) = client.begin(&format!("PUT /{number}"), &[], false).await;
            let content = vec![b'a' + number; 300_000];
            waiting.push(tokio::spawn(async move { upload(stream, &content).await }));
            waiting.push(tokio::spawn(async move { answer.await.unwrap().status() == 201 }));
        }
        for done in waiting {
            assert!(done.await.unwrap());
        }
        for number in 0..20_u8 {
            let got = client.ask(&format!("GET /{number}")).await.content;
            assert!(got.len() == 300_000 && got.iter().all(|octet| *octet == b'a' + number));
        }
    });
}
