//! What a commit is about to do on the disk: renames, and files that get another time, in order.
//! They are written with the facts that the commit changes, and that is the commit point; what is
//! found here at opening is done then.

use methodical_semantics::{path::Path, timestamp::Timestamp};
use rusqlite::{Connection, Row, params};

use super::paths::path_of;

/// One rename; or, where a name stays as it is, a time that what bears it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// The commit that it belongs to.
    pub(crate) commit: i64,
    /// Its place among those of the commit.
    pub(crate) number: i64,
    /// From where, beneath the root.
    pub(crate) from: Path,
    /// To where, beneath the root.
    pub(crate) to: Path,
    /// The object that is renamed, where the name alone does not tell that it still has to be.
    pub(crate) object: Option<Object>,
    /// The modification time that it gets, instead of another name.
    pub(crate) modified: Option<Timestamp>,
}

/// Something on the disk, whatever its name. Numbers of disks may change when the system starts
/// anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) inode: u64,
    /// The moment at which it last changed; nothing where the commit itself changes it before.
    pub(crate) changed: Option<Timestamp>,
}

pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<Intent>> {
    let find = "SELECT commit_number, number, source, target, inode, changed, nanoseconds,
            modified, modified_nanoseconds
        FROM intents ORDER BY commit_number, number";
    let mut find = db.prepare(find)?;
    let rows = find.query_map([], read)?;
    rows.filter_map(Result::transpose).collect()
}

pub(super) fn last(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("SELECT COALESCE(MAX(commit_number), 0) FROM intents", [], |row| row.get(0))
}

pub(super) fn insert(db: &Connection, intent: &Intent) -> rusqlite::Result<()> {
    let insert = "INSERT INTO intents
        (commit_number, number, source, target, inode, changed, nanoseconds,
            modified, modified_nanoseconds)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let object = intent.object;
    let changed = object.and_then(|object| object.changed);
    db.execute(
        insert,
        params![
            intent.commit,
            intent.number,
            intent.from.bytes(),
            intent.to.bytes(),
            object.map(|object| object.inode.cast_signed()),
            changed.map(Timestamp::seconds),
            changed.map(Timestamp::nanoseconds),
            intent.modified.map(Timestamp::seconds),
            intent.modified.map(Timestamp::nanoseconds),
        ],
    )
    .map(|_| ())
}

pub(super) fn remove(db: &Connection, commit: i64) -> rusqlite::Result<()> {
    db.execute("DELETE FROM intents WHERE commit_number = $1", [commit]).map(|_| ())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Intent>> {
    let paths = (row.get::<_, Vec<u8>>(2)?, row.get::<_, Vec<u8>>(3)?);
    let (Some(from), Some(to)) = (path_of(&paths.0), path_of(&paths.1)) else { return Ok(None) };
    let moment = |at: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(match (row.get(at)?, row.get(at + 1)?) {
            (Some(seconds), Some(nanoseconds)) => Some(Timestamp::new(seconds, nanoseconds)),
            _ => None,
        })
    };
    let (changed, modified) = (moment(5)?, moment(7)?);
    let inode = row.get::<_, Option<i64>>(4)?;
    let object = inode.map(|inode| Object { inode: inode.cast_unsigned(), changed });
    Ok(Some(Intent { commit: row.get(0)?, number: row.get(1)?, from, to, object, modified }))
}

pub(super) const CREATE: &str = "
    CREATE TABLE intents (
        commit_number BIGINT NOT NULL,
        number BIGINT NOT NULL,
        source BLOB NOT NULL,
        target BLOB NOT NULL,
        inode BIGINT,
        changed BIGINT,
        nanoseconds INTEGER,
        PRIMARY KEY (commit_number, number)
    )";

/// Intents that give a file another time.
pub(super) const DATED: &str = "
    ALTER TABLE intents ADD COLUMN modified BIGINT;
    ALTER TABLE intents ADD COLUMN modified_nanoseconds INTEGER";
