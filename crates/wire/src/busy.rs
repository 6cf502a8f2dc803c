//! The mark on a connection that has a request under way.
//!
//! The protocol sets it; two others read it. A server that stops aborts connections without it at
//! once, and TLS says farewell when such a connection is dropped but not when an answer is cut
//! short. One atomic word is enough: it orders nothing else, so every access is relaxed.

use std::sync::atomic::{AtomicBool, Ordering};

/// The mark of a connection that has a request under way: one that has none may be ended at any
/// moment.
#[derive(Debug, Default)]
pub(crate) struct Busy(AtomicBool);

impl Busy {
    /// Returns whether a request is under way.
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
