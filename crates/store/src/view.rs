//! The door for methods that read: nothing in it writes.

use std::{cell::RefCell, sync::Arc};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    lock::{Lock, Locks},
    media::Beginning,
    path::Path,
    rule::{ordering::Side, privilege::Access},
    timestamp::Timestamp,
};

use crate::{
    beginning::Beginnings,
    facts::{Fact, FactReader},
    names::hidden_name,
    properties::{Properties, PropertyReader},
    resource::{Identifier, Resource},
    store::{DiskSpace, Members, Snapshot, Store},
    sync::Synchronizer,
    walk::Reach,
};
use methodical_content::Content;

/// The store as a safe method sees it.
#[derive(Clone, Copy)]
pub struct View<'s> {
    now: Timestamp,
    snapshot: &'s dyn Snapshot,
    memory: &'s Memory,
    /// Whoever looks, where not everything may be shown.
    veil: Option<Veil<'s>>,
}

/// The things that are not shown to somebody.
#[derive(Debug, Clone, Copy)]
enum Veil<'a> {
    /// Names that are hidden from them.
    Names(&'a Access),
    /// These, and what they may not read.
    Unreadable(&'a Access),
}

/// All that was found already: a request is judged by one state of each resource, and asks the disk
/// for it once.
#[derive(Debug, Default)]
pub(crate) struct Memory(RefCell<Vec<(Path, Option<Resource>)>>);

/// Shows a store to something that reads.
///
/// # Errors
/// What `run` refuses or fails with.
pub fn read<T>(
    store: &dyn Store,
    now: Timestamp,
    run: impl FnOnce(&View<'_>) -> Result<T>,
) -> Result<T> {
    let snapshot = store.snapshot();
    run(&View::of(&*snapshot, now, &Memory::default()))
}

impl<'s> View<'s> {
    pub(crate) fn of(snapshot: &'s dyn Snapshot, now: Timestamp, memory: &'s Memory) -> Self {
        Self { now, snapshot, memory, veil: None }
    }

    /// The same as somebody sees it: what they may not read, at its path or where it truly stands,
    /// is not there.
    #[must_use]
    pub fn seen_by<'v>(&self, access: &'v Access) -> View<'v>
    where
        's: 'v,
    {
        let veil = (!access.is_open()).then_some(Veil::Unreadable(access));
        View { veil, ..*self }
    }

    /// The same as far as somebody may know its names: those that are hidden from them are names of
    /// nothing. What they may read is not judged.
    #[must_use]
    pub fn known_to<'v>(&self, access: &'v Access) -> View<'v>
    where
        's: 'v,
    {
        let veil = (!access.shows_all_names()).then_some(Veil::Names(access));
        View { veil, ..*self }
    }

    /// The moment of the request.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The resource at a path, if there is one that may be shown.
    ///
    /// # Errors
    /// As [`Snapshot::find`].
    pub fn find(&self, path: &Path) -> Result<Option<Resource>> {
        if !self.shows_names(path) {
            return Ok(None);
        }
        let known = self.memory.0.borrow().iter().find(|(its, _)| its == path).cloned();
        let resource = match known {
            Some((_, resource)) => resource,
            None => self.look(path)?,
        };
        Ok(resource.filter(|found| self.shows(found)))
    }

    fn look(&self, path: &Path) -> Result<Option<Resource>> {
        let resource = self.snapshot.find(path)?;
        let mut memory = self.memory.0.borrow_mut();
        if memory.len() < REMEMBERED_MAX {
            memory.push((path.clone(), resource.clone()));
        }
        Ok(resource)
    }

    /// A file with its content, both of the same moment.
    ///
    /// # Errors
    /// As [`Snapshot::open`].
    pub fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        if !self.shows_names(path) {
            return Ok(None);
        }
        Ok(self.snapshot.open(path)?.filter(|(found, _)| self.shows(found)))
    }

    /// Returns what the first bytes of a file tell of its media type, where its name leaves that
    /// open.
    ///
    /// # Errors
    /// As [`Snapshot::beginning`].
    pub fn beginning(&self, of: &Resource, content: &Content) -> Result<Beginning> {
        self.snapshot.beginning(of, content)
    }

    /// Tells the same of files that were found, for as long as an answer is being sent.
    pub fn beginnings(&self) -> Beginnings {
        self.snapshot.beginnings()
    }

    /// The members of a collection, in their order where they have one.
    ///
    /// # Errors
    /// As [`Snapshot::members`].
    pub fn members(&self, of: &Path) -> Result<Members<'s>> {
        self.is_no_secret(of)?;
        Ok(self.shown(self.snapshot.members(of)?))
    }

    /// Returns what is below a collection, to be kept for as long as an answer is being sent.
    ///
    /// # Errors
    /// As [`Snapshot::walk`].
    pub fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        self.is_no_secret(of)?;
        Ok(self.shown(self.snapshot.walk(of, reach)?))
    }

    /// The room for more at a path, where that is known.
    ///
    /// # Errors
    /// As [`Snapshot::room`].
    pub fn room(&self, at: &Path) -> Result<Option<DiskSpace>> {
        self.snapshot.room(at)
    }

    /// The dead properties of a resource that was found.
    ///
    /// # Errors
    /// As [`Snapshot::properties`].
    pub fn properties(&self, of: &Resource) -> Result<Properties> {
        self.snapshot.properties(of)
    }

    /// Reads dead properties for as long as an answer is being sent.
    pub fn property_reader(&self) -> PropertyReader {
        self.snapshot.property_reader()
    }

    /// A fact of what stands at a path, in the form of its stored name, if it has it and may be
    /// shown. One that stays is known also where nothing stands.
    ///
    /// # Errors
    /// As [`Snapshot::fact`]; a failure where it is damaged.
    pub fn fact<T>(&self, fact: &'static Fact<T>, at: &Path) -> Result<Option<T>> {
        if !self.shows_facts(at)? {
            return Ok(None);
        }
        let kept = self.snapshot.fact(&fact.row, at)?;
        kept.map(|bytes| fact.decoded(&bytes)).transpose()
    }

    /// Of all values of a fact that is searched, the nearest between two. It tells of nobody's
    /// resource where it is.
    ///
    /// # Errors
    /// As [`Snapshot::nearest`].
    pub fn nearest<T>(
        &self,
        fact: &'static Fact<T>,
        between: (&[u8], &[u8]),
        side: Side,
    ) -> Result<Option<Vec<u8>>> {
        self.snapshot.nearest(&fact.row, between, side)
    }

    /// Reads facts of resources that were found, for as long as an answer is being sent.
    pub fn fact_reader(&self) -> FactReader {
        self.snapshot.fact_reader()
    }

    /// Tells the ids of resources, for as long as an answer is being sent.
    ///
    /// # Errors
    /// As [`Snapshot::identifier`].
    pub fn identifier(&self) -> Result<Identifier> {
        self.snapshot.identifier()
    }

    /// Tells what changed below collections, for as long as an answer is being sent. What it sees
    /// is remembered, which changes nothing that can be asked for.
    pub fn synchronizer(&self) -> Synchronizer {
        let access = self.veil.map(|veil| veil.access().clone());
        self.snapshot.synchronizer().seen_by(access)
    }

    /// Returns when a resource was deleted here, where that is remembered and nothing took its
    /// place.
    ///
    /// # Errors
    /// As [`Snapshot::deleted_at`].
    pub fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>> {
        let shown = match self.veil {
            None => true,
            Some(Veil::Names(access)) => access.shows_names(path),
            Some(Veil::Unreadable(access)) => access.sees(path, None),
        };
        if shown { self.snapshot.deleted_at(path) } else { Ok(None) }
    }

    /// Returns where what a path leads to truly stands: another path where links are on the way.
    ///
    /// # Errors
    /// As [`Snapshot::real_path`].
    pub fn real_path(&self, path: &Path) -> Result<Path> {
        if self.shows_names(path) { self.snapshot.real_path(path) } else { Ok(path.clone()) }
    }

    /// All locks, expired ones included.
    pub fn locks(&self) -> Arc<Locks> {
        self.snapshot.locks()
    }

    /// The locks in whose scope a path is.
    ///
    /// # Errors
    /// As [`Snapshot::real_path`].
    pub fn covering(&self, path: &Path) -> Result<Vec<Arc<Lock>>> {
        let locks = self.snapshot.locks();
        if locks.is_empty() {
            return Ok(Vec::new());
        }
        let found = locks.covering(&self.snapshot.real_path(path)?, self.now);
        Ok(found.into_iter().cloned().collect())
    }

    /// The locks on what lies below a path, in the order of their roots.
    ///
    /// # Errors
    /// As [`Snapshot::real_path`].
    pub fn locked_below(&self, path: &Path) -> Result<Vec<Arc<Lock>>> {
        let locks = self.snapshot.locks();
        if locks.is_empty() {
            return Ok(Vec::new());
        }
        Ok(locks.below(&self.snapshot.real_path(path)?, self.now).cloned().collect())
    }

    /// Checks whether this is a name that may be written.
    ///
    /// # Errors
    /// As [`Snapshot::may_write`].
    pub fn may_write(&self, path: &Path) -> Result<()> {
        self.snapshot.may_write(path)?;
        if self.shows_names(path) { Ok(()) } else { Err(hidden_name(path)) }
    }

    fn shows_names(&self, path: &Path) -> bool {
        self.veil.is_none_or(|veil| veil.access().shows_names(path))
    }

    fn shows_facts(&self, at: &Path) -> Result<bool> {
        let Some(veil) = self.veil else { return Ok(true) };
        Ok(self.shows_names(at) && veil.shows_at(at, Some(&self.snapshot.real_path(at)?)))
    }

    fn shows(&self, resource: &Resource) -> bool {
        self.veil.is_none_or(|veil| veil.shows(resource))
    }

    fn is_no_secret(&self, collection: &Path) -> Result<()> {
        if self.shows_names(collection) {
            return Ok(());
        }
        Err(Error::refused(Condition::NotFound, "There is no collection here."))
    }

    fn shown<'m>(&self, members: Members<'m>) -> Members<'m> {
        let Some(veil) = self.veil else { return members };
        let access = veil.access().clone();
        match veil {
            Veil::Names(_) => kept(members, move |found| Veil::Names(&access).shows(found)),
            Veil::Unreadable(_) => {
                kept(members, move |found| Veil::Unreadable(&access).shows(found))
            }
        }
    }
}

impl<'a> Veil<'a> {
    fn access(self) -> &'a Access {
        match self {
            Self::Names(access) | Self::Unreadable(access) => access,
        }
    }

    /// Returns whether a resource may be seen: under its path, and where a link to it leads.
    fn shows(self, resource: &Resource) -> bool {
        self.shows_at(&resource.path, resource.facts_at.as_ref())
    }

    fn shows_at(self, path: &Path, real_path: Option<&Path>) -> bool {
        match self {
            Self::Names(access) => access.knows(path, real_path),
            Self::Unreadable(access) => access.sees(path, real_path),
        }
    }
}

fn kept(members: Members<'_>, shown: impl Fn(&Resource) -> bool + Send + 'static) -> Members<'_> {
    Box::new(members.filter(move |found| found.as_ref().map_or(true, &shown)))
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("View").field("now", &self.now).finish_non_exhaustive()
    }
}

/// Resources that a view remembers: a method asks more than once for its target, its destination
/// and their parents; what it walks over is asked for once.
const REMEMBERED_MAX: usize = 8;
