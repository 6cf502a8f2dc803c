//! Files of the operator's that are written anew: as one step, and whose they were.
//!
//! A token file or a configuration may belong to root and be read by the server's group, with
//! access lists. Writing it anew beside and renaming keeps it whole through a crash, but would make
//! it ours: so owner, rights and attributes are given back before, and where that is not permitted
//! nothing is changed.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr},
    io::Errno,
    rand::{GetRandomFlags, getrandom},
};

/// Gives a file this content in whole or not at all: on the disk, then in its place. One that was
/// there keeps its owner, group, mode and attributes (so its access list), also where another user
/// writes it, and a link to it goes on leading there. A new one may be read by its owner alone.
///
/// # Errors
/// The error that the system gives; who may not give it back to whom it belongs leaves it as it is.
pub(crate) fn rewrite(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = real(path);
    let beside = beside(&path)?;
    let written = write(&path, &beside, content).and_then(|()| fs::rename(&beside, &path));
    if let Err(cause) = written {
        // It may not have been made at all.
        let _gone = fs::remove_file(beside);
        return Err(cause);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Returns where a link leads in the end; the path itself where nothing is there yet.
pub(crate) fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A name that nobody else has, and that no server shows: the folder may be one that is served.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut chance = [0; 8];
    getrandom(&mut chance, GetRandomFlags::empty())?;
    Ok(path.with_file_name(format!(".methodical-{:016x}", u64::from_ne_bytes(chance))))
}

/// Writes the new file beside the old one, readable by its owner alone, and gives it to whom that
/// belonged.
fn write(path: &Path, beside: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(SECRET).open(beside)?;
    match File::open(path) {
        Ok(former) => become_as(&file, &former)?,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(cause),
    }
    file.write_all(content)?;
    file.sync_all()
}

/// Gives a file the owner, the mode and the attributes of another.
fn become_as(file: &File, former: &File) -> io::Result<()> {
    let (is, was) = (file.metadata()?, former.metadata()?);
    let owner = |it: &Metadata| (it.uid(), it.gid());
    if owner(&is) != owner(&was) {
        fchown(file, Some(was.uid()), Some(was.gid())).map_err(|cause| {
            let denied = cause.kind() == io::ErrorKind::PermissionDenied;
            if denied { io::Error::new(cause.kind(), NOT_OURS) } else { cause }
        })?;
    }
    copy_attributes(file, former)?;
    // Behind the change of the owner, which takes some bits away.
    file.set_permissions(fs::Permissions::from_mode(was.mode() & MODE))
}

/// Copies extended attributes, such as access lists.
fn copy_attributes(file: &File, former: &File) -> io::Result<()> {
    let mut names = vec![0; ATTRIBUTES_BYTES_MAX];
    let length = match flistxattr(former, &mut names) {
        Ok(length) => length,
        // A disk without attributes.
        Err(Errno::NOTSUP) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    };
    names.truncate(length);
    let mut value = vec![0; ATTRIBUTES_BYTES_MAX];
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let length = fgetxattr(former, name, &mut value)?;
        let set = fsetxattr(file, name, value.get(..length).unwrap_or(&[]), XattrFlags::empty());
        let is_ours = name.starts_with(b"user.") || name == ACCESS_LIST;
        match set {
            // The system's own labels are given by the system to whom it does not let set them.
            Err(_) if !is_ours => {}
            set => set?,
        }
    }
    Ok(())
}

/// The sentence for a file that belongs to somebody else.
const NOT_OURS: &str = "it belongs to another user, to whom only root could give it back; become \
                        that user, or root";

/// The attribute in which Linux keeps the access list of a file.
const ACCESS_LIST: &[u8] = b"system.posix_acl_access";

/// Octets: what Linux lets the names of all attributes of a file have, and the value of one.
const ATTRIBUTES_BYTES_MAX: usize = 65_536;

/// The bits of a mode that are rights.
const MODE: u32 = 0o7777;

/// Its owner reads and writes it.
const SECRET: u32 = 0o600;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use rustix::{fs::setxattr, process::geteuid};

    use super::*;

    #[test]
    fn a_file_stays_whose_it_was_and_a_link_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let marked = setxattr(&file, "user.mark", b"kept", XattrFlags::empty());
        if geteuid().is_root() {
            chown(&file, Some(65_534), Some(65_533)).unwrap();
        }
        let before = fs::metadata(&file).unwrap();
        rewrite(&link, b"new").unwrap();
        let after = fs::metadata(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_ne!(before.ino(), after.ino(), "it is another file in its place");
        assert_eq!((before.uid(), before.gid()), (after.uid(), after.gid()));
        assert_eq!(after.mode() & MODE, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        if marked.is_ok() {
            let mut value = [0; 8];
            assert_eq!(rustix::fs::getxattr(&file, "user.mark", &mut value).unwrap(), 4);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_new_file_is_its_owner_s_alone_and_one_that_cannot_be_made_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        rewrite(&folder.path().join("file"), b"new").unwrap();
        assert_eq!(fs::metadata(folder.path().join("file")).unwrap().mode() & MODE, 0o600);
        assert!(rewrite(&folder.path().join("none/file"), b"new").is_err());
        fs::create_dir(folder.path().join("folder")).unwrap();
        assert!(rewrite(&folder.path().join("folder"), b"new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
