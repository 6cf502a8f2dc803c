//! Answers on their way out (RFC 9113 section 8.1).
//!
//! The engine would buffer all that it is given, for each stream until its client takes it. So
//! content is read only when the client's window has room, and what the engine holds beyond a small
//! answer is counted over all streams of the connection. A promise that cannot be kept ends with a
//! reset, never with a clean end.

use std::{future::poll_fn, io, sync::Arc};

use bytes::Bytes;
use h2::{SendStream, server::SendResponse};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version, header};
use methodical_content::body::Body;
use methodical_content::{Content, FileSlice, Pull};
use tokio::sync::OwnedSemaphorePermit;

use super::Common;
use crate::{
    date,
    http1::write::as_told,
    message::Answer,
    pace::{Pace, TooSlow},
    pool::Lane,
    prepared::Http2Out,
    service::{Owed, Ticket},
};

/// Sends an answer. What is owed for it notes how far that came, and how it ended.
///
/// # Errors
/// An error when the client gave up the stream before it began.
pub(super) async fn send(
    common: &Common,
    respond: &mut SendResponse<Bytes>,
    answer: Answer,
    owed: &mut Owed<impl Ticket>,
) -> io::Result<()> {
    let Answer { status, mut fields, body, .. } = answer;
    let bare = matches!(status.as_u16(), 204 | 304);
    if let Some(length) = body.length().filter(|_| !bare) {
        fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let response = head(status, fields);
    let empty = matches!(body, Body::Empty | Body::Omitted(_)) || body.length() == Some(0);
    let begun = respond.send_response(response, empty).map_err(io::Error::other);
    if empty || begun.is_err() {
        owed.sent(&begun);
        return begun.map(drop);
    }
    let stream = begun?;
    let mut sender = Sender { stream, common, pace: &mut owed.pace, lane: &owed.lane };
    let mut done = sender.body(body).await;
    match done {
        Ok(()) => done = sender.stream.send_data(Bytes::new(), true).map_err(io::Error::other),
        // The promise cannot be kept: the client must not take this for the whole.
        Err(_) => sender.stream.send_reset(h2::Reason::INTERNAL_ERROR),
    }
    owed.sent(&done);
    Ok(())
}

/// Sends a prepared answer. Gives the octets of its content.
///
/// # Errors
/// An error when the client gave up the stream.
pub(super) fn send_prepared(
    respond: &mut SendResponse<Bytes>,
    prepared: Http2Out,
) -> io::Result<u64> {
    let Http2Out { status, fields, content } = prepared;
    let (octets, empty) = (content.len() as u64, content.is_empty());
    let response = head(status, fields);
    let mut stream = respond.send_response(response, empty).map_err(io::Error::other)?;
    if !empty {
        // So little waits in the engine for the client's window.
        stream.send_data(content, true).map_err(io::Error::other)?;
    }
    Ok(octets)
}

/// The head of an answer, with Date.
fn head(status: StatusCode, fields: HeaderMap) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = Version::HTTP_2;
    *response.headers_mut() = fields;
    response.headers_mut().insert(header::DATE, date::date());
    response
}

/// An answer being sent on its stream.
struct Sender<'c, L> {
    stream: SendStream<Bytes>,
    common: &'c Common,
    pace: &'c mut Pace,
    lane: &'c L,
}

