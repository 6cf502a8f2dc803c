//! What a copy would take along by way of symbolic links: it is a copy of what they lead to.

use std::collections::BTreeSet;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    rule::privilege::Right,
};
use methodical_store::view::View;

use super::lacks;
use crate::request::Request;

/// Checks whether all that a tree holds, where it truly stands, may be read. The rules below the
/// tree's own path were judged: a link may lead elsewhere.
///
/// # Errors
/// `Unauthorized`, `Forbidden`.
pub(super) fn judge(view: &View<'_>, request: &Request, tree: &Path) -> Result<()> {
    let access = request.access();
    // Who may read everything needs no such search.
    if access.allows_tree(Right::Read, &Path::root()) {
        return Ok(());
    }
    let (mut seen, mut ahead) = (BTreeSet::new(), vec![tree.clone()]);
    let mut looks = 0;
    while let Some(collection) = ahead.pop() {
        if !seen.insert(collection.clone()) {
            continue;
        }
        let members = match view.members(&collection) {
            Ok(members) => members,
            // A file, or a collection that nobody may look into.
            Err(Error::Refused(refusal))
                if matches!(refusal.condition, Condition::NotFound | Condition::Forbidden) =>
            {
                continue;
            }
            Err(failed) => return Err(failed),
        };
        for member in members {
            let member = member?;
            looks += 1;
            let at = member.facts_at.as_ref().unwrap_or(&member.path);
            if looks > LOOKS_MAX || !access.allows(Right::Read, at) {
                return Err(if looks > LOOKS_MAX {
                    too_many()
                } else {
                    lacks(request, Right::Read, request.path())
                });
            }
            if member.is_collection() {
                ahead.push(at.clone());
            }
        }
    }
    Ok(())
}

fn too_many() -> Error {
    Error::refused(
        Condition::Forbidden,
        "There is more in this collection than can be looked through; copy its parts.",
    )
}

/// Resources that are looked at for one copy: as many as one answer to PROPFIND is about.
const LOOKS_MAX: usize = 1_000_000;
