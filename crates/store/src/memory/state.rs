//! All resources at one moment, and how each change makes the next state of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    etag::ETag,
    lock::{Lock, Locks},
    path::Path,
    path_map::PathMap,
    rule::{ordering::Side, privilege::Access},
    timestamp::Timestamp,
};

use super::{options::MemoryOptions, staging::no_room};
use crate::{
    facts::{
        Kept, OnCopy, OnMove, Row,
        order::{ORDER, ORDERING, in_order, key_within},
    },
    locking::{check_room, is_over},
    properties::Properties,
    resource::{Birth, Id, Kind, Resource},
    store::{Between, Mark, Placement, TOMBSTONES_A_REMOVAL_MAX},
};

/// All resources at one moment.
#[derive(Debug, Clone)]
pub(super) struct State {
    nodes: PathMap<Node>,
    tombstones: BTreeMap<Path, Tombstone>,
    locks: Arc<Locks>,
    facts: Kept<Bytes>,
    /// Counts what was ever made, so that no tag and no place in the row is given twice.
    made: u64,
    /// The things that the changes that are being made took away.
    ended: BTreeMap<Path, (Kind, Option<Id>)>,
}

#[derive(Debug, Clone)]
struct Node {
    /// The content of a file; nothing for a collection.
    file: Option<File>,
    /// A number that no other had before.
    number: u64,
    /// The id that stays when it is replaced.
    id: Option<Id>,
    created: Timestamp,
    modified: Timestamp,
    properties: Arc<Properties>,
}

#[derive(Debug, Clone)]
struct File {
    bytes: Bytes,
    tag: u64,
    media_type: Option<Box<str>>,
}

#[derive(Debug, Clone)]
struct Tombstone {
    place_in_row: u64,
    when: Timestamp,
}

/// One change.
#[derive(Debug)]
pub(super) enum Change {
    Place { path: Path, bytes: Bytes, as_: Placement },
    MakeCollection(Path),
    Remove(Path, Mark),
    Copy { from: Path, to: Path, tree: bool, access: Option<Access> },
    Rename { from: Path, to: Path },
    Describe(Path, Properties),
    State(&'static Row, Path, Option<Bytes>),
    Date(Path, Timestamp),
    Lock(Lock),
    Unlock(Box<str>),
}

impl State {
    /// The root collection alone.
    pub(super) fn new(now: Timestamp) -> Self {
        let nodes = PathMap::from_iter([(Path::root(), Node::collection(0, now))]);
        let (tombstones, locks, ended) = (BTreeMap::new(), Arc::default(), BTreeMap::new());
        Self { nodes, tombstones, locks, facts: Kept::default(), made: 0, ended }
    }

    /// Returns what is known of the resource at a path.
    pub(super) fn resource(&self, path: &Path) -> Option<Resource> {
        self.nodes.get(path).map(|node| self.told(node, path))
    }

    /// The id of the resource at a path.
    pub(super) fn id(&self, of: &Path) -> Option<Id> {
        self.nodes.get(of).and_then(|node| node.id)
    }

    /// The same, before the first of other changes.
    pub(super) fn begin(&self) -> Self {
        Self { ended: BTreeMap::new(), ..self.clone() }
    }

    /// The bytes of the file at a path.
    pub(super) fn content(&self, path: &Path) -> Option<Bytes> {
        Some(self.file(path)?.bytes.clone())
    }

    /// Returns what tells the file at a path from every other that was ever placed.
    pub(super) fn made_as(&self, path: &Path) -> Option<u64> {
        self.file(path).map(|file| file.tag)
    }

    /// The entity tag of the file at a path.
    pub(super) fn tag(&self, path: &Path) -> Option<ETag> {
        self.resource(path)?.etag()
    }

    /// A resource with what is told of it beside its content.
    fn told(&self, node: &Node, path: &Path) -> Resource {
        let resource = node.resource(path);
        let told = self.facts.told(path);
        let tag = resource.tag.map(|tag| tag.with(told.as_deref()));
        Resource { tag, told, ..resource }
    }

    /// The dead properties of the resource at a path.
    pub(super) fn properties(&self, of: &Path) -> Properties {
        self.nodes.get(of).map(|node| Properties::clone(&node.properties)).unwrap_or_default()
    }

