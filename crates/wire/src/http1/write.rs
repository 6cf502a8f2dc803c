//! Answers on their way out (RFC 9112 sections 4 to 7).
//!
//! The fewest packets and calls are the point: head and short content share a buffer, a file of
//! some length is sent by the kernel, and what is made piece by piece is made while the piece
//! before goes out. A length that was promised and cannot be kept leaves one honest way, to close
//! (RFC 9112 section 8).

use std::{fmt::Display, io};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use methodical_content::{Content, FileSlice, Pull, body::Body, file::Pieces};
use methodical_semantics::range::ByteRange;
use tokio::try_join;

use crate::{date, message::Answer, pace::Pace, pool::Lane, socket::Socket};

/// The word that an answer must say of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    /// HTTP/1.1, going on.
    Open,
    /// HTTP/1.0, going on because the client asked for it.
    KeepAlive,
    /// The last answer.
    Close,
}

/// Sends an answer; the pace tells the octets of content that went out.
///
/// # Errors
/// An error when the client went away, or stalled, or a file turned out shorter than it was: the
/// answer cannot be completed then, and the connection must be closed.
pub(crate) async fn send(
    socket: &mut Socket,
    out: &mut Vec<u8>,
    answer: Answer,
    how: (Persistence, bool),
    (pace, lane): (&mut Pace, &impl Lane),
) -> io::Result<()> {
    let (mut persistence, old) = how;
    let length = answer.body.length();
    let streamed = length.is_none() && !matches!(answer.body, Body::Omitted(_));
    if streamed && old {
        persistence = Persistence::Close;
    }
    append_status(out, answer.status);
    out.extend_from_slice(b"Date: ");
    date::append_date(out);
    out.extend_from_slice(b"\r\n");
    append_fields(out, &answer.fields);
    append_framing(out, answer.status, length, streamed && !old);
    match persistence {
        Persistence::Open => {}
        Persistence::KeepAlive => out.extend_from_slice(b"Connection: keep-alive\r\n"),
        Persistence::Close => out.extend_from_slice(b"Connection: close\r\n"),
    }
    out.extend_from_slice(b"\r\n");
    pace.frames(out.len());
    let mut sender = Sender { socket, out, pace, lane };
    match answer.body {
        Body::Empty | Body::Omitted(_) => sender.flush().await?,
        Body::Content(Content::Remote(pull)) | Body::Pulled(pull) => {
            sender.pulled(pull, streamed && !old).await?;
        }
        Body::Content(content) => sender.content(content).await?,
        Body::Parts(parts) => {
            for part in parts {
                sender.content(part).await?;
            }
        }
    }
    sender.flush().await
}

/// Sends a file behind what is waiting in `out`.
///
/// # Errors
/// As [`send`].
pub(crate) async fn send_file(
    socket: &mut Socket,
    out: &mut Vec<u8>,
    slice: &FileSlice,
    (pace, lane): (&mut Pace, &impl Lane),
) -> io::Result<()> {
    let mut sender = Sender { socket, out, pace, lane };
    if slice.length <= COPIED_BYTES_MAX {
        sender.small(slice).await
    } else {
        sender.file(slice).await
    }
}

/// The head of an answer that is kept: up to where Date's value belongs, from behind it to the end
/// of the method's own fields, and what tells of its length.
pub(crate) fn around_date(
    (status, fields): (StatusCode, &HeaderMap),
    length: Option<u64>,
) -> (Bytes, Bytes, Bytes) {
    let (mut before, mut after, mut framing) = (Vec::new(), Vec::new(), Vec::new());
    append_status(&mut before, status);
    before.extend_from_slice(b"Date: ");
    after.extend_from_slice(b"\r\n");
    append_fields(&mut after, fields);
    append_framing(&mut framing, status, length, false);
    (before.into(), after.into(), framing.into())
}

