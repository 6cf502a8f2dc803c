//! Facts in memory, by their rows and where they are.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use bytes::Bytes;
use methodical_semantics::{path::Path, path_map::PathMap, rule::ordering::Side};

use super::{
    row::{OnMove, Row},
    told::Told,
};

/// All that is kept by each row, by path.
#[derive(Debug, Clone)]
pub struct Kept<V>(BTreeMap<&'static str, Of<V>>);

#[derive(Debug, Clone)]
struct Of<V> {
    row: &'static Row,
    at: PathMap<V>,
    /// The number of those that have each value, where these are searched in their order.
    sorted: BTreeMap<Box<[u8]>, usize>,
}

/// How a store holds what is kept.
pub trait Value: Clone {
    /// The bytes, where they are in memory.
    fn bytes(&self) -> Option<&[u8]>;
}

impl Value for Bytes {
    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl Value for Option<Arc<[u8]>> {
    fn bytes(&self) -> Option<&[u8]> {
        self.as_deref()
    }
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V: Value> Kept<V> {
    /// Returns what is kept at a path.
    pub fn get(&self, row: &Row, at: &Path) -> Option<&V> {
        self.0.get(row.name)?.at.get(at)
    }

    /// Returns what is kept at a path and told with the content; nothing where there is none of it.
    pub fn told(&self, at: &Path) -> Option<Box<Told>> {
        let rows = self.0.values().filter(|of| of.row.is_told);
        Told::of(rows.filter_map(|of| Some((of.row, of.at.get(at)?.bytes()?.into()))))
    }

    /// The value behind `low` and before `high` that is nearest to the end on a side: the greatest
    /// before `high`, or the least behind `low`. It takes as long as one look among all.
    pub fn nearest(&self, row: &Row, (low, high): (&[u8], &[u8]), side: Side) -> Option<&[u8]> {
        if low >= high {
            return None;
        }
        let of = self.0.get(row.name)?;
        let mut between = of.sorted.range::<[u8], _>((Excluded(low), Excluded(high)));
        let found = if side == Side::Before { between.next_back() } else { between.next() };
        found.map(|(value, _)| &**value)
    }

    /// Keeps it from now on, or nothing.
    pub fn set(&mut self, row: &'static Row, at: &Path, value: Option<V>) {
        match value {
            Some(value) => {
                let of = self.0.entry(row.name).or_insert_with(|| Of::none(row));
                of.set(at, value);
            }
            None => self.change(row, |of| of.remove(at)),
        }
    }

    /// The rows by which anything is kept.
    pub fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.0.values().map(|of| of.row)
    }

    /// Returns whether anything is kept by a row at a path or below.
    pub fn is_within(&self, row: &Row, path: &Path) -> bool {
        self.0.get(row.name).is_some_and(|of| of.at.tree(path).next().is_some())
    }

    /// Returns whether anything that would go with it is kept of what stands at a path.
    pub fn goes_from(&self, path: &Path) -> bool {
        let mut going = self.0.values().filter(|of| of.row.on_move == OnMove::Goes);
        going.any(|of| of.at.contains_key(path))
    }

    /// The paths at which anything is kept, of each row those behind a path, up to so many.
    pub fn behind(&self, behind: &Path, max: usize) -> impl Iterator<Item = &Path> {
        let range = (Excluded(behind.clone()), Unbounded);
        self.0.values().flat_map(move |of| of.at.range(range.clone()).take(max)).map(|(at, _)| at)
    }

    /// Keeps at another path what is kept at one and below, instead of what was there.
    pub fn shift(&mut self, row: &'static Row, from: &Path, to: &Path) {
        self.change(row, |of| {
            let moved = of.remove_tree(from);
            of.remove_tree(to);
            for (at, value) in moved {
                of.set(&at.rebased(from, to), value);
            }
        });
    }

    /// Keeps at another path what is kept at one, and not below, instead of what was there.
    pub fn carry(&mut self, row: &'static Row, from: &Path, to: &Path) {
        let value = self.get(row, from).cloned();
        self.set(row, from, None);
        self.set(row, to, value);
    }

    /// Keeps at another path, too, what is kept at those of a path and below that are copied,
    /// instead of what was there.
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
        self.0.values_mut().for_each(|of| {
            let gone = of.at.keys().filter(|path| !is_kept(of.row, path));
            gone.cloned().collect::<Vec<_>>().iter().for_each(|path| of.remove(path));
        });
        self.0.retain(|_, of| !of.at.is_empty());
    }

    fn change(&mut self, row: &Row, change: impl FnOnce(&mut Of<V>)) {
        let Some(of) = self.0.get_mut(row.name) else { return };
        change(of);
        if of.at.is_empty() {
            self.0.remove(row.name);
        }
    }
}

impl<V: Value> Of<V> {
    fn none(row: &'static Row) -> Self {
        Self { row, at: PathMap::default(), sorted: BTreeMap::new() }
    }

    fn set(&mut self, at: &Path, value: V) {
        self.remove(at);
        if let Some(bytes) = value.bytes().filter(|_| self.row.is_sorted) {
            *self.sorted.entry(bytes.into()).or_default() += 1;
        }
        self.at.insert(at.clone(), value);
    }

    fn remove(&mut self, at: &Path) {
        if let Some(former) = self.at.remove(at) {
            self.uncount(&former);
        }
    }

    fn remove_tree(&mut self, path: &Path) -> Vec<(Path, V)> {
        let removed = self.at.remove_tree(path);
        for (_, value) in &removed {
            self.uncount(value);
        }
        removed
    }

    fn uncount(&mut self, former: &V) {
        let Some(bytes) = former.bytes().filter(|_| self.row.is_sorted) else { return };
        if let Some(count) = self.sorted.get_mut(bytes) {
            *count -= 1;
            if *count == 0 {
                self.sorted.remove(bytes);
            }
        }
    }
}