impl<L: Lane> Sender<'_, L> {
    /// Sends the content, but not its end.
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

    /// Sends one content by the way that fits it.
    async fn content(&mut self, content: Content) -> io::Result<()> {
        match content {
            Content::Bytes(bytes) => self.bytes(bytes).await,
            Content::File(slice) => self.file(slice).await,
            Content::Remote(pull) => self.pulled(pull).await,
        }
    }

    /// Sends a file, each piece read when there is room for it: inline where the file is short and
    /// its disk fast, else on the pool.
    async fn file(&mut self, slice: FileSlice) -> io::Result<()> {
        let (mut offset, end) = (slice.offset, slice.offset + slice.length);
        while offset < end {
            // Read only now: a stream that waits holds no content.
            let turn = self.turn(usize::try_from(end - offset).unwrap_or(usize::MAX)).await?;
            let (file, wanted) = (Arc::clone(&slice.file), turn.octets);
            let read = move || {
                let mut room = vec![0; wanted];
                let read = file.read_at(&mut room, offset)?;
                room.truncate(read);
                io::Result::Ok(room)
            };
            // What is this small is in the page cache as a rule, and is read sooner than handed
            // over.
            let piece = if slice.length <= INLINE_BYTES_MAX && !slice.file.is_slow() {
                read()?
            } else {
                self.lane.read(read).await?
            };
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset += piece.len() as u64;
            self.hand_over(piece.into(), turn)?;
        }
        if slice.file.is_slow() {
            // Closing may take as long as reading.
            let close = move || {
                drop(slice);
                Ok(())
            };
            self.lane.read(close).await?;
        }
        Ok(())
    }

    /// Sends what is made piece by piece, as long as was told if that was.
    async fn pulled(&mut self, mut pull: Box<dyn Pull>) -> io::Result<()> {
        let mut left = pull.length();
        loop {
            let (piece, rest) = self.lane.pull(pull).await?;
            pull = rest;
            let piece = piece.map_err(io::Error::other)?;
            as_told(&mut left, piece.as_ref())?;
            match piece {
                Some(piece) => self.bytes(piece).await?,
                None => return Ok(()),
            }
        }
    }

    /// Sends bytes, as many at once as there is room for.
    async fn bytes(&mut self, mut bytes: Bytes) -> io::Result<()> {
        while !bytes.is_empty() {
            let turn = self.turn(bytes.len()).await?;
            self.hand_over(bytes.split_to(turn.octets.min(bytes.len())), turn)?;
        }
        Ok(())
    }

    /// Waits until the client takes more, and the engine has room for it.
    ///
    /// Waiting counts against the client's pace unless other streams of its connection moved
    /// meanwhile: they share one line, and one slow reader of many streams is judged by all of
    /// them.
    async fn turn(&mut self, wanted: usize) -> io::Result<Turn> {
        self.stream.reserve_capacity(wanted.min(PIECE_BYTES));
        let (stream, common) = (&mut self.stream, self.common);
        let before = common.sent.get();
        let going = async {
            let room = loop {
                // What was not used before counts; only more than that is told of.
                if let room @ 1.. = stream.capacity() {
                    break room.min(wanted).min(PIECE_BYTES);
                }
                match poll_fn(|cx| stream.poll_capacity(cx)).await {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(io::Error::other(error)),
                    None => return Err(io::ErrorKind::ConnectionAborted.into()),
                }
            };
            let permits = u32::try_from(room).map_err(io::Error::other)?;
            let held = match room {
                ..=UNCOUNTED_BYTES_MAX => None,
                _ => Some(Arc::clone(&common.room).acquire_many_owned(permits).await),
            };
            let held = held.transpose().map_err(io::Error::other)?;
            Ok(Turn { octets: room, held })
        };
        let late = |TooSlow| io::Error::from(io::ErrorKind::TimedOut);
        let turn = self.pace.wait(going).await.map_err(late)??;
        // Who waits for the turns of other streams is not slow.
        let moved = common.sent.get().wrapping_sub(before);
        self.pace.moved(moved.saturating_add(turn.octets as u64)).map_err(late)?;
        Ok(turn)
    }

    /// Gives a piece to the engine and counts it; it frees its room when the engine has sent it.
    fn hand_over(&mut self, piece: Bytes, turn: Turn) -> io::Result<()> {
        self.pace.went_out(piece.len() as u64);
        self.common.sent.set(self.common.sent.get().wrapping_add(piece.len() as u64));
        self.common.noise.end();
        let piece = match turn.held {
            Some(held) => Bytes::from_owner(Counted { piece, _held: held }),
            None => piece,
        };
        self.stream.send_data(piece, false).map_err(io::Error::other)
    }
}

/// The leave to send that a stream has now.
struct Turn {
    /// Octets that may be sent.
    octets: usize,
    /// The room that they take; nothing for a few.
    held: Option<OwnedSemaphorePermit>,
}

/// Content that takes room until it is sent.
struct Counted {
    /// The content.
    piece: Bytes,
    /// Given back when the engine drops the piece.
    _held: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.piece
    }
}

/// Octets of which the engine may hold one piece for each stream, uncounted: a small answer.
const UNCOUNTED_BYTES_MAX: usize = 4 * 1024;

/// Octets read from a file at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Octets of a file that are read at once on the event loop.
const INLINE_BYTES_MAX: u64 = 64 * 1024;
