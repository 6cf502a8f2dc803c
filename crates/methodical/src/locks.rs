//! `locks`: those that clients hold on a folder, listed and broken.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::ArgMatches;
use methodical_semantics::error::Error;
use methodical_semantics::footprint::{Depth, Footprint, Part, Touch};
use methodical_semantics::lock::{Lock, Scope};
use methodical_semantics::timestamp::Timestamp;
use methodical_store::folder::{FolderOptions, FolderStore, OpenError};
use methodical_store::store::Store as _;

use crate::failure::Failure;

/// The locks on a folder, one a line, those that a server which is running has just given included.
///
/// # Errors
/// The folder cannot be opened.
pub(crate) fn list(matches: &ArgMatches) -> Result<String, Failure> {
    let store = FolderStore::open_beside(&dir(matches)).map_err(|failed| unopened(&failed))?;
    let (locks, now) = (store.snapshot().locks(), Timestamp::from(SystemTime::now()));
    let lines = locks.iter().filter(|lock| lock.is_live(now)).map(|lock| line(lock, now));
    Ok(lines.collect())
}

/// Ends a lock.
///
/// # Errors
/// The folder cannot be opened, or is being written by a server; there is no such lock.
pub(crate) fn end(matches: &ArgMatches) -> Result<(), Failure> {
    let token = matches.get_one::<String>("token").map(String::as_str).unwrap_or_default();
    let token = token.trim_start_matches('<').trim_end_matches('>');
    let options = FolderOptions { writable: true, ..FolderOptions::default() };
    let store = FolderStore::open(&dir(matches), options).map_err(|failed| {
        let is_served = matches!(failed, OpenError::InUse(_));
        if is_served { served(token) } else { unopened(&failed) }
    })?;
    let locks = store.snapshot().locks();
    let Some(lock) = locks.find(token) else {
        return Err(Failure::refused(
            "there is no lock of this token; `methodical locks` lists them",
        ));
    };
    let touch = Touch { path: lock.root.clone(), part: Part::Lock, depth: Depth::Zero };
    let failed = |error: Error| Failure::run(error.to_string());
    let mut changes = store.changes(&Footprint(vec![touch])).map_err(failed)?;
    changes.remove_lock(token).map_err(failed)?;
    changes.commit().map_err(failed)?;
    Ok(())
}

fn dir(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default()
}

fn unopened(failed: &OpenError) -> Failure {
    Failure::unavailable(failed.to_string().trim_end_matches('.'))
}

/// A server holds its locks in memory: it has to end them itself.
fn served(token: &str) -> Failure {
    Failure::unavailable(format!(
        "the folder is being written by another server; stop that one, or let it end the lock: \
         curl -X UNLOCK -H 'Lock-Token: <{token}>' URL-OF-WHAT-IS-LOCKED"
    ))
}

fn line(lock: &Lock, now: Timestamp) -> String {
    let scope = match lock.scope {
        Scope::Exclusive => "exclusive",
        Scope::Shared => "shared",
    };
    let Lock { token, root, depth, .. } = lock;
    let left = lock.left(now).as_secs();
    format!("{token}  {scope}  depth {depth}  {left} s left  {root}\n")
}
