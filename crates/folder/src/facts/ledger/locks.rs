//! Write locks (RFC 4918 section 6). They hang on paths: a resource that is moved leaves its lock
//! behind (section 7.6).

use std::time::Duration;

use methodical_semantics::{
    header::depth::Depth,
    lock::{Lock, Scope},
    timestamp::Timestamp,
};
use rusqlite::{Connection, Row, params};

use super::paths::path_of;

/// All locks; of a ledger that is only read, addresses may not be known.
pub(super) fn all(db: &Connection, addressed: bool) -> rusqlite::Result<Vec<Lock>> {
    let address = if addressed { "address" } else { "NULL" };
    let find = format!(
        "SELECT token, path, exclusive, infinite, owner, timeout_seconds,
            expires, nanoseconds, principal, {address} FROM locks"
    );
    let mut find = db.prepare(&find)?;
    let rows = find.query_map([], read)?;
    rows.filter_map(Result::transpose).collect()
}

pub(super) fn set(db: &Connection, lock: &Lock) -> rusqlite::Result<()> {
    let set = "INSERT INTO locks (token, path, exclusive, infinite, owner, timeout_seconds,
            expires, nanoseconds, principal, address)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (token) DO UPDATE SET timeout_seconds = excluded.timeout_seconds,
            expires = excluded.expires, nanoseconds = excluded.nanoseconds";
    let Lock { token, root, scope, depth, owner, timeout, expires, principal, address } = lock;
    db.execute(
        set,
        params![
            token,
            root.bytes(),
            *scope == Scope::Exclusive,
            *depth == Depth::Infinity,
            owner,
            i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            expires.seconds(),
            expires.nanoseconds(),
            principal,
            address,
        ],
    )
    .map(|_| ())
}

pub(super) fn remove(db: &Connection, token: &str) -> rusqlite::Result<()> {
    db.execute("DELETE FROM locks WHERE token = $1", [token]).map(|_| ())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Lock>> {
    let Some(root) = path_of(&row.get::<_, Vec<u8>>(1)?) else { return Ok(None) };
    let (exclusive, infinite): (bool, bool) = (row.get(2)?, row.get(3)?);
    let seconds: i64 = row.get(5)?;
    Ok(Some(Lock {
        token: row.get(0)?,
        root,
        scope: if exclusive { Scope::Exclusive } else { Scope::Shared },
        depth: if infinite { Depth::Infinity } else { Depth::Zero },
        owner: row.get(4)?,
        timeout: Duration::from_secs(u64::try_from(seconds).unwrap_or(0)),
        expires: Timestamp::new(row.get(6)?, row.get(7)?),
        principal: row.get(8)?,
        address: row.get(9)?,
    }))
}

pub(super) const CREATE: &str = "
    CREATE TABLE locks (
        token TEXT PRIMARY KEY,
        path BLOB NOT NULL,
        exclusive BOOLEAN NOT NULL,
        infinite BOOLEAN NOT NULL,
        owner TEXT,
        timeout_seconds BIGINT NOT NULL,
        expires BIGINT NOT NULL,
        nanoseconds INTEGER NOT NULL,
        principal TEXT
    )";

/// The one who is counted as having it where nobody was logged in.
pub(super) const ADDRESSED: &str = "ALTER TABLE locks ADD COLUMN address TEXT";
