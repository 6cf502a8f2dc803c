//! What stands at the paths of which something is known, so that it is found again under the name
//! that another program gave it.
//!
//! A path wins: what something is known of by its path has that and nothing else, also where
//! another file was put there, since this is how editors save. Only what nothing is known of by its
//! path may be what was known elsewhere: its number and the moment at which it was made are the
//! same, and nothing stands at the former path any more. So neither a copy nor a second name takes
//! anything away, and of `mv a a~` with a new `a` it is the new one that keeps what is known of
//! `a`.

use methodical_store::names::is_ours;
use std::collections::{BTreeMap, BTreeSet};

use methodical_semantics::{path::Path, path_map::PathMap};

use super::ledger::Origin;

/// The origin of what stands at each path of which something is known.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    at: PathMap<Origin>,
    /// The same, to be searched by origin.
    of: BTreeSet<(Origin, Path)>,
    /// Those that the ledger does not have like this.
    unkept: BTreeSet<Path>,
}

impl Origins {
    pub(crate) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    pub(crate) fn get(&self, path: &Path) -> Option<Origin> {
        self.at.get(path).copied()
    }

    /// The paths at which this stood.
    pub(crate) fn paths(&self, of: Origin) -> impl Iterator<Item = &Path> {
        self.of.range((of, Path::root())..).take_while(move |(its, _)| *its == of).map(|it| &it.1)
    }

    /// The paths at and below another.
    pub(crate) fn within(&self, path: &Path) -> Vec<Path> {
        self.at.tree(path).map(|(at, _)| at.clone()).collect()
    }

    /// Says what stands at a path, as the ledger does, too.
    pub(crate) fn set(&mut self, path: &Path, origin: Option<Origin>) {
        self.unkept.remove(path);
        if let Some(former) = self.at.remove(path) {
            self.of.remove(&(former, path.clone()));
        }
        if let Some(origin) = origin {
            self.at.insert(path.clone(), origin);
            self.of.insert((origin, path.clone()));
        }
    }

    /// Says what stands at a path from now on, which the ledger does not know yet.
    pub(crate) fn replace(&mut self, path: &Path, origin: Option<Origin>) {
        if self.get(path) != origin {
            self.set(path, origin);
            self.unkept.insert(path.clone());
        }
    }

    /// Moves what stood at a path and below to another. Nothing is known of what is thrown away.
    pub(crate) fn rename(&mut self, from: &Path, to: &Path) {
        let known = self.within(from).into_iter();
        let known: Vec<_> =
            known.filter_map(|at| Some((self.get(&at)?, self.unkept.contains(&at), at))).collect();
        let moved = [from, to].map(|path| self.within(path));
        moved.iter().flatten().for_each(|path| self.set(path, None));
        if !is_ours(to) {
            for (origin, is_unkept, at) in known {
                self.arrive(&at.rebased(from, to), origin, is_unkept);
            }
        }
    }

    /// Moves what stood at a path, and nothing below, to another.
    pub(crate) fn carry(&mut self, from: &Path, to: &Path) {
        if let Some(origin) = self.get(from) {
            let is_unkept = self.unkept.contains(from);
            self.set(from, None);
            self.arrive(to, origin, is_unkept);
        }
    }

    /// What the ledger did not know of what came from elsewhere, it does not know here.
    fn arrive(&mut self, path: &Path, origin: Origin, is_unkept: bool) {
        self.set(path, Some(origin));
        if is_unkept {
            self.unkept.insert(path.clone());
        }
    }

    /// Returns whether the ledger knows all.
    pub(crate) fn is_kept(&self) -> bool {
        self.unkept.is_empty()
    }

    /// Returns what the ledger does not know yet.
    pub(crate) fn unkept(&self) -> BTreeMap<Path, Option<Origin>> {
        self.unkept.iter().map(|path| (path.clone(), self.get(path))).collect()
    }

    /// Forgets the origins of what nothing else is known of.
    pub(crate) fn retain(&mut self, is_known: impl Fn(&Path) -> bool) {
        let idle: Vec<Path> = self.at.keys().filter(|path| !is_known(path)).cloned().collect();
        for path in idle {
            self.replace(&path, None);
        }
    }
}
