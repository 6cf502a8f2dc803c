//! Several changes, or changes with facts, as one: a journal of renames in the ledger.
//!
//! Everything new is first built and synced under names out of sight, and everything that goes
//! will get such a name, so that each change is one rename. The renames are written to the ledger
//! together with the facts that change with them; that COMMIT is the moment from which on the
//! changes are made. Then the renames are done, and their rows removed. A process that is killed
//! between finds the rows at its next opening and does what is left: a name out of sight that is
//! still there was not renamed yet, and so was an object that is still found, unchanged, under its
//! former name. A file that is replaced changes places with the new one, and bears the name out of
//! sight until all is done.
//!
//! Rows of renames that are done may come back with a loss of power; they match nothing then,
//! since a rename sets the change time of what it renames. Only where a commit changes something
//! twice, that mark is missing, and the removal of its rows is synced before anybody else may go
//! on.
//!
//! When a rename fails because the disk does or another program interfered, those before it are
//! taken back, and the facts with them. Where that is not possible (on a disk whose files cannot
//! change places, or when it fails too), the others are done as far as they can be, and the commit
//! fails with a word to the operator.

use methodical_store::names::is_ours;
use std::{collections::BTreeMap, os::fd::OwnedFd, sync::Arc};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    timestamp::Timestamp,
};
use rustix::{fs::RenameFlags, io::Errno, time::ClockId};

use super::{
    deleting::in_place,
    done::Done,
    fact_changes::Draft,
    op::Op,
    step::{date, ready, rename_to_vacant},
};
use crate::{
    bytes::{
        identity::{clock, moment},
        permissions::{COLLECTION_MODE, Rights},
    },
    errno::{OrRefuse, error, is_absent},
    facts::{
        Writer,
        debts::Debt,
        ledger::{
            Edits, Origin,
            intents::{Intent, Object},
        },
    },
    inner::Inner,
    names::{
        disks::Turn,
        stat::{Form, form_of, look, look_at},
        tree::Parent,
    },
    state::{Rooms, Temp},
    system,
};

/// The renames that are to be done, and what is held until then.
#[derive(Default)]
struct Plan {
    steps: Vec<Intent>,
    held: Vec<Temp>,
    done: Done,
}

/// The end of the renames.
enum Outcome {
    /// All were made, in these directories.
    Made(Progress),
    /// None was made, or none is any more.
    TakenBack(Error),
    /// One failed when it was too late to take back those before.
    InPart(Progress, Error),
    /// The process ended, in a test.
    Killed(Error),
}

/// The renames so far.
#[derive(Default)]
struct Progress {
    /// The ways back of those that were made.
    made: Vec<Undo>,
    touched: Vec<OwnedFd>,
    dated: Vec<OwnedFd>,
    /// True if the last of them was made in part.
    is_cut: bool,
}

/// The way back of something that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// The rename back.
    Rename,
    /// That the two files change places again.
    Exchange,
    /// The time that it had.
    Date(Timestamp),
    /// Nothing: a file was replaced, and is gone.
    Impossible,
}

/// Makes changes and those of facts as one. `stays` says for each change whether no later one takes
/// its content away.
pub(crate) fn commit(store: &Inner, ops: Vec<Op>, stays: &[bool], draft: Draft) -> Result<Done> {
    let mut plan = Plan::default();
    for (op, stays) in ops.into_iter().zip(stays) {
        plan.add(store, op, *stays)?;
    }
    plan.sync(store)?;
    let mut writer = store.facts.writer();
    let number = writer.next_commit();
    plan.steps.iter_mut().for_each(|step| step.commit = number);
    let (edits, mut opposite) = {
        let mirror = store.facts.mirror();
        draft.check_locks(&mirror)?;
        let now = clock(ClockId::Realtime);
        let mut edits = draft.edits(&mirror, now, store.options.tombstones_max);
        edits.origins = plan.origins(store, &edits)?;
        let opposite = mirror.opposite(&edits);
        (edits, opposite)
    };
    let ledger = writer.ledger(store)?;
    store.faults.step()?;
    opposite.steps = ledger.write(&edits, &plan.steps)?;
    store.faults.step()?;
    let shown = edits.are_shown();
    if shown {
        store.facts.begin_change();
    }
    let outcome = run(store, &plan.steps);
    if matches!(outcome, Outcome::Made(_) | Outcome::InPart(..)) {
        store.facts.mirror_mut().apply(&edits);
    }
    if shown {
        store.facts.end_change();
    }
    match outcome {
        Outcome::Made(progress) => {
            plan.arrived(progress);
            plan.close(store, &mut writer, number)
        }
        Outcome::InPart(progress, failure) => {
            plan.arrived(progress);
            let done = plan.close(store, &mut writer, number)?;
            // The rest asks for the right to write the ledger itself.
            drop(writer);
            done.settle(store)?;
            Err(Error::failed(format!("a commit was made in part only: {failure}")))
        }
        Outcome::TakenBack(failure) => {
            let taken = writer.ledger(store).and_then(|it| it.take_back(&opposite, number));
            if taken.is_err() {
                writer.owe(store, Debt::TakenBack(opposite, number));
            }
            Err(failure)
        }
        Outcome::Killed(failure) => Err(failure),
    }
}

