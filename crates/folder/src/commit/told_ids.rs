//! The ids that were told of what a transaction replaces or moves: they stay with it.
//!
//! An id (DAV:resource-id, RFC 5842 section 3.1) is derived from the file as long as nobody was
//! told it: then it need not be kept. Once told it must stay the same, also where another file
//! takes its place. As somebody may ask between the begin of a transaction and its commit, that is
//! looked at twice.

use methodical_semantics::{error::Result, path::Path};
use methodical_store::resource::Id;

use super::{changes::FolderChanges, name_changes::Source, op::Op};
use crate::{bytes::copying::Times, names::tree::Standing};

impl FolderChanges<'_> {
    /// The id of what was taken away from a path by these changes, if it was of a kind.
    pub(crate) fn ended(&self, at: &Path, standing: Standing) -> Option<Id> {
        let (_, was, id) = self.ended.iter().rev().find(|(ended, ..)| ended == at)?;
        id.filter(|_| *was == standing)
    }

    /// Remembers whose id goes with what is duplicated, should somebody be told it meanwhile.
    pub(crate) fn untold_of(
        &mut self,
        times: Times,
        (source, at): (&Path, &Path),
        standing: Standing,
    ) {
        let of = match (times, self.pending.source(source)) {
            (Times::Kept, Source::Disk(stands)) => stands,
            (Times::New, _)
                if self.ended.iter().any(|(ended, was, _)| ended == at && *was == standing) =>
            {
                at.clone()
            }
            (Times::Kept | Times::New, _) => return,
        };
        self.untold.push((of, at.clone()));
    }

    /// Keeps the ids that were asked for since these changes were begun, as would have been done
    /// then.
    pub(crate) fn keep_told_since(&mut self, begun: i64) -> Result<()> {
        let store = self.store;
        if store.facts.asked.by() == begun {
            return Ok(());
        }
        let replaced = |op: &Op| {
            let Op::Enter { at, replaces: Some(of), .. } = op else { return None };
            Some((of.clone(), at.clone()))
        };
        let mut untold: Vec<_> = self.ops.iter().filter_map(replaced).collect();
        untold.append(&mut self.untold);
        for (of, at) in untold {
            let told = store.told_id(&of)?;
            let is_known = self.facts.id(&store.facts.mirror(), &at).is_some();
            if let Some(id) = told.filter(|_| !is_known) {
                self.facts.identified(&at, id);
            }
        }
        Ok(())
    }
}
