//! Facts of the store's table (`methodical_store::facts`), whatever they are: the value of each is
//! bytes here, and its row says where it hangs.
//!
//! What goes with its resource hangs on the resource's number, so that a move costs nothing for it;
//! what stays, and what ends then, hangs on the path. What no row names was written by another
//! version: it is left as it is.

use methodical_semantics::path::{Path, RESERVED};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    paths::{below, path_of},
    resources,
};
use methodical_store::facts::{self, OnMove, Row};

/// A fact as it is found: where it is, and what it says, where that was asked for.
pub(crate) type Found = (&'static Row, Path, Option<Vec<u8>>);

/// All facts; what those say that are held in memory.
pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<Found>> {
    let mut all = Vec::new();
    for row in facts::rows() {
        let find = match row.on_move {
            OnMove::Goes => {
                "SELECT path, CASE WHEN $1 THEN value END FROM facts
                JOIN resources ON id = resource WHERE name = $2"
            }
            OnMove::Stays | OnMove::Ends => {
                "SELECT path, CASE WHEN $1 THEN value END FROM path_facts WHERE name = $2"
            }
        };
        let mut find = db.prepare_cached(find)?;
        let found = find.query_map(params![row.in_memory, row.name], |found| {
            Ok((found.get::<_, Vec<u8>>(0)?, found.get(1)?))
        })?;
        for found in found {
            let (path, value) = found?;
            all.extend(path_of(&path).map(|path| (row, path, value)));
        }
    }
    Ok(all)
}

/// That of a row at a path.
pub(super) fn of(db: &Connection, row: &Row, path: &Path) -> rusqlite::Result<Option<Vec<u8>>> {
    let find = match row.on_move {
        OnMove::Goes => {
            "SELECT value FROM facts JOIN resources ON id = resource WHERE name = $1 AND path = $2"
        }
        OnMove::Stays | OnMove::Ends => {
            "SELECT value FROM path_facts WHERE name = $1 AND path = $2"
        }
    };
    let mut find = db.prepare_cached(find)?;
    find.query_row(params![row.name, path.bytes()], |found| found.get(0)).optional()
}

/// Keeps this value, or none.
pub(super) fn set(
    db: &Connection,
    row: &Row,
    path: &Path,
    value: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let Some(value) = value else {
        let delete = match row.on_move {
            OnMove::Goes => {
                "DELETE FROM facts WHERE name = $1
                AND resource IN (SELECT id FROM resources WHERE path = $2)"
            }
            OnMove::Stays | OnMove::Ends => "DELETE FROM path_facts WHERE name = $1 AND path = $2",
        };
        return db.prepare_cached(delete)?.execute(params![row.name, path.bytes()]).map(|_| ());
    };
    match row.on_move {
        OnMove::Goes => {
            let set = "INSERT INTO facts (resource, name, value) VALUES ($1, $2, $3)
                ON CONFLICT (resource, name) DO UPDATE SET value = excluded.value";
            let resource = resources::number(db, path)?;
            db.prepare_cached(set)?.execute(params![resource, row.name, value])
        }
        OnMove::Stays | OnMove::Ends => {
            let set = "INSERT INTO path_facts (path, name, value) VALUES ($1, $2, $3)
                ON CONFLICT (path, name) DO UPDATE SET value = excluded.value";
            db.prepare_cached(set)?.execute(params![path.bytes(), row.name, value])
        }
    }
    .map(|_| ())
}

/// Takes away those of a row at a path and below.
pub(super) fn forget(db: &Connection, row: &Row, path: &Path) -> rusqlite::Result<()> {
    let delete = match row.on_move {
        OnMove::Goes => {
            "DELETE FROM facts WHERE name = $1 AND resource IN
            (SELECT id FROM resources WHERE path = $2 OR (path >= $3 AND path < $4))"
        }
        OnMove::Stays | OnMove::Ends => {
            "DELETE FROM path_facts
            WHERE name = $1 AND (path = $2 OR (path >= $3 AND path < $4))"
        }
    };
    let (first, behind) = below(path);
    let range = params![row.name, path.bytes(), first, behind];
    db.prepare_cached(delete)?.execute(range).map(|_| ())
}

/// Takes away those that hang on names of the server's own: it was removed.
pub(super) fn forget_ours(db: &Connection) -> rusqlite::Result<()> {
    let Ok(ours) = Path::root().join(RESERVED) else { return Ok(()) };
    let (first, behind) = below(&ours);
    let delete = "DELETE FROM path_facts WHERE path >= $1 AND path < $2";
    db.prepare_cached(delete)?.execute(params![first, behind]).map(|_| ())
}

/// Hangs on another path what hangs by a row on one and those below.
pub(super) fn shift(db: &Connection, row: &Row, from: &Path, to: &Path) -> rusqlite::Result<()> {
    let set = "UPDATE path_facts SET path = $1 WHERE name = $2 AND path = $3";
    for path in within(db, row, from)? {
        let moved = path.rebased(from, to);
        db.prepare_cached(set)?.execute(params![moved.bytes(), row.name, path.bytes()])?;
    }
    Ok(())
}

/// Hangs on another path, too, what is at one by a row, and below it if `tree`.
pub(super) fn copy(
    db: &Connection,
    row: &Row,
    (from, to): (&Path, &Path),
    tree: bool,
) -> rusqlite::Result<()> {
    for path in within(db, row, from)? {
        if tree || path == *from {
            let value = of(db, row, &path)?;
            set(db, row, &path.rebased(from, to), value.as_deref())?;
        }
    }
    Ok(())
}

/// The paths at which something is by a row, at a path and below.
fn within(db: &Connection, row: &Row, path: &Path) -> rusqlite::Result<Vec<Path>> {
    let find = match row.on_move {
        OnMove::Goes => {
            "SELECT path FROM facts JOIN resources ON id = resource
            WHERE name = $1 AND (path = $2 OR (path >= $3 AND path < $4))"
        }
        OnMove::Stays | OnMove::Ends => {
            "SELECT path FROM path_facts
            WHERE name = $1 AND (path = $2 OR (path >= $3 AND path < $4))"
        }
    };
    let (first, behind) = below(path);
    let mut find = db.prepare_cached(find)?;
    let range = params![row.name, path.bytes(), first, behind];
    let found = find.query_map(range, |found| found.get::<_, Vec<u8>>(0))?;
    found.map(|path| path.map(|path| path_of(&path))).filter_map(Result::transpose).collect()
}

pub(super) const CREATE: &str = "
    CREATE TABLE facts (
        resource BIGINT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (resource, name)
    );
    CREATE TABLE path_facts (
        path BLOB NOT NULL,
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (path, name)
    )";
