//! The ids of resources (RFC 5842 section 3.1): what tells a file or folder from all others that
//! there were or will be.
//!
//! An id is computed from the inode and the moment of its making, which last as long as the file
//! does. A file whose content we replace is another one for the disk: its id is then a fact of the
//! path, kept by the commit that places the content, and goes with it from there on. That is only
//! needed where somebody may have been told the id, so that nobody pays who never asks: the store
//! remembers until when ids were asked for, and what was made later was told to nobody. Looking
//! writes nothing: the moment is kept soon after, with an hour to spare, and is the same for all
//! files. A process that is killed in between forgets that it was asked; a file that is replaced
//! after that has another id then.
//!
//! A file with several names is parted from the others by a write, which makes a new file; one of
//! the two has another id then. What goes to another disk within a folder has another id there.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    timestamp::Timestamp,
};
use rustix::time::ClockId;

use super::inodes::Body;
use crate::{
    Inner,
    bytes::{copying::Times, identity::clock},
    commit::{
        changes::{FolderChanges, Op},
        name_changes::Source,
    },
    names::tree::Standing,
    state::is_lost,
};
use methodical_store::resource::{Birth, Id, Identifier, Resource};

/// Until when ids were asked for, in seconds since 1970.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What was there by then may have told its id: for those who write.
    by: AtomicI64,
    /// Until then nobody who asks need wait for those who write.
    settled: AtomicI64,
    /// What of that the ledger knows.
    kept: AtomicI64,
    /// The commits that are being made, by number, and the number of the next.
    commits: Mutex<(BTreeSet<u64>, u64)>,
    /// One of them ended.
    ended: Condvar,
}

/// A commit that is being made: it knows of all who asked for ids before it began.
#[derive(Debug)]
pub(crate) struct Committing<'a> {
    asked: &'a Asked,
    number: u64,
}

impl Default for Asked {
    fn default() -> Self {
        let never = || AtomicI64::new(i64::MIN);
        let (commits, ended) = (Mutex::default(), Condvar::new());
        Self { by: never(), settled: never(), kept: never(), commits, ended }
    }
}

impl Asked {
    /// Begins with what the ledger knows.
    pub(crate) fn load(&self, by: Option<Timestamp>) {
        let by = by.map_or(i64::MIN, Timestamp::seconds);
        self.by.fetch_max(by, Ordering::AcqRel);
        self.kept.store(by, Ordering::Release);
    }

    /// The moment that the ledger does not know yet.
    pub(crate) fn unkept(&self) -> Option<Timestamp> {
        let by = self.by.load(Ordering::Acquire);
        (by > self.kept.load(Ordering::Acquire)).then(|| Timestamp::new(by, 0))
    }

    /// The ledger knows of this moment.
    pub(crate) fn keep(&self, by: Timestamp) {
        self.kept.store(by.seconds(), Ordering::Release);
    }

    /// Until when ids were asked for by now.
    pub(crate) fn by(&self) -> i64 {
        self.by.load(Ordering::Acquire)
    }

    /// A commit begins. What it does not know yet of who asked for ids, it has to find out after
    /// this.
    pub(crate) fn committing(&self) -> Committing<'_> {
        let mut commits = self.commits();
        let number = commits.1;
        commits.1 += 1;
        commits.0.insert(number);
        Committing { asked: self, number }
    }

    /// Waits for the commits that began by now. Those that begin later are not waited for, and wait
    /// for nobody.
    fn wait_for_commits(&self) -> Result<()> {
        let commits = self.commits();
        let before = commits.1;
        let runs = |commits: &mut (BTreeSet<u64>, u64)| commits.0.range(..before).next().is_some();
        let waited = self.ended.wait_timeout_while(commits, COMMIT_WAIT_MAX, runs);
        if waited.is_ok_and(|(_, waited)| !waited.timed_out()) {
            return Ok(());
        }
        let detail = "Others have been writing for too long for an id to last; try again.";
        Err(Error::refused(Condition::Overloaded, detail))
    }

    fn commits(&self) -> MutexGuard<'_, (BTreeSet<u64>, u64)> {
        // It is changed in single steps only.
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the id of something that was made at a moment may have been told.
    fn may_have_told(&self, born: Timestamp) -> bool {
        let by = self.by.load(Ordering::Acquire);
        // What seems to be made later than now was made when the clock was ahead.
        by > i64::MIN && (born.seconds() <= by || born > clock(ClockId::RealtimeCoarse))
    }
}

impl Drop for Committing<'_> {
    fn drop(&mut self) {
        self.asked.commits().0.remove(&self.number);
        self.asked.ended.notify_all();
    }
}

