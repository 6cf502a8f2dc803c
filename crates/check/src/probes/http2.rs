//! HTTP/2 (RFC 9113): so much of it as it takes to send a request that is malformed.
//!
//! The client of the examiner speaks HTTP/1.1; here is just enough of HTTP/2 to open a connection,
//! send one header section without compression and read the status or the error code of what comes
//! back. No client library would send what is sent here. The danger is a proxy that takes HTTP/2
//! from people and gives HTTP/1.1 to a server: what is malformed in the one becomes two requests in
//! the other. A row first sends the GET without its fault: where that is not answered, it does not
//! apply.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * FRM-13 (RFC 9113 section 8.2.2, MUST): HTTP/2: a field that is about the connection makes a
//!   request malformed.
//! * FRM-14 (RFC 9113 section 8.2.1, MUST): HTTP/2: a field name with an upper-case letter makes a
//!   request malformed.
//! * FRM-15 (RFC 9113 section 8.2.1, MUST): HTTP/2: a CR, LF or NUL in a field value makes a
//!   request malformed.
//! * FRM-16 (RFC 9113 section 8.3.1, MUST): HTTP/2: a request without :path is malformed.
//! * FRM-17 (RFC 9113 section 8.3, MUST): HTTP/2: a pseudo-header field behind another field makes
//!   a request malformed.

use std::time::{Duration, Instant};

use crate::client::Connection;
use crate::lab::Lab;
use crate::probe::{Probe, reads};
use crate::verdict::{Outcome, PASS, Stop, given, need, without};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("FRM-13", "*", "What a proxy turns into HTTP/1.1 is two requests: smuggling.", |lab| {
        for (name, value) in
            [("transfer-encoding", "chunked"), ("connection", "close"), ("upgrade", "x-check")]
        {
            refused_with(lab, name, value)?;
        }
        PASS
    }),
    reads("FRM-14", "*", "Filters that compare names by their bytes are passed by.", |lab| {
        refused_with(lab, "X-Check", "1")
    }),
    reads(
        "FRM-15",
        "*",
        "A value becomes a field or a request of its own behind a proxy.",
        |lab| {
            for value in ["a\r\nx-more: b", "a\nb", "a\0b"] {
                refused_with(lab, "x-check", value)?;
            }
            PASS
        },
    ),
    reads("FRM-16", "*", "A request without a target is given one.", |lab| {
        let fields = plain(lab)?;
        let without = fields.into_iter().filter(|(name, _)| name != ":path").collect::<Vec<_>>();
        refused(lab, &without, "no :path")
    }),
    reads("FRM-17", "*", "Two servers in a row read two targets.", |lab| {
        let mut fields = plain(lab)?;
        fields.rotate_left(1);
        refused(lab, &fields, "a pseudo-header field behind another field")
    }),
];

/// Names and values in the order in which they are sent.
type Fields = Vec<(String, String)>;

