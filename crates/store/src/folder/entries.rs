//! The names in a directory, read many at a time into one piece of memory that is used again: a
//! long list takes neither memory nor an allocation for each.

use std::{
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{FileType, RawDir},
    io::{Errno, Result},
};

/// The names in a directory, one after the other; `.` and `..` are among them.
pub(crate) struct Entries {
    dir: OwnedFd,
    /// Names that were read, one behind the other.
    names: Vec<u8>,
    /// Where each of them ends, and what the disk says it is.
    ends: Vec<(usize, FileType)>,
    /// How many of them were gone through.
    passed: usize,
    is_over: bool,
}

impl Entries {
    /// Nothing is read yet.
    pub(crate) fn of(dir: OwnedFd) -> Self {
        Self { dir, names: Vec::new(), ends: Vec::new(), passed: 0, is_over: false }
    }

    /// The directory.
    pub(crate) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// Goes on to the next name; says whether there is one.
    ///
    /// # Errors
    /// What keeps the disk from being read; then this is the end.
    pub(crate) fn advance(&mut self) -> Result<bool> {
        self.passed += 1;
        if self.passed > self.ends.len() && !self.is_over {
            self.passed = 1;
            self.read()?;
        }
        Ok(self.passed <= self.ends.len())
    }

    /// The name that was gone on to, and what the disk says it is. Some disks do not tell.
    pub(crate) fn current(&self) -> (&[u8], FileType) {
        let end = |at: usize| self.ends.get(at).copied();
        let start = self.passed.checked_sub(2).and_then(end).map_or(0, |(start, _)| start);
        let last = self.passed.checked_sub(1).and_then(end);
        let (end, kind) = last.unwrap_or((start, FileType::Unknown));
        (self.names.get(start..end).unwrap_or_default(), kind)
    }

    fn read(&mut self) -> Result<()> {
        self.names.clear();
        self.ends.clear();
        self.is_over = true;
        let mut buffer = [MaybeUninit::uninit(); READ_BYTES];
        let mut read = RawDir::new(&self.dir, &mut buffer);
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
        Ok(())
    }
}

/// Bytes of one read: some hundreds of names.
const READ_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs::File};

    use super::*;

    fn names(entries: &mut Entries) -> Vec<String> {
        let mut names = Vec::new();
        while entries.advance().unwrap() {
            let (name, kind) = entries.current();
            assert!(matches!(kind, FileType::RegularFile | FileType::Directory));
            names.push(String::from_utf8(name.to_vec()).unwrap());
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
        assert!(!entries.advance().unwrap(), "the end stays the end");
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
        assert_eq!(entries.advance(), Err(Errno::NOTDIR));
        assert_eq!(entries.advance(), Ok(false));
    }
}
