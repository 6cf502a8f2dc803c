//! What the ledger is yet to be told, where the disk had no room for it when it was done.
//!
//! A commit is made when its renames are: that its rows are still there is harmless (see
//! [`crate::commit::intent`]), so nobody is refused for them. And a deletion is made whether or not
//! the ledger can be told, since deleting is how room is made. Both are told with the next change
//! of the ledger, or by the sweep. A kill before that forgets what was deleted, and may bring back
//! what was known of it, which the sweep forgets in its time.

use methodical_semantics::error::Result;

use super::ledger::{Edits, Ledger};

/// One change that the ledger owes to what is on the disk.
#[derive(Debug)]
pub(crate) enum Debt {
    /// Facts changed.
    Facts(Edits),
    /// A commit was taken back: the opposite of its facts, and its number.
    TakenBack(Edits, i64),
    /// The renames of a commit are done.
    Done(i64),
}

/// All of them, in order.
#[derive(Debug, Default)]
pub(crate) struct Debts(Vec<Debt>);

impl Debts {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more. Of many deletions only what must be forgotten is kept.
    pub(crate) fn owe(&mut self, mut debt: Debt) {
        if let Debt::Facts(edits) = &mut debt
            && self.0.len() >= REMEMBERED_MAX
        {
            edits.tombstones.clear();
            if edits.is_empty() {
                return;
            }
        }
        self.0.push(debt);
    }

    /// Tells the ledger.
    ///
    /// # Errors
    /// Why it cannot be told; what was not told is still owed.
    pub(crate) fn pay(&mut self, ledger: &mut Ledger) -> Result<()> {
        while let Some(first) = self.0.first() {
            match first {
                Debt::Facts(edits) => ledger.write(edits, &[]).map(drop)?,
                Debt::TakenBack(edits, commit) => ledger.take_back(edits, *commit)?,
                Debt::Done(commit) => ledger.finish(*commit, true)?,
            }
            self.0.remove(0);
        }
        Ok(())
    }

    /// The ledger is gone, and nothing is owed to another.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

/// From how many debts on deletions are not remembered any more, only forgotten.
const REMEMBERED_MAX: usize = 1000;
