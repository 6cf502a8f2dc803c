//! Which file or folder something is known of, whatever its name by now: other programs rename
//! what they like.

use methodical_semantics::{path::Path, timestamp::Timestamp};
use rusqlite::{Connection, params};

use super::paths::path_of;

/// The mark that a file or folder keeps under every name, also when the system starts anew, and
/// nothing else that ever was there had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// Its number on its disk, which another may have later.
    pub(crate) inode: u64,
    /// The moment at which it was made.
    pub(crate) born: Timestamp,
    /// The disk: 0 for that of the root, whose own number may be another tomorrow.
    pub(crate) disk: u64,
}

pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<(Path, Origin)>> {
    let find = "SELECT path, inode, born, nanoseconds, disk FROM origins
        JOIN resources ON id = resource";
    let mut find = db.prepare(find)?;
    let rows = find.query_map([], |row| {
        let (path, inode, disk): (Vec<u8>, i64, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
        let born = Timestamp::new(row.get(2)?, row.get(3)?);
        let (inode, disk) = (inode.cast_unsigned(), disk.cast_unsigned());
        Ok(path_of(&path).map(|path| (path, Origin { inode, born, disk })))
    })?;
    rows.filter_map(Result::transpose).collect()
}

/// Says what stands at a path of which something is known.
pub(super) fn set(db: &Connection, path: &Path, origin: &Origin) -> rusqlite::Result<()> {
    let set = "INSERT INTO origins (resource, inode, born, nanoseconds, disk)
        SELECT id, $1, $2, $3, $4 FROM resources WHERE path = $5
        ON CONFLICT (resource) DO UPDATE SET inode = excluded.inode, born = excluded.born,
            nanoseconds = excluded.nanoseconds, disk = excluded.disk";
    let Origin { inode, born, disk } = origin;
    let (inode, disk) = (inode.cast_signed(), disk.cast_signed());
    let values = params![inode, born.seconds(), born.nanoseconds(), disk, path.bytes()];
    db.prepare_cached(set)?.execute(values).map(|_| ())
}

pub(super) fn remove(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    let delete = "DELETE FROM origins WHERE resource IN (SELECT id FROM resources WHERE path = $1)";
    db.prepare_cached(delete)?.execute(params![path.bytes()]).map(|_| ())
}

pub(super) const CREATE: &str = "
    CREATE TABLE origins (
        resource BIGINT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
        inode BIGINT NOT NULL,
        born BIGINT NOT NULL,
        nanoseconds INTEGER NOT NULL,
        disk BIGINT NOT NULL
    )";