/// Does what an earlier process wrote down and was killed at.
pub(crate) fn replay(store: &Inner, writer: &mut Writer, intents: &[Intent]) -> Result<()> {
    for intent in intents {
        if let Some(touched) = again(store, intent)? {
            touched.iter().try_for_each(|dir| store.syncs.directory(dir, store.tree.root()))?;
        }
    }
    for commit in commits(intents) {
        writer.owe(store, Debt::Done(commit));
    }
    Ok(())
}

/// The numbers of the commits that were written down.
fn commits(intents: &[Intent]) -> Vec<i64> {
    let mut commits: Vec<i64> = intents.iter().map(|intent| intent.commit).collect();
    commits.dedup();
    commits
}

impl Plan {
    fn add(&mut self, store: &Inner, op: Op, stays: bool) -> Result<()> {
        match op {
            Op::Enter { path, at, mut staged, length, modified, replaces } => {
                let holder = replaces.as_ref().map(|at| store.tree.holder(at)).transpose()?;
                let replaced = match holder.flatten() {
                    Some(holder) => Rights::of(&holder)?,
                    None => None,
                };
                let modified = ready(&staged, replaced.as_ref(), modified)?;
                if store.lies_off(&staged.file, &at)? {
                    staged = store.rehome(&staged, &at)?;
                }
                staged.name(store, &at, self.turn())?;
                let temp = staged.temp.take().ok_or_else(|| error(Errno::NOENT))?;
                // The name alone does not tell: a file that was replaced may bear it by then. What
                // no client placed replaces nothing.
                let stat = look(&staged.file).or_refuse()?;
                let changed = path.is_none().then(|| moment(stat.stx_ctime));
                let object = Object { inode: stat.stx_ino, changed };
                self.step(temp.at.clone(), at.clone(), Some(object));
                self.held.push(temp);
                self.done.enter(path.filter(|_| stays), (at, staged), length, modified);
            }
            Op::EnterTree { at, tree } => self.arrival(tree, at),
            Op::MakeCollection { at } => {
                let temp = store.room_for(&at, self.turn(), Rooms::staging)?;
                system::mkdirat(&*temp.dir, temp.name(), COLLECTION_MODE).or_refuse()?;
                self.arrival(temp, at);
            }
            Op::Remove { at } => {
                let temp = store.room_for(&at, self.turn(), Rooms::trashing)?;
                let mut object = self.object(store, &at)?;
                if store.is_fixed(&self.source(&at))? {
                    // Its members go one by one, which changes it.
                    object.changed = None;
                }
                self.step(at, temp.at.clone(), Some(object));
                self.done.discard(temp);
            }
            Op::Rename { from, to } => {
                let object = self.object(store, &from)?;
                self.step(from, to, Some(object));
            }
            Op::Date { at, modified } => {
                let object = self.object(store, &at)?;
                self.step(at.clone(), at, Some(object));
                if let Some(step) = self.steps.last_mut() {
                    step.modified = Some(modified);
                }
            }
        }
        store.faults.step()
    }

    fn turn(&self) -> Turn {
        if self.steps.is_empty() { Turn::First } else { Turn::Later }
    }

    fn arrival(&mut self, temp: Temp, at: Path) {
        self.step(temp.at.clone(), at, None);
        self.held.push(temp);
    }

    fn step(&mut self, from: Path, to: Path, object: Option<Object>) {
        let number = i64::try_from(self.steps.len()).unwrap_or(i64::MAX);
        self.steps.push(Intent { commit: 0, number, from, to, object, modified: None });
    }

    /// The path of that which will stand at another when its turn has come.
    fn source(&self, at: &Path) -> Path {
        self.steps.iter().rev().fold(at.clone(), |now, step| {
            if now.is_within(&step.to) { now.rebased(&step.to, &step.from) } else { now }
        })
    }

