//! Reading: what is there, its bytes, its members.

use std::{
    cell::RefCell,
    os::fd::{AsFd, OwnedFd},
    sync::{Arc, atomic::Ordering},
};

use methodical_semantics::{error::Result, path::Path};
use rustix::fs::OFlags;

use super::{
    lookup_cache::{LookupCache, Unsure},
    stat::{Form, disk_of, look, look_at},
    tree::{Resolved, Standing},
};
use crate::{
    bytes::{
        identity::{Identity, Seen, settle},
        stage::FolderStaging,
    },
    errno::OrRefuse,
    facts::mirror,
    inner::Inner,
};
use methodical_store::{
    facts::{OnMove, Row},
    names::equivalent,
    resource::{Birth, Kind, Resource},
};

/// The folder as it is found.
pub(crate) struct FolderSnapshot<'s> {
    pub(crate) store: &'s Arc<Inner>,
    /// All that was found already.
    found: RefCell<LookupCache>,
    /// The count of our own writing by then.
    since: Written,
}

/// The point to which our own writing had come.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    commits: u64,
    facts: u64,
}

impl Written {
    fn by(store: &Inner) -> Self {
        let commits = store.commits.load(Ordering::Acquire);
        Self { commits, facts: store.facts.epoch() }
    }
}

impl<'s> FolderSnapshot<'s> {
    /// Nothing is found yet.
    pub(crate) fn at(store: &'s Arc<Inner>) -> Self {
        Self { store, found: RefCell::default(), since: Written::by(store) }
    }

    /// Returns whether none of us wrote anything since.
    pub(crate) fn is_unwritten(&self) -> bool {
        Written::by(self.store) == self.since
    }

    /// Returns what was seen to stand at a path without links on its way.
    pub(crate) fn standing(&self, path: &Path) -> Option<Standing> {
        self.found.borrow().standing(path)
    }

    /// Returns what tells what stands at a path without links on its way from all else; nothing
    /// where nothing does.
    pub(crate) fn birth(&self, path: &Path) -> Result<Option<Birth>> {
        if let Some(birth) = self.found.borrow().birth(path) {
            return Ok(Some(birth));
        }
        self.store.birth_at(path)
    }

    /// Returns where a path's name truly stands, and where it leads.
    pub(crate) fn resolve(&self, path: &Path) -> Result<Resolved> {
        match self.standing(path) {
            Some(_) => Ok(Resolved { name: path.clone(), leads_to: None }),
            None => self.store.tree.resolve(path),
        }
    }

    /// A fact of what stands at a path without links on its way.
    pub(crate) fn fact_at(&self, row: &Row, at: &Path) -> Result<Option<Vec<u8>>> {
        let facts = &self.store.facts;
        self.store.facts.steady(|| {
            if row.on_move == OnMove::Stays {
                return facts.fact(row, at);
            }
            let Some(birth) = self.store.birth_at(at)? else { return Ok(None) };
            let former = match row.on_move {
                OnMove::Goes => self.store.known_elsewhere(at, &birth),
                OnMove::Stays | OnMove::Ends => None,
            };
            facts.fact(row, former.as_ref().unwrap_or(at))
        })
    }

    /// Begins to receive content for a path.
    pub(crate) fn stage(&self, path: &Path) -> Result<FolderStaging> {
        let found = self.found.borrow();
        let holder = path.parent().and_then(|parent| found.collection(&parent));
        let staging = holder.map(|dir| FolderStaging::within(self.store, path, (dir, None)));
        // It may have been removed since.
        match staging {
            Some(Ok(staging)) => Ok(staging),
            _ => FolderStaging::begin(self.store, path, None),
        }
    }

    /// The collection that holds a name, where it is open already.
    pub(crate) fn into_holder(self, of: &Path) -> Option<OwnedFd> {
        self.found.into_inner().into_holder(of)
    }

