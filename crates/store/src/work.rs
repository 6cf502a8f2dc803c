//! Work that is done for somebody who waits for it, and ends soon after nobody does any more.
//!
//! What takes time that grows with a folder (a walk, a copy of a tree) asks between two steps
//! whether it is still wanted. The one who waits holds a [`Wanted`]; when that is dropped, as it is
//! with a request whose client has gone, the next [`go_on`] of the work refuses, and the work ends
//! as at any other refusal: what it staged is taken away, and nothing was changed.
//!
//! What would have to wait, on the other hand, may be tried [`at_once`] by a thread that may not.
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
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

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
    static PATIENCE: Cell<Patience> = const { Cell::new(Patience::Enough) };
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

/// Does something on a thread that may not wait, as an event loop; nothing where that would have
/// had to wait, for the disk's clock to tick or for others to be done. Nothing was changed then,
/// and it is to be done again where waiting harms nobody.
///
/// ```
/// use methodical_store::work::{at_once, would_wait};
/// assert_eq!(at_once(|| 1), Some(1));
/// assert_eq!(at_once(|| if would_wait() { 0 } else { 1 }), None);
/// assert!(!would_wait());
/// ```
pub fn at_once<T>(run: impl FnOnce() -> T) -> Option<T> {
    let _restored = Regained(PATIENCE.replace(Patience::None));
    let done = run();
    (PATIENCE.get() == Patience::None).then_some(done)
}

/// Asked by whoever is about to wait: whether it may not. It then gives up with whatever error.
pub fn would_wait() -> bool {
    let may_not = PATIENCE.get() != Patience::Enough;
    if may_not {
        PATIENCE.set(Patience::Lacked);
    }
    may_not
}

/// Whether what is done may be committed: not where it is to be done again.
///
/// # Errors
/// A failure where something would have had to wait, which [`at_once`] tells of.
pub fn may_commit() -> Result<()> {
    if PATIENCE.get() == Patience::Lacked {
        return Err(Error::failed("what would have had to wait is to be done again"));
    }
    Ok(())
}

/// Whether a thread may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Enough,
    None,
    /// It may not, and would have had to.
    Lacked,
}

/// Gives a thread back the patience that it had, also where what it did panics.
struct Regained(Patience);

impl Drop for Regained {
    fn drop(&mut self) {
        PATIENCE.set(self.0);
    }
}

/// Puts back what the thread did before, also where the work panics.
struct Restored(Option<Work>);

impl Drop for Restored {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Whether the work of this thread is still waited for; costs next to nothing.
///
/// # Errors
/// `Overloaded` where it is not. Nobody is there to be told of it.
pub fn go_on() -> Result<()> {
    if CURRENT.with_borrow(|work| work.as_ref().is_none_or(Work::is_wanted)) {
        return Ok(());
    }
    Err(Error::refused(Condition::Overloaded, "The client went away before this was done."))
}
