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
    at: Path,
    prefix: Box<str>,
}

impl Mount {
    /// What stands before the encoded path of a resource: nothing, or a path without a slash
    /// behind.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The place in the folder of what a URL's path names; nothing where it is not below here.
    pub fn place(&self, path: &Path) -> Option<Path> {
        path.below(&self.at)
    }
}

impl FromStr for Mount {
    type Err = PathError;

    /// Reads a percent-encoded absolute path, with or without a slash behind.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let (at, _) = Path::decode(text)?;
        let prefix = if at.is_root() { String::new() } else { at.encoded() };
        Ok(Self { at, prefix: prefix.into() })
    }
}

impl Default for Mount {
    fn default() -> Self {
        Self { at: Path::root(), prefix: Box::default() }
    }
}
