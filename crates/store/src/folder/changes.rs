//! A set of changes: each is judged when it is asked for, and all are made at the commit.

use std::sync::Arc;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    timestamp::Timestamp,
};

use super::{
    Inner, apply,
    copying::{Copy, same_disk},
    look::Look,
    pending::{Pending, Source},
    stage::{FolderStaging, StagedFile},
    state::Temp,
    tree::Standing,
};
use crate::{
    content::{Staged, Staging},
    guard::Held,
    store::{Changes, Committed, Mark, Placement, Snapshot},
};

/// A set of changes whose footprint is guarded.
pub(crate) struct FolderChanges<'s> {
    store: &'s Inner,
    look: Look<'s>,
    held: Held<'s>,
    pending: Pending,
    ops: Vec<Op>,
}

/// One change that is to be made. All paths are where names truly stand.
#[derive(Debug)]
pub(crate) enum Op {
    /// A file gets new content. `path` is where a client placed it; a copy has none.
    Enter {
        path: Option<Path>,
        at: Path,
        staged: StagedFile,
        length: u64,
        modified: Option<Timestamp>,
    },
    /// A collection that was built out of sight comes to stand at a name.
    EnterTree { at: Path, tree: Temp },
    /// An empty collection is made.
    MakeCollection { at: Path },
    /// A name goes, with everything below it.
    Remove { at: Path },
    /// A name becomes another.
    Rename { from: Path, to: Path },
}

impl<'s> FolderChanges<'s> {
    pub(crate) fn begin(store: &'s Arc<Inner>, held: Held<'s>) -> Self {
        let (pending, ops) = (Pending::default(), Vec::new());
        Self { store, look: Look { store }, held, pending, ops }
    }

    fn standing(&self, at: &Path) -> Result<Standing> {
        self.pending.standing(&self.store.tree, at)
    }

    /// Where a new name truly stands, once it is sure that it may come to stand there.
    fn vacant(&self, path: &Path) -> Result<Path> {
        self.store.tree.permit(path)?;
        let at = self.store.tree.place(path)?.name;
        match self.standing(&at)? {
            Standing::Nothing => {}
            Standing::File | Standing::Collection => {
                let detail = "Something is here already; nothing was replaced.";
                return Err(Error::refused(Condition::Conflict, detail));
            }
            Standing::Unseen => return Err(unseen()),
        }
        self.parent_stands(&at)?;
        Ok(at)
    }

    fn parent_stands(&self, at: &Path) -> Result<()> {
        let parent = at.parent().unwrap_or_else(Path::root);
        if self.standing(&parent)? == Standing::Collection {
            return Ok(());
        }
        let detail = "The collection that would hold this does not exist; create it first.";
        Err(Error::refused(Condition::ParentMissing, detail))
    }

    /// Where an existing name truly stands, and what it is.
    fn occupied(&self, path: &Path) -> Result<(Path, Standing)> {
        let at = self.store.tree.place(path)?.name;
        let standing =
            if self.store.tree.shows(path) { self.standing(&at)? } else { Standing::Nothing };
        if matches!(standing, Standing::File | Standing::Collection) {
            return Ok((at, standing));
        }
        Err(Error::refused(Condition::NotFound, "There is nothing here."))
    }
}

impl Changes for FolderChanges<'_> {
    fn snapshot(&self) -> &dyn Snapshot {
        &self.look
    }

    fn stage(&mut self, path: &Path) -> Result<Box<dyn Staging>> {
        self.store.tree.permit(path)?;
        Ok(Box::new(FolderStaging::begin(self.store, path, None)?))
    }

    fn place(&mut self, path: &Path, content: Staged, as_: Placement) -> Result<()> {
        self.store.tree.permit(path)?;
        let place = self.store.tree.place(path)?;
        let at = place.leads_to.unwrap_or(place.name);
        match self.standing(&at)? {
            Standing::File => {}
            Standing::Nothing => self.parent_stands(&at)?,
            Standing::Collection => {
                let detail = "A collection is here; content cannot replace it.";
                return Err(Error::refused(Condition::Conflict, detail));
            }
            Standing::Unseen => return Err(unseen()),
        }
        let (length, staged) = (content.length(), content.into_held()?);
        self.pending.set(&at, Source::Placed(self.ops.len()));
        let (path, modified) = (Some(path.clone()), as_.modified);
        self.ops.push(Op::Enter { path, at, staged, length, modified });
        Ok(())
    }

    fn make_collection(&mut self, path: &Path) -> Result<()> {
        let at = self.vacant(path)?;
        self.pending.set(&at, Source::Made);
        self.ops.push(Op::MakeCollection { at });
        Ok(())
    }

    fn remove(&mut self, path: &Path, _mark: Mark) -> Result<()> {
        let (at, _) = self.occupied(path)?;
        if at.is_root() {
            let detail = "The root of the server cannot be removed.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        self.pending.set(&at, Source::Nothing);
        self.ops.push(Op::Remove { at });
        Ok(())
    }

    fn copy(&mut self, from: &Path, to: &Path, tree: bool) -> Result<()> {
        let (source, standing) = self.occupied(from)?;
        let at = self.vacant(to)?;
        let mut copy = Copy::new(self.store, &self.pending, &self.ops);
        if standing == Standing::File {
            let (staged, length) = copy.file(&source, to)?;
            self.pending.set(&at, Source::Placed(self.ops.len()));
            self.ops.push(Op::Enter { path: None, at, staged, length, modified: None });
        } else if tree {
            let tree = copy.tree(&source, &at)?;
            self.pending.copied(&source, &at);
            self.ops.push(Op::EnterTree { at, tree });
        } else {
            self.pending.set(&at, Source::Made);
            self.ops.push(Op::MakeCollection { at });
        }
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        let (source, _) = self.occupied(from)?;
        if source.is_root() || to.is_within(&source) {
            let detail = "The root stays where it is, and nothing can be moved into itself.";
            return Err(Error::refused(Condition::Forbidden, detail));
        }
        let at = self.vacant(to)?;
        if self.store.lie_apart(&source, &at)? {
            // A disk that is mounted inside lies between: the name cannot go over, a copy can.
            self.copy(from, to, true)?;
            return self.remove(from, Mark::Nothing);
        }
        self.pending.renamed(&source, &at);
        self.ops.push(Op::Rename { from: source, to: at });
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<Committed> {
        let Self { store, held, pending, ops, .. } = *self;
        let mut done = apply::Done::default();
        for (number, op) in ops.into_iter().enumerate() {
            let stays = matches!(&op, Op::Enter { at, .. }
                if pending.source(at) == Source::Placed(number));
            apply::make(store, op, stays, &mut done)?;
        }
        done.tag()?;
        // The next in turn need not wait for the disk: syncs that begin after a change cover it.
        drop(held);
        done.settle(store)
    }
}

fn unseen() -> Error {
    let detail = "Something that is not served stands here; it is not replaced.";
    Error::refused(Condition::Forbidden, detail)
}

impl Inner {
    /// Whether two names lie on different disks, as far as both can be looked at.
    fn lie_apart(&self, from: &Path, to: &Path) -> Result<bool> {
        match (self.tree.parent(from)?, self.tree.parent(to)?) {
            (Some(from), Some(to)) => Ok(!same_disk(&from.fd, &to.fd)?),
            _ => Ok(false),
        }
    }
}
