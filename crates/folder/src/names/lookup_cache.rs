//! What a request has found on its way to a name, so that it need not ask the disk twice.
//!
//! Most names are looked for in one collection, and on the way to it there are no links. It is
//! opened once, and a name in it is told by one look from there. What is known so holds for one
//! reader, or for one set of changes while it is guarded, and no longer: others may change the
//! folder at any time.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use methodical_semantics::path::Path;
use rustix::io::Errno;

use super::{
    stat::{Form, look, look_at},
    tree::{Standing, Tree},
};
use crate::{
    bytes::identity::{Identity, Seen},
    errno::is_absent,
};
use methodical_store::resource::Birth;

/// All that was found so far.
#[derive(Debug, Default)]
pub(crate) struct LookupCache {
    /// The collection that was opened last.
    collection: Option<(Path, OwnedFd)>,
    /// The things that stood at names.
    standing: Vec<(Path, Standing, Option<Birth>)>,
}

/// A link is in the way, or the look failed: another way has to be taken.
pub(crate) struct Unsure;

impl LookupCache {
    /// Looks at a name.
    pub(crate) fn look(&mut self, tree: &Tree, path: &Path) -> Result<Option<Seen>, Unsure> {
        let Some(parent) = path.parent() else {
            return Seen::by(|| look(tree.root())).map(Some).map_err(|_| Unsure);
        };
        if let Some(opened) = self.collection(path) {
            let seen = Seen::by(|| look(opened)).map_err(|_| Unsure)?;
            self.remember(path, Standing::Collection, Some(&seen));
            return Ok(Some(seen));
        }
        let seen = match self.open(tree, &parent)? {
            Some(dir) => Seen::by(|| look_at(dir, path.name())).and_then(|seen| {
                let form = tree.form_in(dir, path.name(), &seen.stat)?;
                Ok((seen, form))
            }),
            None => Err(Errno::NOENT),
        };
        let standing = match &seen {
            Ok((_, form)) => match form {
                Form::File => Standing::File,
                Form::Collection => Standing::Collection,
                Form::Special => Standing::Unseen,
                Form::Link => return Err(Unsure),
            },
            Err(errno) if is_absent(*errno) => Standing::Nothing,
            Err(_) => return Err(Unsure),
        };
        let seen = seen.ok().map(|(seen, _)| seen);
        self.remember(path, standing, seen.as_ref());
        // What is not shown may be found under another spelling only.
        Ok(seen.filter(|_| standing != Standing::Unseen))
    }

    /// Returns what was seen to stand at a path without links on its way.
    pub(crate) fn standing(&self, path: &Path) -> Option<Standing> {
        self.standing.iter().find(|(at, ..)| at == path).map(|(_, standing, _)| *standing)
    }

    /// Returns what tells what was seen there from all else.
    pub(crate) fn birth(&self, path: &Path) -> Option<Birth> {
        self.standing.iter().find(|(at, ..)| at == path).and_then(|(.., birth)| *birth)
    }

    /// The collection at a path, where it is the one that is open.
    pub(crate) fn collection(&self, path: &Path) -> Option<BorrowedFd<'_>> {
        self.collection.as_ref().filter(|(at, _)| at == path).map(|(_, opened)| opened.as_fd())
    }

    /// The collection that holds a name, where it is the one that is open.
    pub(crate) fn into_holder(self, of: &Path) -> Option<OwnedFd> {
        let parent = of.parent()?;
        self.collection.filter(|(at, _)| *at == parent).map(|(_, opened)| opened)
    }

    /// Opens the collection at a path, if there is one and it is not open yet.
    fn open(&mut self, tree: &Tree, path: &Path) -> Result<Option<BorrowedFd<'_>>, Unsure> {
        if self.collection(path).is_none() {
            match tree.straight_collection(path) {
                Ok(opened) => self.collection = Some((path.clone(), opened)),
                Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
                Err(_) => return Err(Unsure),
            }
        }
        Ok(self.collection(path))
    }

    fn remember(&mut self, path: &Path, standing: Standing, seen: Option<&Seen>) {
        let birth = seen.map(|seen| Identity::of(&seen.stat).birth());
        if let Some(known) = self.standing.iter_mut().find(|(at, ..)| at == path) {
            (known.1, known.2) = (standing, birth);
        } else if self.standing.len() < REMEMBERED_MAX {
            self.standing.push((path.clone(), standing, birth));
        }
    }
}

/// Names that are remembered: a target and a destination with what holds them.
const REMEMBERED_MAX: usize = 4;
