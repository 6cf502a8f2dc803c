//! Answers out of bytes (RFC 9112 sections 4 to 7), strictly: what is wrong is said, not mended.
//!
//! The server's own reader is not used: the examiner shares no code with what it examines, and what
//! both misread nobody would see. Heads are read by httparse. Every length has a bound, so that a
//! server without end takes no memory without end.

use std::time::Instant;

use super::connection::Connection;
use super::trouble::Trouble;
use crate::message::{Fields, Framing, Head};

/// A head at the start of the bytes and its length, if it is there as a whole.
pub(super) fn head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Trouble> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut lines = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut answer = httparse::Response::new(&mut lines);
    let malformed = |why: &dyn std::fmt::Display| Trouble::Malformed(why.to_string());
    let taken = match answer.parse(bytes).map_err(|error| malformed(&error))? {
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(taken) => taken,
    };
    let status = answer.code.ok_or_else(|| malformed(&"no status"))?;
    let minor = answer.version.ok_or_else(|| malformed(&"no version"))?;
    let mut fields = Fields::default();
    for line in answer.headers.iter() {
        fields.push(line.name, &String::from_utf8_lossy(line.value));
    }
    Ok(Some((Head { minor, status, fields }, taken)))
}

/// The content that follows a head (RFC 9112 section 6.3).
/// A last coding other than chunked, and no length at all, go up to the end of the connection.
/// Content that is not complete is [`Trouble::Closed`]; lengths that contradict each other are
/// [`Trouble::Malformed`].
pub(super) fn content(
    connection: &mut Connection,
    head: &Head,
    method: &str,
) -> Result<(Vec<u8>, Framing), Trouble> {
    let tunnel = method == "CONNECT" && head.status / 100 == 2;
    if method == "HEAD" || matches!(head.status, 100..=199 | 204 | 304) || tunnel {
        return Ok((Vec::new(), Framing::Without));
    }
    let deadline = Instant::now() + connection.content_time();
    let codings = head.fields.list("Transfer-Encoding");
    if let Some(last) = codings.last() {
        return if last.eq_ignore_ascii_case("chunked") {
            Ok((chunked(connection, deadline)?, Framing::Chunked))
        } else {
            Ok((to_end(connection, deadline)?, Framing::Close))
        };
    }
    let mut lengths = head.fields.list("Content-Length");
    lengths.dedup();
    match lengths.as_slice() {
        [] => Ok((to_end(connection, deadline)?, Framing::Close)),
        [length] => {
            let length = length.parse::<usize>();
            let length = length.map_err(|_| Trouble::Malformed("bad Content-Length".to_owned()))?;
            Ok((exactly(connection, length, deadline)?, Framing::Length))
        }
        _ => Err(Trouble::Malformed("several Content-Lengths".to_owned())),
    }
}

/// So many bytes, waiting for them.
fn exactly(
    connection: &mut Connection,
    length: usize,
    deadline: Instant,
) -> Result<Vec<u8>, Trouble> {
    if length > CONTENT_BYTES_MAX {
        return Err(Trouble::TooLarge("content"));
    }
    while connection.buffer.len() < length {
        if !connection.fill(deadline)? {
            return Err(Trouble::Closed);
        }
    }
    Ok(connection.buffer.drain(..length).collect())
}

/// All that comes until the connection ends.
fn to_end(connection: &mut Connection, deadline: Instant) -> Result<Vec<u8>, Trouble> {
    while connection.fill(deadline)? {
        if connection.buffer.len() > CONTENT_BYTES_MAX {
            return Err(Trouble::TooLarge("content"));
        }
    }
    Ok(std::mem::take(&mut connection.buffer))
}

/// The content of chunks (section 7.1); extensions and trailers are read and dropped.
fn chunked(connection: &mut Connection, deadline: Instant) -> Result<Vec<u8>, Trouble> {
    let mut content = Vec::new();
    loop {
        let line = line(connection, deadline)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16);
        let size = size.map_err(|_| Trouble::Malformed("bad chunk size".to_owned()))?;
        if content.len().saturating_add(size) > CONTENT_BYTES_MAX {
            return Err(Trouble::TooLarge("content"));
        }
        if size == 0 {
            break;
        }
        content.extend(exactly(connection, size, deadline)?);
        if !exactly(connection, 2, deadline)?.eq(b"\r\n") {
            return Err(Trouble::Malformed("a chunk is longer than it says".to_owned()));
        }
    }
    while !line(connection, deadline)?.is_empty() {}
    Ok(content)
}

/// A line without its CRLF, for the heads of chunks and for trailers.
fn line(connection: &mut Connection, deadline: Instant) -> Result<String, Trouble> {
    loop {
        if let Some(end) = connection.buffer.windows(2).position(|pair| pair == b"\r\n") {
            let line: Vec<u8> = connection.buffer.drain(..end + 2).take(end).collect();
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
        if connection.buffer.len() > CHUNK_LINE_BYTES_MAX {
            return Err(Trouble::TooLarge("chunk head"));
        }
        if !connection.fill(deadline)? {
            return Err(Trouble::Closed);
        }
    }
}

/// Field lines of a head.
const FIELDS_MAX: usize = 256;
/// Bytes of content: what we ask for is small, except where the URL itself is large.
const CONTENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a chunk's first line.
const CHUNK_LINE_BYTES_MAX: usize = 8 * 1024;