    /// The objects that will stand at the paths of which something is said.
    fn origins(&self, store: &Inner, edits: &Edits) -> Result<BTreeMap<Path, Option<Origin>>> {
        let mut origins = BTreeMap::new();
        for path in edits.described() {
            // What is gone by the end has none.
            let Some(birth) = store.birth_at(&self.source(path))? else { continue };
            let origin = store.origin(&birth);
            origins.insert(path.clone(), origin);
        }
        Ok(origins)
    }

    /// The object that will stand at a path when its turn has come.
    fn object(&self, store: &Inner, at: &Path) -> Result<Object> {
        let now = self.source(at);
        let holder = store.tree.holder(&now)?.ok_or_else(|| error(Errno::NOENT))?;
        let stat = look_at(&holder.fd, holder.name).or_refuse()?;
        let changes = |path: &Path| {
            path.is_within(&now) && path.segments().count() <= now.segments().count() + 1
                || now.is_within(path)
        };
        let twice =
            now != *at || self.steps.iter().any(|step| changes(&step.from) || changes(&step.to));
        let changed = (!twice).then(|| moment(stat.stx_ctime));
        Ok(Object { inode: stat.stx_ino, changed })
    }

    /// Brings the names out of sight to the disk.
    fn sync(&self, store: &Inner) -> Result<()> {
        let mut synced: Vec<&Arc<OwnedFd>> = Vec::new();
        for temp in &self.held {
            if !synced.iter().any(|dir| Arc::ptr_eq(dir, &temp.dir)) {
                store.syncs.directory(&temp.dir, store.tree.root())?;
                synced.push(&temp.dir);
            }
        }
        Ok(())
    }

    /// The things that were held bear their names now; those that they replaced are to be removed.
    fn arrived(&mut self, progress: Progress) {
        self.done.touch(progress.touched);
        self.done.date(progress.dated);
        for temp in self.held.drain(..) {
            let step = self.steps.iter().zip(&progress.made).find(|(step, _)| step.from == temp.at);
            match step {
                Some((_, Undo::Exchange)) => self.done.discard(temp),
                _ => temp.renamed(),
            }
        }
    }

    /// Hands over what is left to do: at once, where a row that came back could do harm.
    fn close(mut self, store: &Inner, writer: &mut Writer, commit: i64) -> Result<Done> {
        if self.steps.is_empty() {
            // Facts alone: there is nothing that a later start could find to do.
            return Ok(self.done);
        }
        let marked = |step: &Intent| {
            let object = step.object;
            is_ours(&step.from) || object.is_none_or(|object| object.changed.is_some())
        };
        if self.steps.iter().all(marked) {
            self.done.finish_later(commit);
            return Ok(self.done);
        }
        self.done.sync(store)?;
        let done = writer.ledger(store).and_then(|ledger| ledger.finish(commit, true));
        if done.is_err() {
            writer.owe(store, Debt::Done(commit));
        }
        Ok(self.done)
    }
}

/// Does all renames, or none; or, where those that were done cannot be taken back, as many as can
/// be.
fn run(store: &Inner, steps: &[Intent]) -> Outcome {
    let mut progress = Progress::default();
    for step in steps {
        if let Err(failure) = store.faults.step().and_then(|()| progress.make(store, step)) {
            return progress.give_up(store, steps, failure);
        }
    }
    Outcome::Made(progress)
}

impl Progress {
    fn make(&mut self, store: &Inner, step: &Intent) -> Result<()> {
        if let Some(modified) = step.modified {
            let (dated, former) = date(store, &step.to, modified)?;
            self.dated.push(dated);
            self.made.push(Undo::Date(former));
            return Ok(());
        }
        let (from, to) = ends(store, step)?;
        let from = from.ok_or_else(|| error(Errno::NOENT))?;
        let placed = place(store, step, (&from.fd, from.name), (&to.fd, to.name))?;
        self.made.push(placed.unwrap_or(Undo::Impossible));
        if placed.is_none() {
            // From here on there is no way back.
            self.is_cut = true;
            in_place(&from)?;
            self.is_cut = false;
        }
        self.touched.extend([from.fd, to.fd]);
        Ok(())
    }

