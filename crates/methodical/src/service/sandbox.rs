//! The rights that the process gives up once its sockets are open: being root, and all files but
//! those that it serves.
//!
//! A fault in a parser should not be worth more than the folder. What is needed beyond it is
//! little: files that a reload reads again, what the C library reads, and the folders of sockets,
//! which are removed at the end. The kernel does it by Landlock, without root and without a
//! container; where it has none the server runs all the same, and the banner says so.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError,
};
use methodical_server::settings::{Bind, Settings};
use nix::unistd::{Group, Uid, User, initgroups, setgid, setuid};
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

/// The user and group that the process becomes.
#[derive(Debug, Clone)]
pub(crate) struct Becomes {
    /// Its user, found by the name before anything is given up.
    user: User,
    /// Its group: the one that was named, or the user's own.
    group: Group,
}

impl Becomes {
    /// Reads `USER` or `USER:GROUP`; without a group it is the user's own.
    ///
    /// # Errors
    /// One clause: there is no such user or group, or only root could become it.
    pub(crate) fn find(text: &str) -> Result<Self, String> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        let found = User::from_name(user).ok().flatten();
        let user = found.ok_or_else(|| format!("there is no user {user} on this machine"))?;
        let found = match group {
            Some(name) => Group::from_name(name),
            None => Group::from_gid(user.gid),
        };
        let group = found.ok().flatten().ok_or_else(|| format!("{text} names no group"))?;
        if Uid::effective().is_root() || Uid::effective() == user.uid {
            Ok(Self { user, group })
        } else {
            Err(format!("only root can become {}; start as that user instead", user.name))
        }
    }

    /// The numbers of user and group.
    pub(crate) fn ids(&self) -> (u32, u32) {
        (self.user.uid.as_raw(), self.group.gid.as_raw())
    }

    /// The name of the user.
    pub(crate) fn name(&self) -> &str {
        &self.user.name
    }

    /// Becomes it, for good.
    ///
    /// # Errors
    /// What the system says against it.
    pub(crate) fn become_it(&self) -> Result<(), String> {
        if Uid::effective() == self.user.uid {
            return Ok(());
        }
        let name = std::ffi::CString::new(self.user.name.as_str()).map_err(|_| "a NUL")?;
        let became = initgroups(&name, self.group.gid)
            .and_then(|()| setgid(self.group.gid))
            .and_then(|()| setuid(self.user.uid));
        became.map_err(|cause| format!("cannot become {}: {cause}", self.user.name))
    }
}

/// Leaves this thread, and all that it starts, no file but what serving takes: the folder, the
/// files that are read again, and what the system's libraries read. Says whether the kernel does
/// so.
///
/// # Errors
/// What the system says against it.
pub(crate) fn to_folder(settings: &Settings, reread: &[Reread]) -> Result<Sandbox, RulesetError> {
    let all = AccessFs::from_all(LEAST);
    let read = AccessFs::from_read(LEAST);
    let created = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(all)
        .and_then(Ruleset::create);
    // A kernel without it, or with the first version, which cannot move files between folders.
    let Ok(mut rules) = created else { return Ok(Sandbox::Missing) };
    let own = if settings.policy.writable { all } else { read };
    let mut beneath: Vec<(&Path, BitFlags<AccessFs>)> = vec![(&settings.root, own)];
    beneath.extend(SYSTEM.iter().map(|path| (Path::new(path), read)));
    // What is replaced by a new file of the same name is found by its folder.
    beneath.extend(reread.iter().filter_map(|file| folder(&file.path)).map(|path| (path, read)));
    let sockets = settings.binds.iter().chain(&settings.admin).filter_map(|bind| match bind {
        Bind::Unix(path) => folder(path),
        Bind::Tcp(_) => None,
    });
    let acme = settings.tls.iter().filter_map(|tls| tls.acme.as_ref());
    beneath.extend(acme.map(|acme| (acme.folder.as_path(), all)));
    beneath.extend(sockets.map(|path| (path, AccessFs::RemoveFile.into())));
    for (path, access) in beneath {
        // What is not there needs no right.
        if let Ok(open) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(open, access))?;
        }
    }
    rules.restrict_self().map(|_| Sandbox::On)
}

