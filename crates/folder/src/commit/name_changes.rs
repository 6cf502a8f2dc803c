//! The names that a transaction has changed so far: its later changes are judged by them, before
//! the disk shows any of it.

use methodical_semantics::{error::Result, path::Path, path_map::PathMap};

use rustix::{fs::OFlags, io::Errno};

use crate::{
    errno::{OrRefuse, error},
    names::{
        stat::{Form, look},
        tree::{Opened, Standing, Tree},
    },
};

/// The names that a transaction has changed so far, by where they truly stand.
#[derive(Debug, Default)]
pub(crate) struct Pending(PathMap<Source>);

/// The thing that a name stands for by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was removed, or went elsewhere.
    Nothing,
    /// That which stood at this path before the transaction, with everything below it but for names
    /// that were changed since.
    Disk(Path),
    /// That which was built at this path out of sight, with everything below it but for names that
    /// were changed since.
    Built(Path),
    /// The content that was placed by the change of this number.
    Placed(usize),
    /// A collection that the transaction made.
    Made,
}

impl Pending {
    /// The thing that a path stands for by now.
    pub(crate) fn source(&self, path: &Path) -> Source {
        if self.0.is_empty() {
            return Source::Disk(path.clone());
        }
        if let Some(source) = self.0.get(path) {
            return source.clone();
        }
        let above = path.ancestors();
        match above.iter().rev().find_map(|at| Some((at, self.0.get(at)?))) {
            None => Source::Disk(path.clone()),
            Some((at, Source::Disk(origin))) => Source::Disk(path.rebased(at, origin)),
            Some((at, Source::Built(origin))) => Source::Built(path.rebased(at, origin)),
            Some((_, Source::Nothing | Source::Placed(_) | Source::Made)) => Source::Nothing,
        }
    }

    /// The kind of what stands at a path by now.
    pub(crate) fn standing(&self, tree: &Tree, path: &Path) -> Result<Standing> {
        match self.source(path) {
            Source::Nothing => Ok(Standing::Nothing),
            Source::Disk(origin) => tree.standing(&origin),
            Source::Built(_) => match self.source(path).open(tree, OFlags::PATH)? {
                None => Ok(Standing::Nothing),
                Some(opened) => Ok(match tree.form(&look(&opened.fd).or_refuse()?) {
                    Form::File => Standing::File,
                    Form::Collection => Standing::Collection,
                    Form::Link | Form::Special => Standing::Unseen,
                }),
            },
            Source::Placed(_) => Ok(Standing::File),
            Source::Made => Ok(Standing::Collection),
        }
    }

    /// The names directly below a path that were changed.
    pub(crate) fn members(&self, of: &Path) -> Vec<Path> {
        let is_member = |path: &&Path| path.parent().as_ref() == Some(of);
        self.0.keys().filter(is_member).cloned().collect()
    }

    /// Returns whether a name itself was changed.
    pub(crate) fn changed(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    /// Returns whether a name below a path was changed.
    pub(crate) fn changed_below(&self, path: &Path) -> bool {
        self.0.below(path).next().is_some()
    }

    /// Says what a path stands for now, with nothing changed below it.
    pub(crate) fn set(&mut self, path: &Path, source: Source) {
        self.0.remove_tree(path);
        self.0.insert(path.clone(), source);
    }

    /// The thing at one path stands at another instead.
    pub(crate) fn renamed(&mut self, from: &Path, to: &Path) {
        let source = self.source(from);
        let below = self.0.below(from);
        let moved: Vec<_> =
            below.map(|(at, source)| (at.rebased(from, to), source.clone())).collect();
        self.set(to, source);
        self.0.extend(moved);
        self.set(from, Source::Nothing);
    }
}

impl Source {
    /// Opens what stands on the disk; nothing if nothing does yet.
    pub(crate) fn open(&self, tree: &Tree, flags: OFlags) -> Result<Option<Opened>> {
        match self {
            Self::Nothing | Self::Placed(_) | Self::Made => Ok(None),
            Self::Disk(at) => tree.reach(at, flags),
            Self::Built(at) => tree.reach_built(at, flags),
        }
    }

    /// The thing that a member stands for which was not changed.
    pub(crate) fn member(&self, name: &[u8]) -> Result<Self> {
        let too_long = |_| error(Errno::NAMETOOLONG);
        match self {
            Self::Nothing | Self::Placed(_) | Self::Made => Ok(Self::Nothing),
            Self::Disk(of) => of.join(name).map(Self::Disk).map_err(too_long),
            Self::Built(of) => of.join(name).map(Self::Built).map_err(too_long),
        }
    }
}
