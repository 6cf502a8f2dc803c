//! A set of changes: each is judged when it is asked for, and all are made at the commit.
//!
//! What a change asks for is refused here, with the words for the client, so that the commit fails
//! only for what the disk or another program does. Names are judged where they truly stand: a path
//! of a client's may lead over links, and is resolved first.

use methodical_store::store::TOMBSTONES_A_REMOVAL_MAX;
use std::sync::atomic::Ordering;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    lock::Lock,
    path::Path,
    rule::privilege::Access,
    timestamp::Timestamp,
};

use super::{
    apply::make,
    deleting,
    done::Done,
    fact_changes::Draft,
    intent,
    name_changes::{Pending, Source},
    op::Op,
};
use crate::{
    bytes::{
        copying::{Copy, Times},
        identity::unique_within,
    },
    inner::Inner,
    names::{
        look::FolderSnapshot,
        outline::outline,
        tree::{Resolved, Standing},
    },
    state,
};
use methodical_content::staging::{Staged, Staging};
use methodical_store::{
    facts::Row,
    guard::Held,
    properties::Properties,
    resource::Id,
    store::{Changes, Committed, Mark, Placement, Snapshot},
    sync::{history::Form, notes::Note},
    work,
};

/// A set of changes whose footprint is guarded.
pub(crate) struct FolderChanges<'s> {
    pub(crate) store: &'s Inner,
    /// All that was found of the disk when these were begun.
    look: FolderSnapshot<'s>,
    /// The guard of the footprint; released as soon as the names stand.
    held: Held,
    /// The names that these changes touched, with what they stand for now.
    pub(crate) pending: Pending,
    /// The steps that the commit will make, in their order.
    pub(crate) ops: Vec<Op>,
    pub(crate) facts: Draft,
    /// The names made and taken away, for those who synchronize.
    pub(crate) notes: Vec<Note>,
    /// True if something is said of what stays.
    says: bool,
    /// The resources that were taken away, with the ids that may have been told of them.
    pub(crate) ended: Vec<(Path, Standing, Option<Id>)>,
    /// The moment up to which ids had been asked for when these were begun.
    asked_by: i64,
    /// The paths whose ids nobody had asked for by then, and those that keep them if somebody does.
    pub(crate) untold: Vec<(Path, Path)>,
    /// The rights of who makes them, where names may be hidden from them.
    access: Option<Access>,
}

impl<'s> FolderChanges<'s> {
    /// None is asked for yet. What was found holds, as nobody of us wrote in between.
    pub(crate) fn begin(look: FolderSnapshot<'s>, held: Held) -> Self {
        let (pending, ops, facts) = (Pending::default(), Vec::new(), Draft::default());
        let (notes, ended) = (Vec::new(), Vec::new());
        let (store, says, access) = (look.store, false, None);
        let (asked_by, untold) = (store.facts.asked.by(), Vec::new());
        Self {
            store,
            look,
            held,
            pending,
            ops,
            facts,
            notes,
            says,
            ended,
            asked_by,
            untold,
            access,
        }
    }

    /// The kind of what stands at a path by now; the look of the begin answers as long as nothing
    /// was changed.
    pub(crate) fn standing(&self, at: &Path) -> Result<Standing> {
        if self.ops.is_empty()
            && let Some(known) = self.look.standing(at)
        {
            return Ok(known);
        }
        self.pending.standing(&self.store.tree, at)
    }

    /// The refusal of a name at which something stands that is not shown.
    fn unseen(&self) -> Error {
        let detail = if self.store.tree.spelled.is_loose() {
            "Something stands here already that is not served, or that this disk has under another \
             spelling of the name; use that one, or move it by way of a third name."
        } else {
            "Something that is not served stands here; it is not replaced."
        };
        Error::refused(Condition::Forbidden, detail)
    }

    /// The place where a new name truly stands, once it is sure that it may come to stand there.
    fn vacant(&self, path: &Path) -> Result<Path> {
        self.store.tree.permit(path)?;
        let at = self.look.resolve(path)?.name;
        self.store.tree.is_no_secret(&at)?;
        match self.standing(&at)? {
            Standing::Nothing => {}
            Standing::File | Standing::Collection => {
                let detail = "Something is here already; nothing was replaced.";
                return Err(Error::refused(Condition::Conflict, detail));
            }
            Standing::Unseen => return Err(self.unseen()),
        }
        self.parent_stands(&at)?;
        Ok(at)
    }

    /// # Errors
    /// [`Condition::ParentMissing`]: no collection would hold it (409).
    fn parent_stands(&self, at: &Path) -> Result<()> {
        let parent = at.parent().unwrap_or_else(Path::root);
        if self.standing(&parent)? == Standing::Collection {
            return Ok(());
        }
        let detail = "The collection that would hold this does not exist; create it first.";
        Err(Error::refused(Condition::ParentMissing, detail))
    }

