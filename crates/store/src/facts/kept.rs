//! Facts in memory, by their rows and where they are.

use std::collections::BTreeMap;

use methodical_semantics::{path::Path, path_map::PathMap};

use super::{
    row::{OnMove, Row},
    told::Told,
};

/// What is kept by each row, by path.
#[derive(Debug, Clone)]
pub struct Kept<V>(BTreeMap<&'static str, Of<V>>);

#[derive(Debug, Clone)]
struct Of<V> {
    row: &'static Row,
    at: PathMap<V>,
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V: Clone> Kept<V> {
    /// What is kept at a path.
    pub fn get(&self, row: &Row, at: &Path) -> Option<&V> {
        self.0.get(row.name)?.at.get(at)
    }

    /// What is kept at a path and told with the content; nothing where there is none of it.
    pub fn told(&self, at: &Path, bytes: impl Fn(&V) -> Option<&[u8]>) -> Option<Box<Told>> {
        let rows = self.0.values().filter(|of| of.row.is_told);
        Told::of(rows.filter_map(|of| Some((of.row, bytes(of.at.get(at)?)?.into()))))
    }

    /// Keeps it from now on, or nothing.
    pub fn set(&mut self, row: &'static Row, at: &Path, value: Option<V>) {
        match value {
            Some(value) => {
                let of = self.0.entry(row.name).or_insert_with(|| Of::none(row));
                of.at.insert(at.clone(), value);
            }
            None => self.change(row, |of| drop(of.remove(at))),
        }
    }

    /// The rows by which anything is kept.
    pub fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.0.values().map(|of| of.row)
    }

    /// Whether anything is kept by a row at a path or below.
    pub fn is_within(&self, row: &Row, path: &Path) -> bool {
        self.0.get(row.name).is_some_and(|of| of.at.tree(path).next().is_some())
    }

    /// Whether anything that would go with it is kept of what stands at a path.
    pub fn goes_from(&self, path: &Path) -> bool {
        let mut going = self.0.values().filter(|of| of.row.on_move == OnMove::Goes);
        going.any(|of| of.at.contains_key(path))
    }

    /// The paths at which anything is kept, of each row those behind a path, up to so many.
    pub fn behind(&self, behind: &Path, max: usize) -> impl Iterator<Item = &Path> {
        use std::ops::Bound::{Excluded, Unbounded};
        let range = (Excluded(behind.clone()), Unbounded);
        self.0.values().flat_map(move |of| of.at.range(range.clone()).take(max)).map(|(at, _)| at)
    }

    /// What is kept at a path and below is kept at another instead of what was there.
    pub fn shift(&mut self, row: &'static Row, from: &Path, to: &Path) {
        self.change(row, |of| of.rename_tree(from, to));
    }

    /// What is kept at a path, and not below, is kept at another instead of what was there.
    pub fn carry(&mut self, row: &'static Row, from: &Path, to: &Path) {
        let value = self.get(row, from).cloned();
        self.set(row, from, None);
        self.set(row, to, value);
    }

    /// What is kept at those of a path and below that are copied is kept at another, too, instead
    /// of what was there.
    pub fn copy(
        &mut self,
        row: &'static Row,
        (from, to): (&Path, &Path),
        copied: impl Fn(&Path) -> bool,
    ) {
        self.forget(row, to);
        let Some(of) = self.0.get(row.name) else { return };
        let made = of.at.tree(from).filter(|(at, _)| copied(at));
        let made: Vec<_> = made.map(|(at, value)| (at.rebased(from, to), value.clone())).collect();
        for (at, value) in made {
            self.set(row, &at, Some(value));
        }
    }

    /// Keeps nothing any more at a path and below; what was kept there.
    pub fn forget(&mut self, row: &Row, path: &Path) -> Vec<(Path, V)> {
        let mut forgotten = Vec::new();
        self.change(row, |of| forgotten = of.remove_tree(path));
        forgotten
    }

    /// Keeps only what is kept at some paths.
    pub fn retain(&mut self, is_kept: impl Fn(&Row, &Path) -> bool) {
        self.0.values_mut().for_each(|Of { row, at }| at.retain(|path, _| is_kept(row, path)));
        self.0.retain(|_, of| !of.at.is_empty());
    }

    fn change(&mut self, row: &Row, change: impl FnOnce(&mut PathMap<V>)) {
        let Some(of) = self.0.get_mut(row.name) else { return };
        change(&mut of.at);
        if of.at.is_empty() {
            self.0.remove(row.name);
        }
    }
}

impl<V> Of<V> {
    fn none(row: &'static Row) -> Self {
        Self { row, at: PathMap::default() }
    }
}
