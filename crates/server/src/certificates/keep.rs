//! Secrets on the disk.
//!
//! Keys and accounts of ACME, and the key of a certificate made here, come to the disk by this one
//! function: as a new file that takes the place of the old one, so that a crash leaves either of
//! them whole.

use std::{fs::DirBuilder, io, os::unix::fs::DirBuilderExt as _, path::Path};

use crate::rewrite::rewrite;

/// Writes a file in whole or not at all; only our user may read it, or its folder, which is made
/// if it is not there. One that is written anew stays whose it was.
///
/// # Errors
/// The error that the system gives.
pub(super) fn keep(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    rewrite(&folder.join(name), content)
}
