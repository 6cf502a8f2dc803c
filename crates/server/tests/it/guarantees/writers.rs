//! Writers that all come at one moment, over either protocol.

use std::sync::Barrier;

use bytes::Bytes;

use crate::{
    harness::{Answer, Server},
    http2::client::{self, run, whole},
};

/// How many come at one moment.
pub(super) const WRITERS: usize = 8;

/// How they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Each on a connection of HTTP/1.1 of its own.
    Http1,
    /// Each on a connection of HTTP/2 of its own.
    Http2,
    /// All as streams of one connection of HTTP/2.
    Streams,
}

impl Over {
    /// The ways take turns.
    pub(super) fn of(round: usize) -> Self {
        [Self::Http1, Self::Http2, Self::Streams][round % 3]
    }

    /// What is answered to requests that are sent at one moment, in the order of the writers.
    pub(super) fn all_at_once(
        self,
        server: &Server,
        request: impl Fn(usize) -> String + Sync,
    ) -> Vec<Answer> {
        if self == Self::Streams {
            return as_streams(server, &(0..WRITERS).map(request).collect::<Vec<_>>());
        }
        let ready = Barrier::new(WRITERS);
        let one = |writer| match self {
            Self::Http1 => by_http1(server, &request(writer), &ready),
            Self::Http2 | Self::Streams => by_http2(server, &request(writer), &ready),
        };
        std::thread::scope(|scope| {
            let one = &one;
            let writers: Vec<_> =
                (0..WRITERS).map(|writer| scope.spawn(move || one(writer))).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        })
    }
}

fn by_http1(server: &Server, request: &str, ready: &Barrier) -> Answer {
    let mut client = server.connect();
    ready.wait();
    client.send(request);
    client.answer()
}

fn by_http2(server: &Server, request: &str, ready: &Barrier) -> Answer {
    let mut given = None;
    run(async {
        let mut client = client::Client::connect(server).await;
        ready.wait();
        let (line, fields, content) = parsed(request);
        let answer = if content.is_empty() {
            client.ask_with(line, &fields).await
        } else {
            client.send(line, &fields, content.as_bytes()).await
        };
        given = Some(of_http2(answer));
    });
    given.unwrap()
}

/// All heads first, and then all content, which goes out in one piece.
fn as_streams(server: &Server, requests: &[String]) -> Vec<Answer> {
    let mut given = Vec::new();
    run(async {
        let mut client = client::Client::connect(server).await;
        let mut begun = Vec::new();
        for request in requests {
            let (line, fields, content) = parsed(request);
            let (answer, stream) = client.begin(line, &fields, content.is_empty()).await;
            begun.push((answer, stream, content));
        }
        for (_, stream, content) in begun.iter_mut().filter(|(.., content)| !content.is_empty()) {
            stream.send_data(Bytes::copy_from_slice(content.as_bytes()), true).unwrap();
        }
        for (answer, ..) in begun {
            given.push(of_http2(whole(answer.await.unwrap()).await));
        }
    });
    given
}

/// The line without the version, the fields but Host, and the content of a request of HTTP/1.1.
fn parsed(request: &str) -> (&str, Vec<(&str, &str)>, &str) {
    let (head, content) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
    let fields = lines.map(|line| line.split_once(": ").unwrap());
    (line, fields.filter(|(name, _)| *name != "Host").collect(), content)
}

fn of_http2(answer: client::Answer) -> Answer {
    let field = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
    };
    let fields = answer.fields.iter().map(field).collect();
    Answer { status: answer.status, fields, content: answer.content }
}