/// The same as [`around_date`] of the status line of a part of what is kept, and of what tells of
/// the part (RFC 9110 section 15.3.7).
///
/// Only a kept answer of a whole file is cut into parts so.
pub(crate) fn of_part(range: ByteRange, length: u64) -> (&'static [u8], String) {
    let range_line = header_line("Content-Range", range.content_range(length));
    let framing = header_line("Content-Length", range.length());
    (b"HTTP/1.1 206 Partial Content\r\nDate: ", range_line + &framing)
}

/// The status line; the reason is for people only (RFC 9112 section 4).
fn append_status(out: &mut Vec<u8>, status: StatusCode) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// The method's own fields, line by line.
fn append_fields(out: &mut Vec<u8>, fields: &HeaderMap) {
    for (name, value) in fields {
        append_name(out, name.as_str());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// Names as the specifications write them; they compare without case (RFC 9110 section 5.1), but
/// there are old clients of WebDAV that look for `MS-Author-Via` as it is written here.
fn append_name(out: &mut Vec<u8>, name: &str) {
    match name {
        "etag" => out.extend_from_slice(b"ETag"),
        "dav" => out.extend_from_slice(b"DAV"),
        "ms-author-via" => out.extend_from_slice(b"MS-Author-Via"),
        "www-authenticate" => out.extend_from_slice(b"WWW-Authenticate"),
        "x-oc-mtime" => out.extend_from_slice(b"X-OC-MTime"),
        _ => {
            let mut start = true;
            out.extend(name.bytes().map(|byte| {
                let shown = if start { byte.to_ascii_uppercase() } else { byte };
                start = byte == b'-';
                shown
            }));
        }
    }
}

/// RFC 9110 section 8.6: no Content-Length with 1xx, 204; RFC 9112 section 6.1: nor a coding.
///
/// HEAD tells the length that GET would have, where it is known; 204 and 304 tell none.
fn append_framing(out: &mut Vec<u8>, status: StatusCode, length: Option<u64>, chunked: bool) {
    let bare = status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    match length {
        _ if bare => {}
        Some(length) => {
            out.extend_from_slice(header_line("Content-Length", length).as_bytes());
        }
        None if chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        None => {}
    }
}

/// One field line with its end.
fn header_line(name: &str, value: impl Display) -> String {
    format!("{name}: {value}\r\n")
}

/// Takes a piece off the octets that are left where their number was told, which nothing at the end
/// must not leave any of.
///
/// # Errors
/// An error where the number turns out to be another: only closing says so (RFC 9112 section 8).
pub(crate) fn as_told(left: &mut Option<u64>, piece: Option<&Bytes>) -> io::Result<()> {
    let told = match (*left, piece) {
        (Some(before), Some(piece)) => {
            *left = before.checked_sub(piece.len() as u64);
            left.is_some()
        }
        (Some(before), None) => before == 0,
        (None, _) => true,
    };
    if told { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// An answer being sent: the socket, what waits before it, and whom it is counted for.
struct Sender<'s, L> {
    socket: &'s mut Socket,
    out: &'s mut Vec<u8>,
    pace: &'s mut Pace,
    lane: &'s L,
}

impl<L: Lane> Sender<'_, L> {
    /// Sends content by the way that fits it; a file on a slow disk is read by the pool, as the
    /// kernel would hold up this thread with it.
    async fn content(&mut self, content: Content) -> io::Result<()> {
        match content {
            Content::Bytes(bytes) => self.bytes(&bytes).await,
            Content::File(slice) if slice.file.is_slow() => {
                self.pulled(Box::new(Pieces::of(slice)), false).await
            }
            Content::File(slice) if slice.length <= COPIED_BYTES_MAX => self.small(&slice).await,
            Content::File(slice) => self.file(&slice).await,
            Content::Remote(pull) => self.pulled(pull, false).await,
        }
    }

    /// Joins little to the head, and sends much behind it without a copy.
    async fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() <= JOINED_BYTES_MAX {
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        self.socket.send_with_more(self.out, self.pace).await?;
        self.out.clear();
        self.socket.send(bytes, self.pace).await
    }

    /// A small file goes out together with the head: one system call less, and one packet.
    async fn small(&mut self, slice: &FileSlice) -> io::Result<()> {
        let start = self.out.len();
        let length = usize::try_from(slice.length).map_err(io::Error::other)?;
        self.out.resize(start + length, 0);
        let room = self.out.get_mut(start..).unwrap_or_default();
        slice.file.read_exact_at(room, slice.offset)?;
        self.flush().await
    }

    /// Sends a file by the kernel, with the socket corked where it is long.
    async fn file(&mut self, slice: &FileSlice) -> io::Result<()> {
        if slice.length < CORKED_BYTES_MIN {
            return self.sent_file(slice).await;
        }
        self.socket.cork(true);
        self.sent_file(slice).await?;
        self.socket.cork(false);
        Ok(())
    }

    /// The sending itself; other connections have a turn every [`TURN_BYTES`].
    async fn sent_file(&mut self, slice: &FileSlice) -> io::Result<()> {
        self.socket.send_with_more(self.out, self.pace).await?;
        self.out.clear();
        let (mut offset, end) = (slice.offset, slice.offset + slice.length);
        let mut turn = 0;
        while offset < end {
            let part = (offset, end - offset);
            let file = slice.file.for_reading()?;
            let sent = self.socket.send_file(file, part, self.pace).await?;
            if sent == 0 {
                // The file was cut while it was being sent. The length was promised already: only
                // closing tells the client that this is not all (RFC 9112 section 8).
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            (offset, turn) = (offset + sent, turn + sent);
            if turn >= TURN_BYTES {
                turn = 0;
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Sends pieces, each being made while the one before it goes out: two are in memory at most.
    async fn pulled(&mut self, pull: Box<dyn Pull>, chunked: bool) -> io::Result<()> {
        let (lane, mut left) = (self.lane, pull.length());
        let (mut made, ()) = try_join!(lane.pull(pull), self.flush())?;
        let mut behind: &[u8] = b"";
        while let (Ok(Some(piece)), rest) = made {
            as_told(&mut left, Some(&piece))?;
            if chunked && !piece.is_empty() {
                self.out.extend_from_slice(behind);
                self.out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                self.pace.frames(self.out.len());
                behind = b"\r\n";
            }
            (made, ()) = try_join!(lane.pull(rest), self.piece(&piece))?;
        }
        made.0.map_err(io::Error::other)?;
        as_told(&mut left, None)?;
        if chunked {
            self.out.extend_from_slice(behind);
            self.out.extend_from_slice(b"0\r\n\r\n");
            self.pace.frames(self.out.len());
        }
        Ok(())
    }

    /// Sends what waits, and a piece behind it in the same packets.
    async fn piece(&mut self, piece: &[u8]) -> io::Result<()> {
        self.socket.send_with_more(self.out, self.pace).await?;
        self.out.clear();
        self.socket.send(piece, self.pace).await
    }

    /// Sends what waits.
    async fn flush(&mut self) -> io::Result<()> {
        self.socket.send(self.out, self.pace).await?;
        self.out.clear();
        Ok(())
    }
}

/// Octets of a file that are copied behind the head rather than sent by the kernel: copying so
/// little costs less than one more system call.
const COPIED_BYTES_MAX: u64 = 32 * 1024;

/// Octets of a file from which on it costs less to cork the socket, by two system calls, than what
/// short packets cost: the kernel takes 64 KiB of a file at a time.
const CORKED_BYTES_MIN: u64 = 256 * 1024;

/// Octets in memory that are joined to the head.
const JOINED_BYTES_MAX: usize = 16 * 1024;

/// Octets of a file after which other connections of the thread have their turn.
const TURN_BYTES: u64 = 2 * 1024 * 1024;
