//! The folder in which the program keeps what it must not lose, where no client sees it.
//!
//! Keys of ordered certificates are such: they must outlive the process, and no client may ever
//! read them.

use std::env;
use std::path::{Path, PathBuf};

/// The folder for what a program must not lose: what the service manager gives, else `usual`, else
/// what is the user's; beside the files that are served where clients would see it there.
/// `usual` is the folder of an installed service. `None` where neither the manager nor the
/// environment names one.
pub(crate) fn state_folder(root: &Path, usual: Option<&str>) -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_user = || {
        let state = variable("XDG_STATE_HOME").filter(|path| path.is_absolute());
        state.or_else(|| Some(variable("HOME")?.join(".local/state")))
    };
    let of_manager = variable("STATE_DIRECTORY").or_else(|| usual.map(PathBuf::from));
    let state = of_manager.or_else(|| Some(of_user()?.join("methodical")))?;
    Some(if is_seen(&state, root) { root.join(OURS) } else { state })
}

/// Returns whether clients of a server over `root` could see what is in a folder.
pub(crate) fn is_seen(folder: &Path, root: &Path) -> bool {
    // It need not be there yet.
    let there = folder.ancestors().find_map(|path| Some((path, path.canonicalize().ok()?)));
    let Some((path, real)) = there else { return false };
    let real = real.join(folder.strip_prefix(path).unwrap_or(Path::new("")));
    real.starts_with(root) && !real.starts_with(root.join(OURS))
}

/// The folder beside the files that are served which is ours, and no client sees.
pub(crate) const OURS: &str = ".methodical";
