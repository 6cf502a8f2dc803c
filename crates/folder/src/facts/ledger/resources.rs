//! Resources that something is known of: their numbers, and where they are.

use methodical_semantics::path::{Path, RESERVED};
use rusqlite::{Connection, OptionalExtension, params};

use super::paths::{below, path_of};

/// The number of the resource at a path; a new one if it had none.
pub(super) fn number(db: &Connection, path: &Path) -> rusqlite::Result<i64> {
    let find = "SELECT id FROM resources WHERE path = $1";
    let found = db.query_row(find, params![path.bytes()], |row| row.get(0)).optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    let last: Option<i64> = db.query_row("SELECT MAX(id) FROM resources", [], |row| row.get(0))?;
    let id = last.unwrap_or(0) + 1;
    let insert = "INSERT INTO resources (id, path) VALUES ($1, $2)";
    db.execute(insert, params![id, path.bytes()])?;
    Ok(id)
}

/// Moves the resource at a path and all below to another path. What was known of something there is
/// forgotten.
pub(super) fn rename(db: &Connection, from: &Path, to: &Path) -> rusqlite::Result<()> {
    forget(db, to)?;
    let set = "UPDATE resources SET path = $1 WHERE id = $2";
    for (id, path) in within(db, from)? {
        let rest = path.segments().skip(from.segments().count());
        let moved = rest.fold(to.bytes().to_vec(), |path, name| match path.as_slice() {
            b"" => name.to_vec(),
            _ => [path.as_slice(), b"/", name].concat(),
        });
        db.execute(set, params![moved, id])?;
    }
    Ok(())
}

/// Makes what is known of the resource at a path, and not of those below, known of another, of
/// which nothing is known any more then; says whether there was anything.
pub(super) fn carry(db: &Connection, from: &Path, to: &Path) -> rusqlite::Result<bool> {
    let find = "SELECT id FROM resources WHERE path = $1";
    let mut find = db.prepare_cached(find)?;
    if !find.exists(params![from.bytes()])? {
        return Ok(false);
    }
    db.execute("DELETE FROM resources WHERE path = $1", params![to.bytes()])?;
    let set = "UPDATE resources SET path = $1 WHERE path = $2";
    db.execute(set, params![to.bytes(), from.bytes()])?;
    Ok(true)
}

/// Forgets all that is known of what stands at names of the server's own: it was removed.
pub(super) fn forget_ours(db: &Connection) -> rusqlite::Result<()> {
    match Path::root().join(RESERVED) {
        Ok(ours) => forget(db, &ours),
        Err(_) => Ok(()),
    }
}

fn forget(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    let (first, behind) = below(path);
    let delete = "DELETE FROM resources WHERE path = $1 OR (path >= $2 AND path < $3)";
    db.execute(delete, params![path.bytes(), first, behind]).map(|_| ())
}

fn within(db: &Connection, path: &Path) -> rusqlite::Result<Vec<(i64, Path)>> {
    let (first, behind) = below(path);
    let find = "SELECT id, path FROM resources WHERE path = $1 OR (path >= $2 AND path < $3)";
    let mut find = db.prepare_cached(find)?;
    let rows = find.query_map(params![path.bytes(), first, behind], |row| {
        Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    rows.map(|row| row.map(|(id, path)| Some((id, path_of(&path)?))))
        .filter_map(Result::transpose)
        .collect()
}

pub(super) const CREATE: &str = "
    CREATE TABLE resources (
        id BIGINT PRIMARY KEY,
        path BLOB NOT NULL UNIQUE
    )";
