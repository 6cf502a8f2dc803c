//! RFC 9113 sections 5.4.1, 6.8 and 9.1: how a connection ends.

use std::time::Duration;

use super::{
    client::{Client, run, whole},
    frames::{END_STREAM, Frame, GET, GOAWAY, connect, next},
};
use crate::harness::Server;

const SOON: Duration = Duration::from_millis(300);

#[test]
fn rfc9113_9_1_an_idle_connection_is_closed_with_a_farewell() {
    let server = Server::with(|settings| settings.limits.wire.idle = SOON);
    for stream in [None, Some(1)] {
        let mut client = connect(&server);
        if let Some(stream) = stream {
            client.send(Frame::head(stream, END_STREAM, &GET).bytes());
        }
        let mut farewell = false;
        while let Some(frame) = next(&mut client) {
            farewell |= frame.kind == GOAWAY && frame.payload[4..8] == [0; 4];
        }
        assert!(farewell, "closed without GOAWAY");
    }
}

#[test]
fn rfc9113_9_1_a_stream_under_way_is_not_idle() {
    let server = Server::with(|settings| settings.limits.wire.idle = SOON);
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, mut content) = client.begin("PUT /x", &[], false).await;
        for _ in 0..3 {
            tokio::time::sleep(SOON).await;
            content.send_data("1".into(), false).unwrap();
        }
        content.send_data("1".into(), true).unwrap();
        assert_eq!(whole(answer.await.unwrap()).await.status, 201);
    });
}

#[test]
fn rfc9113_6_8_a_server_that_stops_finishes_what_it_began() {
    let mut server = Server::with(|settings| settings.drain = Duration::from_secs(10));
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, mut content) = client.begin("PUT /x", &[], false).await;
        content.send_data("1".into(), false).unwrap();
        // A stream that was answered shows that the one before it was begun.
        assert_eq!(client.ask("GET /").await.status, 200);
        server.begin_to_stop();
        client.is_told_to_go().await;
        content.send_data("2".into(), true).unwrap();
        assert_eq!(whole(answer.await.unwrap()).await.status, 201);
        client.connection.await.unwrap().unwrap();
    });
}
