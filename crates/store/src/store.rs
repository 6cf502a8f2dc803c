//! What a store is. Methods never see this: they get a `View` or a `Transaction`.

use std::{path::PathBuf, sync::Arc};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    etag::ETag,
    footprint::Footprint,
    lock::{Lock, Locks},
    media::Beginning,
    path::Path,
    rule::{ordering::Side, privilege::Access},
    timestamp::Timestamp,
};

use crate::{
    beginning::Beginnings,
    facts::{FactReader, Row},
    guard::{GUARD_WAIT_MAX, Held, Turn},
    properties::{Properties, PropertyReader},
    resource::{Identifier, Resource, Witness},
    sync::Synchronizer,
    walk::{Reach, Walk},
};
use methodical_content::{
    Content,
    staging::{Staged, Staging},
};

pub use crate::walk::Members;

/// Resources beneath a root.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// The state as it is now.
    fn snapshot(&self) -> Box<dyn Snapshot + '_>;

    /// Begins to receive content for a path. Nothing of it can be seen before it is placed.
    ///
    /// `length` is the declared number of bytes, if any: where that much cannot be stored, this
    /// says so at once.
    ///
    /// # Errors
    /// `InsufficientStorage`, or a failure of the disk. A parent that is missing is not noticed
    /// here.
    fn stage(&self, path: &Path, length: Option<u64>) -> Result<Box<dyn Staging>>;

    /// Begins a set of changes, or stands in the queue of those who write where others are before;
    /// `held` is what awaiting that gave. Other writers with conflicting footprints wait until the
    /// changes are committed or dropped.
    ///
    /// # Errors
    /// `Overloaded` where too many wait already.
    fn begin(&self, footprint: &Footprint, held: Option<Held>) -> Result<Begun<'_>>;

    /// The same, waiting on this thread.
    ///
    /// # Errors
    /// `Overloaded` when the wait exceeds [`GUARD_WAIT_MAX`].
    fn changes(&self, footprint: &Footprint) -> Result<Box<dyn Changes + '_>> {
        let mut held = None;
        loop {
            match self.begin(footprint, held)? {
                Begun::Changes(changes) => return Ok(changes),
                Begun::Waits(turn) => held = Some(turn.wait(GUARD_WAIT_MAX)?),
            }
        }
    }

    /// Returns whether looks at what is at this path, and at all below it, and reads of it are
    /// bounded: not where a disk of another machine or of a program is asked. They may be made on
    /// an event loop then, on which this may be asked.
    fn reads_fast(&self, _path: &Path) -> bool {
        false
    }

    /// Returns whether giving this path small new content now takes no longer than a look at a disk
    /// that [reads fast](Self::reads_fast): no sync is waited for, and no writer is in the way. It
    /// may be done on an event loop then.
    fn writes_fast(&self, _path: &Path) -> bool {
        false
    }

    /// Returns whether the file at this path is still the one that gave the witness. Costs one look
    /// at the disk and may be asked on an event loop: where that may have to wait it is not said to
    /// be.
    fn unchanged(&self, path: &Path, witness: &Witness) -> bool;

    /// Takes files and folders of the disk that secure the server out of the sight and reach of
    /// all, whatever their rights and whatever names lead to them, in place of those before.
    ///
    /// # Errors
    /// A failure of the disk.
    fn keep_secret(&self, files: &[PathBuf]) -> Result<()>;

    /// Has what rules are about come to stand under the spelling of the rules alone, in place of
    /// those before, where the disk takes other spellings for the same. A store that tells names
    /// apart has nothing to do.
    fn keep_spelled(&self, _paths: &[Path]) {}

    /// Returns whether nothing is remembered of those who looked that would be lost when the
    /// process is killed. May be asked on an event loop.
    fn notes_are_kept(&self) -> bool {
        true
    }

    /// Keeps what is remembered of those who looked.
    ///
    /// # Errors
    /// A failure of the disk; what was not kept is remembered for the next time.
    fn flush_notes(&self) -> Result<()> {
        Ok(())
    }

    /// Returns whether what is stored is there: a folder may be removed, or a disk unmounted. May
    /// be asked on an event loop: [`Self::watch`] looked.
    fn stands(&self) -> bool {
        true
    }

    /// Looks whether what is stored is there, and goes on with what came back. A sentence for the
    /// operator when that is news.
    fn watch(&self) -> Option<String> {
        None
    }

    /// Cleans up what is no longer needed: expired facts, remains of what was removed.
    ///
    /// # Errors
    /// A failure of the disk; what was not cleaned stays for the next time.
    fn sweep(&self, now: Timestamp) -> Result<()>;
}

