//! What was seen of collections that clients synchronize, and the states that tokens were given for
//! (RFC 6578). It has no resource: what is gone is in it, too.

use rusqlite::{Connection, Row, params};

use super::paths::path_of;
use methodical_store::sync::{
    history::{self, Form, Kept},
    token::{Digest, Mark},
};

pub(super) fn all(db: &Connection) -> rusqlite::Result<Kept> {
    let mut find = db.prepare("SELECT path, form, stamp, number FROM sync_members")?;
    let rows = find.query_map([], |row| {
        let (path, stamp): (Vec<u8>, Option<Digest>) = (row.get(0)?, row.get(2)?);
        let (form, number) = (form_of(row.get(1)?), number(row, 3)?);
        Ok(path_of(&path).map(|path| (path, history::Row { form, stamp, number })))
    })?;
    let rows = rows.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
    let mut find =
        db.prepare("SELECT path, digest, number, life, place FROM sync_tokens ORDER BY place")?;
    let marks = find.query_map([], |row| {
        let (path, digest): (Vec<u8>, Digest) = (row.get(0)?, row.get(1)?);
        let mark = Mark { digest, number: number(row, 2)?, life: number(row, 3)? };
        let place = number(row, 4)?;
        Ok(path_of(&path).map(|path| (path, mark, place)))
    })?;
    let marks = marks.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
    let mut find = db.prepare("SELECT path, form FROM sync_noted")?;
    let noted = find.query_map([], |row| {
        let path: Vec<u8> = row.get(0)?;
        let form = form_of(row.get(1)?);
        Ok(path_of(&path).map(|path| (path, form)))
    })?;
    let noted = noted.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
    Ok(Kept { rows, marks, noted, ..Kept::default() })
}

pub(super) fn keep(db: &Connection, kept: &Kept) -> rusqlite::Result<()> {
    if kept.anew {
        db.execute("DELETE FROM sync_members", [])?;
    }
    let set = "INSERT INTO sync_members (path, form, stamp, number) VALUES ($1, $2, $3, $4)
        ON CONFLICT (path) DO UPDATE SET form = excluded.form, stamp = excluded.stamp,
            number = excluded.number";
    let mut set = db.prepare_cached(set)?;
    for (path, row) in &kept.rows {
        let number = row.number.cast_signed();
        set.execute(params![path.bytes(), number_of(row.form), row.stamp, number])?;
    }
    if kept.marks_anew {
        db.execute("DELETE FROM sync_tokens", [])?;
    }
    let insert = "INSERT INTO sync_tokens (place, path, digest, number, life)
        VALUES ($1, $2, $3, $4, $5)";
    let mut insert = db.prepare_cached(insert)?;
    for (path, Mark { digest, number, life }, place) in &kept.marks {
        let [number, life, place] = [number, life, place].map(|it| it.cast_signed());
        insert.execute(params![place, path.bytes(), digest, number, life])?;
    }
    if kept.noted_anew {
        db.execute("DELETE FROM sync_noted", [])?;
    }
    let insert = "INSERT INTO sync_noted (path, form) VALUES ($1, $2)
        ON CONFLICT (path) DO UPDATE SET form = excluded.form";
    let mut insert = db.prepare_cached(insert)?;
    for (path, form) in &kept.noted {
        insert.execute(params![path.bytes(), number_of(*form)])?;
    }
    Ok(())
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get(at).map(i64::cast_unsigned)
}

fn form_of(number: i64) -> Form {
    match number {
        COLLECTION => Form::Collection,
        APART => Form::Apart,
        _ => Form::File,
    }
}

fn number_of(form: Form) -> i64 {
    match form {
        Form::File => FILE,
        Form::Collection => COLLECTION,
        Form::Apart => APART,
    }
}

const FILE: i64 = 0;
const COLLECTION: i64 = 1;
const APART: i64 = 2;

pub(super) const CREATE: &str = "
    CREATE TABLE sync_members (
        path BLOB PRIMARY KEY,
        form INTEGER NOT NULL,
        stamp BLOB,
        number BIGINT NOT NULL
    );
    CREATE TABLE sync_tokens (
        place BIGINT PRIMARY KEY,
        path BLOB NOT NULL,
        digest BLOB NOT NULL,
        number BIGINT NOT NULL,
        life BIGINT NOT NULL
    );
    CREATE TABLE sync_noted (
        path BLOB PRIMARY KEY,
        form INTEGER NOT NULL
    )";
