//! The bounds of the requests on an HTTP/1 connection, without a connection: for tests that compare
//! our reading with others'. Not an interface: it may change at any time.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use crate::{
    bad_head::BadHead,
    http1::{
        body::{BadFraming, Decoder, Piece},
        head::{self, Head},
    },
    limits::HEAD_BYTES_DEFAULT,
};

/// The requests that a connection is read as.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    /// The requests that are whole.
    pub requests: Vec<Request>,
    /// The state behind them.
    pub end: End,
}

/// A request with all of its content.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The head as it came.
    pub head: Bytes,
    /// The method token.
    pub method: String,
    /// The request target.
    pub target: String,
    /// The fields.
    pub fields: HeaderMap,
    /// The content.
    pub content: Vec<u8>,
}

/// The state behind the last request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing, or a request that is not whole.
    Open,
    /// Nothing that is read: the client asked for the end of the connection.
    Closed,
    /// Something that is refused with this status.
    Refused(u16),
}

/// Reads a connection on which these pieces come, one after the other.
pub fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Reading {
    let mut connection = Connection::default();
    for piece in pieces {
        connection.input.extend_from_slice(piece);
        while connection.reading.end == End::Open && connection.step() {}
    }
    connection.reading
}

/// A connection that is being read.
#[derive(Debug, Default)]
struct Connection {
    /// Bytes that are not used yet.
    input: BytesMut,
    /// Bytes of the input that were looked at for the end of a head.
    seen: usize,
    /// A request of which the content is not whole, and whether the connection ends behind it.
    under_way: Option<(Request, Decoder, bool)>,
    reading: Reading,
}

impl Connection {
    /// Returns whether there may be more to read in the input.
    fn step(&mut self) -> bool {
        let stepped = match self.under_way.take() {
            None => self.begin(),
            Some((request, decoder, last)) => self.go_on(request, decoder, last),
        };
        stepped.unwrap_or_else(|status| {
            self.reading.end = End::Refused(status);
            false
        })
    }

    /// Reads a head; an error is the status of its refusal.
    fn begin(&mut self) -> Result<bool, u16> {
        let next = head::next(&mut self.input, &mut self.seen, HEAD_BYTES_DEFAULT);
        let Some(head) = next.map_err(status)? else { return Ok(false) };
        self.seen = 0;
        let decoder = Decoder::new(head.framing().map_err(status)?);
        head.expects_continue().map_err(status)?;
        let last = !head.keeps_alive();
        let Head { method, target, fields, raw, .. } = head;
        let request = Request { head: raw, method, target, fields, content: Vec::new() };
        self.under_way = Some((request, decoder, last));
        Ok(true)
    }

    /// Reads content as far as it is there.
    fn go_on(
        &mut self,
        mut request: Request,
        mut decoder: Decoder,
        last: bool,
    ) -> Result<bool, u16> {
        while let Some(data) = data(&mut decoder, &mut self.input).map_err(|_| BAD_REQUEST)? {
            request.content.extend_from_slice(&data);
        }
        if !decoder.is_done() {
            self.under_way = Some((request, decoder, last));
            return Ok(false);
        }
        self.reading.requests.push(request);
        if last {
            self.reading.end = End::Closed;
        }
        Ok(!last)
    }
}

impl Default for Reading {
    fn default() -> Self {
        Self { requests: Vec::new(), end: End::Open }
    }
}

/// The next octets of content that are there.
fn data(decoder: &mut Decoder, input: &mut BytesMut) -> Result<Option<Bytes>, BadFraming> {
    match decoder.next(input)? {
        Piece::Data(data) => Ok(Some(data)),
        Piece::Wanting | Piece::End => Ok(None),
    }
}

/// The status by which a head is refused.
fn status(bad: BadHead) -> u16 {
    bad.0.status().as_u16()
}

/// The status of content that has no readable end.
const BAD_REQUEST: u16 = 400;
