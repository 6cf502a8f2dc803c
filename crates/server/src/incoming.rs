//! Content on its way in, whatever the protocol that carries it.

use bytes::Bytes;

use crate::{
    http1::reader::{LeftOver, Reader},
    http2::content::Stream,
    message::Stopped,
};

/// Content on its way in.
#[derive(Debug)]
pub(crate) enum Incoming<'c> {
    /// Over HTTP/1.
    Http1(Reader<'c>),
    /// Over HTTP/2.
    Http2(Stream<'c>),
}

impl Incoming<'_> {
    /// Whether there is no content at all.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Http1(reader) => reader.is_done(),
            Self::Http2(stream) => stream.is_done(),
        }
    }

    /// Whether all of it has been read off the network already.
    pub(crate) fn is_here(&self) -> bool {
        match self {
            Self::Http1(reader) => reader.is_here(),
            Self::Http2(_) => false,
        }
    }

    /// How many octets are still to come, where the client said so.
    pub(crate) fn left(&self) -> Option<u64> {
        match self {
            Self::Http1(reader) => reader.left(),
            Self::Http2(stream) => stream.left(),
        }
    }

    /// What is left on the connection now that the answer is there.
    pub(crate) fn left_over(self) -> LeftOver {
        match self {
            Self::Http2(_) => LeftOver::Nothing,
            Self::Http1(reader) => reader.left_over(),
        }
    }

    /// Waits until the client has gone, while an answer is being made for it.
    pub(crate) async fn gone(&mut self) {
        match self {
            Self::Http1(reader) => reader.gone().await,
            Self::Http2(stream) => stream.gone().await,
        }
    }

    /// The next piece; nothing at the end. Asking for the first one tells a client that waits for
    /// 100 to go on.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        match self {
            Self::Http1(reader) => reader.piece().await,
            Self::Http2(stream) => stream.piece().await,
        }
    }
}
