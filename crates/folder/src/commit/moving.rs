//! Moves to another name, with what links have to say from there.
//!
//! A rename moves the text of a symbolic link as it is, and a relative one would lead elsewhere
//! from its new place; another disk renames nothing. Both are mended here, as further steps of the
//! same commit.

use std::sync::Arc;

use methodical_semantics::{error::Result, path::Path};

use super::{changes::FolderChanges, name_changes::Source, op::Op};
use crate::{
    bytes::copying::Times,
    errno::OrRefuse,
    names::{disks::Turn, survey::Relink, tree::Standing},
    state::{Rooms, Temp, gone_name},
    system,
};
use methodical_store::{
    store::{Changes, Mark},
    sync::{history::Form, notes::Note},
};

impl FolderChanges<'_> {
    /// Links in a collection that is moved which led out of it lead there from its new place, too.
    /// Nothing where there are none, or where these changes made what is moved.
    pub(crate) fn survey(&self, source: &Path, at: &Path) -> Result<Vec<Relink>> {
        match (self.pending.source(source), self.standing(source)?) {
            (Source::Disk(stands), Standing::Collection) if stands == *source => {
                self.store.survey(source, at)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Has links say what they have to say, once they stand at their new places.
    pub(crate) fn relink(&mut self, links: Vec<Relink>) -> Result<()> {
        for Relink { at, text } in links {
            let tree: Temp = self.store.room_for(&at, Turn::Later, Rooms::staging)?;
            system::symlinkat(&*text, &*Arc::clone(&tree.dir), tree.name()).or_refuse()?;
            self.ops.push(Op::Remove { at: at.clone() });
            self.ops.push(Op::EnterTree { at, tree });
        }
        Ok(())
    }

    /// The name cannot go there: what it names does.
    /// What the kernel would rename keeps its birth and so its id; what is made anew has to be told
    /// it.
    pub(crate) fn carry(
        &mut self,
        from: &Path,
        (source, leads_to): (Path, Option<Path>),
        at: Path,
        to: &Path,
    ) -> Result<()> {
        let stands = match self.pending.source(&source) {
            // A link to the bytes elsewhere, or what these changes have changed: a copy of it.
            Source::Disk(stands) if leads_to.is_none() && !self.pending.changed_below(&source) => {
                stands
            }
            Source::Nothing
            | Source::Disk(_)
            | Source::Built(_)
            | Source::Placed(_)
            | Source::Made => {
                self.duplicate(from, to, true, Times::Kept)?;
                let (facts, aside) = (&self.store.facts, gone_name()?);
                self.facts.set_aside(&facts.mirror(), &source, &aside);
                self.remove(from, Mark::Nothing)?;
                self.facts.set_aside(&facts.mirror(), &aside, &source);
                return Ok(());
            }
        };
        self.note_moved(&source, &at);
        self.notes.push(Note::At(source.clone(), Form::File));
        self.adopt(&source)?;
        let id = self.told_id(&source)?;
        if id.is_none() {
            self.untold.push((stands.clone(), at.clone()));
        }
        let turn = if self.ops.is_empty() { Turn::First } else { Turn::Later };
        let tree = self.store.carry((&stands, &at), turn)?;
        self.pending.set(&at, Source::Built(tree.at.clone()));
        self.pending.set(&source, Source::Nothing);
        let (disk, pending) = (&self.store.tree, &self.pending);
        let stands = |path: &Path| Ok(pending.standing(disk, path)? != Standing::Nothing);
        self.facts.renamed(&self.store.facts.mirror(), (&source, &at), stands)?;
        if let Some(id) = id {
            self.facts.identified(&at, id);
        }
        self.ops.push(Op::EnterTree { at, tree });
        self.ops.push(Op::Remove { at: source });
        Ok(())
    }
}