/// The fields of a GET that is answered over HTTP/2.
fn plain(lab: &Lab) -> Result<Fields, Stop> {
    let url = lab.client.url();
    let scheme = if url.tls { "https" } else { "http" };
    let authority = url.authority();
    let pseudo = [
        (":method", "GET"),
        (":scheme", scheme),
        (":authority", authority.as_str()),
        (":path", lab.base()),
    ];
    let mut fields: Fields = pseudo.map(|(name, value)| (name.into(), value.into())).to_vec();
    for (name, value) in lab.client.fields(false).iter() {
        if !name.eq_ignore_ascii_case("host") {
            fields.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let heard = heard(lab, &fields)?;
    given(matches!(heard, Heard::Status(200..=399)), "a GET over HTTP/2 is not answered")?;
    Ok(fields)
}

/// The GET with one more field is refused.
fn refused_with(lab: &Lab, name: &str, value: &str) -> Outcome {
    let mut fields = plain(lab)?;
    fields.push((name.to_owned(), value.to_owned()));
    refused(lab, &fields, &format!("{name}: {value:?}"))
}

/// A stream or connection error, or a refusal, is right for a malformed request (8.1.1).
fn refused(lab: &Lab, fields: &Fields, what: &str) -> Outcome {
    let taken = match heard(lab, fields)? {
        Heard::Status(status) => status < 400,
        Heard::Error(_) | Heard::Nothing => false,
    };
    need(!taken, format!("{what} is taken"))?;
    PASS
}

/// Sends a header section on a connection of its own.
fn heard(lab: &Lab, fields: &Fields) -> Result<Heard, Stop> {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Session::open(lab)?.ask(&fields, lab.wait() * 10)
}

/// A connection with prior knowledge, its settings exchanged.
pub(super) struct Session {
    /// Nothing but this session's frames goes over it.
    connection: Connection,
    /// True if extended CONNECT is announced (RFC 8441 section 3).
    pub(super) extended: bool,
}

/// The word of the server to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// An answer with this status.
    Status(u16),
    /// The stream or the connection is ended with this error code.
    Error(u32),
    /// The connection ends, or nothing comes.
    Nothing,
}

/// A frame that came (RFC 9113 section 4.1); on which stream does not matter, as there is one.
struct Frame {
    kind: u8,
    flags: u8,
    content: Vec<u8>,
}

impl Session {
    /// Opens one: by ALPN over TLS, by prior knowledge in the clear (RFC 9113 section 3).
    pub(super) fn open(lab: &Lab) -> Result<Self, Stop> {
        let mut connection = lab.http2()?;
        connection.send(PREFACE)?;
        connection.send(&frame(SETTINGS, 0, 0, &[]))?;
        let settings = next(&mut connection, lab.wait() * 5).filter(|own| own.kind == SETTINGS);
        let none = || without("no HTTP/2");
        let settings = settings.filter(|own| own.flags & ACK == 0).ok_or_else(none)?;
        let extended = settings.content.chunks_exact(6).any(|one| one == EXTENDED_CONNECT);
        connection.send(&frame(SETTINGS, ACK, 0, &[]))?;
        Ok(Self { connection, extended })
    }

    /// Sends a header section on the first stream and returns what is said to it.
    pub(super) fn ask(
        &mut self,
        fields: &[(&str, &str)],
        patience: Duration,
    ) -> Result<Heard, Stop> {
        let mut block = Vec::new();
        for (name, value) in fields {
            // A literal field line without indexing (RFC 7541 section 6.2.2).
            block.push(0);
            for text in [name, value] {
                block.extend(length(text.len()));
                block.extend_from_slice(text.as_bytes());
            }
        }
        // Only CONNECT goes on with content.
        let connects = fields.contains(&(":method", "CONNECT"));
        let flags = if connects { END_HEADERS } else { END_HEADERS | END_STREAM };
        self.connection.send(&frame(HEADERS, flags, 1, &block))?;
        let deadline = Instant::now() + patience;
        for _ in 0..FRAMES_MAX {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(frame) = next(&mut self.connection, left) else { break };
            match frame.kind {
                HEADERS => return Ok(Heard::Status(status(&frame.content))),
                RST_STREAM => return Ok(Heard::Error(number(frame.content.get(..4)))),
                GOAWAY => return Ok(Heard::Error(number(frame.content.get(4..8)))),
                _ => {}
            }
        }
        Ok(Heard::Nothing)
    }
}

/// The length of a string that is not Huffman-coded (RFC 7541 sections 5.1 and 5.2).
fn length(bytes: usize) -> Vec<u8> {
    let Some(mut rest) = bytes.checked_sub(0x7f) else {
        return vec![u8::try_from(bytes).unwrap_or(0)];
    };
    let mut coded = vec![0x7f];
    while rest >= 0x80 {
        coded.push(u8::try_from(rest % 0x80).unwrap_or(0) | 0x80);
        rest /= 0x80;
    }
    coded.push(u8::try_from(rest).unwrap_or(0));
    coded
}

/// The bytes of a frame.
fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(0).to_be_bytes();
    let mut bytes = length.into_iter().skip(1).collect::<Vec<u8>>();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// The next frame, where it comes as a whole in this time.
fn next(connection: &mut Connection, patience: Duration) -> Option<Frame> {
    let head = connection.bytes(HEAD_BYTES, patience);
    let [a, b, c, kind, flags, ..] = head.as_slice() else { return None };
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
    let content = connection.bytes(length, patience);
    (head.len() == HEAD_BYTES && content.len() == length).then_some(Frame {
        kind: *kind,
        flags: *flags,
        content,
    })
}

/// Four bytes as a number; 0 where there are none.
fn number(bytes: Option<&[u8]>) -> u32 {
    let four = bytes.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    four.map_or(0, u32::from_be_bytes)
}

/// The status of a header block: the first line, by RFC 7541 appendix A; 0 if it is no status.
fn status(block: &[u8]) -> u16 {
    match block {
        // A change of the table's size comes first (RFC 7541 section 6.3).
        [0x20..=0x3e, rest @ ..] => status(rest),
        [indexed @ 0x88..=0x8e, ..] => {
            let at = usize::from(indexed - 0x88);
            STATUSES.get(at).copied().unwrap_or(0)
        }
        [0x48 | 0x08 | 0x18, 0x03, digits @ ..] => {
            let text = digits.get(..3).and_then(|three| std::str::from_utf8(three).ok());
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        }
        [0x48 | 0x08 | 0x18, length, coded @ ..] if length & 0x80 != 0 => huffman(coded),
        _ => 0,
    }
}

/// Three digits in the code of RFC 7541 appendix B: 0 to 2 have five bits, 3 to 9 six.
fn huffman(coded: &[u8]) -> u16 {
    let mut bits = coded.iter().flat_map(|byte| (0..8).rev().map(move |at| (byte >> at) & 1));
    let mut value = 0;
    for _ in 0..3 {
        let mut code = 0;
        for _ in 0..5 {
            code = code * 2 + u16::from(bits.next().unwrap_or(1));
        }
        if code > 2 {
            code = (code * 2 + u16::from(bits.next().unwrap_or(1))).saturating_sub(0x19) + 3;
        }
        value = value * 10 + code.min(9);
    }
    value
}

/// The preface of a client (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// `SETTINGS_ENABLE_CONNECT_PROTOCOL` = 1.
const EXTENDED_CONNECT: &[u8] = &[0, 8, 0, 0, 0, 1];
/// Bytes of a frame's head.
const HEAD_BYTES: usize = 9;
/// The types of frames (RFC 9113 section 6) that are sent or understood.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// The flags of SETTINGS and of HEADERS.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The statuses of the static table, from its index 8 on.
const STATUSES: &[u16] = &[200, 204, 206, 304, 400, 404, 500];
/// Frames that a server may send before it answers.
const FRAMES_MAX: usize = 20;
