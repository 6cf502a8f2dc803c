//! What somebody sees: what they may read, and names that begin with a dot where they may write.

use std::sync::Arc;

use super::{Right, Rules};
use crate::{name::is_mac_junk, path::Path, principal::Principal};

/// To whom names that begin with a dot are shown.
///
/// Programs that write make such names for what is theirs: temporary files, locks, state. Who only
/// reads has no use for them, and often may not know what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShownTo {
    /// To everybody who may read there.
    #[default]
    Everybody,
    /// To who may write there.
    Writers,
    /// To nobody.
    Nobody,
}

/// Rules, and who is held to them: what may be shown, and what done.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The rules.
    pub rules: Arc<Rules>,
    /// The one who is held to them.
    pub principal: Arc<Principal>,
    /// To whom names that begin with a dot are shown.
    pub dotted: ShownTo,
}

impl Access {
    /// Returns whether the right is there at a path.
    pub fn allows(&self, right: Right, path: &Path) -> bool {
        self.rules.allows(&self.principal, right, path)
    }

    /// Returns whether the right is there at a path and everywhere below.
    pub fn allows_tree(&self, right: Right, path: &Path) -> bool {
        self.rules.judge_tree(&self.principal, right, path).allowed
    }

    /// Returns whether everything may be seen, whatever its path.
    pub fn is_open(&self) -> bool {
        self.rules.is_open() && self.shows_all_names()
    }

    /// Returns whether all names are shown, whatever they are.
    pub fn shows_all_names(&self) -> bool {
        match self.dotted {
            ShownTo::Everybody => true,
            ShownTo::Writers => self.rules.is_open(),
            ShownTo::Nobody => false,
        }
    }

    /// Returns whether the names of a path are shown, whatever may be read there. What is written
    /// is seen: who has any right to write there would destroy unawares what is hidden from them.
    pub fn shows_names(&self, path: &Path) -> bool {
        match self.dotted {
            ShownTo::Everybody => true,
            ShownTo::Writers => !is_hidden(path) || self.may_write(path),
            ShownTo::Nobody => !is_hidden(path),
        }
    }

    /// Returns whether what is at a path may be seen, where it truly stands at another if that is
    /// told.
    pub fn sees(&self, path: &Path, truly: Option<&Path>) -> bool {
        self.allows(Right::Read, path)
            && truly.is_none_or(|truly| self.allows(Right::Read, truly))
            && self.knows(path, truly)
    }

    /// As [`Self::sees`], whatever may be read there. What the operator linked to is shown under
    /// the link's name where its own name is hidden.
    pub fn knows(&self, path: &Path, truly: Option<&Path>) -> bool {
        self.shows_names(path)
            && (self.dotted != ShownTo::Writers
                || truly.is_none_or(|truly| !is_hidden(path) || self.may_write(truly)))
    }

    fn may_write(&self, path: &Path) -> bool {
        let writes = [Right::Create, Right::Replace, Right::Remove];
        writes.iter().any(|right| self.allows(*right, path))
    }
}

/// Returns whether a path has a name that this choice is about: the server's own names and those
/// that a Mac leaves are shown by others.
fn is_hidden(path: &Path) -> bool {
    !path.is_reserved() && path.hidden_segments().any(|name| !is_mac_junk(name))
}
