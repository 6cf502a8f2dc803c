//! The deadline until which a connection may wait for its next request.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline that is put off with every request. The timer behind it is moved only when it fires,
/// so that a busy connection does not pay for it.
#[derive(Debug)]
pub(crate) struct Idle {
    /// Fires at the deadline or before it; then it is set anew.
    timer: Pin<Box<Sleep>>,
    /// The moment that counts.
    deadline: Instant,
}

impl Idle {
    /// A deadline so long from now.
    pub(crate) fn new(idle: Duration) -> Self {
        let deadline = Instant::now() + idle;
        Self { timer: Box::pin(sleep_until(deadline)), deadline }
    }

    /// Puts the deadline off to so long from now.
    pub(crate) fn extend(&mut self, idle: Duration) {
        self.deadline = Instant::now() + idle;
    }

    /// Ready when the deadline has passed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.deadline);
        }
    }
}