impl FolderChanges<'_> {
    /// The id of what was taken away from a path by these changes, if it was of a kind.
    pub(crate) fn ended(&self, at: &Path, standing: Standing) -> Option<Id> {
        let (_, was, id) = self.ended.iter().rev().find(|(ended, ..)| ended == at)?;
        id.filter(|_| *was == standing)
    }

    /// Remembers whose id goes with what is duplicated, should somebody be told it meanwhile.
    pub(crate) fn untold_of(
        &mut self,
        times: Times,
        (source, at): (&Path, &Path),
        standing: Standing,
    ) {
        let of = match (times, self.pending.source(source)) {
            (Times::Kept, Source::Disk(stands)) => stands,
            (Times::New, _)
                if self.ended.iter().any(|(ended, was, _)| ended == at && *was == standing) =>
            {
                at.clone()
            }
            (Times::Kept | Times::New, _) => return,
        };
        self.untold.push((of, at.clone()));
    }

    /// Keeps the ids that were asked for since these changes were begun, as would have been done
    /// then.
    pub(crate) fn keep_told_since(&mut self, begun: i64) -> Result<()> {
        let store = self.store;
        if store.facts.asked.by() == begun {
            return Ok(());
        }
        let replaced = |op: &Op| {
            let Op::Enter { at, replaces: Some(of), .. } = op else { return None };
            Some((of.clone(), at.clone()))
        };
        let mut untold: Vec<_> = self.ops.iter().filter_map(replaced).collect();
        untold.append(&mut self.untold);
        for (of, at) in untold {
            let told = store.told_id(&of)?;
            let is_known = self.facts.id(&store.facts.mirror(), &at).is_some();
            if let Some(id) = told.filter(|_| !is_known) {
                self.facts.identified(&at, id);
            }
        }
        Ok(())
    }
}

impl Inner {
    /// Tells ids from now on, of what was found before, too: that may have been replaced since, by a
    /// commit that did not know that ids are asked for, unless nothing was written.
    pub(crate) fn identifier(
        self: &Arc<Self>,
        is_unwritten: impl Fn() -> bool,
    ) -> Result<Identifier> {
        let look_again = self.ask_ids()? || !is_unwritten();
        let store = Arc::clone(self);
        Ok(Identifier::new(move |of| store.id(of, look_again)))
    }

    /// Takes notice that ids are asked for. Says whether that is new: what was found before may
    /// have been replaced by who did not know of it.
    fn ask_ids(&self) -> Result<bool> {
        let now = clock(ClockId::RealtimeCoarse).seconds();
        let asked = &self.facts.asked;
        if !self.options.writable || asked.settled.load(Ordering::Acquire) >= now {
            return Ok(false);
        }
        let by = now.saturating_add(SPARE_SECONDS);
        asked.by.fetch_max(by, Ordering::AcqRel);
        asked.wait_for_commits()?;
        asked.settled.fetch_max(by, Ordering::AcqRel);
        Ok(true)
    }

    fn id(&self, of: &Resource, look_again: bool) -> Option<Id> {
        let at = of.facts_at.as_ref().unwrap_or(&of.path);
        // Between the rename of a commit and its facts the id would seem to follow from what has
        // just come to stand there.
        let (birth, told) = self.facts.steady(|| {
            let birth = if look_again { self.body_at(at).ok()??.birth } else { of.birth? };
            Some((birth, self.id_at(at, &birth)?))
        })?;
        // Another that is made, removed and made again within this tick might look the same.
        for _ in 0..TICK_STEPS_MAX {
            if birth.born()? < clock(ClockId::RealtimeCoarse) {
                break;
            }
            std::thread::sleep(TICK_STEP);
        }
        Some(told)
    }

    /// The id of what stands at a path: the one that is kept for it, or that follows from it.
    pub(crate) fn id_at(&self, at: &Path, birth: &Birth) -> Option<Id> {
        let (kept, others) = self.facts.ids(at, || self.origin(birth));
        if kept.is_some() {
            return kept;
        }
        // The same under a name that others gave it.
        let is_this = |path: &Path| {
            is_lost(path)
                || matches!(self.tree.standing(path), Ok(Standing::Nothing))
                || matches!(self.body_at(path), Ok(Some(body)) if body.birth == *birth)
        };
        let other = others.into_iter().find(|(path, _)| is_this(path));
        other.map(|(_, id)| id).or_else(|| birth.id())
    }

    /// The id that what stands at a path may have told, which would not follow from what comes to
    /// stand there instead of it.
    pub(crate) fn told_id(&self, at: &Path) -> Result<Option<Id>> {
        if self.facts.asked.by() == i64::MIN {
            return Ok(None);
        }
        let Some(Body { birth, is_shared }) = self.body_at(at)? else { return Ok(None) };
        if is_shared {
            // What follows from it stays with its other names.
            return Ok(self.facts.ids(at, || None).0);
        }
        let told = birth.born().is_some_and(|born| self.facts.asked.may_have_told(born));
        let id = self.id_at(at, &birth);
        Ok(id.filter(|id| told || Some(*id) != birth.id()))
    }
}

/// How much longer than asked for ids are held to be told, in seconds, so that this is written
/// once an hour at most, however often they are asked for.
const SPARE_SECONDS: i64 = 60 * 60;

/// How long the end of a tick of the clock is waited for: one is 10 ms at most.
const TICK_STEP: Duration = Duration::from_micros(500);
const TICK_STEPS_MAX: usize = 40;

/// How long who asks for ids waits for commits that began before and do not know of it: each takes
/// some renames and syncs.
const COMMIT_WAIT_MAX: Duration = Duration::from_secs(1);
