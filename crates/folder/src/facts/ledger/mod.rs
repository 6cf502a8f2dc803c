//! What a folder cannot say of its files: facts, one a file here, in a SQLite database beside them.
//!
//! Facts hang on a resource's own number, which stays when the resource is moved. A resource about
//! which nothing was ever said has no row. The SQL is such that `PostgreSQL` takes it too, given
//! `CREATE DOMAIN blob AS bytea`.

mod copied;
mod edits;
mod facts;
mod failures;
mod ids;
pub(crate) mod intents;
mod locks;
mod media_types;
mod origins;
mod paths;
mod properties;
mod reserve;
mod resources;
mod steps;
mod sync_log;
mod tombstones;

use std::os::fd::{AsFd, OwnedFd};

use methodical_semantics::{error::Result, lock::Lock, path::Path, timestamp::Timestamp};
use rusqlite::{Connection, OpenFlags, ffi};

use self::{
    copied::Copied,
    failures::{about_to, failed, is_for_want_of_room, no_room},
    intents::Intent,
    reserve::Reserved,
};
pub(crate) use self::{
    edits::Edits, facts::Found, failures::LedgerError, origins::Origin, steps::Step,
    tombstones::Tombstone,
};
use methodical_store::{facts::Row, properties::Properties, resource::Id, sync::history::Kept};

/// The database of facts.
#[derive(Debug)]
pub(crate) struct Ledger {
    db: Connection,
    full: bool,
    /// Its folder, by which its disk is asked.
    state: Option<OwnedFd>,
    reserved: Reserved,
}

impl Ledger {
    /// Opens the ledger in the state folder for writing, and makes or migrates it.
    ///
    /// # Errors
    /// When it is newer than this program, no database, or cannot be read.
    pub(crate) fn open(state: impl AsFd, full: bool) -> Result<Self, LedgerError> {
        Self::opened(&state, full).map_err(|failure| match failure {
            LedgerError::Other(failure) if is_for_want_of_room(&failure, Some(&state)) => {
                LedgerError::NoRoom
            }
            failure @ (LedgerError::Newer | LedgerError::NoRoom | LedgerError::Other(_)) => failure,
        })
    }

