//! Where something is made: the collection that will hold it is there, and its name may be written.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    header::depth::Depth,
    name::composed,
    path::Path,
};
use methodical_store::{resource::Resource, view::View};

/// A place for a resource, and what is there now.
#[derive(Debug, Clone)]
pub struct Target {
    /// The place where it is, in the form of the names that are stored.
    pub path: Path,
    /// What is there.
    pub present: Option<Resource>,
}

impl Target {
    /// The place that a path means: a new name in normalization form C, in which all systems know
    /// it.
    ///
    /// # Errors
    /// `HiddenName`, `ReservedName`; `ParentMissing` where the collection that would hold it does
    /// not exist (RFC 4918 sections 9.3.1, 9.7.1 and 9.8.5).
    pub fn find(view: &View<'_>, path: &Path) -> Result<Self> {
        view.may_write(path)?;
        if let Some(present) = view.find(path)? {
            return Ok(Self { path: present.path.clone(), present: Some(present) });
        }
        let holder = holder(view, path)?.path;
        // Composed, the name may be too long, by the tables of Unicode; as it came it is not.
        let named = holder.join(&composed(path.name())).or_else(|_| holder.join(path.name()));
        Ok(Self { path: named.unwrap_or_else(|_| path.clone()), present: None })
    }

    /// Returns what putting something here changes: it alone, or also which members its collection
    /// has. A collection that is here is taken away.
    pub fn footprint(&self) -> Footprint {
        let content = Touch::content(&self.path);
        match &self.present {
            Some(present) if present.is_collection() => {
                Footprint(vec![Touch::removal(&self.path), content])
            }
            Some(_) => Footprint(vec![content]),
            None => with_parent(content),
        }
    }
}

/// The collection that holds what a path means, or will.
///
/// # Errors
/// `ParentMissing`.
pub(crate) fn holder(view: &View<'_>, path: &Path) -> Result<Resource> {
    let parent = match path.parent() {
        Some(parent) => view.find(&parent)?,
        None => None,
    };
    match parent {
        Some(parent) if parent.is_collection() => Ok(parent),
        Some(_) => Err(Error::refused(
            Condition::ParentMissing,
            "What would hold it is a file, not a folder; choose another address.",
        )),
        None => Err(Error::refused(
            Condition::ParentMissing,
            "The folder that would hold it does not exist; make it first, with MKCOL.",
        )),
    }
}

/// Returns what taking a resource away changes: all of it, and which members its collection has.
pub fn removal(resource: &Resource) -> Footprint {
    let depth = if resource.is_collection() { Depth::Infinity } else { Depth::Zero };
    with_parent(Touch { depth, ..Touch::removal(&resource.path) })
}

fn with_parent(touch: Touch) -> Footprint {
    let members = touch.path.parent().map(|parent| Touch::members(&parent));
    Footprint(std::iter::once(touch).chain(members).collect())
}
