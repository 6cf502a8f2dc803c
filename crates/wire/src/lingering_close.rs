//! The time for which content is taken and dropped that still comes when its answer is there
//! already: many clients send all of an upload before they read, and lose an answer behind which
//! the connection or the stream is reset.
//!
//! Three bounds hold at one time, so that nobody keeps a refused connection by sending on: octets
//! in all, a quiet time, and a time in all.

use std::time::Duration;

use tokio::{sync::watch, time};

/// Lets a client hear the answer, for no longer than that may take: whether it listens to the end
/// is its own affair.
pub(crate) async fn lingers<T>(ending: impl Future<Output = T>, stopping: watch::Receiver<bool>) {
    tokio::select! {
        _ended = time::timeout(LINGER, ending) => {}
        () = stopped(stopping) => {}
    }
}

/// Returns a moment after the server was told to stop.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_ok() {
        time::sleep(LINGER_STOPPING).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// Octets that are taken and dropped behind one answer.
pub(crate) const LINGER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The time for which none may come meanwhile.
pub(crate) const LINGER_QUIET: Duration = Duration::from_secs(5);

/// The time that this may take in all: a slow line carries some megabytes within it.
const LINGER: Duration = Duration::from_secs(30);

/// The same of a server that was told to stop.
const LINGER_STOPPING: Duration = Duration::from_secs(2);