    /// A fact of what stands at a path.
    pub(super) fn fact(&self, row: &Row, at: &Path) -> Option<Vec<u8>> {
        self.facts.get(row, at).map(|value| value.to_vec())
    }

    /// Forgets facts that stayed where nothing is any more.
    pub(super) fn forget_left_behind(&mut self) {
        let nodes = &self.nodes;
        self.facts.retain(|_, at| nodes.contains_key(at));
    }

    /// The members of the collection at a path.
    pub(super) fn members(&self, of: &Path) -> Vec<Resource> {
        let members = self.nodes.tree(of).filter(|(path, _)| path.parent().as_ref() == Some(of));
        let mut members: Vec<_> = members.map(|(path, node)| self.told(node, path)).collect();
        if let Some(ordering) = self.fact(&ORDERING.row, of) {
            let key = |path: &Path| key_within(&ordering, self.facts.get(&ORDER.row, path)?);
            members.sort_by(|one, other| in_order(key(&one.path), key(&other.path)));
        }
        members
    }

    /// As [`crate::store::Snapshot::nearest`].
    pub(super) fn nearest(&self, row: &Row, of: Between<'_>, side: Side) -> Option<Vec<u8>> {
        self.facts.nearest(row, of, side).map(<[u8]>::to_vec)
    }

    /// Returns when something was deleted here, if nothing took its place.
    pub(super) fn deleted_at(&self, path: &Path) -> Option<Timestamp> {
        self.tombstones.get(path).map(|tombstone| tombstone.when)
    }

    /// All locks, expired ones included.
    pub(super) fn locks(&self) -> Arc<Locks> {
        Arc::clone(&self.locks)
    }

    /// Forgets locks that have expired.
    pub(super) fn forget_expired(&mut self, now: Timestamp) {
        let expired = self.locks.iter().filter(|lock| is_over(lock, now));
        let expired: Vec<Arc<Lock>> = expired.cloned().collect();
        for lock in &expired {
            self.unlock(&lock.token);
        }
    }

    /// Returns how many bytes all files have together.
    pub(super) fn bytes(&self) -> u64 {
        self.nodes.values().map(Node::length).sum()
    }

    /// Forgets deletions that are older than `age`.
    pub(super) fn forget_older(&mut self, age: Duration, now: Timestamp) {
        self.tombstones.retain(|_, tombstone| now.since(tombstone.when) <= age);
    }

    /// Makes one change, or refuses it; then the state is to be thrown away.
    pub(super) fn make(
        &mut self,
        change: &Change,
        now: Timestamp,
        options: &MemoryOptions,
    ) -> Result<()> {
        match change {
            Change::Place { path, bytes, as_ } => self.place(path, bytes, as_, now)?,
            Change::MakeCollection(path) => {
                self.vacant(path)?;
                self.made += 1;
                self.insert(path.clone(), Node::collection(self.made, now));
                self.touch_parent(path, now);
            }
            Change::Remove(path, mark) => self.remove(path, *mark, now, options)?,
            Change::Copy { from, to, tree, access } => {
                let copied = |at: &Path| {
                    let shown = access.as_ref().is_none_or(|access| access.shows_names(at));
                    at == from || *tree && shown
                };
                self.copy(from, to, copied, now)?;
            }
            Change::Rename { from, to } => self.rename(from, to, now)?,
            Change::Describe(path, properties) => {
                self.node(path)?.properties = Arc::new(properties.clone());
            }
            Change::State(row, path, value) => {
                self.node(path)?;
                self.facts.set(row, path, value.clone());
            }
            Change::Date(path, modified) => self.date(path, *modified)?,
            Change::Lock(lock) => self.lock(lock)?,
            Change::Unlock(token) => self.unlock(token),
        }
        if self.bytes() > options.bytes_max { Err(no_room()) } else { Ok(()) }
    }

    fn place(&mut self, path: &Path, bytes: &Bytes, as_: &Placement, now: Timestamp) -> Result<()> {
        self.made += 1;
        let (created, id, properties) = match self.nodes.get(path) {
            Some(node) if node.file.is_none() => return Err(occupied()),
            Some(node) => (node.created, node.id, Arc::clone(&node.properties)),
            None => (now, id(self.made, now), Arc::default()),
        };
        self.parent_exists(path)?;
        let (bytes, media_type) = (bytes.clone(), as_.media_type.clone());
        let file = File { bytes, tag: self.made, media_type };
        let modified = as_.modified.unwrap_or(now);
        let number = self.made;
        let node = Node { file: Some(file), number, id, created, modified, properties };
        self.insert(path.clone(), node);
        self.touch_parent(path, now);
        Ok(())
    }

