//! What a map by path has at and below one.

use std::collections::BTreeMap;

use methodical_semantics::path::Path;

/// The entries at a path and below it.
pub(crate) fn within<V>(map: &BTreeMap<Path, V>, path: Path) -> impl Iterator<Item = (&Path, &V)> {
    // Paths are ordered by their bytes: those that begin with the same bytes stand together.
    let start = path.clone();
    map.range(start..)
        .take_while({
            let path = path.clone();
            move |(at, _)| at.bytes().starts_with(path.bytes())
        })
        .filter(move |(at, _)| at.is_within(&path))
}