/// A set of changes that was begun, or is to be once it is its turn.
pub enum Begun<'s> {
    /// It was.
    Changes(Box<dyn Changes + 's>),
    /// Others are before.
    Waits(Turn),
}

impl std::fmt::Debug for Begun<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changes(_) => out.write_str("Changes"),
            Self::Waits(turn) => turn.fmt(out),
        }
    }
}

/// Two values that are excluded, and all between them.
pub type Between<'b> = (&'b [u8], &'b [u8]);

/// The state at a moment; of a folder that others change too, the state as it is found.
pub trait Snapshot {
    /// The resource at a path; nothing where there is none, or none that may be shown.
    ///
    /// # Errors
    /// A failure of the disk, or `Forbidden` where the system denies the look.
    fn find(&self, path: &Path) -> Result<Option<Resource>>;

    /// A file with its content, both of the same moment.
    ///
    /// # Errors
    /// As [`Self::find`].
    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>>;

    /// Returns what the first bytes of a file tell of its media type.
    ///
    /// # Errors
    /// A failure of the disk.
    fn beginning(&self, _of: &Resource, content: &Content) -> Result<Beginning> {
        content.beginning()
    }

    /// Tells the same of files that were found, for as long as an answer is being sent.
    fn beginnings(&self) -> Beginnings {
        Beginnings::new(|_| Ok(None))
    }

    /// The members of a collection, each looked at when it is asked for, or shortly before: in the
    /// order that they were given ([`crate::facts::order`]), behind them by name those that were
    /// given none; in no order where the collection has none.
    ///
    /// # Errors
    /// As [`Self::find`]; `NotFound` where no collection is. A member that disappears meanwhile is
    /// left out.
    fn members(&self, of: &Path) -> Result<Members<'_>>;