    fn remove(
        &mut self,
        path: &Path,
        mark: Mark,
        now: Timestamp,
        options: &MemoryOptions,
    ) -> Result<()> {
        if path.is_root() {
            return Err(the_root());
        }
        if !self.nodes.contains_key(path) {
            return Err(not_found());
        }
        let ended = self.nodes.get(path).map(|node| (node.resource(path).kind, node.id));
        self.ended.extend(ended.map(|ended| (path.clone(), ended)));
        let mut gone: Vec<Path> = self.nodes.tree(path).map(|(at, _)| at.clone()).collect();
        self.nodes.remove_tree(path);
        self.forget_facts(path, |_| true);
        self.unlock_within(path);
        self.touch_parent(path, now);
        if mark == Mark::Tombstone {
            // The resource itself last: it is forgotten last.
            gone.reverse();
            self.bury(&gone, now, options.tombstones_max);
        }
        Ok(())
    }

    fn bury(&mut self, gone: &[Path], now: Timestamp, most: usize) {
        let below = gone.len().saturating_sub(1);
        for path in gone.iter().skip(below.saturating_sub(TOMBSTONES_A_REMOVAL_MAX)) {
            self.made += 1;
            let tombstone = Tombstone { place_in_row: self.made, when: now };
            self.tombstones.insert(path.clone(), tombstone);
        }
        self.forget_beyond(most);
    }

    fn copy(
        &mut self,
        from: &Path,
        to: &Path,
        copied: impl Fn(&Path) -> bool,
        now: Timestamp,
    ) -> Result<()> {
        if !self.nodes.contains_key(from) {
            return Err(not_found());
        }
        self.vacant(to)?;
        // Collected before the first is made: a copy into itself has an end (RFC 4918 9.8.3).
        let sources: Vec<_> =
            self.nodes.tree(from).map(|(at, node)| (at.clone(), node.clone())).collect();
        for (at, mut node) in sources.into_iter().filter(|(at, _)| copied(at)) {
            self.made += 1;
            (node.number, node.created, node.modified) = (self.made, now, now);
            let former = self
                .ended
                .get(to)
                .filter(|(kind, _)| at == *from && *kind == node.resource(to).kind);
            node.id = former.map_or_else(|| id(self.made, now), |(_, id)| *id);
            if let Some(file) = &mut node.file {
                file.tag = self.made;
            }
            self.insert(moved(&at, from, to)?, node);
        }
        for row in self.kept_by(|row| row.on_copy == OnCopy::Copied) {
            self.facts.copy(row, (from, to), &copied);
        }
        self.touch_parent(to, now);
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path, now: Timestamp) -> Result<()> {
        if !self.nodes.contains_key(from) {
            return Err(not_found());
        }
        self.vacant(to)?;
        let sources: Vec<_> =
            self.nodes.tree(from).map(|(at, node)| (at.clone(), node.clone())).collect();
        for (at, node) in sources {
            self.nodes.remove(&at);
            self.insert(moved(&at, from, to)?, node);
        }
        for row in self.kept_by(|row| row.on_move == OnMove::Goes) {
            self.facts.shift(row, from, to);
        }
        self.forget_facts(from, |row| row.on_move == OnMove::Ends);
        // RFC 4918 section 7.6: the locks stay behind, where nothing is any more.
        self.unlock_within(from);
        self.touch_parent(from, now);
        self.touch_parent(to, now);
        Ok(())
    }

    fn forget_facts(&mut self, path: &Path, of: impl Fn(&Row) -> bool) {
        for row in self.kept_by(of) {
            self.facts.forget(row, path);
        }
    }

    fn kept_by(&self, of: impl Fn(&Row) -> bool) -> Vec<&'static Row> {
        self.facts.rows().filter(|row| of(row)).collect()
    }

