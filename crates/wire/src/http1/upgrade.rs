//! From HTTP/1.1 to HTTP/2 by Upgrade (RFC 7540 section 3.2). RFC 9113 dropped it; clients that
//! were written before still begin with it. It is taken where the operator wants it, since a proxy
//! may pass it on unaware, and what follows would go past its rules; never from a proxy that is
//! trusted.
//!
//! The request that asked for it becomes stream 1. The HTTP/2 engine knows only what comes over the
//! wire: so the request is put there, as the HEADERS frame that it would have been, behind the
//! client's first SETTINGS.

use std::io;

use bytes::{Bytes, BytesMut};
use http::header;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::http1::head::Head;

/// The answer that switches.
pub(crate) const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

/// A request on its way to become stream 1.
#[derive(Debug)]
pub(crate) struct First {
    /// The HEADERS frame that the request would have been.
    frame: Bytes,
}

/// The request as the first of HTTP/2, if it asks for that as RFC 7540 section 3.2 wants.
///
/// The request must be without content: it becomes one HEADERS frame that ends its stream.
pub(crate) fn to_http2(head: &Head) -> Option<First> {
    let one = |name: &str| {
        let mut lines = head.fields.get_all(name).iter();
        match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_str().ok(),
            _ => None,
        }
    };
    let names =
        |list: &str, name: &str| list.split(',').any(|item| item.trim().eq_ignore_ascii_case(name));
    let connection = one("connection")?;
    let asked = !head.old
        && names(one("upgrade")?, "h2c")
        && names(connection, "upgrade")
        && names(connection, "http2-settings")
        && one("http2-settings").is_some();
    // The asterisk-form and the absolute-form have other pseudo-fields: they stay with HTTP/1.1.
    if !asked || !head.target.starts_with('/') {
        return None;
    }
    let block = block(head)?;
    (block.len() <= FRAME_BYTES_MAX).then(|| First { frame: headers_frame(&block) })
}

impl First {
    /// Reads the client's preface and first SETTINGS, and puts the request behind them.
    ///
    /// # Errors
    /// An error when the client sends anything else.
    pub(crate) async fn behind_preface(
        self,
        stream: &mut (impl AsyncRead + Unpin),
        input: &mut BytesMut,
    ) -> io::Result<Bytes> {
        let head = PREFACE.len() + FRAME_HEAD_BYTES;
        fill(stream, input, head).await?;
        let settings = input.get(PREFACE.len()..head).unwrap_or_default();
        let &[high, middle, low, kind, ..] = settings else { return Err(broken()) };
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        if !input.starts_with(PREFACE) || kind != SETTINGS || length > FRAME_BYTES_MAX {
            return Err(broken());
        }
        fill(stream, input, head + length).await?;
        let mut read = input.split_to(head + length);
        read.extend_from_slice(&self.frame);
        read.extend_from_slice(input);
        input.clear();
        Ok(read.freeze())
    }
}

/// Returns whether what was read so far is, or may become, the start of HTTP/2 (RFC 9113 section
/// 3.4).
///
/// One byte is enough to be asked: no head of HTTP/1 is read before it is sure.
pub(crate) fn is_preface(input: &[u8]) -> bool {
    let common = input.len().min(PREFACE.len());
    !input.is_empty() && input.get(..common) == PREFACE.get(..common)
}

/// Reads until so many bytes are there. The caller bounds the time.
async fn fill(
    stream: &mut (impl AsyncRead + Unpin),
    input: &mut BytesMut,
    length: usize,
) -> io::Result<()> {
    while input.len() < length {
        if stream.read_buf(input).await? == 0 {
            return Err(broken());
        }
    }
    Ok(())
}

/// The error for a client that does not go on as it must.
fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The field block (RFC 7541 section 6.2.2: literals that are not indexed).
fn block(head: &Head) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let host = head.fields.get(header::HOST)?.as_bytes();
    literal(&mut out, b":method", head.method.as_bytes());
    literal(&mut out, b":scheme", b"http");
    literal(&mut out, b":authority", host);
    literal(&mut out, b":path", head.target.as_bytes());
    for (name, value) in &head.fields {
        // RFC 9113 section 8.2.2: what is about the connection has no place in it.
        let name = name.as_str();
        let kept = !["host", "connection", "upgrade", "http2-settings", "keep-alive", "te"]
            .contains(&name);
        if kept && !name.starts_with("proxy-connection") && name != "transfer-encoding" {
            literal(&mut out, name.as_bytes(), value.as_bytes());
        }
    }
    Some(out)
}

/// A field that is not indexed, with a new name, without Huffman coding: the plainest form, which
/// every decoder reads.
fn literal(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.push(0);
    for text in [name, value] {
        length(out, text.len());
        out.extend_from_slice(text);
    }
}

/// An integer with a prefix of seven bits (RFC 7541 section 5.1).
fn length(out: &mut Vec<u8>, mut value: usize) {
    if value < 127 {
        out.push(value.to_le_bytes().first().copied().unwrap_or_default());
        return;
    }
    out.push(127);
    value -= 127;
    while value >= 128 {
        out.push((value % 128 + 128).to_le_bytes().first().copied().unwrap_or_default());
        value /= 128;
    }
    out.push(value.to_le_bytes().first().copied().unwrap_or_default());
}

/// HEADERS with `END_STREAM` and `END_HEADERS` on stream 1 (RFC 9113 section 6.2).
fn headers_frame(block: &[u8]) -> Bytes {
    let length = u32::try_from(block.len()).unwrap_or_default().to_be_bytes();
    let mut frame = Vec::with_capacity(FRAME_HEAD_BYTES + block.len());
    frame.extend_from_slice(length.get(1..).unwrap_or_default());
    frame.extend_from_slice(&[HEADERS, END_STREAM | END_HEADERS, 0, 0, 0, 1]);
    frame.extend_from_slice(block);
    frame.into()
}

/// Octets of the head of a frame (RFC 9113 section 4.1).
const FRAME_HEAD_BYTES: usize = 9;

/// The greatest frame before another size was agreed on (RFC 9113 section 6.5.2).
const FRAME_BYTES_MAX: usize = 16_384;

/// The type of HEADERS (RFC 9113 section 6.2).
const HEADERS: u8 = 1;
/// The type of SETTINGS (RFC 9113 section 6.5).
const SETTINGS: u8 = 4;
/// The flag that no content follows.
const END_STREAM: u8 = 1;
/// The flag that no CONTINUATION follows.
const END_HEADERS: u8 = 4;

/// The octets that a client of HTTP/2 sends first (RFC 9113 section 3.4).
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
