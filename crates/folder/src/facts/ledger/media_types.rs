//! The media type that was given with a file's content, where its name implies another.

use methodical_semantics::path::Path;
use rusqlite::{Connection, params};

use super::paths::path_of;

pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<(Path, Box<str>)>> {
    let find = "SELECT path, media_type FROM media_types JOIN resources ON id = resource";
    let mut find = db.prepare(find)?;
    let rows = find.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?;
    rows.map(|row| row.map(|(path, media_type)| Some((path_of(&path)?, media_type))))
        .filter_map(Result::transpose)
        .collect()
}

pub(super) fn set(db: &Connection, resource: i64, media_type: &str) -> rusqlite::Result<()> {
    let set = "INSERT INTO media_types (resource, media_type) VALUES ($1, $2)
        ON CONFLICT (resource) DO UPDATE SET media_type = excluded.media_type";
    db.execute(set, params![resource, media_type]).map(|_| ())
}

pub(super) fn remove(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    let remove =
        "DELETE FROM media_types WHERE resource IN (SELECT id FROM resources WHERE path = $1)";
    db.execute(remove, params![path.bytes()]).map(|_| ())
}

pub(super) const CREATE: &str = "
    CREATE TABLE media_types (
        resource BIGINT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
        media_type TEXT NOT NULL
    )";
