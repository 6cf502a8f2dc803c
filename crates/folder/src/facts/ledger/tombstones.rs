//! What was deleted, and when (RFC 9110 section 15.5.11). It has no resource any more, only a path.

use methodical_semantics::{path::Path, timestamp::Timestamp};
use rusqlite::{Connection, params};

use super::paths::path_of;

/// A deletion that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tombstone {
    /// The moment of it.
    pub(crate) when: Timestamp,
    /// Its place in the row of all deletions.
    pub(crate) place: i64,
}

pub(super) fn latest(db: &Connection, max: usize) -> rusqlite::Result<Vec<(Path, Tombstone)>> {
    let find = "SELECT path, deleted, nanoseconds, place FROM tombstones
        ORDER BY place DESC LIMIT $1";
    let mut find = db.prepare(find)?;
    let rows = find.query_map([i64::try_from(max).unwrap_or(i64::MAX)], |row| {
        let when = Timestamp::new(row.get(1)?, row.get(2)?);
        Ok((row.get::<_, Vec<u8>>(0)?, Tombstone { when, place: row.get(3)? }))
    })?;
    rows.map(|row| row.map(|(path, tombstone)| Some((path_of(&path)?, tombstone))))
        .filter_map(Result::transpose)
        .collect()
}

pub(super) fn set(db: &Connection, path: &Path, tombstone: &Tombstone) -> rusqlite::Result<()> {
    let set = "INSERT INTO tombstones (path, deleted, nanoseconds, place) VALUES ($1, $2, $3, $4)
        ON CONFLICT (path) DO UPDATE SET deleted = excluded.deleted,
            nanoseconds = excluded.nanoseconds, place = excluded.place";
    let Tombstone { when, place } = tombstone;
    db.execute(set, params![path.bytes(), when.seconds(), when.nanoseconds(), place]).map(|_| ())
}

pub(super) fn remove(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    db.execute("DELETE FROM tombstones WHERE path = $1", params![path.bytes()]).map(|_| ())
}

pub(super) const CREATE: &str = "
    CREATE TABLE tombstones (
        path BLOB PRIMARY KEY,
        deleted BIGINT NOT NULL,
        nanoseconds INTEGER NOT NULL,
        place BIGINT NOT NULL
    );
    CREATE INDEX tombstones_place ON tombstones (place)";
