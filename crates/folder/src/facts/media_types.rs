//! The media types that are remembered for files, in memory: equal ones once.
//!
//! A file of which one is remembered costs its path and some machine words. The text of a type is
//! bounded where it comes in, and files are bounded by the disk, where each takes more.

use std::{
    collections::HashSet,
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use methodical_semantics::{path::Path, path_map::PathMap};

/// The media types of files, by path.
#[derive(Debug, Default)]
pub(crate) struct Types {
    at: PathMap<Arc<str>>,
    /// Those that several files may share.
    kinds: HashSet<Arc<str>>,
}

impl Types {
    pub(crate) fn get(&self, path: &Path) -> Option<&str> {
        self.at.get(path).map(|kind| &**kind)
    }

    pub(crate) fn insert(&mut self, path: &Path, media_type: &str) {
        self.remove(path);
        let kind = self.kind(media_type);
        self.at.insert(path.clone(), kind);
    }

    pub(crate) fn remove(&mut self, path: &Path) {
        let Some(kind) = self.at.remove(path) else { return };
        // This one and the table's own: no other file has it.
        if Arc::strong_count(&kind) == 2 {
            self.kinds.remove(&kind);
        }
    }

    /// The paths of all files that have one.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.at.keys()
    }

    /// The path as it is kept here.
    pub(crate) fn path(&self, path: &Path) -> Option<&Path> {
        self.at.get_key_value(path).map(|(path, _)| path)
    }

    /// The paths behind another.
    pub(crate) fn behind(&self, path: &Path) -> impl Iterator<Item = &Path> {
        self.at.range((Excluded(path), Unbounded)).map(|(path, _)| path)
    }

    /// Those at a path and below it.
    pub(crate) fn within(&self, path: &Path) -> impl Iterator<Item = (&Path, &str)> {
        self.at.tree(path).map(|(path, kind)| (path, &**kind))
    }

    fn kind(&mut self, media_type: &str) -> Arc<str> {
        if let Some(kind) = self.kinds.get(media_type) {
            return Arc::clone(kind);
        }
        let kind: Arc<str> = media_type.into();
        if self.kinds.len() < KINDS_MAX {
            self.kinds.insert(Arc::clone(&kind));
        }
        kind
    }
}

impl FromIterator<(Path, Box<str>)> for Types {
    fn from_iter<I: IntoIterator<Item = (Path, Box<str>)>>(types: I) -> Self {
        let mut all = Self::default();
        types.into_iter().for_each(|(path, media_type)| all.insert(&path, &media_type));
        all
    }
}

/// Media types that are shared, more than are registered: with more of them, files would hardly
/// have the same.
const KINDS_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn path(number: usize) -> Path {
        Path::decode(&format!("/{number}")).unwrap().0
    }

    #[test]
    fn files_of_one_media_type_share_its_text() {
        let mut types = Types::default();
        let long = format!("text/{}", "x".repeat(250));
        (0..1000).for_each(|number| types.insert(&path(number), &long));
        assert_eq!(types.kinds.len(), 1);
        let texts: HashSet<*const u8> = types.at.values().map(|kind| kind.as_ptr()).collect();
        assert_eq!(texts.len(), 1, "each would take its length");
    }

    #[test]
    fn a_media_type_goes_with_its_last_file() {
        let mut types = Types::default();
        (0..2).for_each(|number| types.insert(&path(number), "text/x-one"));
        types.remove(&path(0));
        assert_eq!((types.kinds.len(), types.get(&path(1))), (1, Some("text/x-one")));
        types.insert(&path(1), "text/x-other");
        assert_eq!(types.kinds.iter().map(|kind| &**kind).collect::<Vec<_>>(), ["text/x-other"]);
        types.remove(&path(1));
        assert!(types.kinds.is_empty());
    }

    #[test]
    fn the_table_of_what_is_shared_does_not_grow_for_ever() {
        let mut types = Types::default();
        for number in 0..KINDS_MAX + 10 {
            types.insert(&path(number), &format!("text/{number}"));
        }
        assert_eq!(types.kinds.len(), KINDS_MAX);
        let last = format!("text/{}", KINDS_MAX + 9);
        assert_eq!(types.get(&path(KINDS_MAX + 9)), Some(&*last));
        (0..KINDS_MAX + 10).for_each(|number| types.remove(&path(number)));
        assert!(types.kinds.is_empty() && types.at.is_empty());
    }
}
