//! What others did to the files, and what time does to facts.
//!
//! The folder is read anew with every request, so that edits made by others need no notice. Only
//! facts can grow stale: what something is known of may be removed by another program, or renamed,
//! which is the same here: facts are found by path, and stay behind. The sweep forgets what is
//! known of what is gone, and locks on it. Until then, a file that others put in the same place
//! inherits the media type and the dead properties of the former one, as it does when an editor
//! saves by renaming, which looks just the same; one that a client makes there through this server
//! does not.

use std::time::Duration;

use methodical_semantics::{
    error::Result,
    footprint::{Footprint, Touch},
    lock::Lock,
    path::Path,
    timestamp::Timestamp,
};

use super::{Inner, tree::Standing};
use crate::{
    ledger::{Edits, Step},
    locking::is_over,
};

/// Forgets what is known of files that are gone, and deletions of long ago. Paths at which somebody
/// is writing are left for the next time.
pub(crate) fn sweep(store: &Inner, now: Timestamp) -> Result<()> {
    keep_log(store)?;
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
    let mut behind = Path::root();
    loop {
        let known = store.facts.known_behind(&behind, SWEPT_AT_ONCE);
        let Some(last) = known.last().cloned() else { return Ok(()) };
        for path in known {
            forget_if_gone(store, path)?;
        }
        behind = last;
    }
}

/// Keeps what was seen of collections that clients synchronize.
pub(crate) fn keep_log(store: &Inner) -> Result<()> {
    if !store.options.writable || !store.log.differs() {
        return Ok(());
    }
    store.faults.step()?;
    let mut writer = store.facts.writer();
    // First: where others removed the ledger, more has to be kept.
    let ledger = writer.ledger(store)?;
    let (kept, number) = store.log.unkept();
    ledger.keep_sync_log(&kept)?;
    store.log.keep(number);
    Ok(())
}

fn forget_if_gone(store: &Inner, path: Path) -> Result<()> {
    if store.tree.standing(&path)? != Standing::Nothing {
        return Ok(());
    }
    let footprint = Footprint(vec![Touch::content(&path)]);
    let Some(_held) = store.guards.try_acquire(footprint) else { return Ok(()) };
    // Nobody of us can have put anything there since; if others did, it stays.
    if store.tree.standing(&path)? == Standing::Nothing {
        let mut edits = Edits::default();
        edits.steps.push(Step::Forget(path.clone()));
        edits.types.insert(path, None);
        write(store, &edits)?;
    }
    Ok(())
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
    store.facts.mirror_mut().apply(edits);
    Ok(())
}

/// How long a deletion is remembered, in days: 410 tells crawlers and sync clients to forget an
/// address, and those that come at all come within a month.
pub const TOMBSTONE_DAYS_MAX: u64 = 30;

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// How many paths of files of which something is known are looked at from one list.
const SWEPT_AT_ONCE: usize = 1000;
