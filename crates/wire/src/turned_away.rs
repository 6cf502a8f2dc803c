//! The answer to a connection for which there is no place.
//!
//! It is written as far as the system takes it at once, and nobody waits for anything: who comes
//! when there are too many connections costs no more than that. Within TLS there is no answer
//! without a handshake, which would be work for whoever keeps coming.

use std::io::{Read, Write};

use methodical_content::{Content, body::Body};

use crate::{date, http1::write, message::Answer};

/// Tells a client that it may come again; its connection is closed behind that. The socket is one
/// on which nobody waits.
pub(crate) fn turn_away(mut socket: impl Read + Write, answer: Answer) {
    // The system throws an answer away behind which something is left unread. Whether any of this
    // succeeds is the client's own affair: the connection ends in any case.
    let mut room = [0; READ_BYTES_MAX];
    let _read = socket.read(&mut room);
    let _sent = socket.write(&written(answer));
}

/// An answer that the connection ends behind, in one piece.
///
/// Only content in memory is sent: what the server says of too many connections is a short text.
fn written(answer: Answer) -> Vec<u8> {
    let Answer { status, fields, body, .. } = answer;
    let (before, after, framing) = write::around_date((status, &fields), body.length());
    let mut out = before.to_vec();
    date::append_date(&mut out);
    out.extend([after, framing].concat());
    out.extend_from_slice(b"Connection: close\r\n\r\n");
    if let Body::Content(Content::Bytes(bytes)) = body {
        out.extend_from_slice(&bytes);
    }
    out
}

/// Octets of a request that are read and dropped: nearly always it is smaller, or still to come.
const READ_BYTES_MAX: usize = 4096;
