//! The ids of resources (RFC 5842 section 3.1) that do not follow any more from what stands there,
//! and until when ids were asked for.

use methodical_semantics::{path::Path, timestamp::Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    paths::{below, path_of},
    resources,
};
use methodical_store::resource::Id;

pub(super) fn all(db: &Connection) -> rusqlite::Result<Vec<(Path, Id)>> {
    let mut find =
        db.prepare("SELECT path, ids.id FROM ids JOIN resources r ON resource = r.id")?;
    let rows = find.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, id_of(row.get(1)?))))?;
    rows.map(|row| row.map(|(path, id)| Some((path_of(&path)?, id))))
        .filter_map(Result::transpose)
        .collect()
}

/// That of the resource at a path, where it is kept.
pub(super) fn of(db: &Connection, path: &Path) -> rusqlite::Result<Option<Id>> {
    let find = "SELECT ids.id FROM ids JOIN resources r ON resource = r.id WHERE path = $1";
    let mut find = db.prepare_cached(find)?;
    find.query_row(params![path.bytes()], |row| row.get(0).map(id_of)).optional()
}

pub(super) fn set(db: &Connection, path: &Path, id: Option<Id>) -> rusqlite::Result<()> {
    let resource = resources::number(db, path)?;
    let Some(id) = id else {
        return db.execute("DELETE FROM ids WHERE resource = $1", [resource]).map(|_| ());
    };
    let set = "INSERT INTO ids (resource, id) VALUES ($1, $2)
        ON CONFLICT (resource) DO UPDATE SET id = excluded.id";
    db.prepare_cached(set)?.execute(params![resource, id.number().to_be_bytes()]).map(|_| ())
}

/// Takes away those of the resource at a path and of those below.
pub(super) fn forget(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    let (first, behind) = below(path);
    let delete = "DELETE FROM ids WHERE resource IN
        (SELECT id FROM resources WHERE path = $1 OR (path >= $2 AND path < $3))";
    db.execute(delete, params![path.bytes(), first, behind]).map(|_| ())
}

/// Whatever was there by this moment may have told its id.
pub(super) fn asked(db: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let find = "SELECT moment FROM ids_asked";
    db.query_row(find, [], |row| Ok(Timestamp::new(row.get(0)?, 0))).optional()
}

pub(super) fn set_asked(db: &Connection, moment: Timestamp) -> rusqlite::Result<()> {
    db.execute("DELETE FROM ids_asked", [])?;
    let insert = "INSERT INTO ids_asked (moment) VALUES ($1)";
    db.execute(insert, [moment.seconds()]).map(|_| ())
}

fn id_of(bytes: [u8; 16]) -> Id {
    Id::new(u128::from_be_bytes(bytes))
}

pub(super) const CREATE: &str = "
    CREATE TABLE ids (
        resource BIGINT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
        id BLOB NOT NULL
    );
    CREATE TABLE ids_asked (moment BIGINT NOT NULL)";
