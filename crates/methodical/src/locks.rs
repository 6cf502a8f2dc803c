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
use crate::warn;

/// The locks on a folder, one a line; what a server that is running did just now may be missing.
///
/// # Errors
/// The folder cannot be opened.
pub(crate) fn list(matches: &ArgMatches) -> Result<String, Failure> {
    let store = open(matches, FolderOptions::default())?;
    store.remarks().iter().for_each(|remark| warn(remark));
    let (locks, now) = (store.snapshot().locks(), Timestamp::from(SystemTime::now()));
    let lines = locks.iter().filter(|lock| lock.is_live(now)).map(|lock| line(lock, now));
    Ok(lines.collect())
}

/// Ends a lock.
///
/// # Errors
/// The folder cannot be opened, or is being written by a server; there is no such lock.
pub(crate) fn end(matches: &ArgMatches) -> Result<(), Failure> {
    let store = open(matches, FolderOptions { writable: true, ..FolderOptions::default() })?;
    let token = matches.get_one::<String>("token").map(String::as_str).unwrap_or_default();
    let token = token.trim_start_matches('<').trim_end_matches('>');
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

fn open(matches: &ArgMatches, options: FolderOptions) -> Result<FolderStore, Failure> {
    let dir = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    FolderStore::open(&dir, options).map_err(|failed: OpenError| {
        let sentence = failed.to_string();
        Failure::unavailable(sentence.trim_end_matches('.'))
    })
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