    /// Returns what is below a collection, each looked at as for [`Self::members`], to be kept for
    /// as long as an answer is being sent: it may outlive the snapshot.
    ///
    /// # Errors
    /// As [`Self::members`].
    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        // What this store lends cannot be kept: all of it is looked at now.
        let found: Vec<_> = Walk::below(of, reach, |path| self.members(path))?.collect();
        Ok(Box::new(found.into_iter()))
    }

    /// The room for more at a path, where that is known.
    ///
    /// # Errors
    /// A failure of the disk.
    fn room(&self, _at: &Path) -> Result<Option<DiskSpace>> {
        Ok(None)
    }

    /// The dead properties of a resource that was found.
    ///
    /// # Errors
    /// A failure of the ledger.
    fn properties(&self, of: &Resource) -> Result<Properties> {
        self.property_reader()(of)
    }

    /// Reads dead properties for as long as an answer is being sent: it may outlive the snapshot.
    fn property_reader(&self) -> PropertyReader {
        // A store that keeps none.
        Box::new(|_| Ok(Properties::default()))
    }

    /// A fact of what stands at a path, in the form of its stored name. One that stays is known
    /// also where nothing stands.
    ///
    /// # Errors
    /// A failure of the ledger.
    fn fact(&self, _row: &'static Row, _at: &Path) -> Result<Option<Vec<u8>>> {
        // A store that keeps none.
        Ok(None)
    }

    /// Of all values that are kept by a row that is sorted, the one nearest to an end, behind the
    /// first of two and before the second: the greatest where it is asked for what comes before
    /// the second, the least for what comes behind the first. It takes one look, however many
    /// there are, and asks no disk.
    ///
    /// # Errors
    /// None but those that a store is made to have.
    fn nearest(
        &self,
        _row: &'static Row,
        _between: Between<'_>,
        _side: Side,
    ) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Reads facts of resources that were found, for as long as an answer is being sent: it may
    /// outlive the snapshot.
    fn fact_reader(&self) -> FactReader {
        Box::new(|_, _| Ok(None))
    }

    /// Tells the ids of resources, for as long as an answer is being sent. A store remembers that
    /// they were asked for, so that it keeps them from then on, which changes nothing that can be
    /// asked for.
    ///
    /// # Errors
    /// `Overloaded` where writers keep it from being sure that an id will last.
    fn identifier(&self) -> Result<Identifier> {
        Ok(Identifier::new(|of| of.birth.and_then(|birth| birth.id())))
    }

    /// Tells what changed below collections, for as long as an answer is being sent.
    fn synchronizer(&self) -> Synchronizer {
        // A store that keeps nothing of what was.
        Synchronizer::of_nothing()
    }

    /// Begins a set of changes as [`Store::changes`] does, if nobody is in the way and nothing was
    /// written through this store since the snapshot was made: then all that was seen through it
    /// still holds, and need not be looked at again under the guard.
    fn into_changes<'c>(self: Box<Self>, _footprint: &Footprint) -> Option<Box<dyn Changes + 'c>>
    where
        Self: 'c,
    {
        None
    }

    /// Returns when a resource was deleted here, where that is remembered and nothing took its
    /// place.
    ///
    /// # Errors
    /// A failure of the ledger.
    fn deleted_at(&self, path: &Path) -> Result<Option<Timestamp>>;

    /// All locks, expired ones included, by where facts are kept; see [`Self::real_path`]. None
    /// where the store keeps none.
    fn locks(&self) -> Arc<Locks> {
        Arc::default()
    }

    /// Returns where facts about what a path leads to are kept: another path than this where links
    /// are on the way.
    ///
    /// # Errors
    /// A failure of the disk.
    fn real_path(&self, path: &Path) -> Result<Path> {
        Ok(path.clone())
    }

    /// Checks whether this is a name that may be written: what is not shown is not written either.
    /// A store that hides more than what is reserved says more here.
    ///
    /// # Errors
    /// `ReservedName`; `HiddenName`.
    fn may_write(&self, path: &Path) -> Result<()> {
        if !path.is_reserved() {
            return Ok(());
        }
        Err(Error::refused(
            Condition::ReservedName,
            "This name is the server's own; choose another.",
        ))
    }
}

/// The octets that can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes that can still be stored.
    pub available: u64,
    /// Bytes that are stored, by others on the same disk, too.
    pub used: u64,
}

/// A set of changes that is committed as one, or not at all. It is made while its footprint is
/// guarded; its snapshot shows the state before the changes.
pub trait Changes: Send {
    /// The state before the changes.
    fn snapshot(&self) -> &dyn Snapshot;

    /// Leaves out of copies of collections, from now on, what has a name that is hidden from
    /// somebody.
    fn held_to(&mut self, access: &Access);

    /// Begins to make new content for a path inside the footprint.
    ///
    /// # Errors
    /// As [`Store::stage`].
    fn stage(&mut self, path: &Path) -> Result<Box<dyn Staging>>;

    /// Gives a path new content, replacing a file that is there.
    ///
    /// # Errors
    /// `ParentMissing`; `Conflict` where a collection is there; `HiddenName`, `ReservedName`.
    fn place(&mut self, path: &Path, content: Staged, as_: Placement) -> Result<()>;

