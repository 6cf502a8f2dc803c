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
    fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, Timespec, Timestamps, UTIME_OMIT},
    io::Errno,
};

use super::{
    changes::Op,
    deleting::{self, Taken, take_away},
    fact_changes::Draft,
    intent,
};
use crate::{
    Inner,
    bytes::{
        identity::{Identity, moment, unique_now, unique_within},
        permissions::Rights,
        stage::StagedFile,
        syncing::open_disk,
    },
    errno::{OrRefuse, is_absent},
    facts::debts::Debt,
    names::{
        disks::Turn,
        look::Look,
        tree::{Parent, look, look_at, self_name},
    },
    state::Temp,
    system,
};
use methodical_store::store::Committed;

/// What was done, and what is left to do once the guards are released.
#[derive(Debug, Default)]
pub(crate) struct Done {
    entered: Vec<Entered>,
    files: Vec<StagedFile>,
    touched: Vec<OwnedFd>,
    dated: Vec<OwnedFd>,
    trash: Vec<Temp>,
    etags: Vec<(Path, ETag)>,
    finished: Option<i64>,
    owes: bool,
}

#[derive(Debug)]
struct Entered {
    path: Path,
    /// Where it truly stands.
    at: Path,
    staged: StagedFile,
    length: u64,
    modified: Timestamp,
}

/// What content may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// A file that bears the name, also one that came to bear it meanwhile.
    Files,
    Nothing,
}

/// Makes a change that stands alone. What was found on the way still holds.
pub(crate) fn make(look: Look<'_>, op: Op) -> Result<Done> {
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

impl Done {
    /// Content came to stand at a name; without a path, nobody is told its tag.
    pub(crate) fn enter(
        &mut self,
        path: Option<Path>,
        (at, staged): (Path, StagedFile),
        length: u64,
        modified: Timestamp,
    ) {
        match path {
            Some(path) => self.entered.push(Entered { path, at, staged, length, modified }),
            None => self.files.push(staged),
        }
    }

    /// Names in these directories changed.
    pub(crate) fn touch(&mut self, dirs: Vec<OwnedFd>) {
        self.touched.extend(dirs);
    }

    /// These have another modification time.
    pub(crate) fn date(&mut self, dated: Vec<OwnedFd>) {
        self.dated.extend(dated);
    }

    /// What bears this name now is to be removed for good.
    pub(crate) fn discard(&mut self, gone: Temp) {
        self.trash.push(gone);
    }

    /// The ledger is yet to be told.
    pub(crate) fn owes(&mut self) {
        self.owes = true;
    }

    /// The journal of this commit is to be closed when its changes are on the disk.
    pub(crate) fn finish_later(&mut self, commit: i64) {
        self.finished = Some(commit);
    }

    /// Finds the entity tags of the content that was placed, while its guard is held. There is none
    /// where another program has written to it since, or where the disk cut our time short.
    pub(crate) fn tag(&mut self, store: &Inner) {
        for Entered { path, at, staged, length, modified } in self.entered.drain(..) {
            // It is made: where nothing can be told of it, nothing is.
            let Ok(stat) = look(&staged.file) else { continue };
            let identity = Identity::of(&stat);
            store.facts.replaced(&at, || store.origin(&identity.birth()));
            if identity.modified == modified && identity.length == length {
                self.etags.push((path, identity.tag().etag()));
            }
            self.files.push(staged);
        }
    }

    /// Brings everything to the disk.
    pub(crate) fn sync(&mut self, store: &Inner) -> Result<()> {
        let (syncs, root) = (&store.syncs, store.tree.root());
        for staged in &self.files {
            syncs.entered(&staged.file).or_else(|_| syncs.again(&staged.file))?;
        }
        for dated in self.dated.drain(..) {
            syncs.dated(&dated, root).or_else(|_| syncs.again(root))?;
        }
        for dir in self.touched.drain(..) {
            let again = |_| syncs.again(open_disk(&dir, root)?);
            syncs.directory(&dir, root).or_else(again)?;
        }
        Ok(())
    }

    /// Brings everything to the disk, then removes what is gone for good.
    pub(crate) fn settle(mut self, store: &Inner) -> Result<Committed> {
        store.faults.step()?;
        self.sync(store)?;
        store.faults.step()?;
        if let Some(commit) = self.finished {
            let mut writer = store.facts.writer();
            let done = writer.ledger(store).and_then(|ledger| ledger.finish(commit, false));
            // It is made: nobody is refused because that cannot be written down now.
            if done.is_err() {
                writer.owe(store, Debt::Done(commit));
            }
            drop(writer);
            store.faults.step()?;
        }
        // Only now: if the names came back after a crash, so would have to what they lead to.
        for gone in self.trash {
            store.discard(gone);
        }
        if self.owes {
            // There may be room by now; else the sweep tries again.
            store.facts.writer().ledger(store).map(drop).unwrap_or_default();
        }
        Ok(Committed { etags: self.etags })
    }
}

fn holder<'p>(store: &Inner, at: &'p Path) -> Result<Parent<'p>> {
    store.tree.holder(at)?.ok_or_else(no_holder)
}

fn no_holder() -> Error {
    let detail = "The collection that would hold this does not exist; create it first.";
    Error::refused(Condition::ParentMissing, detail)
}

/// Gives staged content the rights to the file that it replaces, if there is one, and its time.
pub(crate) fn ready(
    staged: &StagedFile,
    replaced: Option<&Rights>,
    modified: Option<Timestamp>,
) -> Result<Timestamp> {
    if let Some(replaced) = replaced {
        replaced.give(&staged.file)?;
    }
    date_staged(staged, modified)
}

/// Gives staged content its time.
fn date_staged(staged: &StagedFile, modified: Option<Timestamp>) -> Result<Timestamp> {
    let modified = modified.map_or_else(unique_now, unique_within);
    staged.date(modified)?;
    Ok(modified)
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

/// Gives what bears a name another modification time; tells that which it had.
pub(crate) fn date(store: &Inner, at: &Path, modified: Timestamp) -> Result<(OwnedFd, Timestamp)> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let holder = holder(store, at)?;
    let opened = rustix::fs::openat(&holder.fd, holder.name, flags, Mode::empty()).or_refuse()?;
    let former = moment(look(&opened).or_refuse()?.stx_mtime);
    let last_access = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let last_modification =
        Timespec { tv_sec: modified.seconds(), tv_nsec: modified.nanoseconds().into() };
    let times = Timestamps { last_access, last_modification };
    // By its name in the process's own list: a file that may not be read can be dated, too.
    system::utimensat(CWD, self_name(&opened), &times, AtFlags::empty()).or_refuse()?;
    Ok((opened, former))
}

/// Renames to a name that nothing bears.
pub(crate) fn rename_to_vacant(
    from: &OwnedFd,
    name: &[u8],
    to: &OwnedFd,
    new_name: &[u8],
) -> rustix::io::Result<()> {
    match system::renameat_with(from, name, to, new_name, RenameFlags::NOREPLACE) {
        // A disk that cannot refuse by itself: the guard keeps our writers away meanwhile.
        Err(Errno::INVAL | Errno::NOSYS) => match look_at(to, new_name) {
            Err(errno) if is_absent(errno) => system::renameat(from, name, to, new_name),
            _ => Err(Errno::EXIST),
        },
        done => done,
    }
}

/// What a new collection may be, less what the process's umask takes away.
pub(crate) const COLLECTION_MODE: Mode = Mode::from_bits_retain(0o777);
