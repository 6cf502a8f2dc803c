//! Content on its way in, whatever the protocol that carries it.
//!
//! The pipeline pulls pieces from here only after it has judged the head, so a client that sent
//! `Expect: 100-continue` and is refused never uploads anything (RFC 9110 section 10.1.1). Framing,
//! pace and flow control stay with the protocol beneath.

use bytes::Bytes;

use crate::{
    http1::reader::{LeftOver, Reader},
    http2::content::Stream,
    message::Stopped,
};

/// Content on its way in.
#[derive(Debug)]
pub struct Incoming<'c>(Over<'c>);

/// The protocol that the content comes over.
#[derive(Debug)]
enum Over<'c> {
    Http1(Reader<'c>),
    Http2(Stream<'c>),
}

impl<'c> From<Reader<'c>> for Incoming<'c> {
    fn from(reader: Reader<'c>) -> Self {
        Self(Over::Http1(reader))
    }
}

impl<'c> From<Stream<'c>> for Incoming<'c> {
    fn from(stream: Stream<'c>) -> Self {
        Self(Over::Http2(stream))
    }
}

impl Incoming<'_> {
    /// Returns whether there is no content at all.
    #[inline]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Over::Http1(reader) => reader.is_done(),
            Over::Http2(stream) => stream.is_done(),
        }
    }

    /// Returns whether all of it has been read off the network already.
    ///
    /// Such content costs nobody a wait: it may be judged together with its request. Never true
    /// over HTTP/2, whose engine does not tell.
    pub fn is_here(&self) -> bool {
        match &self.0 {
            Over::Http1(reader) => reader.is_here(),
            Over::Http2(_) => false,
        }
    }

    /// Returns how many octets are still to come, where the client said so.
    pub fn left(&self) -> Option<u64> {
        match &self.0 {
            Over::Http1(reader) => reader.left(),
            Over::Http2(stream) => stream.left(),
        }
    }

    /// Returns what is left on the connection now that the answer is there.
    pub(crate) fn left_over(self) -> LeftOver {
        match self.0 {
            Over::Http2(_) => LeftOver::Nothing,
            Over::Http1(reader) => reader.left_over(),
        }
    }

    /// Waits until the client has gone, while an answer is being made for it.
    pub async fn gone(&mut self) {
        match &mut self.0 {
            Over::Http1(reader) => reader.gone().await,
            Over::Http2(stream) => stream.gone().await,
        }
    }

    /// The next piece; nothing at the end. Asking for the first one tells a client that waits for
    /// 100 to go on.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        match &mut self.0 {
            Over::Http1(reader) => reader.piece().await,
            Over::Http2(stream) => stream.piece().await,
        }
    }
}
