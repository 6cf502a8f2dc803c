//! hyper's reading of a connection: its server on bytes in memory.

use std::{
    cell::RefCell,
    convert::Infallible,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    Request, Response,
    body::{Body, Frame, Incoming},
    rt::{Read, ReadBufCursor, Write},
    server::conn::http1,
    service::service_fn,
};

use super::generated::Pieces;

/// A request as both readers see it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    method: String,
    target: String,
    content: Vec<u8>,
}

impl Seen {
    /// A request of ours, unless hyper refuses it for what is not framing: it takes neither a
    /// target that is no URI, which we answer, nor HTTP/1.2.
    pub(super) fn of_ours(request: &methodical_wire::http1::reading::Request) -> Option<Self> {
        let line = request.head.split(|octet| *octet == b'\r').next()?;
        if !line.ends_with(b"HTTP/1.1") && !line.ends_with(b"HTTP/1.0") {
            return None;
        }
        let target: hyper::Uri = request.target.parse().ok()?;
        let (method, target) = (request.method.clone(), target.to_string());
        Some(Self { method, target, content: request.content.clone() })
    }
}

/// The requests that are whole, in hyper's eyes.
pub(super) fn read_by_hyper(pieces: &Pieces) -> Vec<Seen> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let service = service_fn(|request: Request<Incoming>| {
        let seen = Rc::clone(&seen);
        async move {
            let (head, mut body) = request.into_parts();
            let mut content = Vec::new();
            while let Some(frame) =
                std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await
            {
                if let Ok(data) = frame?.into_data() {
                    content.extend_from_slice(&data);
                }
            }
            let (method, target) = (head.method.to_string(), head.uri.to_string());
            seen.borrow_mut().push(Seen { method, target, content });
            let mut response = Response::new(Nothing);
            if head.version == hyper::Version::HTTP_10 {
                // Else hyper ends the connection whatever the client asked for.
                let going_on = hyper::header::HeaderValue::from_static("keep-alive");
                response.headers_mut().insert(hyper::header::CONNECTION, going_on);
            }
            Ok::<_, hyper::Error>(response)
        }
    });
    let connection = http1::Builder::new()
        .half_close(true)
        .serve_connection(Memory { pieces: pieces.clone(), next: 0 }, service);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // How it ends is not asked: hyper has no refusal where bytes just stop.
    let _ended = runtime.block_on(connection);
    seen.take()
}

/// A connection on which the pieces come, and that takes whatever is sent.
struct Memory {
    pieces: Pieces,
    next: usize,
}

impl Read for Memory {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(piece) = this.pieces.0.get_mut(this.next) {
            let taken: Vec<u8> = piece.drain(..piece.len().min(into.remaining())).collect();
            if piece.is_empty() {
                this.next += 1;
            }
            into.put_slice(&taken);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Memory {
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

/// No content.
struct Nothing;

impl Body for Nothing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}
