//! What is kept by path, where whole trees of paths are looked through, removed and renamed.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
};

use crate::path::Path;

/// A map by path, in the order of the paths' bytes. It is a [`BTreeMap`] that knows trees, too.
///
/// ```
/// use methodical_semantics::{path::Path, path_map::PathMap};
/// let of = |text| Path::decode(text).unwrap().0;
/// let mut map: PathMap<u8> = [("/d", 1), ("/d/a", 2), ("/d-x", 3)]
///     .into_iter()
///     .map(|(text, value)| (of(text), value))
///     .collect();
/// map.rename_tree(&of("/d"), &of("/e"));
/// assert_eq!(map.tree(&of("/e")).count(), 2);
/// assert_eq!(map.get(&of("/e/a")), Some(&2));
/// assert_eq!(map.remove_tree(&of("/d")), []);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMap<T>(BTreeMap<Path, T>);

impl<T> PathMap<T> {
    /// The entries at a path and below it.
    pub fn tree<'m>(&'m self, of: &Path) -> impl Iterator<Item = (&'m Path, &'m T)> + use<'m, T> {
        // Paths that begin with the same bytes stand together; `/d-x` is among those of `/d`.
        let (start, of) = (of.clone(), of.clone());
        self.0
            .range(of.clone()..)
            .take_while(move |(at, _)| at.bytes().starts_with(start.bytes()))
            .filter(move |(at, _)| at.is_within(&of))
    }

    /// The entries below a path, without its own.
    pub fn below<'m>(&'m self, of: &Path) -> impl Iterator<Item = (&'m Path, &'m T)> + use<'m, T> {
        let itself = of.clone();
        self.tree(of).filter(move |(at, _)| **at != itself)
    }

    /// Removes the entries at a path and below it.
    pub fn remove_tree(&mut self, of: &Path) -> Vec<(Path, T)> {
        let paths: Vec<Path> = self.tree(of).map(|(at, _)| at.clone()).collect();
        paths.iter().filter_map(|at| self.0.remove_entry(at)).collect()
    }

    /// Keeps at another path what is kept at one and below, instead of what was there.
    pub fn rename_tree(&mut self, from: &Path, to: &Path) {
        let moved = self.remove_tree(from);
        self.remove_tree(to);
        self.0.extend(moved.into_iter().map(|(at, value)| (at.rebased(from, to), value)));
    }
}

impl<T> Default for PathMap<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Deref for PathMap<T> {
    type Target = BTreeMap<Path, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for PathMap<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T> FromIterator<(Path, T)> for PathMap<T> {
    fn from_iter<I: IntoIterator<Item = (Path, T)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<T> IntoIterator for PathMap<T> {
    type Item = (Path, T);
    type IntoIter = std::collections::btree_map::IntoIter<Path, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m, T> IntoIterator for &'m PathMap<T> {
    type Item = (&'m Path, &'m T);
    type IntoIter = std::collections::btree_map::Iter<'m, Path, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
