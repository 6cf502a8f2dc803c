//! Which disk things lie on: other disks may be mounted inside the root, and names cannot go from
//! one to another.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
};

use methodical_semantics::{
    error::Result,
    path::{Path, RESERVED},
};
use rustix::io::Errno;

use super::{
    mounts::mount_of,
    stat::{absolute, disk_of, look},
};
use crate::{
    errno::OrRefuse,
    inner::Inner,
    state::{Rooms, Temp},
};

/// The moment in its transaction at which something is given a name out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Before any other change: the collections above it stay where they are.
    First,
    /// After changes that may move the collections above it.
    Later,
}

impl Inner {
    /// A name out of sight on the disk on which a path lies: in the state folder, else on the other
    /// disk itself.
    pub(crate) fn room_for(
        &self,
        at: &Path,
        turn: Turn,
        room: fn(&Arc<Rooms>) -> Result<Temp>,
    ) -> Result<Temp> {
        let rooms = self.rooms()?;
        match self.elsewhere(&rooms, at, turn)? {
            None => room(&rooms),
            Some((of, dir)) => rooms.beside(&of, dir),
        }
    }

    /// Refuses to take a name away if another disk is mounted there or below.
    pub(crate) fn permit_removal(&self, at: &Path) -> Result<()> {
        let Some(holder) = self.tree.holder(at)? else { return Ok(()) };
        let above = absolute(&holder.fd)?;
        let above = above.strip_suffix(b"/").unwrap_or(&above);
        self.mounts.permit_removal(&holder.fd, &[above, b"/", holder.name].concat())
    }

    /// Returns whether something open lies on another disk than a path.
    pub(crate) fn lies_off(&self, open: impl AsFd, at: &Path) -> Result<bool> {
        match self.nearest(at)? {
            Some((_, dir)) => Ok(!same_disk(open, dir)?),
            None => Ok(false),
        }
    }

    /// Returns whether two paths lie on different disks.
    pub(crate) fn lie_apart(&self, one: &Path, other: &Path) -> Result<bool> {
        match self.nearest(one)? {
            Some((_, dir)) => Ok(self.faults.apart() || self.lies_off(dir, other)?),
            None => Ok(false),
        }
    }

    /// Returns whether a collection bears its name for good: overlayfs renames none that is of a
    /// lower layer, unless it may write down where that came from.
    pub(crate) fn is_fixed(&self, at: &Path) -> Result<bool> {
        let Some(holder) = self.tree.holder(at)? else { return Ok(false) };
        let is_overlay = rustix::fs::fstatfs(&holder.fd).is_ok_and(|it| it.f_type == OVERLAYFS);
        if !is_overlay {
            return Ok(false);
        }
        // Over our own folder, which is never empty, nothing can be renamed; but this is refused
        // before that.
        let rooms = self.rooms()?;
        let over = rustix::fs::renameat(&holder.fd, holder.name, self.tree.root(), RESERVED);
        drop(rooms);
        Ok(over == Err(Errno::XDEV))
    }

    /// The collection that takes names out of sight for a path, where that is not the state folder.
    /// It is the nearest, so that no other rights are needed than to write there; or, where that
    /// may be moved before its turn, the one that the other disk is mounted at, which cannot be.
    fn elsewhere(&self, rooms: &Rooms, at: &Path, turn: Turn) -> Result<Option<(Path, OwnedFd)>> {
        let Some((of, dir)) = self.nearest(at)? else { return Ok(None) };
        if !self.faults.apart() && same_disk(&*rooms.stage, &dir)? {
            return Ok(None);
        }
        if turn == Turn::First {
            return Ok(Some((of, dir)));
        }
        for above in of.ancestors() {
            if let Some(mount) = self.tree.collection(&above)?
                && same_disk(&mount, &dir)?
            {
                return Ok(Some((above, mount)));
            }
        }
        Ok(Some((of, dir)))
    }

    /// The nearest collection above a path that is there.
    fn nearest(&self, at: &Path) -> Result<Option<(Path, OwnedFd)>> {
        for above in at.ancestors().into_iter().rev() {
            if let Some(dir) = self.tree.collection(&above)? {
                return Ok(Some((above, dir)));
            }
        }
        Ok(None)
    }
}

const OVERLAYFS: rustix::fs::FsWord = 0x794c_7630;

/// Returns whether names can go from one to the other: on one disk, and by one mount of it.
fn same_disk(one: impl AsFd, other: impl AsFd) -> Result<bool> {
    let disk = |of: &dyn AsFd| look(of.as_fd()).map(|stat| disk_of(&stat)).or_refuse();
    Ok(disk(&one)? == disk(&other)? && mount_of(one) == mount_of(other))
}
