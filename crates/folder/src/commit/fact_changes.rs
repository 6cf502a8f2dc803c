//! The changes of facts that a transaction will make, judged by those before them.
//!
//! Facts (media types, dead properties, ids, locks, deletions that are remembered) hang on paths,
//! and paths change within a transaction. So what a change does to them is noted as a step in
//! order, and made by the ledger and by the mirror in memory in the same order at the commit.
//! Nothing is noted where nothing can be known: a plain upload into a folder without facts writes
//! no ledger.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use methodical_semantics::{
    error::Result, lock::Lock, path::Path, path_map::PathMap, timestamp::Timestamp,
};

use crate::{
    bytes::copying::Times,
    facts::{
        ledger::{Edits, Step, Tombstone},
        mirror::Mirror,
    },
    state::{gone_name, lost_name},
};
use methodical_store::{
    facts::{OnCopy, OnMove, Row},
    locking::check_room,
    properties::Properties,
    resource::Id,
};

/// The changes of facts that a transaction will make.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Changes of what the ledger keeps by ids and rows, in their order.
    steps: Vec<Step>,
    /// Media types from now on, or that there is none.
    types: PathMap<Option<Box<str>>>,
    /// Paths whose deletion is no longer remembered, as something stands there again.
    revived: BTreeSet<Path>,
    /// Paths whose deletion is to be remembered, in their order.
    dead: Vec<Path>,
    /// Locks by their tokens: made or prolonged, or ended.
    locks: BTreeMap<Box<str>, Option<Lock>>,
}

