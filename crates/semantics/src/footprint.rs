//! What a writing method will change: judged, guarded and asserted in one place for all methods.

use crate::{header::depth::Depth, path::Path};

/// The part of a resource that is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its bytes: they come, in place of others or where nothing was.
    Content,
    /// Its existence: it is taken away.
    Existence,
    /// The list of the members of a collection.
    Members,
    /// Its properties.
    Properties,
    /// The rights to it.
    Acl,
    /// Its locks.
    Lock,
    /// Nothing: it is read, and must stay as it is until the change is made.
    Source,
}

/// One place that a method changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The path of what is changed.
    pub path: Path,
    /// The part of that.
    pub part: Part,
    /// The depth below.
    pub depth: Depth,
}

/// All that a method changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Footprint(pub Vec<Touch>);

impl Touch {
    /// The resource itself, nothing below.
    pub fn content(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Content, depth: Depth::Zero }
    }

    /// The resource and all that lies below.
    pub fn tree(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Content, depth: Depth::Infinity }
    }

    /// The resource and all that lies below, taken away.
    pub fn removal(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Existence, depth: Depth::Infinity }
    }

    /// The resource's properties, nothing below.
    pub fn properties(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Properties, depth: Depth::Zero }
    }

    /// Returns which members the collection has.
    pub fn members(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Members, depth: Depth::Zero }
    }

    /// Returns which members the collection has, under names that are found only while it is
    /// guarded.
    pub fn any_member(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Members, depth: Depth::One }
    }

    /// The resource and all that lies below, read only: the source of a copy.
    pub fn source(path: &Path) -> Self {
        Self { path: path.clone(), part: Part::Source, depth: Depth::Infinity }
    }

    /// Returns whether a change of the path's content lies inside this touch.
    pub fn covers(&self, path: &Path) -> bool {
        self.part != Part::Source && self.reaches(path)
    }

    fn reaches(&self, path: &Path) -> bool {
        match self.depth {
            Depth::Zero => self.path == *path,
            Depth::One => self.path == *path || path.parent().as_ref() == Some(&self.path),
            Depth::Infinity => path.is_within(&self.path),
        }
    }

    /// Returns whether two methods that touch these places must take turns. Members of one
    /// collection may be made and removed side by side: each of these also touches the member's own
    /// path. What is read only may be read by several.
    pub fn conflicts(&self, other: &Self) -> bool {
        if self.part == Part::Source && other.part == Part::Source {
            return false;
        }
        let (members, others) = (self.part == Part::Members, other.part == Part::Members);
        if self.path == other.path {
            return !(members && others && self.depth == Depth::Zero && other.depth == Depth::Zero);
        }
        self.reaches(&other.path) || other.reaches(&self.path)
    }
}

impl Footprint {
    /// Returns whether a change of the path's content lies inside.
    pub fn covers(&self, path: &Path) -> bool {
        self.0.iter().any(|touch| touch.covers(path))
    }

    /// Returns whether it is known beforehand that this very path is changed, or lies in a tree
    /// that is; else it may be covered as a member of which only the guard tells the name.
    pub fn names(&self, path: &Path) -> bool {
        let known = |touch: &Touch| touch.path == *path || touch.depth == Depth::Infinity;
        self.0.iter().any(|touch| touch.covers(path) && known(touch))
    }

    /// Returns whether two methods with these footprints must take turns.
    ///
    /// ```
    /// use methodical_semantics::{footprint::{Footprint, Touch}, path::Path};
    /// let of = |text| Path::decode(text).unwrap().0;
    /// let put = |text| Footprint(vec![Touch::content(&of(text)), Touch::members(&of("/d"))]);
    /// let delete = Footprint(vec![Touch::tree(&of("/d"))]);
    /// assert!(!put("/d/a").conflicts(&put("/d/b")));
    /// assert!(put("/d/a").conflicts(&put("/d/a")));
    /// assert!(put("/d/a").conflicts(&delete));
    /// ```
    pub fn conflicts(&self, other: &Self) -> bool {
        self.0.iter().any(|touch| other.0.iter().any(|its| touch.conflicts(its)))
    }
}
