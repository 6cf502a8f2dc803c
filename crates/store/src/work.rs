//! Work that is done for somebody who waits for it, and ends soon after nobody does any more.
//!
//! What takes time that grows with a folder (a walk, a copy of a tree) asks between two steps
//! whether it is still wanted. The one who waits holds a [`Wanted`]; when that is dropped, as it is
//! with a request whose client has gone, the next [`go_on`] of the work refuses, and the work ends
//! as at any other refusal: what it staged is taken away, and nothing was changed.
//!
//! What would have to wait, on the other hand, may be tried [`at_once`] by a thread that may not. A
//! thread that never may says so, and what it holds of slow disks is let go by another.
//!
//! ```
//! use methodical_store::work::{Wanted, go_on};
//! let wanted = Wanted::default();
//! let work = wanted.work();
//! drop(wanted);
//! work.done_by(|| assert!(go_on().is_err()));
//! assert!(go_on().is_ok(), "what nobody began for somebody is always wanted");
//! ```

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use methodical_content::waiting::lacked_patience;
pub use methodical_content::waiting::{at_once, may_wait, would_wait};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};

/// Held by whoever waits for work; dropped, the work ends.
#[derive(Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

/// Work that somebody waits for.
#[derive(Debug, Clone)]
pub struct Work(Arc<AtomicBool>);

thread_local! {
    static CURRENT: RefCell<Option<Work>> = const { RefCell::new(None) };
}

impl Wanted {
    /// The work that is waited for, to be done by any thread.
    pub fn work(&self) -> Work {
        Work(Arc::clone(&self.0))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Work {
    /// Does a part of the work on this thread.
    pub fn done_by<T>(self, run: impl FnOnce() -> T) -> T {
        let _restored = Restored(CURRENT.replace(Some(self)));
        run()
    }

    /// The work that this thread does, to be gone on with by another.
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    fn is_wanted(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Checks whether what is done may be committed: not where it is to be done again.
///
/// # Errors
/// A failure where something would have had to wait, which [`at_once`] tells of.
pub fn may_commit() -> Result<()> {
    if lacked_patience() {
        return Err(Error::failed("what would have had to wait is to be done again"));
    }
    Ok(())
}

/// Puts back what the thread did before, also where the work panics.
struct Restored(Option<Work>);

impl Drop for Restored {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Checks whether the work of this thread is still waited for; costs next to nothing.
///
/// # Errors
/// `Overloaded` where it is not. Nobody is there to be told of it.
pub fn go_on() -> Result<()> {
    if CURRENT.with_borrow(|work| work.as_ref().is_none_or(Work::is_wanted)) {
        return Ok(());
    }
    Err(Error::refused(Condition::Overloaded, "The client went away before this was done."))
}
