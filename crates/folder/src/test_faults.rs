//! What a test may make the disk do: end the work as a kill would, between any two steps that the
//! disk keeps; or be one of the kinds that are not at hand. In a server it does none of this.

use methodical_semantics::error::Result;

#[cfg(feature = "testing")]
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// The faults that a test has asked for.
#[derive(Debug)]
pub(crate) struct Faults {
    #[cfg(feature = "testing")]
    steps_left: AtomicU32,
    #[cfg(feature = "testing")]
    named_only: AtomicBool,
    #[cfg(feature = "testing")]
    apart: AtomicBool,
    #[cfg(feature = "testing")]
    no_exchange: AtomicBool,
}

#[cfg(feature = "testing")]
impl Faults {
    pub(crate) fn none() -> Self {
        let no = || AtomicBool::new(false);
        let steps_left = AtomicU32::new(u32::MAX);
        Self { steps_left, named_only: no(), apart: no(), no_exchange: no() }
    }

    /// Ends the work after so many more steps.
    pub(crate) fn crash_after(&self, steps: u32) {
        self.steps_left.store(steps, Relaxed);
    }

    /// Makes a disk that knows no files without a name.
    pub(crate) fn set_named_only(&self) {
        self.named_only.store(true, Relaxed);
    }

    /// Makes the state folder lie on another disk than everything else.
    pub(crate) fn set_apart(&self) {
        self.apart.store(true, Relaxed);
    }

    /// Makes a disk whose files cannot change places.
    pub(crate) fn set_no_exchange(&self) {
        self.no_exchange.store(true, Relaxed);
    }

    /// One more step is about to be made.
    pub(crate) fn step(&self) -> Result<()> {
        let counted = |left: u32| match left {
            u32::MAX => None,
            left => Some(left.saturating_sub(1)),
        };
        match self.steps_left.fetch_update(Relaxed, Relaxed, counted) {
            Ok(0) => Err(methodical_semantics::error::Error::failed("the process was killed")),
            _ => Ok(()),
        }
    }

    /// Returns whether the work has ended, so that nothing is cleaned up either.
    pub(crate) fn is_down(&self) -> bool {
        self.steps_left.load(Relaxed) == 0 || methodical_store::faulty::is_down()
    }

    pub(crate) fn named_only(&self) -> bool {
        self.named_only.load(Relaxed)
    }

    pub(crate) fn apart(&self) -> bool {
        self.apart.load(Relaxed)
    }

    pub(crate) fn no_exchange(&self) -> bool {
        self.no_exchange.load(Relaxed)
    }
}

#[cfg(not(feature = "testing"))]
#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "a server has no faults made")]
impl Faults {
    pub(crate) const fn none() -> Self {
        Self {}
    }

    pub(crate) const fn step(&self) -> Result<()> {
        Ok(())
    }

    pub(crate) const fn is_down(&self) -> bool {
        false
    }

    pub(crate) const fn named_only(&self) -> bool {
        false
    }

    pub(crate) const fn apart(&self) -> bool {
        false
    }

    pub(crate) const fn no_exchange(&self) -> bool {
        false
    }
}