    /// The place where an existing name truly stands, and what it is.
    fn occupied(&self, path: &Path) -> Result<(Resolved, Standing)> {
        if self.store.tree.shows(path) {
            let place = self.look.resolve(path)?;
            let standing = self.standing(&place.name)?;
            if matches!(standing, Standing::File | Standing::Collection) {
                return Ok((place, standing));
            }
        }
        Err(Error::refused(Condition::NotFound, "There is nothing here."))
    }

    /// Copies, with `tree` all below, or moves by copying where `times` are kept: then ids and
    /// facts go along.
    ///
    /// # Errors
    /// Nothing stands at `from`, something at `to`, or no collection would hold it there.
    pub(crate) fn duplicate(
        &mut self,
        from: &Path,
        to: &Path,
        tree: bool,
        times: Times,
    ) -> Result<()> {
        let (place, standing) = self.occupied(from)?;
        let at = self.vacant(to)?;
        let source = place.name;
        self.note_moved(&source, &at);
        let known = place.leads_to.as_ref().unwrap_or(&source);
        self.adopt(known)?;
        let id = match times {
            Times::Kept => self.told_id(&source)?,
            // RFC 5842 section 2.7: what is updated stays what it is.
            Times::New => self.ended(&at, standing),
        };
        if id.is_none() {
            self.untold_of(times, (&source, &at), standing);
        }
        let identified = id.map(|id| (at.clone(), id));
        // All of what is moved goes.
        let access = self.access.as_ref().filter(|_| times == Times::New);
        let mut copy = Copy::new(self.store, (&self.pending, &self.ops), times, access);
        if standing == Standing::File {
            let (staged, length, modified) = copy.file(&source, to)?;
            self.pending.set(&at, Source::Placed(self.ops.len()));
            let alone = |path: &Path| Ok(*path == at);
            self.facts.copied(&self.store.facts.mirror(), (known, &at), times, alone)?;
            let (path, replaces) = (None, None);
            self.ops.push(Op::Enter { path, at, staged, length, modified, replaces });
        } else if tree {
            let tree = copy.tree(&source, &at)?;
            for (former, member) in copy.into_renamed() {
                self.facts.found(&self.store.facts.mirror(), &former, &member);
            }
            self.pending.set(&at, Source::Built(tree.at.clone()));
            let (disk, pending) = (&self.store.tree, &self.pending);
            let stands = |path: &Path| Ok(pending.standing(disk, path)? != Standing::Nothing);
            self.facts.copied(&self.store.facts.mirror(), (known, &at), times, stands)?;
            self.ops.push(Op::EnterTree { at, tree });
        } else {
            self.facts.copied_alone(&self.store.facts.mirror(), (known, &at), times)?;
            self.make(at);
        }
        if let Some((at, id)) = identified {
            self.facts.identified(&at, id);
        }
        Ok(())
    }

    /// Refuses to take away a name if another disk is mounted there or below.
    fn permit_removal(&self, at: &Path) -> Result<()> {
        match (self.pending.source(at), self.standing(at)?) {
            (Source::Disk(stands), Standing::Collection) => self.store.permit_removal(&stands),
            // The kernel itself keeps a file at which another is mounted.
            _ => Ok(()),
        }
    }

    /// A file that others renamed keeps what is known of it, also where it is replaced or goes now.
    pub(crate) fn adopt(&mut self, at: &Path) -> Result<()> {
        let facts = &self.store.facts;
        let Source::Disk(stands) = self.pending.source(at) else { return Ok(()) };
        if facts.mirror().origins.is_empty() {
            return Ok(());
        }
        let Some(birth) = self.look.birth(&stands)? else { return Ok(()) };
        let former = self.store.known_elsewhere(&stands, &birth);
        if let Some(former) = former.filter(|former| !self.pending.changed(former)) {
            self.facts.found(&facts.mirror(), &former, at);
        }
        Ok(())
    }

    /// The id that may have been told of what stands at a path.
    pub(crate) fn told_id(&self, at: &Path) -> Result<Option<Id>> {
        let kept = self.facts.id(&self.store.facts.mirror(), at);
        if kept.is_some() {
            return Ok(kept);
        }
        match self.pending.source(at) {
            Source::Disk(stands) => self.store.told_id(&stands),
            Source::Nothing | Source::Built(_) | Source::Placed(_) | Source::Made => Ok(None),
        }
    }

