//! The door for methods that write: guard, judge, change, commit.

use std::time::Duration;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    lock::Lock,
    path::Path,
    rule::privilege::{Access, Right},
    timestamp::Timestamp,
};

use crate::{
    facts::Fact,
    guard::{GUARD_WAIT_MAX, Held, Turn},
    locking::NewLock,
    properties::Properties,
    store::{Begun, Changes, Committed, Mark, Placement, Store},
    view::{Memory, View},
    work,
};
use methodical_content::staging::{Staged, Staging};

/// The store as an unsafe method sees it, while its footprint is guarded. Dropped, it changed
/// nothing.
pub struct Transaction<'s> {
    now: Timestamp,
    footprint: Footprint,
    changes: Box<dyn Changes + 's>,
    memory: Memory,
    /// What the names are held to that are found under the guard only, and what is seen.
    access: Access,
}

/// The outcome of a writing method.
#[derive(Debug)]
pub enum Written<T, I> {
    /// It was run and committed.
    Done(T, Committed),
    /// Others write to the same places: it goes on when it is its turn, with its input.
    Waits(Waiting, I),
}

/// A writing method that waits for its turn.
#[derive(Debug)]
pub struct Waiting {
    turn: Turn,
    footprint: Footprint,
    attempts: usize,
}

/// A writing method whose turn it is.
#[derive(Debug)]
pub struct Next {
    held: Held,
    footprint: Footprint,
    attempts: usize,
}

impl Waiting {
    /// Waits until it is its turn; takes no thread meanwhile. Dropped, it leaves the queue.
    pub async fn next(self) -> Next {
        let Self { turn, footprint, attempts } = self;
        Next { held: turn.await, footprint, attempts }
    }

    /// The same on this thread.
    ///
    /// # Errors
    /// `Overloaded` when the wait exceeds [`GUARD_WAIT_MAX`].
    pub fn block(self) -> Result<Next> {
        let Self { turn, footprint, attempts } = self;
        Ok(Next { held: turn.wait(GUARD_WAIT_MAX)?, footprint, attempts })
    }
}

