//! Where a test may end the work as a kill would: between any two steps that the disk keeps.

#[cfg(feature = "testing")]
use std::sync::atomic::{AtomicU32, Ordering};

use methodical_semantics::error::Result;

/// Counts the steps until the work is to end; in a server it never does.
#[derive(Debug)]
pub(crate) struct Crash {
    #[cfg(feature = "testing")]
    steps_left: AtomicU32,
}

#[cfg(feature = "testing")]
impl Crash {
    pub(crate) fn never() -> Self {
        Self { steps_left: AtomicU32::new(u32::MAX) }
    }

    /// Ends the work after so many more steps.
    pub(crate) fn after(&self, steps: u32) {
        self.steps_left.store(steps, Ordering::Relaxed);
    }

    /// One more step is about to be made.
    pub(crate) fn step(&self) -> Result<()> {
        let counted = |left: u32| match left {
            u32::MAX => None,
            left => Some(left.saturating_sub(1)),
        };
        match self.steps_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, counted) {
            Ok(0) => Err(methodical_semantics::error::Error::failed("the process was killed")),
            _ => Ok(()),
        }
    }

    /// Whether the work has ended, so that nothing is cleaned up either.
    pub(crate) fn is_down(&self) -> bool {
        self.steps_left.load(Ordering::Relaxed) == 0
    }
}

#[cfg(not(feature = "testing"))]
#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "a server is never made to crash"
)]
impl Crash {
    pub(crate) const fn never() -> Self {
        Self {}
    }

    pub(crate) const fn step(&self) -> Result<()> {
        Ok(())
    }

    pub(crate) const fn is_down(&self) -> bool {
        false
    }
}