    /// The resource at a path, told from the collection that holds it.
    pub(crate) fn find_near(&self, path: &Path) -> std::result::Result<Option<Resource>, Unsure> {
        let tree = &self.store.tree;
        if !tree.shows(path) {
            return Ok(None);
        }
        let mut found = self.found.borrow_mut();
        let Some(seen) = found.look(tree, path)? else { return Ok(None) };
        let disk = disk_of(&seen.stat);
        match (tree.form(&seen.stat), path.parent()) {
            (Form::Collection, _) => {
                Ok(Some(self.collection(path.clone(), None, &Identity::of(&seen.stat))))
            }
            (Form::File, Some(parent)) => {
                let dir = found.collection(&parent).ok_or(Unsure)?;
                let again = || look_at(dir, path.name());
                // A file may be mounted from another disk than its collection lies on.
                let same_disk = || look(dir).is_ok_and(|of| disk_of(&of) == disk);
                let settled = settle(seen, again, || same_disk() && self.store.is_multigrain(dir));
                let identity = settled.map_err(|_| Unsure)?;
                Ok(Some(self.file(path.clone(), None, &identity)))
            }
            (Form::File | Form::Link | Form::Special, _) => Ok(None),
        }
    }

    /// Returns what is at a path, else under another Unicode form of it.
    pub(crate) fn in_any_form<T>(
        &self,
        path: &Path,
        look: impl Fn(&Path) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        if let Some(found) = self.store.facts.steady(|| look(path))? {
            return Ok(Some(found));
        }
        match equivalent(path, |path| is_there(self.store, path))? {
            Some(path) => self.store.facts.steady(|| look(&path)),
            None => Ok(None),
        }
    }

    /// The resource that an open file is; nothing if it is of a kind that is not shown.
    pub(crate) fn resource(
        &self,
        path: &Path,
        elsewhere: Option<&Path>,
        fd: impl AsFd,
    ) -> Result<Option<Resource>> {
        let seen = Seen::by(|| look(&fd)).or_refuse()?;
        match self.store.tree.form(&seen.stat) {
            Form::Collection => {
                let identity = Identity::of(&seen.stat);
                Ok(Some(self.collection(path.clone(), elsewhere.cloned(), &identity)))
            }
            Form::File => {
                let again = || look(&fd);
                let identity = settle(seen, again, || self.store.is_multigrain(&fd)).or_refuse()?;
                Ok(Some(self.file(path.clone(), elsewhere.cloned(), &identity)))
            }
            Form::Link | Form::Special => Ok(None),
        }
    }

    /// The resource of a file; `facts_at` is where facts about it are kept, if not at its path.
    pub(crate) fn file(&self, path: Path, facts_at: Option<Path>, identity: &Identity) -> Resource {
        let facts = self.store.facts.epoch();
        let at = facts_at.as_ref().unwrap_or(&path);
        let is_fast = self.store.tree.slow.leave_out(at);
        let (told, is_former) = self.told(at, &identity.birth());
        Resource {
            path,
            kind: Kind::File,
            length: identity.length,
            modified: identity.modified,
            created: identity.born,
            tag: Some(identity.tag().with(told.facts.as_deref())),
            media_type: told.media_type,
            facts_at,
            told: told.facts,
            birth: Some(identity.birth()),
            principal: None,
            // It is that of another path only as long as nothing stands there.
            witness: identity.witness(facts).filter(|_| !is_former && is_fast),
        }
    }

    /// The resource of a collection; `facts_at` as for a file.
    pub(super) fn collection(
        &self,
        path: Path,
        facts_at: Option<Path>,
        identity: &Identity,
    ) -> Resource {
        let (known, _) = self.told(facts_at.as_ref().unwrap_or(&path), &identity.birth());
        Resource {
            path,
            kind: Kind::Collection,
            length: 0,
            modified: identity.modified,
            created: identity.born,
            tag: None,
            media_type: None,
            facts_at,
            told: known.facts,
            birth: Some(identity.birth()),
            principal: None,
            witness: None,
        }
    }

    /// Returns what is known of what stands at a path, and whether it is known by another.
    fn told(&self, at: &Path, birth: &Birth) -> (mirror::Seen, bool) {
        let store = self.store;
        let (told, former) = store.facts.told_or_former(at, || store.origin(birth));
        if former.is_empty() {
            return (told, false);
        }
        let former = store.known_elsewhere(at, birth);
        (former.map(|former| store.facts.told(&former)).unwrap_or_default(), true)
    }
}

pub(crate) fn is_there(store: &Inner, path: &Path) -> Result<bool> {
    Ok(store.tree.open(path, OFlags::PATH)?.is_some())
}