/// The state of the sandbox, by which the kernel keeps the server from all files but those that it
/// serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sandbox {
    /// It does.
    On,
    /// It cannot.
    #[default]
    Missing,
    /// It was not asked to.
    Off,
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "on: Landlock",
            Self::Missing => "off: this kernel has no Landlock, as from 5.19 on it may",
            Self::Off => "off: --no-sandbox",
        })
    }
}

/// A sentence for each file that this process may not read any more now that it gave its rights up,
/// and for the folder of certificates that it may not write.
pub(crate) fn lost(settings: &Settings, reread: &[Reread], user: &str) -> Vec<String> {
    let may = |path: &Path, access| accessat(CWD, path, access, AtFlags::EACCESS);
    let is_lost = |path: &Path, access| may(path, access) == Err(Errno::ACCESS);
    let mut told = BTreeSet::new();
    let files = reread.iter().filter(|file| is_lost(&file.path, Access::READ_OK));
    // A file may be named by two ways that lead to it.
    let files = files.filter(|file| told.insert(real(&file.path)));
    let mut sentences: Vec<String> = files
        .map(|file| {
            let path = file.path.display();
            format!(
                "{user} may not read {path}: {}; let it, as by chgrp and chmod g+r, or chown",
                file.then
            )
        })
        .collect();
    let acme = settings.tls.iter().filter_map(|tls| tls.acme.as_ref());
    let all = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    sentences.extend(acme.filter(|acme| is_lost(&acme.folder, all)).map(|acme| {
        format!(
            "{user} may not write {}: no certificate can be ordered or renewed; give it that \
             folder (chown -R)",
            acme.folder.display()
        )
    }));
    sentences
}

/// The place to which a path truly leads; the path itself where nothing is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file that is read again while the server runs.
#[derive(Debug, Clone)]
pub(crate) struct Reread {
    /// As it is configured.
    pub(crate) path: PathBuf,
    /// The harm if it cannot be read then, as a clause.
    pub(crate) then: &'static str,
}

/// The folder that a file is in: the current one of a bare name.
fn folder(path: &Path) -> Option<&Path> {
    let bare = Path::new("");
    path.parent().map(|folder| if folder == bare { Path::new(".") } else { folder })
}

/// The version that can move files between folders.
const LEAST: ABI = ABI::V2;

/// The folders that the C library reads to look up names and time, and devices without content.
const SYSTEM: &[&str] = &["/etc", "/usr", "/lib", "/lib64", "/proc", "/sys", "/dev", "/run"];

#[cfg(test)]
mod tests {
    use super::*;

    /// In a thread of its own: what it gives up is given up for its thread alone.
    fn confined<T: Send + 'static>(
        settings: Settings,
        run: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let thread = std::thread::spawn(move || {
            let confined = to_folder(&settings, &[]).expect("rules that the kernel takes");
            (confined == Sandbox::On).then(run)
        });
        thread.join().expect("a thread that ends well")
    }

    #[test]
    fn house_4_a_confined_server_writes_nowhere_but_in_its_folder() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut settings = Settings::of(folder.path().into());
        settings.policy.writable = true;
        let (inside, outside) = (folder.path().to_owned(), other.path().to_owned());
        let wrote = confined(settings, move || {
            std::fs::create_dir(inside.join("d")).unwrap();
            std::fs::write(inside.join("a"), "x").unwrap();
            std::fs::rename(inside.join("a"), inside.join("d/a")).unwrap();
            let read = std::fs::read_dir(&outside).map(drop);
            [std::fs::write(outside.join("a"), "x"), read].map(|done| done.map_err(|e| e.kind()))
        });
        match wrote {
            Some(refused) => {
                assert_eq!(refused, [Err(std::io::ErrorKind::PermissionDenied); 2]);
            }
            None => println!("this kernel has no Landlock: nothing is confined"),
        }
    }

    #[test]
    fn house_4_a_confined_server_that_only_reads_cannot_write_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "x").unwrap();
        let settings = Settings::of(folder.path().into());
        let inside = folder.path().to_owned();
        let tried = confined(settings, move || {
            let read = std::fs::read_to_string(inside.join("a")).unwrap();
            (read, std::fs::write(inside.join("b"), "y").map_err(|e| e.kind()))
        });
        if let Some((read, wrote)) = tried {
            assert_eq!((read.as_str(), wrote), ("x", Err(std::io::ErrorKind::PermissionDenied)));
        }
    }
}
