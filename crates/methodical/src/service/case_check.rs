//! Rules are about names as they are written: where the file system finds a file by its name in
//! other letters too, they would be dodged by those.
//!
//! A server that went on would guard `/Private` and give `/private` to everybody. So it does not
//! start; the trial looks at names that are there, and makes nothing.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use methodical_server::settings::Settings;

use crate::failure::Failure;

/// Looks at what the rules name.
///
/// # Errors
/// It is found by its name in the other case, too.
pub(crate) fn check(settings: &Settings) -> Result<(), Failure> {
    for grant in settings.policy.rules.grants() {
        let names: Vec<&[u8]> = grant.path.segments().collect();
        let Some((last, above)) = names.split_last() else { continue };
        let join = |path: &Path, name: &[u8]| path.join(OsStr::from_bytes(name));
        let folder = above.iter().fold(settings.root.clone(), |path, name| join(&path, name));
        let other = swapped(last);
        let (here, there) = (join(&folder, last), join(&folder, &other));
        if other != *last && are_one(&here, &there) {
            return Err(Failure::unavailable(format!(
                "the rules for {} could be dodged: {} and {} are one on this disk; serve a folder \
                 whose file system tells capital letters from small ones",
                grant.path,
                here.display(),
                there.display()
            )));
        }
    }
    Ok(())
}

/// A sentence for each rule about a path where nothing is: it may be misspelled.
pub(crate) fn missing(settings: &Settings) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut told = None;
    for grant in settings.policy.rules.grants() {
        let join = |path: PathBuf, name: &[u8]| path.join(OsStr::from_bytes(name));
        let place = grant.path.segments().fold(settings.root.clone(), join);
        let is_missing = fs::symlink_metadata(&place)
            .is_err_and(|cause| matches!(cause.kind(), NotFound | NotADirectory));
        if is_missing && told != Some(&grant.path) {
            told = Some(&grant.path);
            sentences.push(format!(
                "{}: access: nothing is at {} in the folder yet; check its spelling unless it is \
                 still to come",
                grant.source, grant.path
            ));
        }
    }
    sentences
}

/// Returns whether two names lead to one file or folder, not by a symbolic link: those are followed
/// when rights are judged.
fn are_one(here: &Path, there: &Path) -> bool {
    let identity = |path| fs::symlink_metadata(path).ok().map(|it| (it.dev(), it.ino()));
    identity(here).is_some_and(|found| identity(there) == Some(found))
}

/// A name with each letter of ASCII in its other case.
fn swapped(name: &[u8]) -> Vec<u8> {
    let other = |byte: &u8| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte };
    name.iter().map(other).collect()
}
