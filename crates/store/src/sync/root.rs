//! The collection that is asked about: what may be told below it, and by which paths.

use methodical_semantics::{path::Path, rule::privilege::Access};

/// A collection that is asked about. Two addresses of one, by links, are one: what is seen is known
/// by where it truly stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Root<'r> {
    pub(super) path: &'r Path,
    pub(super) truth: &'r Path,
    pub(super) access: Option<&'r Access>,
}

impl Root<'_> {
    /// Returns whether a member that truly stands there may be told of.
    pub(super) fn shows(&self, truth: &Path) -> bool {
        self.access.is_none_or(|access| {
            if self.path == self.truth {
                access.sees(truth, None)
            } else {
                access.sees(&self.shown(truth), Some(truth))
            }
        })
    }

    /// By which path a client knows what truly stands at another.
    pub(super) fn shown(&self, truth: &Path) -> Path {
        truth.rebased(self.truth, self.path)
    }

    /// Returns where what a client knows by a path truly stands.
    pub(super) fn real_path(&self, shown: &Path) -> Path {
        shown.rebased(self.path, self.truth)
    }
}
