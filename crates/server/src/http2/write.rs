//! Answers on their way out (RFC 9113 section 8.1).

use std::{future::poll_fn, io, sync::Arc, time::Duration};

use bytes::Bytes;
use h2::{SendStream, server::SendResponse};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version, header};
use methodical_methods::reply::Body;
use methodical_store::content::{Content, FileSlice, Pull};
use tokio::time::timeout;

use super::Common;
use crate::{
    answer::{Answer, HSTS},
    clock,
    gathered::Noise,
    hot::Again,
    live::Live,
};

/// Sends an answer. Gives the octets of content that went out.
///
/// # Errors
/// When the client gave up the stream, or went away.
pub(super) async fn send(
    common: &Common,
    respond: &mut SendResponse<Bytes>,
    answer: Answer,
    live: &Live,
) -> io::Result<u64> {
    let Answer { status, mut fields, body, .. } = answer;
    let bare = matches!(status.as_u16(), 204 | 304);
    if let Some(length) = body.length().filter(|_| !bare) {
        fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let response = head(common, live, status, fields);
    let empty = matches!(body, Body::Empty | Body::Omitted(_)) || body.length() == Some(0);
    let stream = respond.send_response(response, empty).map_err(io::Error::other)?;
    if empty {
        return Ok(0);
    }
    let noise = Arc::clone(&common.noise);
    let mut sender = Sender { stream, noise, stall: live.limits.stall, sent: 0 };
    let done = sender.body(body).await;
    match done {
        Ok(()) => sender.stream.send_data(Bytes::new(), true).map_err(io::Error::other)?,
        // The promise cannot be kept: the client must not take this for the whole.
        Err(_) => sender.stream.send_reset(h2::Reason::INTERNAL_ERROR),
    }
    Ok(sender.sent)
}

/// Sends a kept answer. Gives the octets of its content.
///
/// # Errors
/// When the client gave up the stream.
pub(super) fn send_again(
    common: &Common,
    respond: &mut SendResponse<Bytes>,
    again: Again,
    live: &Live,
) -> io::Result<u64> {
    let Again { status, fields, content } = again;
    let (octets, empty) = (content.len() as u64, content.is_empty());
    let response = head(common, live, status, fields);
    let mut stream = respond.send_response(response, empty).map_err(io::Error::other)?;
    if !empty {
        // So little waits in the engine for the client's window.
        stream.send_data(content, true).map_err(io::Error::other)?;
    }
    Ok(octets)
}

fn head(common: &Common, live: &Live, status: StatusCode, fields: HeaderMap) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = Version::HTTP_2;
    *response.headers_mut() = fields;
    let fields = response.headers_mut();
    fields.insert(header::DATE, clock::date());
    if live.hsts && common.sealed {
        fields.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

struct Sender {
    stream: SendStream<Bytes>,
    noise: Arc<Noise>,
    stall: Duration,
    sent: u64,
}

impl Sender {
    async fn body(&mut self, body: Body) -> io::Result<()> {
        match body {
            Body::Empty | Body::Omitted(_) => Ok(()),
            Body::Content(content) => self.content(content).await,
            Body::Parts(parts) => {
                for part in parts {
                    self.content(part).await?;
                }
                Ok(())
            }
            Body::Pulled(pull) => self.pulled(pull).await,
        }
    }

    async fn content(&mut self, content: Content) -> io::Result<()> {
        match content {
            Content::Bytes(bytes) => self.bytes(bytes).await,
            Content::File(slice) => self.file(slice).await,
            Content::Remote(pull) => self.pulled(pull).await,
        }
    }

    async fn file(&mut self, slice: FileSlice) -> io::Result<()> {
        use std::os::unix::fs::FileExt;
        let (mut offset, end) = (slice.offset, slice.offset + slice.length);
        while offset < end {
            let wanted =
                usize::try_from(end - offset).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let file = Arc::clone(&slice.file);
            let read = move || {
                let mut room = vec![0; wanted];
                let read = file.read_at(&mut room, offset)?;
                room.truncate(read);
                io::Result::Ok(room)
            };
            // What is this small is in the page cache as a rule, and is read sooner than handed
            // over.
            let piece = if slice.length <= INLINE_BYTES_MAX {
                read()?
            } else {
                tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??
            };
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset += piece.len() as u64;
            self.bytes(piece.into()).await?;
        }
        Ok(())
    }

    async fn pulled(&mut self, mut pull: Box<dyn Pull>) -> io::Result<()> {
        loop {
            let pulled = tokio::task::spawn_blocking(move || (pull.pull(), pull)).await;
            let (piece, rest) = pulled.map_err(io::Error::other)?;
            pull = rest;
            match piece.map_err(io::Error::other)? {
                Some(piece) => self.bytes(piece).await?,
                None => return Ok(()),
            }
        }
    }

    async fn bytes(&mut self, mut bytes: Bytes) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.reserve_capacity(bytes.len().min(PIECE_BYTES));
            let ready = poll_fn(|cx| self.stream.poll_capacity(cx));
            let ready = timeout(self.stall, ready).await;
            let room = match ready.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))? {
                Some(Ok(room)) => room.min(bytes.len()),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::ErrorKind::ConnectionAborted.into()),
            };
            let piece = bytes.split_to(room);
            self.sent += piece.len() as u64;
            self.noise.end();
            self.stream.send_data(piece, false).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// Octets read from a file at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Octets of a file that are read at once on the event loop.
const INLINE_BYTES_MAX: u64 = 64 * 1024;
