//! What others did to the files, and what time does to facts.
//!
//! The folder is read anew with every request, so that edits made by others need no notice. Only
//! facts can grow stale: what something is known of may be removed by another program, or renamed.
//! What stands at a path has what is known by it, also where others put it there, since an editor
//! that saves by renaming looks just like that; what a client makes there through this server has
//! not. Where nothing stands for the time between two sweeps, what is known is kept apart, and
//! found again by whatever bears another name by now (see [`super::inodes`]), or is forgotten in
//! the end. Locks are on paths and end with what they are on.

use methodical_store::names::is_ours;
use methodical_store::store::TOMBSTONE_DAYS_MAX;
use std::{collections::BTreeSet, time::Duration};

use methodical_semantics::{
    error::{Error, Result},
    footprint::{Footprint, Touch},
    lock::Lock,
    path::Path,
    timestamp::Timestamp,
};

use rustix::io::Errno;

use super::ledger::{Edits, Step};
use crate::{
    commit::fact_changes::Draft,
    inner::Inner,
    names::tree::Standing,
    state::{is_lost, lost_at, lost_name},
};
use methodical_store::locking::is_over;

/// Forgets what is known of files that are gone, and deletions of long ago. Paths at which somebody
/// is writing are left for the next time.
pub(crate) fn sweep(store: &Inner, now: Timestamp) -> Result<()> {
    let age = Duration::from_secs(TOMBSTONE_DAYS_MAX * SECONDS_A_DAY);
    let oldest = now.seconds().saturating_sub_unsigned(age.as_secs());
    let expired = store.facts.deleted_before(Timestamp::new(oldest, 0));
    let mut edits = Edits::default();
    edits.tombstones.extend(expired.into_iter().map(|path| (path, None)));
    let locks = store.facts.locks();
    let expired = locks.iter().filter(|lock| is_over(lock, now));
    edits.locks.extend(expired.map(|lock| (lock.token.clone(), None)));
    write(store, &edits)?;
    for lock in locks.iter().filter(|lock| lock.is_live(now)) {
        unlock_if_gone(store, lock)?;
    }
    store.facts.take_renamed().iter().try_for_each(|path| settle(store, path, now))?;
    look_at_known(store, now)?;
    let lost = store.facts.lost();
    let surplus = lost.len().saturating_sub(LOST_MAX);
    lost.into_iter().take(surplus).try_for_each(|path| forget(store, path))?;
    store.facts.forget_idle();
    flush_notes(store)?;
    match store.remover.again() {
        None => Ok(()),
        Some(Errno::XDEV | Errno::BUSY) => Err(Error::failed(MOUNTED)),
        Some(errno) => Err(Error::failed(format!(
            "some of what was deleted cannot be removed from .methodical/trash: {errno}"
        ))),
    }
}

/// Looks at everything of which something is known: what it is by now, and whether it is there.
fn look_at_known(store: &Inner, now: Timestamp) -> Result<()> {
    let mut missing = BTreeSet::new();
    let (mut behind, missed) = (Path::root(), store.facts.take_missing());
    loop {
        let known = store.facts.known_behind(&behind, SWEPT_AT_ONCE);
        let Some(last) = known.last().cloned() else { break };
        for path in known {
            if is_lost(&path) {
                let age = Duration::from_secs(LOST_DAYS_MAX * SECONDS_A_DAY);
                if lost_at(&path).is_none_or(|lost| now.since(lost) > age) {
                    forget(store, path)?;
                }
            } else if let Some(birth) = store.birth_at(&path)? {
                let origin = store.origin(&birth);
                if store.facts.mirror().origins.get(&path) != origin {
                    note(store, &path)?;
                }
            } else if is_ours(&path) {
                forget(store, path)?;
            } else if missed.contains(&path) {
                lose(store, path, now)?;
            } else {
                missing.insert(path);
            }
        }
        behind = last;
    }
    store.facts.miss(missing);
    Ok(())
}

/// Takes notice of what stands at a path by now.
fn note(store: &Inner, path: &Path) -> Result<()> {
    let footprint = Footprint(vec![Touch::content(path)]);
    let Some(_held) = store.guards.try_acquire(footprint) else { return Ok(()) };
    if let Some(birth) = store.birth_at(path)? {
        store.facts.replaced(path, || store.origin(&birth));
    }
    Ok(())
}

