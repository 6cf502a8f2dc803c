//! Deleting always works, as far as the disk lets anything be unlinked: it is how room is made.
//!
//! What has members goes out of sight by one rename. Where that cannot be, since there is no room
//! for the name or nothing there may be renamed (a lower layer of overlayfs), another name is
//! tried, and in the end its members are removed one by one: then others may see some of them gone
//! and others not yet.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use rustix::{fs::AtFlags, io::Errno, time::ClockId};

use super::{done::Done, fact_changes::Draft};
use crate::{
    bytes::identity::clock,
    errno::{OrRefuse, error},
    facts::debts::Debt,
    inner::Inner,
    names::{
        disks::Turn,
        stat::{Form, form_of, look_at},
        tree::Parent,
    },
    state::{Rooms, Temp, removal::Removal},
    system,
};

/// The fate of a name that was to go.
pub(crate) enum Taken {
    /// It is gone.
    Unlinked,
    /// It is free: the thing that bore it bears this one.
    Renamed(Temp),
    /// Nothing may be renamed here, and it has members.
    Fixed,
}

/// Takes a name away by one step.
/// A file or an empty collection is unlinked, what has members gets a name out of sight.
pub(crate) fn take_away(store: &Inner, at: &Path, holder: &Parent<'_>) -> Result<Taken> {
    let stat = look_at(&holder.fd, holder.name).or_refuse()?;
    let flags = match form_of(&stat) {
        Form::Collection => AtFlags::REMOVEDIR,
        Form::File | Form::Link | Form::Special => AtFlags::empty(),
    };
    match system::unlinkat(&holder.fd, holder.name, flags) {
        Ok(()) => return Ok(Taken::Unlinked),
        Err(Errno::NOTEMPTY | Errno::EXIST) => {}
        Err(errno) => return Err(error(errno)),
    }
    let of = at.parent().unwrap_or_else(Path::root);
    let unnoted = || {
        let dir = store.tree.collection(&of)?.ok_or_else(|| error(Errno::NOENT))?;
        store.state.unnoted(&of, dir)
    };
    let trash = store.room_for(at, Turn::First, Rooms::trashing);
    // Without room for a state folder, or for the note about a name, there is a name without one.
    let temp = trash.or_else(|_| unnoted())?;
    match system::renameat(&holder.fd, holder.name, &*temp.dir, temp.name()) {
        Ok(()) => return Ok(Taken::Renamed(temp)),
        Err(Errno::XDEV | Errno::NOSPC | Errno::DQUOT) => temp.removed(),
        Err(errno) => return Err(error(errno)),
    }
    let temp = unnoted()?;
    match system::renameat(&holder.fd, holder.name, &*temp.dir, temp.name()) {
        Ok(()) => Ok(Taken::Renamed(temp)),
        Err(Errno::XDEV | Errno::NOSPC | Errno::DQUOT) => {
            temp.removed();
            Ok(Taken::Fixed)
        }
        Err(errno) => Err(error(errno)),
    }
}

/// Removes what bears a name where it stands, member by member.
///
/// # Errors
/// Some of it is still there; the detail says so, and why.
pub(crate) fn in_place(holder: &Parent<'_>) -> Result<()> {
    let mut removal = Removal::of(&holder.fd, holder.name).or_refuse()?;
    removal.remove_all();
    let Some(errno) = removal.trouble() else { return Ok(()) };
    let Error::Refused(refusal) = error(errno) else { return Err(error(errno)) };
    let detail = format!("Only a part of this could be removed: {}", refusal.detail);
    Err(Error::refused(refusal.condition, detail))
}

/// Takes a name away although the ledger cannot be told of it now.
/// The facts that go with it are changed in memory at once, and owed to the ledger.
pub(crate) fn force(store: &Inner, at: &Path, draft: Draft) -> Result<Done> {
    let detail = "There is nothing here.";
    let holder =
        store.tree.holder(at)?.ok_or_else(|| Error::refused(Condition::NotFound, detail))?;
    let mut done = Done::default();
    let mut writer = store.facts.writer();
    let now = clock(ClockId::Realtime);
    let edits = draft.edits(&store.facts.mirror(), now, store.options.tombstones_max);
    let shown = edits.are_shown();
    if shown {
        store.facts.begin_change();
    }
    let taken = take_away(store, at, &holder).and_then(|taken| match taken {
        Taken::Unlinked => Ok(()),
        Taken::Renamed(temp) => {
            done.discard(temp);
            Ok(())
        }
        Taken::Fixed => in_place(&holder),
    });
    if taken.is_ok() {
        store.facts.mirror_mut().apply(&edits);
        if !edits.is_empty() {
            writer.owe(store, Debt::Facts(edits));
            done.owes();
        }
    }
    if shown {
        store.facts.end_change();
    }
    taken?;
    done.touch(vec![holder.fd]);
    Ok(done)
}
