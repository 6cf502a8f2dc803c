//! What stands below a name, as far as a transaction has come.

use std::collections::VecDeque;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use rustix::{
    fs::{Dir, FileType, OFlags},
    io::Errno,
};

use super::stat::{Form, form_of, look_at};
use crate::{
    commit::name_changes::{Pending, Source},
    errno::{OrRefuse, error},
    inner::Inner,
};

/// The paths of what is shown at a name and below it, the name itself last; of those below only so
/// many. Links are not followed: what they lead to does not go with them.
pub(crate) fn outline(
    store: &Inner,
    pending: &Pending,
    at: &Path,
    max: usize,
) -> Result<Vec<Path>> {
    let mut found = Vec::new();
    let mut collections = VecDeque::from([at.clone()]);
    while let Some(collection) = collections.pop_front() {
        let changed = pending.members(&collection).into_iter();
        let changed = changed.filter_map(|path| match pending.source(&path) {
            Source::Nothing => None,
            Source::Placed(_) => Some((path, Form::File)),
            Source::Made | Source::Disk(_) | Source::Built(_) => Some((path, Form::Collection)),
        });
        for (path, form) in changed.chain(unchanged(store, pending, &collection, max)?) {
            if found.len() >= max {
                collections.clear();
                break;
            }
            if form == Form::Collection {
                collections.push_back(path.clone());
            }
            found.push(path);
        }
    }
    found.push(at.clone());
    Ok(found)
}

/// The members that stand on the disk and were not changed, up to so many.
fn unchanged(store: &Inner, pending: &Pending, of: &Path, max: usize) -> Result<Vec<(Path, Form)>> {
    let mut members = Vec::new();
    let source = pending.source(of);
    // What is shown is judged by where it truly stands.
    let real = if let Source::Disk(real) = &source { real } else { of };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let opened = match source.open(&store.tree, flags) {
        Ok(Some(opened)) if opened.elsewhere.is_none() => opened.fd,
        // No collection, or one that nobody may look into.
        Ok(_) => return Ok(members),
        Err(Error::Refused(refusal)) if refusal.condition == Condition::Forbidden => {
            return Ok(members);
        }
        Err(failed) => return Err(failed),
    };
    let mut names = Dir::new(opened).or_refuse()?;
    while members.len() < max
        && let Some(entry) = names.read()
    {
        let entry = entry.or_refuse()?;
        let name = entry.file_name().to_bytes();
        if !store.tree.shows_member(real, name) {
            continue;
        }
        let told = entry.file_type();
        let form = if told == FileType::Unknown {
            form_of(&look_at(names.fd().or_refuse()?, name).or_refuse()?)
        } else {
            Form::from(told)
        };
        let path = of.join(name).map_err(|_| error(Errno::NAMETOOLONG))?;
        if form != Form::Special && !pending.changed(&path) {
            members.push((path, form));
        }
    }
    Ok(members)
}
