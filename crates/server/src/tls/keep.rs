//! Secrets on the disk.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Writes a file in whole or not at all; only our user may read it, or its folder, which is made
/// if it is not there.
///
/// # Errors
/// What the system says against it.
pub(super) fn keep(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let fresh = folder.join(format!("{name}.{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(cause) = written.and_then(|()| fs::rename(&fresh, folder.join(name))) {
        // It may not be there.
        let _gone = fs::remove_file(fresh);
        return Err(cause);
    }
    File::open(folder)?.sync_all()
}
