//! Frames made by hand (RFC 9113 section 4.1), with field blocks of plain literals.

use crate::harness::{Client, Server};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const ACK: u8 = 1;

/// The fields of a request that is well-formed.
pub(crate) const GET: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", "/")];

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Self {
        Self { kind, flags, stream, payload: payload.to_vec() }
    }

    /// A head in one frame.
    pub(crate) fn head(stream: u32, flags: u8, fields: &[(&str, &str)]) -> Self {
        Self::new(HEADERS, flags | END_HEADERS, stream, &block(fields))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap().to_be_bytes();
        let stream = self.stream.to_be_bytes();
        [&length[1..], &[self.kind, self.flags], &stream, &self.payload].concat()
    }

    /// The status in a head of an answer, where it is one that has its own code (RFC 7541 appendix
    /// A), or is written in digits.
    pub(crate) fn status(&self) -> Option<u16> {
        let coded = [200, 204, 206, 304, 400, 404, 500];
        let start = self.payload.iter().position(|octet| octet & 0xe0 != 0x20)?;
        match self.payload[start..] {
            [code @ 0x88..=0x8e, ..] => Some(coded[usize::from(code - 0x88)]),
            [_, 3, a, b, c, ..] => std::str::from_utf8(&[a, b, c]).ok()?.parse().ok(),
            // Digits in the code of Huffman take two octets or three.
            _ => None,
        }
    }
}

/// A field block: literals that are not indexed (RFC 7541 section 6.2.2).
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            length(&mut out, text.len());
            out.extend_from_slice(text.as_bytes());
        }
    }
    out
}

fn length(out: &mut Vec<u8>, value: usize) {
    let Some(mut rest) = value.checked_sub(127) else {
        out.push(u8::try_from(value).unwrap());
        return;
    };
    out.push(127);
    while rest >= 128 {
        out.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    out.push(u8::try_from(rest).unwrap());
}

/// A connection on which the preface and SETTINGS were sent.
pub(crate) fn connect(server: &Server) -> Client {
    let mut client = server.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.send(Frame::new(SETTINGS, 0, 0, &[]).bytes());
    client
}

/// The next frame; nothing at the end of the connection.
#[track_caller]
pub(crate) fn next(client: &mut Client) -> Option<Frame> {
    let head = client.octets(9)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    let payload = client.octets(usize::try_from(length).unwrap())?;
    Some(Frame { kind: head[3], flags: head[4], stream, payload })
}

/// The next frame of a stream, or the end of all, by which the server judges what was sent there.
#[track_caller]
pub(crate) fn verdict(client: &mut Client, stream: u32) -> Verdict {
    while let Some(frame) = next(client) {
        match frame.kind {
            GOAWAY => {
                let code = &frame.payload[4..8];
                // A farewell without an error is none.
                if code != [0; 4] {
                    return Verdict::Connection(code[3]);
                }
            }
            RST_STREAM if frame.stream == stream => return Verdict::Reset(frame.payload[3]),
            HEADERS if frame.stream == stream => return Verdict::Status(frame.status()),
            _ => {}
        }
    }
    Verdict::Closed
}

/// What a server says to a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Status(Option<u16>),
    Reset(u8),
    Connection(u8),
    Closed,
}