    fn opened(state: impl AsFd, full: bool) -> Result<Self, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(place(&state), flags)?;
        // One process has the folder for writing; no other needs to see what it is doing.
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "foreign_keys", true)?;
        let state = state.as_fd().try_clone_to_owned().ok();
        let mut ledger = Self { db, full, state, reserved: Reserved::default() };
        // Before anything is written: what is not to be waited for is not waited for here either.
        ledger.synced(true)?;
        ledger.db.pragma_update(None, "journal_mode", "WAL")?;
        ledger.migrate()?;
        Ok(ledger)
    }

    /// Opens the ledger in the state folder without writing anything anywhere.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn open_read_only(state: impl AsFd) -> Result<Self, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        // Immutable: SQLite then makes no files beside it either.
        let name = format!("file:{}?immutable=1", place(state));
        let ledger = Self::to_read(Connection::open_with_flags(name, flags)?);
        if ledger.version()? > MIGRATIONS.len() {
            return Err(LedgerError::Newer);
        }
        Ok(ledger)
    }

    /// Opens a copy of the ledger in the state folder that another process is writing, as it is
    /// now. The copy is gone with the process.
    ///
    /// # Errors
    /// As [`Self::open`]; when there is no folder for temporary files.
    pub(crate) fn open_copy(state: impl AsFd) -> Result<Self, LedgerError> {
        let copy = Copied::of(&place(state)).map_err(|failure| {
            let code = ffi::Error::new(ffi::SQLITE_CANTOPEN);
            rusqlite::Error::SqliteFailure(code, Some(failure.to_string()))
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let ledger = Self::to_read(Connection::open_with_flags(copy.ledger(), flags)?);
        // The first look takes the log in; the files are only needed by their descriptors then.
        if ledger.version()? > MIGRATIONS.len() {
            return Err(LedgerError::Newer);
        }
        Ok(ledger)
    }

    fn to_read(db: Connection) -> Self {
        Self { db, full: false, state: None, reserved: Reserved::default() }
    }

    /// All media types that are remembered.
    pub(crate) fn media_types(&self) -> Result<Vec<(Path, Box<str>)>> {
        if !self.knows(media_types::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        media_types::all(&self.db).map_err(failed)
    }

    /// The latest deletions that are remembered, up to so many.
    pub(crate) fn tombstones(&self, max: usize) -> Result<Vec<(Path, Tombstone)>> {
        if !self.knows(tombstones::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        tombstones::latest(&self.db, max).map_err(failed)
    }

    /// The paths of all resources that have dead properties.
    pub(crate) fn described(&self) -> Result<Vec<Path>> {
        // A ledger that is only read may be older than they are.
        if !self.knows(properties::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        properties::paths(&self.db).map_err(failed)
    }

    /// The dead properties of the resource at a path.
    pub(crate) fn properties(&self, of: &Path) -> Result<Properties> {
        properties::of(&self.db, of).map_err(failed)
    }

    /// All facts of the store's table; what those say that are held in memory.
    pub(crate) fn facts(&self) -> Result<Vec<Found>> {
        if !self.knows(facts::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        facts::all(&self.db).map_err(failed)
    }

    /// One of them at a path.
    pub(crate) fn fact(&self, row: &Row, at: &Path) -> Result<Option<Vec<u8>>> {
        facts::of(&self.db, row, at).map_err(failed)
    }

    /// Returns what stands at paths of which something is known.
    pub(crate) fn origins(&self) -> Result<Vec<(Path, Origin)>> {
        if !self.knows(origins::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        origins::all(&self.db).map_err(failed)
    }

    /// The ids that are kept.
    pub(crate) fn ids(&self) -> Result<Vec<(Path, Id)>> {
        if !self.knows(ids::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        ids::all(&self.db).map_err(failed)
    }

    /// The moment by which whatever was there may have told its id, if any did.
    pub(crate) fn ids_asked(&self) -> Result<Option<Timestamp>> {
        if !self.knows(ids::CREATE).map_err(failed)? {
            return Ok(None);
        }
        ids::asked(&self.db).map_err(failed)
    }

    /// Keeps that moment.
    pub(crate) fn keep_ids_asked(&mut self, moment: Timestamp) -> Result<()> {
        self.changing(|db| ids::set_asked(db, moment))
    }

    /// All locks, expired ones included.
    pub(crate) fn locks(&self) -> Result<Vec<Lock>> {
        if !self.knows(locks::CREATE).map_err(failed)? {
            return Ok(Vec::new());
        }
        let addressed = self.knows(locks::ADDRESSED).map_err(failed)?;
        locks::all(&self.db, addressed).map_err(failed)
    }

    /// Returns what was seen of collections that clients synchronize.
    pub(crate) fn sync_log(&self) -> Result<Kept> {
        if !self.knows(sync_log::CREATE).map_err(failed)? {
            return Ok(Kept::default());
        }
        sync_log::all(&self.db).map_err(failed)
    }

    /// Keeps what was seen of them.
    pub(crate) fn keep_sync_log(&mut self, kept: &Kept) -> Result<()> {
        self.changing(|db| sync_log::keep(db, kept))
    }

    /// Returns what was being done when a process ended, in order.
    pub(crate) fn intents(&self) -> Result<Vec<Intent>> {
        if !self.knows(intents::DATED).map_err(failed)? {
            return Ok(Vec::new());
        }
        intents::all(&self.db).map_err(failed)
    }

    /// The greatest number of a commit whose rows are there.
    pub(crate) fn last_commit(&self) -> i64 {
        intents::last(&self.db).unwrap_or_default()
    }

    /// Writes changes of facts, and what is to be done on the disk with them. With full durability
    /// both are on the disk when this returns. Says what undoes the steps.
    pub(crate) fn write(&mut self, edits: &Edits, intents: &[Intent]) -> Result<Vec<Step>> {
        if !intents.is_empty()
            && let Some(state) = &self.state
        {
            self.reserved.make(state, edits.len() + intents.len()).map_err(no_room)?;
        }
        self.changing(|db| {
            let undo = edits.write(db)?;
            intents.iter().try_for_each(|intent| intents::insert(db, intent))?;
            Ok(undo)
        })
    }

    /// Takes back changes of facts, whose opposite these are, with what was to be done.
    pub(crate) fn take_back(&mut self, edits: &Edits, commit: i64) -> Result<()> {
        self.changing(|db| {
            edits.write(db)?;
            intents::remove(db, commit)
        })
    }

    /// Forgets what was to be done: it is. Unless `synced`, a loss of power may bring it back,
    /// which must be harmless then.
    pub(crate) fn finish(&mut self, commit: i64, synced: bool) -> Result<()> {
        self.synced(synced).map_err(failed)?;
        let done = self.changing(|db| {
            intents::remove(db, commit)?;
            resources::forget_ours(db)?;
            facts::forget_ours(db)
        });
        self.synced(true).map_err(failed)?;
        done
    }

    fn changing<T>(&mut self, run: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let state = self.state.as_ref();
        let failed = |failure| failures::told(failure, state);
        about_to("write the ledger").map_err(failed)?;
        let transaction = self.db.transaction().map_err(failed)?;
        let out = run(&transaction).map_err(failed)?;
        about_to("commit the ledger").map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(out)
    }

    fn synced(&mut self, synced: bool) -> rusqlite::Result<()> {
        let level = if self.full && synced { "FULL" } else { "OFF" };
        self.db.pragma_update(None, "synchronous", level)
    }

    fn migrate(&mut self) -> Result<(), LedgerError> {
        self.db.execute_batch(VERSIONS)?;
        let version = self.version()?;
        if version > MIGRATIONS.len() {
            return Err(LedgerError::Newer);
        }
        for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(version) {
            let transaction = self.db.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.execute("INSERT INTO migrations (number) VALUES ($1)", [number])?;
            transaction.commit()?;
        }
        Ok(())
    }

    /// Returns whether a migration was made.
    fn knows(&self, migration: &str) -> rusqlite::Result<bool> {
        Ok(MIGRATIONS.iter().take(self.version()?).any(|made| *made == migration))
    }

    fn version(&self) -> rusqlite::Result<usize> {
        // One that could not be made for want of room has no tables.
        let has = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'migrations'";
        if self.db.query_row(has, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(0);
        }
        let count = "SELECT COUNT(*) FROM migrations";
        let version: i64 = self.db.query_row(count, [], |row| row.get(0))?;
        Ok(usize::try_from(version).unwrap_or(usize::MAX))
    }
}

/// The ledger's name by way of the open state folder, wherever that was moved to.
fn place(state: impl AsFd) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}/{NAME}", state.as_fd().as_raw_fd())
}

/// The ledger's name in the state folder.
pub(crate) const NAME: &str = "ledger.sqlite";

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)";

/// The statements that make a ledger, in order. What was released is never changed: new ones come
/// behind.
const MIGRATIONS: &[&str] = &[
    resources::CREATE,
    media_types::CREATE,
    tombstones::CREATE,
    intents::CREATE,
    properties::CREATE,
    intents::DATED,
    locks::CREATE,
    sync_log::CREATE,
    origins::CREATE,
    ids::CREATE,
    locks::ADDRESSED,
    facts::CREATE,
];