    /// Makes an empty collection where nothing is.
    ///
    /// # Errors
    /// `ParentMissing`; `Conflict` where something is; `HiddenName`, `ReservedName`.
    fn make_collection(&mut self, path: &Path) -> Result<()>;

    /// Removes a resource with everything below it.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` for the root and where the system denies it.
    fn remove(&mut self, path: &Path, mark: Mark) -> Result<()>;

    /// Copies a resource, with everything below it if `tree`, to where nothing is. Where these
    /// changes took away another one of its kind there before, that is updated by this, and its id
    /// stays (RFC 5842 section 2.7).
    ///
    /// # Errors
    /// `NotFound`, `ParentMissing`, `Conflict` where something is, `InsufficientStorage`.
    fn copy(&mut self, from: &Path, to: &Path, tree: bool) -> Result<()>;

    /// Moves a resource with everything below it to where nothing is; what the ledger knows of it
    /// goes with it.
    ///
    /// # Errors
    /// As [`Self::copy`]; `Forbidden` for the root, and to itself or to a place below.
    fn rename(&mut self, from: &Path, to: &Path) -> Result<()>;

    /// Makes a lock, or replaces the one of the same token. It ends with the resource at its root
    /// (RFC 4918 sections 7.6 and 9.6).
    ///
    /// # Errors
    /// `NotFound`; `InsufficientStorage` where there are [`crate::locking::LOCKS_MAX`], or
    /// [`crate::locking::LOCKS_OF_ONE_MAX`] of the one whose it is.
    fn set_lock(&mut self, lock: Lock) -> Result<()>;

    /// Ends the lock of a token; no lock is no failure.
    ///
    /// # Errors
    /// A failure of the store.
    fn remove_lock(&mut self, token: &str) -> Result<()>;

    /// Gives a resource these dead properties, in place of all that it has.
    ///
    /// # Errors
    /// `NotFound`; a failure of the ledger at the commit.
    fn set_properties(&mut self, path: &Path, properties: Properties) -> Result<()>;

    /// Gives a resource a fact, in place of what it had of that; or takes it away.
    ///
    /// # Errors
    /// `NotFound`; `InsufficientStorage` beyond [`Row::bytes_max`]; a failure of the ledger at the
    /// commit.
    fn set_fact(&mut self, row: &'static Row, path: &Path, value: Option<Vec<u8>>) -> Result<()>;

    /// Says when a resource was last modified, as the last change that is made to it. The entity
    /// tag of a file may be another then.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` for the root, and where the system denies it.
    fn set_modified(&mut self, path: &Path, modified: Timestamp) -> Result<()>;

    /// Makes all changes, as one. With full durability they are on the disk when this returns.
    ///
    /// # Errors
    /// What a change could not be made for; then none was.
    fn commit(self: Box<Self>) -> Result<Committed>;
}

/// The way in which content is placed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// The media type to remember, where it is not the one that the name implies.
    pub media_type: Option<Box<str>>,
    /// The modification time to give the file, else that of the commit.
    pub modified: Option<Timestamp>,
}

/// The trace that a removed resource leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is remembered that something was here (410).
    Tombstone,
    /// Nothing (404).
    Nothing,
}

/// The things that a commit made.
#[derive(Debug, Default)]
pub struct Committed {
    /// The entity tags of the files placed, where they still hold exactly what was placed.
    pub etags: Vec<(Path, ETag)>,
}

/// The number of members that one removal leaves a tombstone for beside that of the collection
/// itself: so many names are looked at while the writer holds its guard.
pub const TOMBSTONES_A_REMOVAL_MAX: usize = 1000;

/// The time that a deletion is remembered, in days: 410 tells crawlers and sync clients to forget
/// an address, and those that come at all come within a month.
pub const TOMBSTONE_DAYS_MAX: u64 = 30;

/// The number of deletions that are remembered unless the operator says otherwise: a few megabytes,
/// enough for weeks of a busy folder.
pub const TOMBSTONES_MAX: usize = 10_000;
