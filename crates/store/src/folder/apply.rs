//! Making the changes on the disk.

use std::os::fd::OwnedFd;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    etag::ETag,
    path::Path,
    timestamp::Timestamp,
};
use rustix::{
    fs::{AtFlags, Mode, RenameFlags, Statx},
    io::Errno,
};

use super::{
    Inner,
    changes::Op,
    errno::{OrRefuse, error, is_absent},
    identity::{Identity, unique_now, unique_within},
    stage::StagedFile,
    state::Temp,
    tree::{Form, Parent, form_of, look, look_at},
};
use crate::store::Committed;

/// What was done, and what is left to do once the guards are released.
#[derive(Debug, Default)]
pub(crate) struct Done {
    entered: Vec<Entered>,
    files: Vec<StagedFile>,
    etags: Vec<(Path, ETag)>,
    touched: Vec<OwnedFd>,
    trash: Vec<Temp>,
}

#[derive(Debug)]
struct Entered {
    path: Path,
    staged: StagedFile,
    length: u64,
    modified: Timestamp,
}

/// Makes one change. `stays` says of content whether no later change of the transaction takes it away.
pub(crate) fn make(store: &Inner, op: Op, stays: bool, done: &mut Done) -> Result<()> {
    match op {
        Op::Enter { path, at, mut staged, length, modified } => {
            let parent = parent(store, &at)?;
            let modified = ready(&staged, &parent, modified)?;
            enter(store, &at, &mut staged, &parent)?;
            match path.filter(|_| stays) {
                Some(path) => done.entered.push(Entered { path, staged, length, modified }),
                None => done.files.push(staged),
            }
            done.touched.push(parent.fd);
        }
        Op::EnterTree { at, tree } => {
            let parent = parent(store, &at)?;
            rename_to_vacant(&tree.dir, tree.name(), &parent.fd, parent.name)?;
            done.touched.push(parent.fd);
        }
        Op::MakeCollection { at } => {
            let parent = parent(store, &at)?;
            rustix::fs::mkdirat(&parent.fd, parent.name, COLLECTION_MODE).or_refuse()?;
            done.touched.push(parent.fd);
        }
        Op::Remove { at } => {
            let parent = parent(store, &at)?;
            done.trash.extend(remove(store, &at, &parent)?);
            done.touched.push(parent.fd);
        }
        Op::Rename { from, to } => {
            let (source, target) = (parent(store, &from)?, parent(store, &to)?);
            rename_to_vacant(&source.fd, source.name, &target.fd, target.name)?;
            done.touched.extend([source.fd, target.fd]);
        }
    }
    Ok(())
}

impl Done {
    /// Finds the entity tags of the content that was placed, while its guard is held. There is none
    /// where another program has written to it since, or where the disk cut our time short.
    pub(crate) fn tag(&mut self) -> Result<()> {
        for Entered { path, staged, length, modified } in self.entered.drain(..) {
            let identity = Identity::of(&look(&staged.file).or_refuse()?);
            if identity.modified == modified && identity.length == length {
                self.etags.push((path, identity.etag()));
            }
            self.files.push(staged);
        }
        Ok(())
    }

    /// Brings everything to the disk, then removes what is gone for good.
    pub(crate) fn settle(self, store: &Inner) -> Result<Committed> {
        for staged in &self.files {
            store.syncs.entered(&staged.file)?;
        }
        for dir in &self.touched {
            store.syncs.directory(dir, store.tree.root())?;
        }
        // Only now: if the names came back after a crash, so would have to what they lead to.
        for gone in self.trash {
            store.discard(gone);
        }
        Ok(Committed { etags: self.etags })
    }
}

fn parent<'p>(store: &Inner, at: &'p Path) -> Result<Parent<'p>> {
    store.tree.parent(at)?.ok_or_else(|| {
        let detail = "The collection that would hold this does not exist; create it first.";
        Error::refused(Condition::ParentMissing, detail)
    })
}

