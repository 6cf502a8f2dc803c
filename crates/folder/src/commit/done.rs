//! The work of a commit: done, and left to do.
//!
//! The names stand when this is made; what is left is slow and holds nobody up: the disk, the end
//! of the journal's rows, and the removal of what was replaced. The order of these three is what
//! makes a crash in between harmless.

use std::os::fd::OwnedFd;

use methodical_semantics::{error::Result, etag::ETag, path::Path, timestamp::Timestamp};
use methodical_store::store::Committed;

use crate::{
    bytes::{identity::Identity, stage::StagedFile, syncing::open_disk},
    facts::debts::Debt,
    inner::Inner,
    names::stat::look,
    state::Temp,
};

/// The work that was done, and that is left to do once the guards are released.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Content whose entity tags are still to be found.
    entered: Vec<Entered>,
    /// Files that came to bear a name.
    files: Vec<StagedFile>,
    /// Directories in which names changed.
    pub(super) touched: Vec<OwnedFd>,
    /// Files and directories that got another modification time.
    pub(super) dated: Vec<OwnedFd>,
    /// Names out of sight, to be removed for good.
    pub(super) trash: Vec<Temp>,
    /// Tags of what was placed, by the paths that the client knows.
    etags: Vec<(Path, ETag)>,
    /// The commit whose rows in the journal are to go.
    finished: Option<i64>,
    /// True if facts were changed that the ledger does not hold yet.
    owes: bool,
}

/// Content that a client placed, and whose tag it is told.
#[derive(Debug)]
struct Entered {
    /// By which path the client placed it.
    path: Path,
    /// The path at which it truly stands.
    at: Path,
    staged: StagedFile,
    /// Octets, by which a later change of another program's is seen.
    length: u64,
    /// The time that it was given, for the same.
    modified: Timestamp,
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

    /// The thing that bears this name now is to be removed for good.
    pub(crate) fn discard(&mut self, temp: Temp) {
        self.trash.push(temp);
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
                let told = store.facts.told(&at);
                self.etags.push((path, identity.tag().with(told.facts.as_deref()).etag()));
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
        for temp in self.trash {
            store.discard(temp);
        }
        if self.owes {
            // There may be room by now; else the sweep tries again.
            store.facts.writer().ledger(store).map(drop).unwrap_or_default();
        }
        Ok(Committed { etags: self.etags })
    }
}
