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
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use methodical_semantics::{error::Result, path::Path};
use rustix::time::ClockId;

use super::found_again::Body;
use crate::{bytes::identity::clock, inner::Inner, names::tree::Standing, state::is_lost};
use methodical_store::resource::{Birth, Id, Identifier, Resource};

impl Inner {
    /// Tells ids from now on, of what was found before, too: unless nothing was written since, that
    /// may have been replaced by a commit that did not know that ids are asked for.
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

/// The time, longer than asked for, that ids are held to be told, in seconds, so that this is
/// written once an hour at most, however often they are asked for.
const SPARE_SECONDS: i64 = 60 * 60;

/// The time that the end of a tick of the clock is waited for: one is 10 ms at most.
const TICK_STEP: Duration = Duration::from_micros(500);
const TICK_STEPS_MAX: usize = 40;
