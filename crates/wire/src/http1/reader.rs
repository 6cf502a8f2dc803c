//! The content of one request, read off its connection.
//!
//! 100 is sent when the first piece is asked for and not before: whoever is refused by the head
//! alone has sent nothing for nothing. What is left unread behind an answer decides over the
//! connection: little is read and dropped, much, or of unknown length, ends it.

use bytes::{Bytes, BytesMut};
use methodical_semantics::condition::Condition;
use tokio::io::AsyncReadExt;

use super::body::{BadFraming, Decoder, Piece};
use crate::{
    message::Stopped,
    pace::{Pace, TooSlow},
    socket::Socket,
};

/// Reads the content of one request.
#[derive(Debug)]
pub(crate) struct Reader<'c> {
    /// The connection.
    socket: &'c mut Socket,
    /// Bytes that were read and not yet used; those behind the content are the next request.
    input: &'c mut BytesMut,
    /// The framing.
    decoder: Decoder,
    /// True if the client waits for 100 before it sends any.
    waits: bool,
    /// The patience with the client.
    pace: Pace,
    /// True if the content turned out to have no readable end, or too late a one.
    failed: bool,
}

/// Content that nobody read before the answer was there.
#[derive(Debug)]
pub(crate) enum LeftOver {
    /// None: the next request follows.
    Nothing,
    /// So little that the connection is worth more than its transfer.
    Little(Decoder),
    /// More than that, or nobody knows how much: the connection ends.
    Much,
}

impl<'c> Reader<'c> {
    /// A reader of content that begins with what is in the input.
    pub(crate) fn new(
        connection: (&'c mut Socket, &'c mut BytesMut),
        decoder: Decoder,
        waits: bool,
        pace: Pace,
    ) -> Self {
        let (socket, input) = connection;
        let waits = waits && !decoder.is_done();
        Self { socket, input, decoder, waits, pace, failed: false }
    }

    /// Returns whether the end was reached.
    pub(crate) fn is_done(&self) -> bool {
        self.decoder.is_done()
    }

    /// Returns whether all of it was read already.
    pub(crate) fn is_here(&self) -> bool {
        self.decoder.left().is_some_and(|left| left <= self.input.len() as u64)
    }

    /// Returns how many octets are still to come, where that is known.
    pub(crate) fn left(&self) -> Option<u64> {
        self.decoder.left()
    }

    /// The next piece; nothing at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        let piece = self.read_piece().await;
        self.failed |= piece.is_err();
        piece
    }

    /// The same as [`Self::piece`], which notes a failure besides.
    async fn read_piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        loop {
            match self.decoder.next(self.input).map_err(unreadable)? {
                Piece::Data(piece) => return Ok(Some(piece)),
                Piece::End => return Ok(None),
                Piece::Wanting => self.read().await?,
            }
        }
    }

    /// Returns what is left of the content when the answer is there.
    pub(crate) fn left_over(self) -> LeftOver {
        let little = self.decoder.left_min() <= SETTLED_BYTES_MAX;
        if self.is_done() {
            return LeftOver::Nothing;
        }
        // A client that still waits for 100 may send its content, or not: nobody can tell.
        if self.failed || self.waits || !little {
            return LeftOver::Much;
        }
        LeftOver::Little(self.decoder)
    }

    /// Reads and drops what little is left, so that the connection can go on. Gives whether it can.
    pub(crate) async fn settle(&mut self) -> bool {
        let mut octets = 0;
        while octets < SETTLED_BYTES_MAX {
            match self.piece().await {
                Ok(Some(piece)) => octets += piece.len() as u64,
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
        false
    }

    /// Waits until the client has gone. What it sends meanwhile, as the next request, is kept;
    /// whoever sends much of that ahead is not watched any more. A client that only ended its own
    /// side of the connection, as it may, still gets what is made within a moment.
    pub(crate) async fn gone(&mut self) {
        while self.input.len() < AHEAD_BYTES_MAX {
            self.input.reserve(AHEAD_READ_BYTES);
            match self.socket.read_buf(self.input).await {
                Ok(0) => return tokio::time::sleep(HALF_CLOSED_WAIT).await,
                Err(_) => return,
                Ok(_) => {}
            }
        }
        std::future::pending::<()>().await;
    }

    /// Reads more, no more than the content still has as far as that is known, so that little of
    /// the next request is read along.
    async fn read(&mut self) -> Result<(), Stopped> {
        if self.waits {
            self.waits = false;
            let told = self.socket.send(b"HTTP/1.1 100 Continue\r\n\r\n", &mut self.pace).await;
            told.map_err(|_| Stopped::Aborted)?;
        }
        let left = self.left().unwrap_or(READ_BYTES as u64);
        let room = usize::try_from(left).map_or(READ_BYTES, |left| left.clamp(1024, READ_BYTES));
        self.input.reserve(room);
        match self.pace.wait(self.socket.read_buf(self.input)).await {
            Ok(Ok(0) | Err(_)) => Err(Stopped::Aborted),
            Ok(Ok(octets)) => self.pace.moved(octets as u64).map_err(|TooSlow| TOO_SLOW),
            Err(TooSlow) => Err(TOO_SLOW),
        }
    }
}

/// The end of the connection for content without a readable end.
fn unreadable(bad: BadFraming) -> Stopped {
    Stopped::Unreadable(Condition::BadMessage, bad.0)
}

/// The answer to content that comes too slowly (RFC 9110 section 15.5.9).
const TOO_SLOW: Stopped =
    Stopped::Unreadable(Condition::Timeout, "The content came too slowly; send it again.");

/// Octets read at once.
const READ_BYTES: usize = 256 * 1024;

/// Octets of unread content for which a connection is worth keeping.
const SETTLED_BYTES_MAX: u64 = 64 * 1024;

/// Octets that are read ahead of an answer, to see whether the client is still there.
const AHEAD_BYTES_MAX: usize = 16 * 1024;

/// Octets read ahead at once.
const AHEAD_READ_BYTES: usize = 1024;

/// The time for which an answer is made on for a client that ended its side of the connection.
const HALF_CLOSED_WAIT: std::time::Duration = std::time::Duration::from_secs(1);