    fn date(&mut self, path: &Path, modified: Timestamp) -> Result<()> {
        self.made += 1;
        let made = self.made;
        let node = self.node(path)?;
        node.modified = modified;
        if let Some(file) = &mut node.file {
            file.tag = made;
        }
        Ok(())
    }

    fn node(&mut self, path: &Path) -> Result<&mut Node> {
        self.nodes.get_mut(path).ok_or_else(not_found)
    }

    fn lock(&mut self, lock: &Lock) -> Result<()> {
        if !self.nodes.contains_key(&lock.root) {
            return Err(not_found());
        }
        if self.locks.find(&lock.token).is_none() {
            check_room(lock, self.locks.iter().map(|held| &**held))?;
        }
        Arc::make_mut(&mut self.locks).set(lock.clone());
        Ok(())
    }

    fn unlock(&mut self, token: &str) {
        Arc::make_mut(&mut self.locks).remove(token);
    }

    fn unlock_within(&mut self, path: &Path) {
        let gone: Vec<Arc<Lock>> = self.locks.within(path).cloned().collect();
        for lock in &gone {
            self.unlock(&lock.token);
        }
    }

    /// Puts a resource at a path, which ends the memory of what was deleted there.
    fn insert(&mut self, path: Path, node: Node) {
        self.tombstones.remove(&path);
        self.nodes.insert(path, node);
    }

    fn touch_parent(&mut self, path: &Path, now: Timestamp) {
        if let Some(node) = path.parent().and_then(|parent| self.nodes.get_mut(&parent)) {
            node.modified = now;
        }
    }

    fn forget_beyond(&mut self, most: usize) {
        while self.tombstones.len() > most {
            let oldest = self.tombstones.iter().min_by_key(|(_, one)| one.place_in_row);
            let Some(path) = oldest.map(|(path, _)| path.clone()) else { return };
            self.tombstones.remove(&path);
        }
    }

    fn vacant(&self, path: &Path) -> Result<()> {
        if self.nodes.contains_key(path) {
            return Err(occupied());
        }
        self.parent_exists(path)
    }

    fn parent_exists(&self, path: &Path) -> Result<()> {
        let parent = path.parent().and_then(|parent| self.nodes.get(&parent));
        if parent.is_some_and(|parent| parent.file.is_none()) {
            return Ok(());
        }
        Err(Error::refused(
            Condition::ParentMissing,
            "The collection that would hold it does not exist; make it first.",
        ))
    }

    fn file(&self, path: &Path) -> Option<&File> {
        self.nodes.get(path)?.file.as_ref()
    }
}

impl Node {
    fn collection(number: u64, now: Timestamp) -> Self {
        let (id, properties) = (id(number, now), Arc::default());
        Self { file: None, number, id, created: now, modified: now, properties }
    }

    fn length(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.bytes.len() as u64)
    }

    fn resource(&self, path: &Path) -> Resource {
        Resource {
            path: path.clone(),
            kind: if self.file.is_some() { Kind::File } else { Kind::Collection },
            length: self.length(),
            modified: self.modified,
            created: Some(self.created),
            tag: self.file.as_ref().map(|file| file.etag().into()),
            media_type: self.file.as_ref().and_then(|file| file.media_type.clone()),
            facts_at: None,
            told: None,
            birth: Some(Birth::new(0, self.number, Some(self.created))),
            principal: None,
            witness: None,
        }
    }
}

impl File {
    fn etag(&self) -> ETag {
        ETag::strong(format!("m{}", self.tag))
    }
}

/// An id that no other resource has.
fn id(number: u64, now: Timestamp) -> Option<Id> {
    Birth::new(0, number, Some(now)).id()
}

/// The place of `at`, which lies within `from`, after `from` went to `to`.
fn moved(at: &Path, from: &Path, to: &Path) -> Result<Path> {
    let below = at.segments().skip(from.segments().count());
    below.into_iter().try_fold(to.clone(), |path, name| path.join(name)).map_err(|_| {
        // Every name of a path is a name that fits a path.
        Error::failed("a name of a resource is no name")
    })
}

fn not_found() -> Error {
    Error::refused(Condition::NotFound, "There is nothing at this address.")
}

fn occupied() -> Error {
    Error::refused(Condition::Conflict, "Something else is here already.")
}

fn the_root() -> Error {
    Error::refused(Condition::Forbidden, "The root collection stays where it is.")
}
