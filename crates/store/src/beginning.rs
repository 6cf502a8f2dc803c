//! What the first bytes of files tell of their media types, remembered as long as the files are as
//! they were.

use std::sync::atomic::{AtomicUsize, Ordering};

use methodical_semantics::{error::Result, media::Beginning};
use quick_cache::sync::Cache;

use crate::resource::{Resource, Witness};

/// The beginnings of files that were looked at already.
#[derive(Debug)]
pub struct Remembered(Cache<Witness, Beginning>);

impl Default for Remembered {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED_MAX))
    }
}

impl Remembered {
    /// Returns what the first bytes of a file tell, which `look` finds out where it is not
    /// remembered of the file as it is.
    pub fn of(
        &self,
        resource: &Resource,
        look: impl FnOnce() -> Result<Beginning>,
    ) -> Result<Beginning> {
        let Some(witness) = resource.witness else { return look() };
        if let Some(known) = self.0.get(&witness) {
            return Ok(known);
        }
        let found = look()?;
        self.0.insert(witness, found);
        Ok(found)
    }
}

/// Looks at the first bytes of files for as long as an answer is being sent: of so many that the
/// answer to a large folder reads none but a few.
pub struct Beginnings {
    look: Look,
    left: AtomicUsize,
}

type Look = Box<dyn Fn(&Resource) -> Result<Option<Beginning>> + Send + Sync>;

impl Beginnings {
    /// Looks in this way; there may be nothing at a place any more.
    pub fn new(
        look: impl Fn(&Resource) -> Result<Option<Beginning>> + Send + Sync + 'static,
    ) -> Self {
        Self { look: Box::new(look), left: AtomicUsize::new(LOOKS_MAX) }
    }

    /// Returns what the first bytes of a file tell; nothing where they cannot be read, or where the
    /// answer looked at [`LOOKS_MAX`] files already.
    pub fn of(&self, resource: &Resource) -> Option<Beginning> {
        let one_less = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).ok()?;
        // What one may see but not read has a type by its name.
        (self.look)(resource).unwrap_or(None)
    }
}

impl std::fmt::Debug for Beginnings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Beginnings").finish_non_exhaustive()
    }
}

/// Files that one answer about many looks at: some milliseconds, and a second or two where a disk
/// that turns has to be read.
pub const LOOKS_MAX: usize = 256;

/// Files that are remembered: some 80 bytes each.
const REMEMBERED_MAX: usize = 8192;