/// Gives staged content the mode of the file that it replaces, if there is one, and its time.
fn ready(
    staged: &StagedFile,
    parent: &Parent<'_>,
    modified: Option<Timestamp>,
) -> Result<Timestamp> {
    if let Some(replaced) = standing_file(parent)? {
        staged.adopt(&replaced)?;
    }
    let modified = modified.map_or_else(unique_now, unique_within);
    staged.date(modified)?;
    Ok(modified)
}

/// The file that bears a name; nothing if nothing does.
fn standing_file(parent: &Parent<'_>) -> Result<Option<Statx>> {
    match look_at(&parent.fd, parent.name) {
        Ok(stat) if form_of(&stat) == Form::File => Ok(Some(stat)),
        Ok(_) => Err(error(Errno::EXIST)),
        Err(errno) if is_absent(errno) => Ok(None),
        Err(errno) => Err(error(errno)),
    }
}

/// Puts content at a name, replacing a file that bears it.
fn enter(store: &Inner, at: &Path, staged: &mut StagedFile, parent: &Parent<'_>) -> Result<()> {
    if staged.temp.is_none() {
        // A new name needs no other name before it. If one came to stand there, it is replaced.
        match staged.link(&parent.fd, parent.name) {
            Ok(()) => return Ok(()),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(error(errno)),
        }
    }
    let of = at.parent().unwrap_or_else(Path::root);
    staged.name(store, &of, parent)?;
    if let Some(temp) = staged.temp.take() {
        rustix::fs::renameat(&*temp.dir, temp.name(), &parent.fd, parent.name).or_refuse()?;
    }
    Ok(())
}

/// Takes a name away. What had members, or must not be unlinked yet, stands in the trash then.
fn remove(store: &Inner, at: &Path, parent: &Parent<'_>) -> Result<Option<Temp>> {
    let stat = look_at(&parent.fd, parent.name).or_refuse()?;
    let flags = match form_of(&stat) {
        Form::Collection => AtFlags::REMOVEDIR,
        Form::File | Form::Link | Form::Special => AtFlags::empty(),
    };
    match rustix::fs::unlinkat(&parent.fd, parent.name, flags) {
        Ok(()) => return Ok(None),
        Err(Errno::NOTEMPTY | Errno::EXIST) => {}
        Err(errno) => return Err(error(errno)),
    }
    let rooms = store.rooms()?;
    let temp = rooms.trashing()?;
    match rustix::fs::renameat(&parent.fd, parent.name, &*temp.dir, temp.name()) {
        Ok(()) => Ok(Some(temp)),
        Err(Errno::XDEV) => {
            let dir = rustix::io::dup(&parent.fd).or_refuse()?;
            let temp = rooms.beside(&at.parent().unwrap_or_else(Path::root), dir)?;
            rustix::fs::renameat(&parent.fd, parent.name, &*temp.dir, temp.name()).or_refuse()?;
            Ok(Some(temp))
        }
        Err(errno) => Err(error(errno)),
    }
}

/// Renames to a name that nothing bears.
pub(crate) fn rename_to_vacant(
    from: &OwnedFd,
    name: &[u8],
    to: &OwnedFd,
    new_name: &[u8],
) -> Result<()> {
    match rustix::fs::renameat_with(from, name, to, new_name, RenameFlags::NOREPLACE) {
        // A disk that cannot refuse by itself: the guard keeps our writers away meanwhile.
        Err(Errno::INVAL | Errno::NOSYS) => match look_at(to, new_name) {
            Err(errno) if is_absent(errno) => {
                rustix::fs::renameat(from, name, to, new_name).or_refuse()
            }
            _ => Err(error(Errno::EXIST)),
        },
        done => done.or_refuse(),
    }
}

/// What a new collection may be, less what the process's umask takes away.
pub(crate) const COLLECTION_MODE: Mode = Mode::from_bits_retain(0o777);
