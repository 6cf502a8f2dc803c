//! The names in a directory, read many at a time into one piece of memory that is used again: a
//! long list takes neither memory nor an allocation for each.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::{
    fs::{FileType, RawDir},
    io::{Errno, Result},
};

/// Names in a directory that is open, some of them in memory; `.` and `..` are among them.
pub(crate) struct Entries {
    dir: OwnedFd,
    batch: Batch,
}

/// The names in a directory that are in memory.
#[derive(Default)]
pub(crate) struct Batch {
    /// Names that were read, one behind the other.
    names: Vec<u8>,
    /// The place where each of them ends, and what the disk says it is.
    ends: Vec<(usize, FileType)>,
    is_over: bool,
}

impl Entries {
    /// Nothing is read yet.
    pub(crate) fn of(dir: OwnedFd) -> Self {
        Self { dir, batch: Batch::default() }
    }

    /// The directory.
    pub(crate) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// Returns how many names are in memory.
    pub(crate) fn len(&self) -> usize {
        self.batch.len()
    }

    /// As [`Batch::name`].
    pub(crate) fn name(&self, at: usize) -> Option<(&[u8], FileType)> {
        self.batch.name(at)
    }

    /// As [`Batch::read`].
    ///
    /// # Errors
    /// What keeps the disk from being read; then this is the end.
    pub(crate) fn read(&mut self) -> Result<bool> {
        self.batch.read(self.dir.as_fd())
    }
}

impl Batch {
    /// Returns how many names there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether the directory has no more names than these.
    pub(crate) const fn is_last(&self) -> bool {
        self.is_over
    }

    /// One more name in memory.
    pub(crate) fn push(&mut self, name: &[u8], kind: FileType) {
        self.names.extend_from_slice(name);
        self.ends.push((self.names.len(), kind));
    }

    /// Forgets them; there are more only if `is_over` is not so.
    pub(crate) fn clear(&mut self, is_over: bool) {
        self.names.clear();
        self.ends.clear();
        self.is_over = is_over;
    }

    /// The same, where it is known whether the directory has more.
    pub(crate) fn ended(self, is_over: bool) -> Self {
        Self { is_over, ..self }
    }

    /// Forgets them; there are no more.
    pub(crate) fn end(&mut self) {
        *self = Self { is_over: true, ..Self::default() };
    }

    /// One of the names in memory, and what the disk says it is. Some disks do not tell.
    pub(crate) fn name(&self, at: usize) -> Option<(&[u8], FileType)> {
        let (end, kind) = *self.ends.get(at)?;
        let before = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |(end, _)| *end);
        Some((self.names.get(start..end)?, kind))
    }

    /// Reads more names in place of those in memory; says whether there are any.
    ///
    /// # Errors
    /// What keeps the disk from being read; then this is the end.
    pub(crate) fn read(&mut self, dir: BorrowedFd<'_>) -> Result<bool> {
        self.names.clear();
        self.ends.clear();
        if self.is_over {
            return Ok(false);
        }
        self.is_over = true;
        let mut buffer: Vec<u8> = Vec::with_capacity(READ_BYTES);
        let mut read = RawDir::new(dir, buffer.spare_capacity_mut());
        while let Some(entry) = read.next() {
            match entry {
                Ok(entry) => {
                    self.names.extend_from_slice(entry.file_name().to_bytes());
                    self.ends.push((self.names.len(), entry.file_type()));
                }
                // The directory was removed meanwhile: it has no members.
                Err(Errno::NOENT) => break,
                Err(errno) => return Err(errno),
            }
            if read.is_buffer_empty() {
                self.is_over = false;
                break;
            }
        }
        Ok(!self.ends.is_empty())
    }
}

/// Bytes of one read: a thousand names and more.
const READ_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs::File};

    use super::*;

    fn names(entries: &mut Entries) -> Vec<String> {
        let mut names = Vec::new();
        while entries.read().unwrap() {
            for at in 0..entries.len() {
                let (name, kind) = entries.name(at).unwrap();
                assert!(matches!(kind, FileType::RegularFile | FileType::Directory));
                names.push(String::from_utf8(name.to_vec()).unwrap());
            }
        }
        names
    }

    #[test]
    fn every_name_of_a_long_directory_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let files: BTreeSet<String> = (0..2000).map(|n| format!("a file, number {n}")).collect();
        for name in &files {
            File::create(folder.path().join(name)).unwrap();
        }
        let mut entries = Entries::of(File::open(folder.path()).unwrap().into());
        let told = names(&mut entries);
        assert_eq!(told.len(), files.len() + 2);
        let told: BTreeSet<String> = told.into_iter().filter(|name| name.len() > 2).collect();
        assert_eq!(told, files);
        assert!(!entries.read().unwrap(), "the end stays the end");
    }

    #[test]
    fn a_directory_that_was_removed_has_no_names() {
        let folder = tempfile::tempdir().unwrap();
        let mut entries = Entries::of(File::open(folder.path()).unwrap().into());
        drop(folder);
        assert!(names(&mut entries).is_empty());
    }

    #[test]
    fn what_is_no_directory_fails_once() {
        let mut entries = Entries::of(File::open("Cargo.toml").unwrap().into());
        assert_eq!(entries.read(), Err(Errno::NOTDIR));
        assert_eq!(entries.read(), Ok(false));
    }
}