    /// Tells those who synchronize that all below went to another name.
    pub(crate) fn note_moved(&mut self, from: &Path, to: &Path) {
        self.notes.push(Note::At(to.clone(), Form::File));
        self.notes.push(Note::Moved { from: from.clone(), to: to.clone() });
    }

    fn make(&mut self, at: Path) {
        self.pending.set(&at, Source::Made);
        self.ops.push(Op::MakeCollection { at });
    }
}

impl Changes for FolderChanges<'_> {
    fn snapshot(&self) -> &dyn Snapshot {
        &self.look
    }

    fn held_to(&mut self, access: &Access) {
        self.access = (!access.shows_all_names()).then(|| access.clone());
    }

    fn stage(&mut self, path: &Path) -> Result<Box<dyn Staging>> {
        self.store.tree.permit(path)?;
        Ok(Box::new(self.look.stage(path)?))
    }

    fn place(&mut self, path: &Path, content: Staged, as_: Placement) -> Result<()> {
        self.store.tree.permit(path)?;
        let place = self.look.resolve(path)?;
        let at = place.leads_to.unwrap_or(place.name);
        self.store.tree.is_no_secret(&at)?;
        match self.standing(&at)? {
            Standing::File => {
                self.adopt(&at)?;
                let kept = self.facts.id(&self.store.facts.mirror(), &at);
                // Kept once it goes with the name by itself.
                if let Some(id) = self.told_id(&at)?.filter(|id| kept != Some(*id)) {
                    self.facts.identified(&at, id);
                }
            }
            Standing::Nothing => {
                self.parent_stands(&at)?;
                self.facts.made(&self.store.facts.mirror(), &at);
            }
            Standing::Collection => {
                let detail = "A collection is here; content cannot replace it.";
                return Err(Error::refused(Condition::Conflict, detail));
            }
            Standing::Unseen => return Err(self.unseen()),
        }
        let media_type = as_.media_type.as_deref();
        if media_type.is_some_and(|it| it.len() > MEDIA_TYPE_BYTES_MAX) {
            let detail = "The media type is longer than 255 bytes; shorten it.";
            return Err(Error::refused(Condition::BadField, detail));
        }
        let (length, staged) = (content.length(), content.into_held()?);
        self.facts.placed(&self.store.facts.mirror(), &at, media_type);
        let replaces = match self.pending.source(&at) {
            Source::Disk(origin) => Some(origin),
            Source::Nothing | Source::Built(_) | Source::Placed(_) | Source::Made => None,
        };
        self.pending.set(&at, Source::Placed(self.ops.len()));
        self.notes.push(Note::At(at.clone(), Form::File));
        let (path, modified) = (Some(path.clone()), as_.modified);
        self.ops.push(Op::Enter { path, at, staged, length, modified, replaces });
        Ok(())
    }

    fn make_collection(&mut self, path: &Path) -> Result<()> {
        let at = self.vacant(path)?;
        self.notes.push(Note::At(at.clone(), Form::Collection));
        self.facts.made(&self.store.facts.mirror(), &at);
        self.make(at);
        Ok(())
    }

    fn remove(&mut self, path: &Path, mark: Mark) -> Result<()> {
        let (Resolved { name: at, .. }, _) = self.occupied(path)?;
        if at.is_root() {
            let detail = "The root of the server cannot be removed.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.store.tree.may_go(&at)?;
        self.permit_removal(&at)?;
        let dead = match mark {
            Mark::Tombstone if self.store.options.tombstones_max > 0 => {
                outline(self.store, &self.pending, &at, TOMBSTONES_A_REMOVAL_MAX)?
            }
            Mark::Tombstone | Mark::Nothing => Vec::new(),
        };
        self.notes.push(Note::At(at.clone(), Form::File));
        self.adopt(&at)?;
        let (told, standing) = (self.told_id(&at)?, self.standing(&at)?);
        self.ended.push((at.clone(), standing, told));
        let gone = state::gone_name()?;
        self.facts.removed(&self.store.facts.mirror(), &at, &gone, dead);
        self.pending.set(&at, Source::Nothing);
        self.ops.push(Op::Remove { at });
        Ok(())
    }

    fn copy(&mut self, from: &Path, to: &Path, tree: bool) -> Result<()> {
        self.duplicate(from, to, tree, Times::New)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        let (place, _) = self.occupied(from)?;
        let source = place.name;
        if source.is_root() || to.is_within(&source) {
            let detail = "The root stays where it is, and nothing can be moved into itself.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.store.tree.may_go(&source)?;
        let at = self.vacant(to)?;
        if place.leads_to.is_some() && source.parent() != at.parent() {
            let detail = "This is a link, which would lead elsewhere from there; move its target.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.permit_removal(&source)?;
        let links = self.survey(&source, &at)?;
        if self.store.lie_apart(&source, &at)? || self.store.is_fixed(&source)? {
            self.carry(from, (source, place.leads_to), at, to)?;
            return self.relink(links);
        }
        self.note_moved(&source, &at);
        self.adopt(&source)?;
        self.pending.renamed(&source, &at);
        let (disk, pending) = (&self.store.tree, &self.pending);
        let stands = |path: &Path| Ok(pending.standing(disk, path)? != Standing::Nothing);
        self.facts.renamed(&self.store.facts.mirror(), (&source, &at), stands)?;
        self.ops.push(Op::Rename { from: source, to: at });
        self.relink(links)
    }

    fn set_properties(&mut self, path: &Path, properties: Properties) -> Result<()> {
        let (place, _) = self.occupied(path)?;
        let at = place.leads_to.unwrap_or(place.name);
        self.adopt(&at)?;
        self.says = true;
        self.facts.described(&self.store.facts.mirror(), &at, properties);
        Ok(())
    }

    fn set_fact(&mut self, row: &'static Row, path: &Path, value: Option<Vec<u8>>) -> Result<()> {
        value.as_ref().map_or(Ok(()), |value| row.check_room(value))?;
        let (place, _) = self.occupied(path)?;
        let at = place.leads_to.unwrap_or(place.name);
        self.adopt(&at)?;
        self.says = true;
        self.facts.stated(&self.store.facts.mirror(), (row, &at), value.map(Into::into));
        Ok(())
    }

    fn set_modified(&mut self, path: &Path, modified: Timestamp) -> Result<()> {
        let (place, _) = self.occupied(path)?;
        let at = place.leads_to.unwrap_or(place.name);
        if at.is_root() {
            let detail = "The times of the root are the operator's own.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.ops.push(Op::Date { at, modified: unique_within(modified) });
        Ok(())
    }

    fn set_lock(&mut self, lock: Lock) -> Result<()> {
        let root = self.store.tree.real_path(&lock.root)?;
        if !matches!(self.standing(&root)?, Standing::File | Standing::Collection) {
            return Err(Error::refused(Condition::NotFound, "There is nothing here."));
        }
        self.says = true;
        self.facts.locked(&self.store.facts.mirror(), Lock { root, ..lock })
    }

    fn remove_lock(&mut self, token: &str) -> Result<()> {
        self.says = true;
        self.facts.unlocked(token);
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<Committed> {
        let committing = self.store.facts.asked.committing();
        self.keep_told_since(self.asked_by)?;
        let Self { store, look, held, pending, mut ops, facts, notes, says, .. } = *self;
        if !facts.is_empty() && work::would_wait() {
            // For others who write to the ledger.
            return Err(Error::failed(
                "the ledger was not turned to by a thread that may not wait",
            ));
        }
        let counted = Counted(store);
        let moves = |op: &Op| matches!(op, Op::Remove { .. } | Op::Rename { .. });
        let moves = ops.iter().any(moves);
        let outcome = match (ops.len(), facts.is_empty()) {
            (0, true) => return Ok(Committed::default()),
            (1, true) => ops.pop().map_or_else(|| Ok(Done::default()), |op| make(look, op)),
            _ => {
                let stays = |(number, op): (usize, &Op)| {
                    let Op::Enter { at, .. } = op else { return true };
                    pending.source(at) == Source::Placed(number)
                };
                let stays: Vec<bool> = ops.iter().enumerate().map(stays).collect();
                let deletion = match ops.as_slice() {
                    [Op::Remove { at }] if !says => Some((at.clone(), facts.clone())),
                    _ => None,
                };
                let outcome = intent::commit(store, ops, &stays, facts);
                match (outcome, deletion) {
                    (Err(_), Some((at, facts))) if !store.faults.is_down() => {
                        deleting::force(store, &at, facts)
                    }
                    (outcome, _) => outcome,
                }
            }
        };
        if moves {
            // Before the guard is released, and whatever came of it.
            store.moves.fetch_add(1, Ordering::AcqRel);
        }
        store.log.note(|| notes);
        let mut done = outcome?;
        done.tag(store);
        drop((counted, committing));
        // The next in turn need not wait for the disk: syncs that begin after a change cover it.
        drop(held);
        done.settle(store)
    }
}

/// Counts a commit when it is made, whatever came of it, and before its guard is released.
struct Counted<'s>(&'s Inner);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.commits.fetch_add(1, Ordering::AcqRel);
    }
}

/// The longest media type that is remembered, in bytes: RFC 6838 section 4.2 bounds the names in it
/// by 127 each, and leaves the parameters open. All are held in memory.
pub const MEDIA_TYPE_BYTES_MAX: usize = 255;
