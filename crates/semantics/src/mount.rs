//! Where the root collection is found: the part of every URL's path that stands before ours.

use std::str::FromStr;

use crate::path::{Path, PathError};

/// The path under which the root collection is served; `/` unless a proxy shows it elsewhere.
///
/// ```
/// use methodical_semantics::{mount::Mount, path::Path};
/// let of = |text| Path::decode(text).unwrap().0;
/// let mount = "/team/files/".parse::<Mount>().unwrap();
/// assert_eq!(mount.prefix(), "/team/files");
/// assert_eq!(mount.place(&of("/team/files/a%20b")), Some(of("/a%20b")));
/// assert_eq!(mount.place(&of("/team/filesystem")), None);
/// assert_eq!(Mount::default().prefix(), "");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The text before paths in targets.
    at: Path,
    /// The text before them in all that clients write themselves.
    shown: Path,
    /// The same, encoded.
    prefix: Box<str>,
}

impl Mount {
    /// Returns what stands before the encoded path of a resource: nothing, or a path without a
    /// slash behind.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The place in the folder of what a target's path names; nothing where it is not below here.
    pub fn place(&self, path: &Path) -> Option<Path> {
        path.below(&self.at)
    }

    /// The same of what a client refers to in a field or a document, where no proxy changed it.
    pub fn place_of_reference(&self, path: &Path) -> Option<Path> {
        path.below(&self.shown)
    }

    /// The same behind a proxy that takes this part off the targets. What is served below a path
    /// that is the end of it was told so twice.
    ///
    /// ```
    /// use methodical_semantics::{mount::Mount, path::Path};
    /// let of = |text| Path::decode(text).unwrap().0;
    /// let mount = Mount::default().behind("/team").unwrap();
    /// assert_eq!(mount.prefix(), "/team");
    /// assert_eq!(mount.place(&of("/a")), Some(of("/a")));
    /// assert_eq!(mount.place_of_reference(&of("/team/a")), Some(of("/a")));
    /// assert_eq!(mount.place_of_reference(&of("/a")), None);
    /// ```
    ///
    /// # Errors
    /// When it is no path, or too long a one.
    pub fn behind(&self, prefix: &str) -> Result<Self, PathError> {
        let (outer, _) = Path::decode(prefix)?;
        let told = outer.segments().rev().zip(self.at.segments().rev()).all(|(a, b)| a == b);
        let told = told && outer.segments().count() >= self.at.segments().count();
        let shown = if told { outer } else { Path::decode(&format!("{outer}{}", self.at))?.0 };
        Ok(Self { at: self.at.clone(), prefix: prefix_of(&shown), shown })
    }
}

fn prefix_of(path: &Path) -> Box<str> {
    if path.is_root() { Box::default() } else { path.encoded().into() }
}

impl FromStr for Mount {
    type Err = PathError;

    /// Reads a percent-encoded absolute path, with or without a slash behind.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let (at, _) = Path::decode(text)?;
        Ok(Self { shown: at.clone(), prefix: prefix_of(&at), at })
    }
}

impl Default for Mount {
    fn default() -> Self {
        Self { at: Path::root(), shown: Path::root(), prefix: Box::default() }
    }
}
