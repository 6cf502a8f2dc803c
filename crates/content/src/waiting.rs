//! Whether a thread may wait: an event loop may not.
//!
//! What would have to wait may be tried [`at_once`] by a thread that may not. A thread that never
//! may says so, and what it holds of slow disks is [let go](let_go) by another.

use std::{
    cell::Cell,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Sender, channel},
    },
};

thread_local! {
    static PATIENCE: Cell<Patience> = const { Cell::new(Patience::Enough) };
    static IS_LOOP: Cell<bool> = const { Cell::new(false) };
}

/// Does something on a thread that may not wait, as an event loop; nothing where that would have
/// had to wait, for the disk's clock to tick or for others to be done. Nothing was changed then,
/// and it is to be done again where waiting harms nobody.
///
/// ```
/// use methodical_content::waiting::{at_once, would_wait};
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

/// Whether this thread may wait, now or at all.
pub fn may_wait() -> bool {
    PATIENCE.get() == Patience::Enough && !IS_LOOP.get()
}

/// Says that this thread runs an event loop, and may never wait.
pub fn never_waits() {
    IS_LOOP.set(true);
}

/// Drops a thing, which takes any time where it is of a slow disk: a thread that may not wait has
/// another one do it.
pub fn let_go(thing: impl Send + 'static) {
    if may_wait() {
        return drop(thing);
    }
    WAITING.fetch_add(1, Ordering::Relaxed);
    // Without such a thread it is dropped here, which may hold up others, and loses nothing.
    let sent = LETTING_GO.get().map(|letting_go| letting_go.send(Box::new(thing)));
    if !matches!(sent, Some(Ok(()))) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a thread is to run that lets go for those that may not wait; nothing where one does.
pub fn letting_go() -> Option<impl FnOnce() + Send + 'static> {
    let (sender, things) = channel();
    LETTING_GO.set(sender).ok()?;
    Some(move || {
        for thing in things {
            drop::<Box<dyn Send>>(thing);
            WAITING.fetch_sub(1, Ordering::Relaxed);
        }
    })
}

/// Whether so much waits to be let go that nothing more of slow disks is to be held.
pub fn is_behind() -> bool {
    WAITING.load(Ordering::Relaxed) >= LET_GO_MAX
}

/// The way to the thread that lets go, where there is one.
static LETTING_GO: OnceLock<Sender<Box<dyn Send>>> = OnceLock::new();

/// Things that wait to be let go.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Things that may wait to be let go, each with a descriptor as a rule: so few that they are lost
/// to nobody, and more than a disk that answers ever has.
const LET_GO_MAX: usize = 64;

/// Whether what this thread does had to wait and could not, so that it is to be done again.
pub fn lacked_patience() -> bool {
    PATIENCE.get() == Patience::Lacked
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
