//! Content that still comes when its answer is there already.

use h2::RecvStream;
use tokio::{sync::watch, time::timeout};

use crate::{
    http2::coalesced::Noise,
    lingering_close::{LINGER_BYTES_MAX, LINGER_QUIET, lingers},
};

/// Takes and drops what still comes of the content, as if it were read, so that the client goes on
/// until it hears the answer. A reset with `NO_ERROR`, which the engine makes of a stream that is
/// dropped behind its answer, may ask it to stop (RFC 9113 section 8.1), but to many clients that
/// send at the moment it is a failure, and the answer is lost on them: it comes last.
pub(super) async fn lingering_close(
    body: &mut RecvStream,
    noise: &Noise,
    stopping: watch::Receiver<bool>,
) {
    if body.is_end_stream() {
        return;
    }
    let ending = async {
        let mut left = LINGER_BYTES_MAX;
        while left > 0 {
            let Ok(Some(Ok(piece))) = timeout(LINGER_QUIET, body.data()).await else { return };
            if body.flow_control().release_capacity(piece.len()).is_err() {
                return;
            }
            left = left.saturating_sub(piece.len());
            if !piece.is_empty() {
                noise.end();
            }
        }
    };
    lingers(ending, stopping).await;
}