impl Draft {
    /// Returns whether the ledger has nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
            && self.types.is_empty()
            && self.revived.is_empty()
            && self.dead.is_empty()
            && self.locks.is_empty()
    }

    /// Content is placed, with the media type that is to be remembered.
    pub(crate) fn placed(&mut self, mirror: &Mirror, at: &Path, media_type: Option<&str>) {
        self.revive(mirror, at);
        if self.media_type(mirror, at) != media_type {
            self.types.insert(at.clone(), media_type.map(Into::into));
        }
    }

    /// Something comes to stand at a name, of which nothing is known yet.
    pub(crate) fn made(&mut self, mirror: &Mirror, at: &Path) {
        self.revive(mirror, at);
        self.lose(mirror, at);
        self.forget(mirror, at);
        if self.may_describe(mirror, at) {
            self.steps.push(Step::Forget(at.clone()));
        }
        let rows = self.stated_within(mirror, at, |row| row.on_move != OnMove::Stays);
        if !rows.is_empty() {
            self.steps.push(Step::ForgetFacts(rows, at.clone()));
        }
    }

    /// A resource keeps this id, whatever stands for it now.
    pub(crate) fn identified(&mut self, at: &Path, id: Id) {
        self.steps.push(Step::Identify(at.clone(), Some(id)));
    }

    /// The id that is kept for what stands at a path by now.
    pub(crate) fn id(&self, mirror: &Mirror, at: &Path) -> Option<Id> {
        let mut at = at.clone();
        for step in self.steps.iter().rev() {
            match step {
                Step::Identify(path, id) if *path == at => return *id,
                Step::Move { from, to } if at.is_within(to) => at = at.rebased(to, from),
                Step::Carry { from, to } if at == *to => at = from.clone(),
                Step::Move { from: path, .. } | Step::Forget(path) if at.is_within(path) => {
                    return None;
                }
                Step::Carry { from, .. } if at == *from => return None,
                Step::Move { .. }
                | Step::Carry { .. }
                | Step::Copy { .. }
                | Step::Forget(_)
                | Step::Describe(..)
                | Step::Identify(..)
                | Step::State(..)
                | Step::Shift { .. }
                | Step::CopyFacts { .. }
                | Step::ForgetFacts(..) => {}
            }
        }
        mirror.ids.get(&at).copied()
    }

    /// All that is known of a resource by a former path is known of it by this one.
    pub(crate) fn found(&mut self, mirror: &Mirror, from: &Path, at: &Path) {
        if let Some(media_type) = self.media_type(mirror, from).map(Into::into) {
            self.types.insert(at.clone(), Some(media_type));
            self.types.insert(from.clone(), None);
        }
        self.steps.push(Step::Carry { from: from.clone(), to: at.clone() });
    }

    /// Nothing stands at a path, whatever is known of it: others may have given it another name, by
    /// which it can be found again.
    fn lose(&mut self, mirror: &Mirror, at: &Path) {
        for lost in mirror.origins.within(at) {
            // Where no name is to be had it is forgotten.
            if let Ok(name) = lost_name() {
                self.found(mirror, &lost, &name);
            }
        }
    }

    /// A resource has these dead properties from now on.
    pub(crate) fn described(&mut self, mirror: &Mirror, at: &Path, properties: Properties) {
        if let Some(Step::Describe(path, former)) = self.steps.last_mut()
            && path == at
        {
            *former = properties;
        } else if !properties.is_empty() || self.may_describe(mirror, at) {
            self.steps.push(Step::Describe(at.clone(), properties));
        }
    }

    /// A resource has this fact from now on, or none.
    pub(crate) fn stated(
        &mut self,
        mirror: &Mirror,
        (row, at): (&'static Row, &Path),
        value: Option<Arc<[u8]>>,
    ) {
        if value.is_some() || !self.stated_within(mirror, at, |its| its == row).is_empty() {
            self.steps.push(Step::State(row, at.clone(), value));
        }
    }

    /// The facts that stay at a path and below hang on another meanwhile.
    pub(crate) fn set_aside(&mut self, mirror: &Mirror, from: &Path, to: &Path) {
        let rows = self.stated_within(mirror, from, |row| row.on_move == OnMove::Stays);
        self.shift(rows, from, to);
    }

    /// The facts of these rows at a path and below are those of another from now on.
    fn shift(&mut self, rows: Vec<&'static Row>, from: &Path, to: &Path) {
        if !rows.is_empty() {
            self.steps.push(Step::Shift { rows, from: from.clone(), to: to.clone() });
        }
    }

    /// The rows by which something may be known by now of a name or of one below.
    fn stated_within(
        &self,
        mirror: &Mirror,
        path: &Path,
        of: impl Fn(&Row) -> bool,
    ) -> Vec<&'static Row> {
        let kept = mirror.facts.rows();
        // What was stated by these changes may be anywhere by now.
        let kept = kept.filter(|row| mirror.facts.is_within(row, path) || !self.steps.is_empty());
        let stated = self.steps.iter().filter_map(|step| {
            if let Step::State(row, _, Some(_)) = step { Some(*row) } else { None }
        });
        let rows: BTreeMap<_, _> = kept.chain(stated).map(|row| (row.name, row)).collect();
        rows.into_values().filter(|row| of(row)).collect()
    }

    /// A name goes with everything below; the paths given are remembered as deleted. `gone` is
    /// where what was known of them waits for the end of the commit.
    pub(crate) fn removed(&mut self, mirror: &Mirror, at: &Path, gone: &Path, dead: Vec<Path>) {
        if self.knows(mirror, at) {
            self.steps.push(Step::Move { from: at.clone(), to: gone.clone() });
        }
        let rows = self.stated_within(mirror, at, |row| row.on_move != OnMove::Goes);
        self.shift(rows, at, gone);
        self.forget(mirror, at);
        self.dead.retain(|path| !dead.contains(path));
        self.dead.extend(dead);
    }

    /// A copy comes to stand at a name. Of the deletions remembered below, `stands` says where
    /// something stands now.
    pub(crate) fn copied(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        times: Times,
        stands: impl Fn(&Path) -> Result<bool>,
    ) -> Result<()> {
        self.arrived(mirror, (from, to), stands)?;
        self.copied_properties(mirror, (from, to), true);
        self.copied_facts(mirror, (from, to), true, times)
    }

    /// A collection comes to stand at a name, made as another without its members.
    pub(crate) fn copied_alone(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        times: Times,
    ) -> Result<()> {
        self.made(mirror, to);
        self.copied_properties(mirror, (from, to), false);
        self.copied_facts(mirror, (from, to), false, times)
    }

    /// A copy has what is copied; what was moved in this way has what goes with it.
    fn copied_facts(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        tree: bool,
        times: Times,
    ) -> Result<()> {
        let rows = self.stated_within(mirror, from, |row| match times {
            Times::New => row.on_copy == OnCopy::Copied,
            Times::Kept => row.on_move == OnMove::Goes,
        });
        if rows.is_empty() {
            return Ok(());
        }
        let hung = self
            .stated_within(mirror, to, |row| row.on_move != OnMove::Goes && rows.contains(&row));
        self.shift(hung, to, &gone_name()?);
        self.steps.push(Step::CopyFacts { rows, from: from.clone(), to: to.clone(), tree });
        Ok(())
    }

    /// A copy has the dead properties of the original (RFC 4918 section 9.8.2), with `tree` also
    /// those below.
    fn copied_properties(&mut self, mirror: &Mirror, (from, to): (&Path, &Path), tree: bool) {
        if self.may_describe(mirror, from) {
            self.steps.push(Step::Copy { from: from.clone(), to: to.clone(), tree });
        }
    }

    /// All that is known of a name and below is known of another, dead properties left aside.
    fn arrived(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        stands: impl Fn(&Path) -> Result<bool>,
    ) -> Result<()> {
        let types = self.types_within(mirror, from);
        self.made(mirror, to);
        for (path, media_type) in types {
            self.types.insert(path.rebased(from, to), Some(media_type));
        }
        let remembered = mirror.tombstones.tree(to).map(|(path, _)| path.clone());
        let dead = self.dead.iter().filter(|path| path.is_within(to)).cloned();
        for path in remembered.chain(dead).collect::<Vec<_>>() {
            if stands(&path)? {
                self.revive(mirror, &path);
            }
        }
        Ok(())
    }

    /// All that is known of a name and below goes to another name with it.
    pub(crate) fn renamed(
        &mut self,
        mirror: &Mirror,
        (from, to): (&Path, &Path),
        stands: impl Fn(&Path) -> Result<bool>,
    ) -> Result<()> {
        let known = self.knows(mirror, from);
        // The ledger moves what it knows of these before it forgets their types.
        let untyped = self.types.tree(from).filter(|(_, drafted)| drafted.is_none());
        let untyped: Vec<Path> = untyped.map(|(path, _)| path.rebased(from, to)).collect();
        self.arrived(mirror, (from, to), stands)?;
        self.types.extend(untyped.into_iter().map(|path| (path, None)));
        self.forget(mirror, from);
        let ended = self.stated_within(mirror, from, |row| row.on_move == OnMove::Ends);
        if !ended.is_empty() {
            self.shift(ended, from, &gone_name()?);
        }
        if known {
            self.steps.push(Step::Move { from: from.clone(), to: to.clone() });
        }
        Ok(())
    }

    /// A lock is made, or lasts longer.
    pub(crate) fn locked(&mut self, mirror: &Mirror, lock: Lock) -> Result<()> {
        if mirror.locks.find(&lock.token).is_none() {
            let drafted = self.locks.values().flatten();
            check_room(&lock, mirror.locks.iter().map(|held| &**held).chain(drafted))?;
        }
        self.locks.insert(lock.token.clone(), Some(lock));
        Ok(())
    }

    /// Refuses locks for which others left no room since they were drafted. Whoever has the
    /// right to change facts asks it, so that nobody makes one in between.
    pub(crate) fn check_locks(&self, mirror: &Mirror) -> Result<()> {
        let is_new = |lock: &&Lock| mirror.locks.find(&lock.token).is_none();
        let made: Vec<&Lock> = self.locks.values().flatten().filter(is_new).collect();
        let ends = |lock: &&Lock| matches!(self.locks.get(&lock.token), Some(None));
        for (number, lock) in made.iter().enumerate() {
            let held = mirror.locks.iter().map(|held| &**held).filter(|held| !ends(held));
            check_room(lock, held.chain(made.iter().take(number).copied()))?;
        }
        Ok(())
    }

    /// A lock ends.
    pub(crate) fn unlocked(&mut self, token: &str) {
        self.locks.insert(token.into(), None);
    }

    /// The changes that the ledger has to make, when they are made now.
    pub(crate) fn edits(self, mirror: &Mirror, now: Timestamp, max: usize) -> Edits {
        let (steps, types, locks) = (self.steps, self.types, self.locks);
        let mut edits = Edits { steps, types, locks, ..Edits::default() };
        edits.tombstones.extend(self.revived.into_iter().map(|path| (path, None)));
        let last = mirror.row.last_key_value().map_or(0, |(place, _)| *place);
        let surplus = self.dead.len().saturating_sub(max);
        let dead: Vec<Path> = self.dead.into_iter().skip(surplus).collect();
        let anew: BTreeSet<&Path> = dead.iter().chain(edits.tombstones.keys()).collect();
        let known = |path: &&&Path| mirror.tombstones.contains_key(**path);
        let kept = mirror.tombstones.len() - anew.iter().filter(known).count();
        let oldest = mirror.row.values().filter(|path| !anew.contains(path));
        let oldest = oldest.take((kept + dead.len()).saturating_sub(max));
        let forgotten: Vec<_> = oldest.map(|path| (path.clone(), None)).collect();
        edits.tombstones.extend(forgotten);
        for (place, path) in (last + 1..).zip(dead) {
            edits.tombstones.insert(path, Some(Tombstone { when: now, place }));
        }
        edits
    }

    /// Returns whether something is known of a name or of one below.
    fn knows(&self, mirror: &Mirror, path: &Path) -> bool {
        self.may_describe(mirror, path) || !self.types_within(mirror, path).is_empty()
    }

    /// Returns whether a name or one below may have dead properties by now.
    fn may_describe(&self, mirror: &Mirror, path: &Path) -> bool {
        !self.steps.is_empty()
            || mirror.described.tree(path).next().is_some()
            || mirror.ids.tree(path).next().is_some()
            || mirror
                .facts
                .rows()
                .any(|row| row.on_move == OnMove::Goes && mirror.facts.is_within(row, path))
    }

    /// The media type that is remembered of a path by now.
    fn media_type<'d>(&'d self, mirror: &'d Mirror, path: &Path) -> Option<&'d str> {
        match self.types.get(path) {
            Some(drafted) => drafted.as_deref(),
            None => mirror.types.get(path),
        }
    }

    /// The paths at and below one with a media type by now.
    fn types_within(&self, mirror: &Mirror, path: &Path) -> Vec<(Path, Box<str>)> {
        let written = mirror.types_within(path).filter(|(path, _)| !self.types.contains_key(*path));
        let written = written.map(|(path, media_type)| (path.clone(), media_type.into()));
        let drafted = self.types.tree(path);
        let drafted = drafted.filter_map(|(path, it)| Some((path.clone(), it.clone()?)));
        written.chain(drafted).collect()
    }

    /// Types and locks at a path and below end: what they were about is not there any more.
    fn forget(&mut self, mirror: &Mirror, path: &Path) {
        for (path, _) in self.types_within(mirror, path) {
            self.types.insert(path, None);
        }
        for lock in mirror.locks.within(path) {
            self.locks.insert(lock.token.clone(), None);
        }
        let gone = |lock: &Lock| lock.root.is_within(path);
        for drafted in self.locks.values_mut() {
            drafted.take_if(|lock| gone(lock));
        }
    }

    /// Something stands at a path again: its deletion is not told any more.
    fn revive(&mut self, mirror: &Mirror, path: &Path) {
        self.dead.retain(|dead| dead != path);
        if mirror.tombstones.contains_key(path) {
            self.revived.insert(path.clone());
        }
    }
}
