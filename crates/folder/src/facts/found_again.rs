//! What stands at a path, and what another program renamed: found by its inode.

use methodical_semantics::{error::Result, path::Path};
use methodical_store::resource::Birth;
use rustix::fs::Statx;

use super::ledger::Origin;
use crate::{
    bytes::identity::Identity,
    errno::OrRefuse,
    inner::Inner,
    names::{
        stat::{Form, form_of, look, look_at},
        tree::Standing,
    },
    state::is_lost,
};

/// The thing that stands at a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body {
    pub(crate) birth: Birth,
    /// True if it is a file with other names, too.
    pub(crate) is_shared: bool,
}

impl Body {
    fn of(stat: &Statx) -> Self {
        let is_shared = form_of(stat) == Form::File && stat.stx_nlink > 1;
        Self { birth: Identity::of(stat).birth(), is_shared }
    }
}

impl Inner {
    /// Returns what a file or folder keeps whatever its name; nothing where the disk does not know
    /// when it was made.
    pub(crate) fn origin(&self, birth: &Birth) -> Option<Origin> {
        // The system may number the root's disk anew when it starts: that one is told by being the
        // root's.
        let disk = if birth.volume() == self.tree.device() { 0 } else { birth.volume() };
        Some(Origin { inode: birth.number(), born: birth.born()?, disk })
    }

    /// Returns what tells what stands at a path without links on its way from all else; nothing
    /// where nothing does.
    pub(crate) fn birth_at(&self, path: &Path) -> Result<Option<Birth>> {
        Ok(self.body_at(path)?.map(|body| body.birth))
    }

    /// The same with what else is needed to tell it.
    pub(crate) fn body_at(&self, path: &Path) -> Result<Option<Body>> {
        let stat = if path.is_root() {
            Some(look(self.tree.root()).or_refuse()?)
        } else if let Some(holder) = self.tree.holder(path)? {
            look_at(&holder.fd, holder.name).or_absent()?
        } else {
            None
        };
        Ok(stat.map(|stat| Body::of(&stat)))
    }

    /// The path by which something is known of what stands at another, of which nothing is known
    /// by that.
    pub(crate) fn known_elsewhere(&self, at: &Path, birth: &Birth) -> Option<Path> {
        let former = self.facts.former(at, || self.origin(birth));
        let vacant = |path: &Path| {
            is_lost(path) || matches!(self.tree.standing(path), Ok(Standing::Nothing))
        };
        former.into_iter().find(vacant).inspect(|_| self.facts.see_renamed(at))
    }
}
