//! Which names are shown, and under which a resource may be asked for.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    name::{is_mac_junk, other_forms},
    path::{Path, RESERVED},
};

/// The choice of names that begin with a dot which are shown, and so may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Those that no other choice is about.
    pub hidden: bool,
    /// Those that a Mac leaves everywhere.
    pub mac_junk: bool,
}

impl Shown {
    /// Returns whether what is at a path may be shown.
    pub fn shows(self, path: &Path) -> bool {
        !is_ours(path) && path.hidden_segments().all(|name| self.shows_name(name))
    }

    /// Returns whether what has a name that begins with a dot may be shown.
    pub fn shows_name(self, name: &[u8]) -> bool {
        if is_mac_junk(name) { self.mac_junk } else { self.hidden }
    }

    /// Refuses to write where nothing can be shown afterwards.
    ///
    /// # Errors
    /// `ReservedName`, `HiddenName`.
    pub fn permit(self, path: &Path) -> Result<()> {
        if is_ours(path) {
            let detail = "Names that begin with .methodical belong to the server; take another.";
            return Err(Error::refused(Condition::ReservedName, detail));
        }
        if !self.shows(path) {
            return Err(hidden_name(path));
        }
        Ok(())
    }
}

/// Returns whether a path is the server's own: its state, or a temporary name in another
/// collection.
pub fn is_ours(path: &Path) -> bool {
    path.segments().any(is_our_name)
}

/// Returns whether a name is the server's own, wherever it stands.
pub fn is_our_name(name: &[u8]) -> bool {
    name.strip_prefix(RESERVED).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"-"))
}

/// The refusal of a path that has a name which is not shown.
pub fn hidden_name(path: &Path) -> Error {
    let decides = if path.hidden_segments().all(is_mac_junk) { "--mac-junk" } else { "--hidden" };
    let detail = format!(
        "Names that begin with a dot are not served here, as the server's {decides} decides; take \
         another."
    );
    Error::refused(Condition::HiddenName, detail)
}

/// The path of a resource that stands under another Unicode form of the path at which nothing was
/// found. Each name of it is looked for as it is, then in the forms C and D: three looks at most,
/// in a directory of any size; a name that is stored in a mixture of forms has to be asked for as
/// it is.
///
/// # Errors
/// What the look fails with.
pub fn equivalent(path: &Path, is_there: impl Fn(&Path) -> Result<bool>) -> Result<Option<Path>> {
    // Names of ASCII alone have one form.
    if path.bytes().is_ascii() {
        return Ok(None);
    }
    let mut at = Path::root();
    for name in path.segments() {
        let Some(next) = member(&at, name, &is_there)? else { return Ok(None) };
        at = next;
    }
    Ok((at != *path).then_some(at))
}

fn member(
    of: &Path,
    name: &[u8],
    is_there: &impl Fn(&Path) -> Result<bool>,
) -> Result<Option<Path>> {
    let Ok(exact) = of.join(name) else { return Ok(None) };
    if name.is_ascii() || is_there(&exact)? {
        return Ok(Some(exact));
    }
    for form in other_forms(name) {
        // A form that is too long for a name stands nowhere.
        if let Ok(path) = of.join(&form)
            && is_there(&path)?
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