    fn give_up(&mut self, store: &Inner, steps: &[Intent], failure: Error) -> Outcome {
        if store.faults.is_down() {
            return Outcome::Killed(failure);
        }
        let (made, left) = steps.split_at(self.made.len().min(steps.len()));
        let mut backwards = made.iter().zip(&self.made).rev();
        if !self.made.contains(&Undo::Impossible)
            && backwards.all(|(step, undo)| back(store, step, *undo).is_ok())
        {
            return Outcome::TakenBack(failure);
        }
        // The one that failed is left out; what can still be done is done.
        let failed = usize::from(!std::mem::take(&mut self.is_cut));
        if failed > 0 {
            self.made.push(Undo::Impossible);
        }
        for step in left.iter().skip(failed) {
            if self.make(store, step).is_err() && !std::mem::take(&mut self.is_cut) {
                self.made.push(Undo::Impossible);
            }
        }
        Outcome::InPart(std::mem::take(self), failure)
    }
}

/// Opens the two collections that a rename is about: nothing for one that it came from and that is
/// there no more.
fn ends<'s>(store: &Inner, step: &'s Intent) -> Result<(Option<Parent<'s>>, Parent<'s>)> {
    let to = store.tree.holder(&step.to)?.ok_or_else(|| {
        let detail = "The collection that would hold this does not exist; create it first.";
        Error::refused(Condition::ParentMissing, detail)
    })?;
    Ok((store.tree.holder(&step.from)?, to))
}

/// Returns whether this is content that a client placed: it may come to stand where another file
/// does.
fn may_replace(step: &Intent) -> bool {
    is_ours(&step.from) && step.object.is_some_and(|object| object.changed.is_none())
}

/// Does one rename; says what takes it back. Nothing where something is to go that cannot be
/// renamed.
fn place(
    store: &Inner,
    step: &Intent,
    (from, name): (&OwnedFd, &[u8]),
    (to, new_name): (&OwnedFd, &[u8]),
) -> Result<Option<Undo>> {
    let done = rename_to_vacant(from, name, to, new_name);
    let Err(refused) = done else { return Ok(Some(Undo::Rename)) };
    if refused == Errno::XDEV && is_ours(&step.to) {
        return Ok(None);
    }
    let refused = error(refused);
    let stands = |dir: &OwnedFd, name: &[u8]| look_at(dir, name).map(|stat| form_of(&stat));
    let replaces = may_replace(step)
        && stands(from, name) == Ok(Form::File)
        && stands(to, new_name) == Ok(Form::File);
    if !replaces {
        return Err(refused);
    }
    let exchanged = if store.faults.no_exchange() {
        Err(Errno::INVAL)
    } else {
        system::renameat_with(from, name, to, new_name, RenameFlags::EXCHANGE)
    };
    match exchanged {
        // A disk whose files cannot change places.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            system::renameat(from, name, to, new_name).or_refuse()?;
            Ok(Some(Undo::Impossible))
        }
        done => done.or_refuse().map(|()| Some(Undo::Exchange)),
    }
}

/// Takes one rename back, or the time that something got.
fn back(store: &Inner, step: &Intent, undo: Undo) -> Result<()> {
    if let Undo::Date(former) = undo {
        return date(store, &step.to, former).map(drop);
    }
    let (from, to) = ends(store, step)?;
    let from = from.ok_or_else(|| error(Errno::NOENT))?;
    if undo == Undo::Exchange {
        let flags = RenameFlags::EXCHANGE;
        return system::renameat_with(&to.fd, to.name, &from.fd, from.name, flags).or_refuse();
    }
    rename_to_vacant(&to.fd, to.name, &from.fd, from.name).or_refuse()
}

/// Does one rename of an earlier process, unless it is done; the directories that it touched.
fn again(store: &Inner, step: &Intent) -> Result<Option<[OwnedFd; 2]>> {
    let Ok((Some(from), to)) = ends(store, step) else { return Ok(None) };
    let stat = match look_at(&from.fd, from.name) {
        Ok(stat) => stat,
        Err(errno) if is_absent(errno) => return Ok(None),
        Err(errno) => return Err(error(errno)),
    };
    let is_it = step.object.is_none_or(|object| {
        let unchanged = object.changed.is_none_or(|changed| changed == moment(stat.stx_ctime));
        object.inode == stat.stx_ino && unchanged
    });
    if let Some(modified) = step.modified {
        if is_it {
            let (dated, _) = date(store, &step.to, modified)?;
            store.syncs.dated(dated, store.tree.root())?;
        }
        return Ok(None);
    }
    // Where others put something at the new name meanwhile, that stays: nobody was told otherwise.
    if !is_it {
        return Ok(None);
    }
    let placed = match place(store, step, (&from.fd, from.name), (&to.fd, to.name)) {
        Ok(None) => in_place(&from).is_ok(),
        placed => placed.is_ok(),
    };
    Ok(placed.then_some([from.fd, to.fd]))
}