/// Runs a writing method: finds its footprint, guards it, judges it again under the guard
/// (`admit` gives the footprint too), runs it and commits. Where nobody wrote since it was judged
/// first, that judgement holds. Waits on this thread.
///
/// # Errors
/// What `admit` or `run` refuse with, and what the commit fails with. Nothing was changed then.
pub fn write<T>(
    store: &dyn Store,
    now: Timestamp,
    admit: impl Fn(&View<'_>) -> Result<Footprint>,
    run: impl FnOnce(&mut Transaction<'_>) -> Result<T>,
) -> Result<(T, Committed)> {
    let (mut next, mut run) = (None, run);
    loop {
        let carry_out = |transaction: &mut Transaction<'_>, run: _| call(run, transaction);
        match write_in_turn(store, now, next, |view, _| admit(view), (run, carry_out))? {
            Written::Done(out, committed) => return Ok((out, committed)),
            Written::Waits(waiting, again) => (next, run) = (Some(waiting.block()?), again),
        }
    }
}

fn call<T>(
    run: impl FnOnce(&mut Transaction<'_>) -> Result<T>,
    transaction: &mut Transaction<'_>,
) -> Result<T> {
    run(transaction)
}

/// The same as [`write()`], but where others are before it gives back what it would have run with,
/// to go on with when it is its turn (`next`). What it runs with is judged, too.
///
/// # Errors
/// As [`write()`].
pub fn write_in_turn<T, I>(
    store: &dyn Store,
    now: Timestamp,
    next: Option<Next>,
    admit: impl Fn(&View<'_>, &I) -> Result<Footprint>,
    (input, run): (I, impl FnOnce(&mut Transaction<'_>, I) -> Result<T>),
) -> Result<Written<T, I>> {
    let (mut held, mut footprint, mut attempts) = if let Some(next) = next {
        (Some(next.held), next.footprint, next.attempts)
    } else {
        let (snapshot, memory) = (store.snapshot(), Memory::default());
        let footprint = admit(&View::of(&*snapshot, now, &memory), &input)?;
        if let Some(changes) = snapshot.into_changes(&footprint) {
            let guarded = (now, footprint);
            return Transaction::carried_out(guarded, (changes, memory), (input, run));
        }
        (None, footprint, 0)
    };
    while attempts < FOOTPRINT_ATTEMPTS_MAX {
        let changes = match store.begin(&footprint, held.take())? {
            Begun::Changes(changes) => changes,
            Begun::Waits(turn) => {
                let attempts = attempts + 1;
                return Ok(Written::Waits(Waiting { turn, footprint, attempts }, input));
            }
        };
        let memory = Memory::default();
        let found = admit(&View::of(changes.snapshot(), now, &memory), &input)?;
        if found == footprint {
            let guarded = (now, footprint);
            return Transaction::carried_out(guarded, (changes, memory), (input, run));
        }
        // What the method would touch changed while it waited: guard that instead.
        (footprint, attempts) = (found, attempts + 1);
    }
    Err(Error::refused(
        Condition::Overloaded,
        "Too many others change this at the same time; try again in a moment.",
    ))
}

impl<'s> Transaction<'s> {
    fn carried_out<T, I>(
        (now, footprint): (Timestamp, Footprint),
        (changes, memory): (Box<dyn Changes + 's>, Memory),
        (input, run): (I, impl FnOnce(&mut Transaction<'_>, I) -> Result<T>),
    ) -> Result<Written<T, I>> {
        let access = Access::default();
        let mut transaction = Self { now, footprint, changes, memory, access };
        let out = run(&mut transaction, input)?;
        work::may_commit()?;
        Ok(Written::Done(out, transaction.changes.commit()?))
    }

    /// The state before the changes of this transaction.
    pub fn view(&self) -> View<'_> {
        View::of(self.changes.snapshot(), self.now, &self.memory).known_to(&self.access)
    }

    /// Holds what is made to somebody's rights where its name was not known when the footprint was
    /// judged; all else was judged by the footprint. Names that are hidden from them are not seen,
    /// and not copied.
    pub fn held_to(&mut self, access: Access) {
        self.changes.held_to(&access);
        self.access = access;
    }

    /// The moment of the request.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Begins to make new content for a path inside the footprint.
    ///
    /// # Errors
    /// As [`Changes::stage`].
    pub fn stage(&mut self, path: &Path) -> Result<Box<dyn Staging>> {
        self.within(path)?;
        self.changes.stage(path)
    }

    /// Gives a path new content, replacing a file that is there.
    ///
    /// # Errors
    /// As [`Changes::place`].
    pub fn place(&mut self, path: &Path, content: Staged, as_: Placement) -> Result<()> {
        self.within(path)?;
        self.changes.place(path, content, as_)
    }

    /// Makes an empty collection where nothing is.
    ///
    /// # Errors
    /// As [`Changes::make_collection`].
    pub fn make_collection(&mut self, path: &Path) -> Result<()> {
        self.within(path)?;
        self.changes.make_collection(path)
    }

    /// Removes a resource with everything below it.
    ///
    /// # Errors
    /// As [`Changes::remove`].
    pub fn remove(&mut self, path: &Path, mark: Mark) -> Result<()> {
        self.within(path)?;
        self.changes.remove(path, mark)
    }

    /// Copies a resource, with everything below it if `tree`, to where nothing is.
    ///
    /// # Errors
    /// As [`Changes::copy`].
    pub fn copy(&mut self, from: &Path, to: &Path, tree: bool) -> Result<()> {
        self.within(to)?;
        self.changes.copy(from, to, tree)
    }

    /// Moves a resource with everything below it to where nothing is.
    ///
    /// # Errors
    /// As [`Changes::rename`].
    pub fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        self.within(from)?;
        self.within(to)?;
        self.changes.rename(from, to)
    }

    /// Gives a resource these dead properties, in place of all that it has.
    ///
    /// # Errors
    /// As [`Changes::set_properties`].
    pub fn set_properties(&mut self, path: &Path, properties: Properties) -> Result<()> {
        self.within(path)?;
        self.changes.set_properties(path, properties)
    }

    /// Gives a resource a fact, in place of what it had of that.
    ///
    /// # Errors
    /// As [`Changes::set_fact`].
    pub fn set_fact<T>(&mut self, fact: &'static Fact<T>, path: &Path, value: &T) -> Result<()> {
        self.within(path)?;
        self.changes.set_fact(&fact.row, path, Some(fact.encoded(value)))
    }

    /// Takes a fact away from a resource; one that it has not is gone already.
    ///
    /// # Errors
    /// As [`Changes::set_fact`].
    pub fn remove_fact<T>(&mut self, fact: &'static Fact<T>, path: &Path) -> Result<()> {
        self.within(path)?;
        self.changes.set_fact(&fact.row, path, None)
    }

    /// Says when a resource was last modified.
    ///
    /// # Errors
    /// As [`Changes::set_modified`].
    pub fn set_modified(&mut self, path: &Path, modified: Timestamp) -> Result<()> {
        self.within(path)?;
        self.changes.set_modified(path, modified)
    }

    /// Makes a lock, with a name that no lock ever had.
    ///
    /// # Errors
    /// As [`Changes::set_lock`].
    pub fn lock(&mut self, wanted: NewLock) -> Result<Lock> {
        self.within(&wanted.root)?;
        let lock = wanted.named(self.now)?;
        self.changes.set_lock(lock.clone())?;
        Ok(lock)
    }

    /// Lets a lock last for so long from now on.
    ///
    /// # Errors
    /// As [`Changes::set_lock`].
    pub fn refresh(&mut self, lock: &Lock, timeout: Duration) -> Result<Lock> {
        self.within(&lock.root)?;
        let lock = Lock { timeout, expires: self.now.after(timeout), ..lock.clone() };
        self.changes.set_lock(lock.clone())?;
        Ok(lock)
    }

    /// Keeps a lock on what came to stand at its root within this transaction.
    ///
    /// # Errors
    /// As [`Changes::set_lock`].
    pub fn keep_lock(&mut self, lock: &Lock) -> Result<()> {
        self.within(&lock.root)?;
        self.changes.set_lock(lock.clone())
    }

    /// Ends a lock.
    ///
    /// # Errors
    /// As [`Changes::remove_lock`].
    pub fn unlock(&mut self, lock: &Lock) -> Result<()> {
        self.within(&lock.root)?;
        self.changes.remove_lock(&lock.token)
    }

    /// A write outside the footprint was neither judged nor guarded: it is a defect of the method.
    fn within(&self, path: &Path) -> Result<()> {
        if self.footprint.names(path) {
            return Ok(());
        }
        if self.footprint.covers(path) {
            return self.is_granted(path);
        }
        Err(Error::failed(format!("a write to {path} lies outside the method's footprint")))
    }
}

impl Transaction<'_> {
    fn is_granted(&self, path: &Path) -> Result<()> {
        if self.access.allows(Right::Create, path) {
            return Ok(());
        }
        Err(Error::refused(Condition::Forbidden, "You may not make something of this name here."))
    }
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Transaction").field("footprint", &self.footprint).finish_non_exhaustive()
    }
}

/// The number of times that a method may find, under the guard, that it would touch other places
/// than it thought.
const FOOTPRINT_ATTEMPTS_MAX: usize = 8;
