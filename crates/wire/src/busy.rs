//! Whether a connection is busy.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a connection has a request under way: one that has none may be ended at any moment.
#[derive(Debug, Default)]
pub(crate) struct Busy(AtomicBool);

impl Busy {
    /// Whether a request is under way.
    #[inline]
    pub(crate) fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says whether a request is under way.
    #[inline]
    pub(crate) fn set(&self, busy: bool) {
        self.0.store(busy, Ordering::Relaxed);
    }
}
