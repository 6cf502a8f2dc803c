//! Dead properties: names and elements as clients sent them (RFC 4918 section 4).

use methodical_semantics::{path::Path, xml::Name};
use rusqlite::{Connection, params};

use super::{
    paths::{below, path_of},
    resources,
};
use methodical_store::properties::Properties;

/// The paths of all resources that have any.
pub(super) fn paths(db: &Connection) -> rusqlite::Result<Vec<Path>> {
    let find = "SELECT DISTINCT path FROM resources JOIN properties ON resource = id";
    let mut find = db.prepare(find)?;
    let rows = find.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| row.map(|path| path_of(&path))).filter_map(Result::transpose).collect()
}

/// Those of the resource at a path.
pub(super) fn of(db: &Connection, path: &Path) -> rusqlite::Result<Properties> {
    let find = "SELECT namespace, name, element FROM properties
        JOIN resources ON id = resource WHERE path = $1";
    let mut find = db.prepare_cached(find)?;
    let rows = find.query_map(params![path.bytes()], |row| {
        let name = Name::new(row.get::<_, Box<str>>(0)?, row.get::<_, Box<str>>(1)?);
        Ok((name, row.get::<_, Box<str>>(2)?))
    })?;
    rows.collect()
}

/// Gives the resource at a path these, in place of all that it had.
pub(super) fn set(db: &Connection, path: &Path, properties: &Properties) -> rusqlite::Result<()> {
    let id = resources::number(db, path)?;
    db.execute("DELETE FROM properties WHERE resource = $1", [id])?;
    let insert = "INSERT INTO properties (resource, namespace, name, element)
        VALUES ($1, $2, $3, $4)";
    let mut insert = db.prepare_cached(insert)?;
    for (name, element) in properties.iter() {
        insert.execute(params![id, name.namespace(), name.local(), element])?;
    }
    Ok(())
}

/// Takes away all of the resource at a path and of those below.
pub(super) fn forget(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    let (first, behind) = below(path);
    let delete = "DELETE FROM properties WHERE resource IN
        (SELECT id FROM resources WHERE path = $1 OR (path >= $2 AND path < $3))";
    db.execute(delete, params![path.bytes(), first, behind]).map(|_| ())
}

/// Gives a resource those of another.
pub(super) fn copy(db: &Connection, from: &Path, to: &Path) -> rusqlite::Result<()> {
    let id = resources::number(db, to)?;
    let insert = "INSERT INTO properties (resource, namespace, name, element)
        SELECT $1, namespace, name, element FROM properties
        WHERE resource IN (SELECT id FROM resources WHERE path = $2)";
    db.prepare_cached(insert)?.execute(params![id, from.bytes()]).map(|_| ())
}

/// The paths of resources that have any, at a path and below.
pub(super) fn within(db: &Connection, path: &Path) -> rusqlite::Result<Vec<Path>> {
    let (first, behind) = below(path);
    let find = "SELECT DISTINCT path FROM resources JOIN properties ON resource = id
        WHERE path = $1 OR (path >= $2 AND path < $3)";
    let mut find = db.prepare_cached(find)?;
    let rows =
        find.query_map(params![path.bytes(), first, behind], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| row.map(|path| path_of(&path))).filter_map(Result::transpose).collect()
}

pub(super) const CREATE: &str = "
    CREATE TABLE properties (
        resource BIGINT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
        namespace TEXT NOT NULL,
        name TEXT NOT NULL,
        element TEXT NOT NULL,
        PRIMARY KEY (resource, namespace, name)
    )";
