//! The content of one request, as its stream brings it (RFC 9113 section 8.1).
//!
//! The window of a stream is opened only for what the service took, so a method that reads slowly
//! slows its client and nobody else (RFC 9113 section 5.2).

use std::{future::poll_fn, sync::Arc};

use bytes::Bytes;
use h2::{RecvStream, server::SendResponse};
use http::Response;
use methodical_semantics::condition::Condition;

use crate::{
    http2::coalesced::Noise,
    message::Stopped,
    pace::{Pace, TooSlow},
};

/// The content of one request.
pub(crate) struct Stream<'c> {
    /// The stream's incoming side.
    pub(super) body: &'c mut RecvStream,
    /// Told of each piece that was of use.
    pub(super) noise: Arc<Noise>,
    /// The outgoing side, for 100 and to see a reset.
    pub(super) respond: &'c mut SendResponse<Bytes>,
    /// True if the client waits for 100 before it sends any.
    pub(super) waits: bool,
    /// Octets that Content-Length promised.
    pub(super) declared: Option<u64>,
    /// Octets that came.
    pub(super) received: u64,
    /// The patience with the client.
    pub(super) pace: Pace,
}

impl std::fmt::Debug for Stream<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Stream").field("received", &self.received).finish_non_exhaustive()
    }
}

impl Stream<'_> {
    /// Returns whether the end was reached.
    pub(crate) fn is_done(&self) -> bool {
        self.body.is_end_stream()
    }

    /// Returns how many octets are still to come, where the client said so.
    pub(crate) fn left(&self) -> Option<u64> {
        if self.is_done() {
            return Some(0);
        }
        self.declared.map(|declared| declared.saturating_sub(self.received))
    }

    /// Waits until the client has given the stream up, or gone.
    pub(crate) async fn gone(&mut self) {
        // An error is the end of the connection.
        let _why = poll_fn(|cx| self.respond.poll_reset(cx)).await;
    }

    /// The next piece; nothing at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        if std::mem::take(&mut self.waits) {
            let mut interim = Response::new(());
            *interim.status_mut() = http::StatusCode::CONTINUE;
            self.respond.send_informational(interim).map_err(|_| Stopped::Aborted)?;
        }
        loop {
            let read = self.pace.wait(self.body.data()).await.map_err(|TooSlow| TOO_SLOW)?;
            let Some(piece) = read else { return Ok(None) };
            let piece = piece.map_err(|_| Stopped::Aborted)?;
            self.pace.moved(piece.len() as u64).map_err(|TooSlow| TOO_SLOW)?;
            // What was taken makes room for more (RFC 9113 section 5.2).
            let released = self.body.flow_control().release_capacity(piece.len());
            released.map_err(|_| Stopped::Aborted)?;
            self.received += piece.len() as u64;
            if !piece.is_empty() {
                self.noise.end();
                return Ok(Some(piece));
            }
        }
    }
}

/// The answer to content that comes too slowly (RFC 9110 section 15.5.9).
const TOO_SLOW: Stopped =
    Stopped::Unreadable(Condition::Timeout, "The content came too slowly; send it again.");
