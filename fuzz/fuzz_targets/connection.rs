//! All requests of one connection, beside hyper: what both take for a request has to begin and end
//! at the same place. Two recipients that differ in that are how requests are smuggled.
#![no_main]

#[path = "../../crates/wire/src/bad_head.rs"]
mod bad_head;
mod http1;
#[path = "../../crates/wire/src/limits.rs"]
#[allow(dead_code, reason = "the server uses more of it")]
mod limits;
#[path = "../../crates/wire/src/pace.rs"]
#[allow(dead_code, reason = "the server uses it")]
mod pace;
#[path = "../../crates/wire/src/http1/reading.rs"]
#[allow(dead_code, reason = "the server's own tests use more of it")]
mod reading;

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::rt::{Read, ReadBufCursor, Write};
use libfuzzer_sys::fuzz_target;

/// A request as a recipient understood it.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    target: String,
    content: Vec<u8>,
}

/// Polls after which hyper has long done what it does with a few kilobytes.
const POLLS_MAX: usize = 10_000;

fuzz_target!(|data: &[u8]| {
    let ours = ours(data);
    let theirs = theirs(data);
    for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(ours, theirs, "request {index}");
    }
    // hyper may refuse more, and we may; whoever goes on must have seen the same.
});

/// The whole requests that our parsers find, until one is refused or ends the connection; however
/// the bytes come.
fn ours(data: &[u8]) -> Vec<Request> {
    let reading = reading::read([data]);
    let in_pieces = reading::read(data.chunks(7));
    assert_eq!(reading.requests, in_pieces.requests, "in pieces");
    let request = |its: reading::Request| Request {
        target: comparable(&its.target),
        method: its.method,
        content: its.content,
    };
    reading.requests.into_iter().map(request).collect()
}

/// Of a target what hyper keeps as it was: no fragment, and nothing of the absolute form, which it
/// completes.
fn comparable(target: &str) -> String {
    let kept = if target.starts_with('/') { target.split('#').next() } else { None };
    kept.unwrap_or_default().to_owned()
}

/// The whole requests that hyper finds.
fn theirs(data: &[u8]) -> Vec<Request> {
    let requests = Rc::new(RefCell::new(Vec::new()));
    let found = Rc::clone(&requests);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let found = Rc::clone(&found);
        async move {
            let method = request.method().to_string();
            let target = comparable(&request.uri().to_string());
            let content = content_of(request.into_body()).await?;
            found.borrow_mut().push(Request { method, target, content });
            Ok::<_, hyper::Error>(hyper::Response::new(Nothing))
        }
    });
    let wire = Wire { input: Bytes::copy_from_slice(data) };
    let mut builder = hyper::server::conn::http1::Builder::new();
    // The end of the input is no reason to drop a request that has come whole.
    let mut connection = pin!(builder.half_close(true).serve_connection(wire, service));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..POLLS_MAX {
        if connection.as_mut().poll(&mut context).is_ready() {
            break;
        }
    }
    requests.take()
}

async fn content_of(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut content = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        if let Ok(bytes) = frame?.into_data() {
            content.extend_from_slice(&bytes);
        }
    }
    Ok(content)
}

/// An answer without content.
struct Nothing;

impl Body for Nothing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, hyper::Error>>> {
        Poll::Ready(None)
    }
}

/// A connection on which everything has come already, and whose answers nobody reads.
struct Wire {
    input: Bytes,
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let length = self.input.len().min(room.remaining());
        room.put_slice(&self.input.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