/// Knows by its new name from now on what was found again under it.
fn settle(store: &Inner, path: &Path, now: Timestamp) -> Result<()> {
    let footprint = Footprint(vec![Touch::content(path)]);
    let Some(_held) = store.guards.try_acquire(footprint) else { return Ok(()) };
    let Some(birth) = store.birth_at(path)? else { return Ok(()) };
    // Where its former name may come back within a moment, that is waited for.
    let former = store.known_elsewhere(path, &birth).filter(is_lost);
    let Some(former) = former else { return Ok(()) };
    let mut draft = Draft::default();
    draft.found(&store.facts.mirror(), &former, path);
    write_draft(store, draft, now)
}

/// Keeps what is known of something apart that others took away: it may have another name. What
/// cannot be found again is forgotten.
fn lose(store: &Inner, path: Path, now: Timestamp) -> Result<()> {
    let footprint = Footprint(vec![Touch::content(&path)]);
    let Some(_held) = store.guards.try_acquire(footprint) else { return Ok(()) };
    // Nobody of us can have put anything there since; if others did, it stays.
    if store.birth_at(&path)?.is_some() {
        return Ok(());
    }
    if store.facts.mirror().origins.get(&path).is_none() {
        return forget(store, path);
    }
    let mut draft = Draft::default();
    draft.found(&store.facts.mirror(), &path, &lost_name()?);
    write_draft(store, draft, now)
}

fn forget(store: &Inner, path: Path) -> Result<()> {
    let mut edits = Edits::default();
    edits.steps.push(Step::Forget(path.clone()));
    let rows = store.facts.mirror().facts.rows().collect();
    edits.steps.push(Step::ForgetFacts(rows, path.clone()));
    edits.types.insert(path, None);
    write(store, &edits)
}

/// Keeps what was noticed of files, and of those who looked.
pub(crate) fn flush_notes(store: &Inner) -> Result<()> {
    if store.facts.owes() {
        store.facts.writer().ledger(store)?;
    }
    keep_log(store)?;
    if let Some(asked) = store.facts.asked.unkept() {
        store.faults.step()?;
        store.facts.writer().ledger(store)?.keep_ids_asked(asked)?;
        store.facts.asked.keep(asked);
    }
    let origins = store.facts.mirror().origins.unkept();
    if origins.is_empty() {
        return Ok(());
    }
    store.faults.step()?;
    write(store, &Edits { origins, ..Edits::default() })
}

/// Keeps what was seen of collections that clients synchronize.
fn keep_log(store: &Inner) -> Result<()> {
    if !store.options.writable || !store.log.differs() {
        return Ok(());
    }
    store.faults.step()?;
    let mut writer = store.facts.writer();
    // First: where others removed the ledger, more has to be kept.
    let ledger = writer.ledger(store)?;
    let kept = store.log.take_unkept();
    ledger.keep_sync_log(&kept).inspect_err(|_| store.log.lose())
}

/// Ends a lock whose resource was removed by another program.
fn unlock_if_gone(store: &Inner, lock: &Lock) -> Result<()> {
    if store.tree.standing(&lock.root)? != Standing::Nothing {
        return Ok(());
    }
    let footprint = Footprint(vec![Touch::tree(&lock.root)]);
    let Some(_held) = store.guards.try_acquire(footprint) else { return Ok(()) };
    if store.tree.standing(&lock.root)? == Standing::Nothing {
        let mut edits = Edits::default();
        edits.locks.insert(lock.token.clone(), None);
        write(store, &edits)?;
    }
    Ok(())
}

fn write(store: &Inner, edits: &Edits) -> Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    let mut writer = store.facts.writer();
    writer.ledger(store)?.write(edits, &[])?;
    let shown = edits.are_shown();
    if shown {
        store.facts.begin_change();
    }
    store.facts.mirror_mut().apply(edits);
    if shown {
        store.facts.end_change();
    }
    Ok(())
}

fn write_draft(store: &Inner, draft: Draft, now: Timestamp) -> Result<()> {
    let edits = draft.edits(&store.facts.mirror(), now, store.options.tombstones_max);
    write(store, &edits)
}

/// The days that what is known of something waits to be found under another name: a disk that
/// is mounted inside may be away for so long.
const LOST_DAYS_MAX: u64 = 30;

/// Resources that wait for that at most, the oldest being forgotten first: a few megabytes.
const LOST_MAX: usize = 10_000;

const MOUNTED: &str = "a disk is mounted in what was deleted; unmount it, its files are kept \
     in .methodical/trash till then";

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// The number of paths of which something is known that are looked at from one list.
const SWEPT_AT_ONCE: usize = 1000;
