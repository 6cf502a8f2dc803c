//! `config check`: whether a server would start with a configuration, and everything that keeps it
//! from that.
//!
//! It is to be run before a reload or a restart: it goes the way of a start as far as that can go
//! without listening or making anything, and tells every fault with its place, and not only the
//! first.

use std::fs;

use methodical_server::certificates;

use crate::{
    failure::Failure,
    output::put,
    service::{sandbox::Becomes, start},
    settings::{acme::with_folder, config::CommandLine, effective::Effective},
};

/// Looks at all that a start looks at but the addresses, and makes nothing.
///
/// # Errors
/// Something cannot be; each thing has been said then.
pub(crate) fn config(line: &CommandLine) -> Result<(), Failure> {
    let (effective, mut wrong) = line.effective_and_wrong();
    if wrong.is_empty() {
        wrong.extend(examined(&effective).err());
    } else {
        // What is told of the settings together would be about those that could not be read, too.
        wrong.extend(folder(&effective).err());
    }
    let mut wrong = wrong.into_iter().map(Failure::said);
    match wrong.next() {
        None => Ok(put(b"a server would start with this configuration\n")?),
        Some(first) => Err(wrong.fold(first, |first, _| first)),
    }
}

/// Looks at settings that could all be read. What is wrong with one is told with its place in the
/// configuration.
fn examined(effective: &Effective) -> Result<(), Failure> {
    let placed = |failure: Failure| {
        let sentence = effective.placed(&failure.to_string());
        failure.with(sentence)
    };
    let user = effective.draft.user.as_str();
    if !user.is_empty() {
        let found = Becomes::find(user);
        found.map_err(|clause| placed(Failure::refused(format!("user: {clause}"))))?;
    }
    folder(effective)?;
    let dir = effective.draft.dir.as_ref();
    let root = dir.map(|dir| fs::canonicalize(dir).unwrap_or_else(|_| dir.clone()));
    let settings = effective.draft.clone().finish(root.unwrap_or_default());
    let settings = settings.map_err(|clause| placed(Failure::refused(clause)))?;
    let settings = with_folder(settings).map_err(placed)?;
    if dir.is_some() {
        start::check(&settings).map_err(placed)?;
    }
    certificates::check(&settings).map_err(|failed| Failure::unavailable(failed.to_string()))
}

/// The folder, where one is named; which one a start would be told is not known here.
fn folder(effective: &Effective) -> Result<(), Failure> {
    let dir = effective.draft.dir.as_ref();
    dir.map_or(Ok(()), |dir| start::check_dir(dir))
}
