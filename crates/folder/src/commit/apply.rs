//! Making the changes on the disk.
//!
//! This is the short way: a single change without facts is one rename, link or unlink, which the
//! kernel does as a whole or not at all, so that no journal is needed. What turns out to take more
//! is handed to the journal from here.

use methodical_semantics::{error::Result, path::Path};
use rustix::io::Errno;

use super::{
    deleting::{self, Taken, take_away},
    done::Done,
    fact_changes::Draft,
    intent,
    op::Op,
    step::{date, date_staged, holder, no_holder, rename_to_vacant},
};
use crate::{
    bytes::{
        permissions::{COLLECTION_MODE, Rights},
        stage::StagedFile,
    },
    errno::OrRefuse,
    inner::Inner,
    names::{disks::Turn, look::FolderSnapshot, tree::Parent},
    system,
};

/// The things whose place content may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// A file that bears the name, also one that came to bear it meanwhile.
    Files,
    /// A new name alone: what a copy comes to stand at was free when it was judged, and must be
    /// still.
    Nothing,
}

/// Makes a change that stands alone. What was found on the way still holds.
pub(crate) fn make(look: FolderSnapshot<'_>, op: Op) -> Result<Done> {
    let mut done = Done::default();
    let store = &**look.store;
    store.faults.step()?;
    match op {
        Op::Enter { path, at, mut staged, length, modified, .. } => {
            let holder = match look.into_holder(&at) {
                Some(fd) => Parent { fd, name: at.name() },
                None => holder(store, &at)?,
            };
            let modified = date_staged(&staged, modified)?;
            let over = if path.is_some() { Over::Files } else { Over::Nothing };
            enter(store, &at, &mut staged, &holder, over)?;
            done.touched.push(holder.fd);
            done.enter(path, (at, staged), length, modified);
        }
        Op::EnterTree { at, tree } => {
            let holder = holder(store, &at)?;
            rename_to_vacant(&tree.dir, tree.name(), &holder.fd, holder.name).or_refuse()?;
            tree.renamed();
            done.touched.push(holder.fd);
        }
        Op::MakeCollection { at } => {
            let holder = holder(store, &at)?;
            system::mkdirat(&holder.fd, holder.name, COLLECTION_MODE).or_refuse()?;
            done.touched.push(holder.fd);
        }
        Op::Remove { at } => {
            let holder = holder(store, &at)?;
            match take_away(store, &at, &holder)? {
                Taken::Unlinked => {}
                Taken::Renamed(temp) => done.trash.push(temp),
                Taken::Fixed => return removed_in_place(store, &at),
            }
            done.touched.push(holder.fd);
        }
        Op::Rename { from, to } => {
            let (source, target) = (holder(store, &from)?, holder(store, &to)?);
            match rename_to_vacant(&source.fd, source.name, &target.fd, target.name) {
                Err(Errno::XDEV) => return carried(store, from, to),
                done => done.or_refuse()?,
            }
            done.touched.extend([source.fd, target.fd]);
        }
        Op::Date { at, modified } => done.dated.push(date(store, &at, modified)?.0),
    }
    Ok(done)
}

/// Removes what cannot be renamed, in such a way that a later start goes on with it.
fn removed_in_place(store: &Inner, at: &Path) -> Result<Done> {
    let ops = vec![Op::Remove { at: at.clone() }];
    let noted = intent::commit(store, ops, &[true], Draft::default());
    // Without room for the note it goes all the same.
    noted.or_else(|_| deleting::force(store, at, Draft::default()))
}

/// The kernel renames nothing from here to there, for reasons of its own: what is here is made
/// there anew, and goes.
fn carried(store: &Inner, from: Path, to: Path) -> Result<Done> {
    let tree = store.carry((&from, &to), Turn::First)?;
    let ops = vec![Op::EnterTree { at: to, tree }, Op::Remove { at: from }];
    intent::commit(store, ops, &[true, true], Draft::default())
}

/// Puts content at a name; what it replaces gives it its rights.
fn enter(
    store: &Inner,
    at: &Path,
    staged: &mut StagedFile,
    holder: &Parent<'_>,
    over: Over,
) -> Result<()> {
    match enter_here(store, at, staged, holder, over) {
        Ok(Err(Errno::XDEV)) => {
            // It was staged for another place, on another disk.
            *staged = store.rehome(staged, at)?;
            enter_here(store, at, staged, holder, over)?.or_refuse()
        }
        // It was removed after it was opened.
        Ok(Err(Errno::NOENT)) => Err(no_holder()),
        done => done?.or_refuse(),
    }
}

/// The inner error is that of the last step, for the caller to go on from.
fn enter_here(
    store: &Inner,
    at: &Path,
    staged: &mut StagedFile,
    holder: &Parent<'_>,
    over: Over,
) -> Result<rustix::io::Result<()>> {
    if staged.temp.is_none() {
        // A new name needs no other name before it.
        match staged.link(&holder.fd, holder.name) {
            Err(Errno::EXIST) if over == Over::Files => {}
            done => return Ok(done),
        }
    }
    if let Some(replaced) = Rights::of(holder)? {
        replaced.give(&staged.file)?;
    }
    staged.name(store, at, Turn::First)?;
    store.faults.step()?;
    let Some(temp) = staged.temp.take() else { return Ok(Err(Errno::NOENT)) };
    let done = match over {
        Over::Files => system::renameat(&*temp.dir, temp.name(), &holder.fd, holder.name),
        Over::Nothing => rename_to_vacant(&temp.dir, temp.name(), &holder.fd, holder.name),
    };
    match done {
        Ok(()) => temp.renamed(),
        Err(_) => staged.temp = Some(temp),
    }
    Ok(done)
}
